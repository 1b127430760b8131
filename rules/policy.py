"""Everything the user can decide, as frozen values with homeward's defaults. The config file has exactly this shape; each number
that is a judgement is a field here. Each class refuses values that make no sense (ValueError, in words for the user)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Literal

from msgspec import Struct, field

from rules.items import Declining
from rules.model import CalendarRole

DecisionLevel = Literal[1, 2, 3, 4, 5]
LEVEL_WORDS: dict[int, str] = {
    1: "do exactly what is written",
    2: "look into it and report",
    3: "recommend, the leader decides",
    4: "decide, then tell",
    5: "decide",
}
Language = Literal["en", "de", "fr", "es", "it", "nl", "pt", "sv", "pl", "ja"]


def _between(value: float, low: float, high: float, what: str) -> None:
    if not low <= value <= high:
        raise ValueError(f"{what} must be from {low:g} to {high:g}, not {value:g}")


class Me(Struct, frozen=True, kw_only=True):
    """The leader. `addresses` are all of their own; `home` is a place name ("Berlin, DE"), `home_zone` its IANA zone."""

    name: str
    addresses: tuple[str, ...]
    home_zone: str
    home: str = ""
    languages: tuple[Language, ...] = ("en",)
    internal_domains: tuple[str, ...] = ()  # domains of the own company; empty: those of `addresses`
    workdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ("mon", "tue", "wed", "thu", "fri")
    work_starts: time = time(9)
    work_ends: time = time(18)
    holidays: str = ""  # ISO 3166 country or subdivision ("DE", "DE-BE") whose public holidays are no working days

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ValueError("at least one address of your own is needed")
        if self.work_ends <= self.work_starts:
            raise ValueError("work_ends must be after work_starts")


class AccountConfig(Struct, frozen=True, kw_only=True):
    """Where things are kept. `local` is this machine: files and folders; `caldav` a calendar server, `imap` a mail server,
    `google` Calendar and Gmail. The secret itself is never here: `password_fetch` is a command that prints it, `password_file` a
    file of mode 0600, `token_file` one that homeward keeps the tokens of a sign-in in."""

    id: str
    kind: Literal["local", "caldav", "imap", "google"] = "local"
    user: str = ""
    auth: Literal["password", "token"] = "password"
    password_fetch: tuple[str, ...] = ()
    password_file: str = ""
    ca_file: str = ""  # certificates (PEM) that are trusted besides the system's
    url: str = ""  # caldav: an address, a host or an e-mail domain to begin at
    imap: str = ""  # "host", "host:port" or with imaps:// or imap://
    smtp: str = ""
    managesieve: str = ""
    client_file: str = ""  # google: of the Desktop client, or the key of a service account, which speaks for `subject`
    subject: str = ""
    token_file: str = ""  # empty: the keyring
    calendar_url: str = ""  # these four: empty for Google's own
    gmail_url: str = ""
    token_url: str = ""
    auth_url: str = ""
    daily_units: int = 100_000  # google: quota units that a day may cost; near them it is asked more rarely

    def __post_init__(self) -> None:
        _between(self.daily_units, 1_000, 1_000_000, "daily_units")


class CalendarConfig(Struct, frozen=True, kw_only=True):
    """One calendar. `path` is a folder of .ics files (vdir) or one .ics file; `url` a feed (read only); `collection` the href
    of a calendar on the server of a caldav account, or its id at Google ("primary" for one's own)."""

    id: str
    role: CalendarRole = "mine"
    account: str = "local"
    path: str = ""
    url: str = ""
    collection: str = ""
    name: str = ""
    read_only: bool = False
    work: bool = True  # blocks on it are titled "Busy" and private; False on the family's own calendar
    allow_private_address: bool = False  # a feed on your own network

    def __post_init__(self) -> None:
        if sum(map(bool, (self.path, self.url, self.collection))) != 1:
            one = "path (a folder or an .ics file), url (a feed) or collection (on a server: `homeward calendars` lists them)"
            raise ValueError(f"needs either {one}")


class MailConfig(Struct, frozen=True, kw_only=True):
    """One mailbox. `path` is a Maildir; `sieve` the active Sieve script (a file or a symbolic link) of the server that
    delivers into it; `outbox` a Maildir that takes drafts, or `sendmail` a command that takes a message on its input. On an imap
    account the server is all of that."""

    id: str
    account: str = "local"
    path: str = ""
    sieve: str = ""
    sieve_folder: str = ""  # where the personal scripts are; default: `sieve` beside the active one
    hold: Literal["client", "server"] = "client"  # client: moved at each pass; server: by the Sieve script, as a lease
    held_folder: str = "Held"
    sent_folder: str = ""  # on an imap account; empty: the one that the server marks as such
    outbox: str = ""
    sendmail: tuple[str, ...] = ()


class Person(Struct, frozen=True, kw_only=True):
    """Somebody around the leader. `id` is the short name that rules use. `level` is what they may decide (1–5)."""

    id: str
    name: str
    addresses: tuple[str, ...] = ()
    role: str = ""
    seniority: Literal["junior", "mid", "senior"] = "mid"
    level: DecisionLevel = 4
    report: bool = False  # reports to the leader directly
    family: bool = False
    vip: bool = False  # their mail always passes
    mentors: tuple[str, ...] = ()  # preferred mentors, in order
    newcomer: bool = False  # hosts only together with a senior
    language: Language | None = None
    reach: str = ""  # how to reach them in an emergency; internal brief only


class MeetingRule(Struct, frozen=True, kw_only=True):
    """Which of the leader's own meetings this is about, and who hosts them. `match` are words or a glob on the title
    (any of them, case-blind), or `uid` exactly. One-to-ones, private entries and meetings with outside people need the
    switch that says so expressly."""

    id: str
    match: tuple[str, ...] = ()
    uid: str = ""
    hosts: tuple[str, ...] = ()  # deputies in order, or the pool of the rotation
    rotation: Literal["order", "fair"] = "order"
    decide: DecisionLevel = 4
    do_not_decide: tuple[str, ...] = ()
    escalate: str = ""  # person id or a line in words
    weight: float = 1.0
    skip: bool = False
    one_to_one: bool = False
    private: bool = False
    outside: bool = False
    decline_leader: bool = False  # leader PARTSTAT=DECLINED instead of only OPT-PARTICIPANT
    not_twice_in_a_row: bool = False
    least_level: DecisionLevel = 1  # who may decide less than this is not asked

    def __post_init__(self) -> None:
        if not self.match and not self.uid:
            raise ValueError("needs match (words of the title) or uid")
        if not self.skip and not self.hosts:
            raise ValueError("needs hosts, or skip = true")
        if not 0 < self.weight <= 100:
            raise ValueError("weight must be above 0 and at most 100")


class Duty(Struct, frozen=True, kw_only=True):
    """Something the leader answers for that is no meeting."""

    id: str
    name: str
    deputies: tuple[str, ...] = ()
    decide: DecisionLevel = 4
    do_not_decide: tuple[str, ...] = ()
    escalate: str = ""
    parked: bool = False  # waits until the return

    def __post_init__(self) -> None:
        if not self.parked and not self.deputies:
            raise ValueError("needs deputies, or parked = true")


class ServicePolicy(Struct, frozen=True, kw_only=True):
    apply: Literal["ask", "auto"] = "ask"
    pass_minutes: int = 5
    horizon_days: int = 90
    ask_hosts_days_ahead: int = 28
    answer_days: int = 3  # working days to answer in, fewer where the meeting is near; then the next is asked; 0: no limit

    def __post_init__(self) -> None:
        _between(self.pass_minutes, 1, 60, "pass_minutes")
        _between(self.horizon_days, 7, 366, "horizon_days")
        _between(self.ask_hosts_days_ahead, 1, 90, "ask_hosts_days_ahead")
        _between(self.answer_days, 0, 20, "answer_days")


class DetectPolicy(Struct, frozen=True, kw_only=True):
    """Thresholds of section "detecting absences"; hours and minutes are judgements from observed calendars."""

    act: float = 0.85
    ask: float = 0.50
    tentative_cap: float = 0.60
    shortest_hours: float = 6.0  # a timed entry without an artefact is never an absence below this
    join_hours: float = 12.0  # lodging, conference, OOO join a trip they overlap within this
    open_join_hours: float = 36.0  # likewise, where the trip has no return leg yet
    gap_hours: float = 20.0  # what is left merges over gaps up to this
    flight_before_minutes: int = 150
    flight_after_minutes: int = 75
    rail_before_minutes: int = 45
    rail_after_minutes: int = 30
    ferry_before_minutes: int = 60
    ferry_after_minutes: int = 45

    def __post_init__(self) -> None:
        _between(self.ask, 0, 1, "ask")
        _between(self.act, self.ask, 1, "act")
        _between(self.tentative_cap, 0, 1, "tentative_cap")
        for name in ("shortest_hours", "join_hours", "open_join_hours", "gap_hours"):
            _between(getattr(self, name), 0, 168, name)
        for mode in ("flight", "rail", "ferry"):
            _between(getattr(self, f"{mode}_before_minutes"), 0, 1440, f"{mode}_before_minutes")
            _between(getattr(self, f"{mode}_after_minutes"), 0, 1440, f"{mode}_after_minutes")


class InboxPolicy(Struct, frozen=True, kw_only=True):
    """`windows` are wall times, at least 3 h 30 apart (domain rule 3). `sync_command` is run without a shell."""

    mode: Literal["hold", "sync", "off"] = "hold"
    when: Literal["away", "always"] = "away"
    windows: tuple[time, ...] = (time(8), time(12, 30), time(17, 30))
    minutes: int = 30
    always_pass: tuple[str, ...] = ()  # addresses or @domains, besides family and VIP people
    urgent_word: str = "[urgent]"
    sync_command: tuple[str, ...] = ()
    sync_unit: str = ""
    sync_every_minutes: int = 10
    lease_hours: int = 24
    renew_hours: int = 6

    def __post_init__(self) -> None:
        if not 1 <= len(self.windows) <= 3:
            raise ValueError("one to three windows a day, no more: that is the point")
        for earlier, later in zip(self.windows, self.windows[1:], strict=False):
            gap = timedelta(hours=later.hour - earlier.hour, minutes=later.minute - earlier.minute)
            if gap < timedelta(hours=3, minutes=30):
                raise ValueError(f"windows {earlier:%H:%M} and {later:%H:%M} are less than 3 h 30 apart")
        first, last = self.windows[0], self.windows[-1]
        night = timedelta(hours=24 + first.hour - last.hour, minutes=first.minute - last.minute)
        if night < timedelta(hours=3, minutes=30):
            raise ValueError(f"window {last:%H:%M} and {first:%H:%M} of the next day are less than 3 h 30 apart")
        _between(self.minutes, 5, 120, "minutes")
        _between(self.sync_every_minutes, 1, 120, "sync_every_minutes")
        _between(self.lease_hours, 1, 24, "lease_hours")
        _between(self.renew_hours, 0, self.lease_hours / 2, "renew_hours")
        if self.mode == "sync" and bool(self.sync_command) == bool(self.sync_unit):
            raise ValueError('mode "sync" needs either sync_command or sync_unit')


class ReplyText(Struct, frozen=True, kw_only=True):
    """One autoreply. Variables: {name} {back_on} {deputy} {deputy_address} {team}. `audience`: who gets it."""

    language: Language
    audience: Literal["internal", "known", "unknown"]
    subject: str
    body: str


class ResponderPolicy(Struct, frozen=True, kw_only=True):
    enabled: bool = True
    texts: tuple[ReplyText, ...] = ()  # empty: homeward's own, in the languages of `me`
    reply_unknown: bool = False
    days: int = 4  # once per sender per this many days
    deputy: str = ""  # person id named in the reply; empty: the first whom `--cover` named, or nobody
    watch_days: int = 7  # after the return, look for a reply left on this long
    kinds: tuple[Literal["trip", "vacation", "family-vacation", "leave", "focus"], ...] = (
        "trip", "vacation", "family-vacation", "leave", "focus",
    )  # fmt: skip

    def __post_init__(self) -> None:
        _between(self.days, 1, 30, "days")
        _between(self.watch_days, 1, 60, "watch_days")


class OutOfOfficePolicy(Struct, frozen=True, kw_only=True):
    """The out-of-office entry of Google Calendar, on the primary calendar of a Workspace account."""

    enabled: bool = False
    declines: Declining = "new"
    kinds: tuple[Literal["trip", "vacation", "family-vacation", "leave", "focus"], ...] = (
        "trip", "vacation", "family-vacation", "leave",
    )  # fmt: skip


class MakeupPolicy(Struct, frozen=True, kw_only=True):
    """Hours with the family after a trip. 1.0 h per night is a convention (the UK services' post-operational leave is
    0.89 h per night), no medicine."""

    enabled: bool = True
    hours_per_night: float = 1.0
    least_hours: float = 2.0
    most_hours: float = 16.0
    hours_per_weekend_day: float = 0.0
    block_least_hours: float = 1.0
    block_most_hours: float = 4.0
    day_most_hours: float = 4.0
    within_days: int = 14
    prefer: tuple[Literal["working-afternoons", "evenings", "weekends"], ...] = (
        "working-afternoons", "evenings", "weekends",
    )  # fmt: skip
    calendar: str = ""  # calendar id; empty: the first writable one of role mine
    family_calendar: str = ""  # where the family sees it; empty: the first writable one of role family, if any
    on_conflict: Literal["move", "stand"] = "move"
    afternoon: tuple[time, time] = (time(13), time(17, 30))
    evening: tuple[time, time] = (time(17, 30), time(20, 30))
    weekend: tuple[time, time] = (time(9, 30), time(18))
    wrap_up_minutes: int = 60  # before leaving; 0: none
    re_entry_minutes: int = 60  # first working morning back; 0: none
    debrief_minutes: int = 20  # with each deputy; 0: none

    def __post_init__(self) -> None:
        _between(self.hours_per_night, 0, 8, "hours_per_night")
        _between(self.least_hours, 0, self.most_hours, "least_hours")
        _between(self.block_most_hours, self.block_least_hours, 12, "block_most_hours")
        _between(self.within_days, 1, 60, "within_days")
        _between(self.block_least_hours, 0.5, 12, "block_least_hours")
        _between(self.day_most_hours, self.block_least_hours, 12, "day_most_hours")
        _between(self.most_hours, 0, 200, "most_hours")
        _between(self.hours_per_weekend_day, 0, 12, "hours_per_weekend_day")
        _between(self.wrap_up_minutes, 0, 240, "wrap_up_minutes")
        _between(self.re_entry_minutes, 0, 240, "re_entry_minutes")
        for name in ("afternoon", "evening", "weekend"):
            starts, ends = getattr(self, name)
            if ends <= starts:
                raise ValueError(f"{name} ends ({ends:%H:%M}) before it starts ({starts:%H:%M})")
        if self.debrief_minutes and not 15 <= self.debrief_minutes <= 30:
            raise ValueError("debrief_minutes must be from 15 to 30, or 0 for none")


class BriefPolicy(Struct, frozen=True, kw_only=True):
    enabled: bool = True
    working_days_before: int = 2
    to: tuple[str, ...] = ()  # person ids; empty: everyone who covers something, and the direct reports
    digest: bool = True
    folder: str = ""  # where each pass keeps the coverage as .ics files for the deputies to subscribe to; empty: nowhere

    def __post_init__(self) -> None:
        _between(self.working_days_before, 0, 20, "working_days_before")


class MentorPolicy(Struct, frozen=True, kw_only=True):
    """`block_minutes`: how long the first talk is that the introduction proposes as a calendar entry; 0: none."""

    introduce: bool = True
    block_minutes: int = 0

    def __post_init__(self) -> None:
        _between(self.block_minutes, 0, 120, "block_minutes")


class ReadyPolicy(Struct, frozen=True, kw_only=True):
    """So long before the departure a notice tells what is still missing; 0: never."""

    remind_days_before: int = 2

    def __post_init__(self) -> None:
        _between(self.remind_days_before, 0, 20, "remind_days_before")


class CoachingPolicy(Struct, frozen=True, kw_only=True):
    """The reply goes only to senders whom your own mail server has proved. `authserv_id` is its name at the beginning of the
    Authentication-Results headers that it writes (RFC 8601); empty: nothing can be proved, and nobody is coached."""

    enabled: bool = True
    authserv_id: str = ""
    daily_cap: int = 20
    days: int = 4  # once per person per this many days, besides once per thread

    def __post_init__(self) -> None:
        _between(self.daily_cap, 1, 200, "daily_cap")
        _between(self.days, 1, 30, "days")


class DevelopmentPolicy(Struct, frozen=True, kw_only=True):
    """The development log, for the leader alone."""

    suggest_after: int = 4  # this often at the level that somebody has, within a year: a suggestion
    ask_days: int = 3  # after a debrief, ask for one line of feedback this long; 0: never

    def __post_init__(self) -> None:
        _between(self.suggest_after, 1, 100, "suggest_after")
        _between(self.ask_days, 0, 30, "ask_days")


class PhonePolicy(Struct, frozen=True, kw_only=True):
    """What rings. `mute_desktop`: notices of this machine's desktop are off while you are away."""

    mute_desktop: bool = False


class SafetyPolicy(Struct, frozen=True, kw_only=True):
    most_changed_share: float = 1 / 3  # of our existing items, and at least `most_changed_least`
    most_changed_least: int = 5
    most_created: int = 50
    vanished_over: int = 10  # a calendar that had more entries than this and now has none

    def __post_init__(self) -> None:
        _between(self.most_changed_share, 0, 1, "most_changed_share")
        for name in ("most_changed_least", "most_created", "vanished_over"):
            _between(getattr(self, name), 1, 10_000, name)


class Policy(Struct, frozen=True, kw_only=True):
    """The whole config file."""

    config_version: Literal[1]
    me: Me
    account: tuple[AccountConfig, ...] = (AccountConfig(id="local"),)
    calendar: tuple[CalendarConfig, ...] = ()
    mail: tuple[MailConfig, ...] = ()
    person: tuple[Person, ...] = ()
    meeting: tuple[MeetingRule, ...] = ()
    duty: tuple[Duty, ...] = ()
    service: ServicePolicy = field(default_factory=ServicePolicy)
    detect: DetectPolicy = field(default_factory=DetectPolicy)
    inbox: InboxPolicy = field(default_factory=InboxPolicy)
    responder: ResponderPolicy = field(default_factory=ResponderPolicy)
    out_of_office: OutOfOfficePolicy = field(default_factory=OutOfOfficePolicy)
    makeup: MakeupPolicy = field(default_factory=MakeupPolicy)
    brief: BriefPolicy = field(default_factory=BriefPolicy)
    mentors: MentorPolicy = field(default_factory=MentorPolicy)
    ready: ReadyPolicy = field(default_factory=ReadyPolicy)
    coaching: CoachingPolicy = field(default_factory=CoachingPolicy)
    phone: PhonePolicy = field(default_factory=PhonePolicy)
    development: DevelopmentPolicy = field(default_factory=DevelopmentPolicy)
    safety: SafetyPolicy = field(default_factory=SafetyPolicy)

    def person_by_id(self, person_id: str) -> Person:
        """KeyError where there is none; the config loader has checked every reference."""
        for person in self.person:
            if person.id == person_id:
                return person
        raise KeyError(person_id)

    def find_person(self, person_id: str) -> Person | None:
        return next((person for person in self.person if person.id == person_id), None)

    def person_by_address(self, address: str) -> Person | None:
        lowered = address.lower()
        return next((p for p in self.person if lowered in (a.lower() for a in p.addresses)), None)
