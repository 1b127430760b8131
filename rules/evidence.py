"""Judges one calendar entry: does it say that the leader is away, and how sure is that? Ten rules are asked in order and the
first that answers wins; afterwards doubts lower what it said. Every verdict carries its reason in words for the user. An entry is
judged alone: joining entries into absences is done elsewhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from rules import artefacts
from rules.artefacts import Finding, Title, is_home, quoted
from rules.gazetteer import Gazetteer
from rules.model import Attendee, Evidence, EvidenceKind, Occurrence, Place, Verdict
from rules.policy import DetectPolicy, Me, Person
from rules.whose import (
    Named,
    Other,
    Ownership,
    is_companion,
    my_words,
    other_person,
    ownership,
    places_in,
    unknown_words,
)
from rules.words import Reading, Token, key_of, read

AWAY: frozenset[Verdict] = frozenset({"trip", "vacation", "family-vacation", "leave", "focus"})
_LEAVE = ("leave", "family-leave", "long-leave", "sick", "ooo")
_TRIP = ("trip", "business-trip", "conference", "conference-name", "visit")
_PLAIN = (
    "filler",
    "date",
    "number",
    "status",
    "with",
    "family",
    "to",
    "in",
    "from",
    "tentative",
    "half",
    "carrier",
    "quiet",
    "gone",
    "feast",
)  # say nothing
_SAFE_FOR_LEAVE = (*_LEAVE, *_PLAIN, "alone", "holiday", "trip", "lodging")
_SAFE_FOR_TRIP = (
    *_LEAVE, *_TRIP, *_PLAIN, "alone", "holiday", "flight", "rail", "ferry", "car", "lodging", "airline", "home",
)  # fmt: skip

_CANCELLED_TITLE = re.compile(
    r"^\s*(?:\[?(?:cancell?ed|abgesagt|storniert|annul[eé]e?|cancelad[oa]|annullat[oa]|geannuleerd|inställt|"
    r"odwołan[eya]|キャンセル|中止|취소(?:됨)?|已取消|zrušeno|peruttu|aflyst|avlyst|iptal)\]?)\s*[:\-–\s]",
    re.IGNORECASE,
)
_HOLIDAY_FEED = re.compile(
    r"ferien\b|feiertage|school|holidays in\b|\b(?:public|bank|national|federal|state|religious|us|uk|german|french|"
    r"spanish|italian|dutch|swiss|austrian|polish|swedish|danish|"
    r"norwegian|finnish|japanese|korean|chinese|indian|jewish|christian|muslim|hindu|brazilian|portuguese|canadian|"
    r"australian|irish)\s+holidays|jours f[ée]ri[ée]s|vacances scolaires|"
    r"festivos|d[ií]as festivos|feriados|giorni festivi|festivit[àa]|feestdagen|schoolvakanties?|helgdagar|skollov|"
    r"święta|dni wolne od pracy|祝日|공휴일|节假日|birthdays?|geburtstage|anniversaires|"
    r"cumplea[ñn]os|compleanni|誕生日|kita\b|kindergarten",
    re.IGNORECASE,
)
_TEAM_FEED = re.compile(
    r"\bteams?\b|abwesenheit|\babsences?\b|who.?s (?:out|off|away|in)|time.?off|out of office|urlaube\b|"
    r"urlaubskalender|urlaubsplan|personio|bamboohr|confluence|\bpto\b|\bvacations\b|"
    r"leave calendar|équipe|equipo|squadra|équipes|verlofkalender|チーム|休暇カレンダー|팀 ?휴가|\bkolleg|colleagues|\bhr\b",
    re.IGNORECASE,
)
_FAMILY_FEED = re.compile(
    r"\b(?:family|familie|famille|familia|famiglia|gezin|família|familjen?|rodzina|kids|kinder)\b|家族|가족", re.IGNORECASE
)
_LONGEST_LEAVE = timedelta(days=60)  # longer under a vacation word is a period on paper (a term, a leave year)
_LONGEST_TRIP = timedelta(days=31)  # longer under a trip word is an exhibition or a project
# Words for going there as well as for others coming here.
_EITHER_WAY = frozenset(
    key_of(w) for w in ("visit", "Besuch", "visite", "visita", "bezoek", "besök", "wizyta", "besøg", "návštěva", "訪問", "방문")
)
# Cities and months that people are called by: in front of a leave word they may be a colleague.
_CALLED_SO = frozenset(
    key_of(w)
    for w in (
        *(
            "Paris",
            "Vienna",
            "Florence",
            "Milan",
            "Dallas",
            "Houston",
            "Israel",
            "India",
            "Roma",
            "Siena",
            "Valencia",
            "Odessa",
            "Geneva",
        ),
        *("London", "Phoenix", "Lima", "Verona", "Kenya", "Ireland", "China", "Rio", "Havana", "Memphis", "Denver"),
        *("April", "May", "June", "Jan", "Mai", "Juni"),
    )
)
# Gatherings that the public notes without going.
_PUBLIC_EVENTS = frozenset(
    key_of(w)
    for w in (
        *(
            "expo",
            "fair",
            "festival",
            "exhibition",
            "convention",
            "Messe",
            "Fachmesse",
            "salon",
            "salone",
            "feria",
            "fiera",
            "feira",
            "beurs",
        ),
        *(
            "mässa",
            "targi",
            "展示会",
            "見本市",
            "エキスポ",
            "博览会",
            "展会",
            "박람회",
            "전시회",
            "veletrh",
            "messut",
            "fuar",
            "معرض",
            "תערוכה",
        ),
    )
)
_COMES_FROM = frozenset(["from", "aus", "desde", "uit", "fran", "fra"])
_UNTIL = frozenset(
    ["until", "till", "back", "back on", "zuruck", "zuruck am", "retour", "retour le", "vuelta", "rientro", "terug"]
)
_COUNTDOWN = re.compile(
    r"\b(?:in|dans|en|tra|over|em|om|za) \d+ (?:days?|weeks?|tagen?|wochen|jours|días|giorni|dagen|dias|dagar|dni)\b",
    re.IGNORECASE,
)
_WORKING_DAY = timedelta(hours=7, minutes=30)
_LONGEST_COMMUTE = timedelta(minutes=90)


class _Case(Struct, frozen=True):
    """One entry with everything that a rule may ask for."""

    title: Title
    me: Me
    people: Sequence[Person]
    policy: DetectPolicy
    whose: Ownership
    invited: Attendee | None  # my line on the list of attendees

    @property
    def occurrence(self) -> Occurrence:
        return self.title.occurrence

    @property
    def reading(self) -> Reading:
        return self.title.reading

    @property
    def shown(self) -> str:
        return self.title.shown

    @property
    def length(self) -> timedelta:
        return self.title.length

    @property
    def whole_days(self) -> bool:
        """A date, or what Outlook writes for one: from midnight to midnight at home."""
        if self.occurrence.all_day:
            return True
        if self.length < timedelta(hours=23):
            return False
        zone = ZoneInfo(self.me.home_zone)
        return all(
            m.astimezone(zone).time().replace(tzinfo=None) == datetime.min.time()
            for m in (self.occurrence.start, self.occurrence.end)
        )

    @property
    def days(self) -> int:
        return max(round(self.length / timedelta(days=1)), 1) if self.whole_days else round(self.length / timedelta(days=1))

    @property
    def leaveish(self) -> bool:
        return self.reading.has(*_LEAVE) or (self.reading.has("alone", "half") and _only_alone(self.reading))

    @property
    def tripish(self) -> bool:
        return self.reading.has(*_TRIP)

    def named(self) -> tuple[Named, ...]:
        return places_in(self.reading, self.title.places)

    def other(self) -> Other | None:
        return other_person(self.reading, self.named(), self.me, self.people)


def judge(occurrence: Occurrence, me: Me, people: Sequence[Person], places: Gazetteer, policy: DetectPolicy) -> Evidence:
    """The verdict on one occurrence. Total: any text is taken, nothing is raised. `confidence` is 0 for `neither`."""
    title = Title(occurrence, read(occurrence.summary), places, me.home, me.home_zone)
    case = _Case(title, me, people, policy, *ownership(occurrence, me))
    finding = next(found for rule in _RULES if (found := rule(case)))
    confidence, doubts = _lowered(case, finding)
    cancelled = _is_cancelled(case)
    return Evidence(
        key=occurrence.key,
        summary=occurrence.summary,
        span=occurrence.span,
        all_day=case.whole_days,
        verdict=finding.verdict,
        confidence=confidence,
        because=(finding.because, *doubts),
        kind=finding.kind,
        origin=finding.origin,
        destination=finding.destination,
        machine=finding.machine,
        identity=identity(occurrence) if cancelled or finding.verdict != "neither" else "",
        colleague=finding.colleague,
        wants_question=finding.wants_question,
        cancelled=cancelled,
        private=occurrence.private,
    )


def identity(occurrence: Occurrence) -> str:
    """Hash of title, place and times, 32 hex digits: the same happening under a new UID has the same identity. Whole days count
    as dates, so that they survive a change of the home zone; the rest counts as instants."""
    if occurrence.all_day:
        times = (occurrence.start.date().isoformat(), occurrence.end.date().isoformat())
    else:
        times = (str(occurrence.start.timestamp()), str(occurrence.end.timestamp()))
    content = "\x1f".join((key_of(occurrence.summary) or occurrence.summary, key_of(occurrence.location), *times))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _neither(because: str, kind: EvidenceKind = EvidenceKind.NONE) -> Finding:
    return Finding("neither", 0.0, because, kind)


# --- 1. veto ----------------------------------------------------------------------------------------------------------


def _is_cancelled(case: _Case) -> bool:
    return (
        case.occurrence.status.upper() == "CANCELLED"
        or (case.invited is not None and case.invited.partstat.upper() == "DECLINED")
        or _CANCELLED_TITLE.match(case.occurrence.summary) is not None
    )


def _veto(case: _Case) -> Finding | None:
    occurrence = case.occurrence
    if occurrence.marker and occurrence.marker == occurrence.key.uid:
        return _neither(f"{case.shown} was put there by homeward")
    if _is_cancelled(case):
        return _neither(f"{case.shown} is cancelled, or you declined it")
    if occurrence.event_type in ("birthday", "workingLocation", "focusTime"):
        return _neither(f"{case.shown} is a {occurrence.event_type} entry of Google Calendar")
    if occurrence.event_type == "freeBusy":
        return _neither("of this entry only the time is shown")
    if occurrence.role == "ignore":
        return _neither("you told homeward to ignore this calendar")
    if _HOLIDAY_FEED.search(occurrence.calendar_name) and not artefacts.is_gmail(occurrence):
        return _neither(f"the calendar {quoted(occurrence.calendar_name)} is about holidays, schools or birthdays, not about you")
    if occurrence.role != "travel" and artefacts.is_host_entry(occurrence):
        return _neither(f"{case.shown} is somebody else's stay at a place of yours")
    return None


def _team(case: _Case) -> Finding | None:
    """A team calendar is never evidence about the leader."""
    if case.occurrence.role != "team":
        return None
    other = case.other()
    if case.leaveish or case.reading.has("holiday", "flight", "business-trip") or (case.whole_days and case.tripish):
        return _colleague(case, other, "the team calendar says so")
    return _neither(f"{case.shown} is on the team's calendar, not on yours")


def _colleague(case: _Case, other: Other | None, why: str) -> Finding:
    organizer = case.occurrence.organizer
    name = other.name if other else (organizer.name or organizer.address if organizer and case.whose != "mine" else "")
    return Finding(
        "colleague", 0.90, f"{case.shown} is the absence of {name or 'a colleague'}: {why}", EvidenceKind.LEAVE, colleague=name
    )


# --- 3. artefacts -----------------------------------------------------------------------------------------------------


def _artefact(case: _Case) -> Finding | None:
    found = artefacts.find(case.title)
    if found is None or found.verdict != "trip":
        return found
    if traveller := _tripit_colleague(case):
        return Finding("colleague", 0.90, f"{case.shown} is a trip of {traveller}", found.kind, colleague=traveller)
    if found.machine:
        return found
    if found.kind == EvidenceKind.LODGING:
        return _lodging(case, found)
    return _journey(case, found)


def _tripit_colleague(case: _Case) -> str:
    who = key_of(artefacts.tripit_traveller(case.occurrence))
    return next((p.name for p in case.people if who and key_of(p.name) == who), "")


def _lodging(case: _Case, found: Finding) -> Finding | None:
    task = case.reading.first("action", "visitors", "school")
    if task:
        return _neither(f"{case.shown}: “{task.text}” makes it a task, not a stay")
    if case.leaveish:
        return None  # the leave says what for; the bed only where
    if case.reading.has("trip", "business-trip") and found.confidence < 0.85:
        return None
    return found


def _journey(case: _Case, found: Finding) -> Finding | None:
    if _is_commute(case, found):
        return _neither(f"{case.shown} comes again and again, and is short: a commute", found.kind)
    rest = read(found.rest) if found.rest else case.reading
    task = rest.first("action", "topic", "meeting", "visitors", "school", "team", "event")
    if task and not task.has("reservation"):
        return _neither(f"{case.shown}: “{task.text}” makes it a task or a meeting, not a journey")
    if rest.has("arrival"):
        return _neither(f"{case.shown} is about somebody arriving")
    if case.leaveish or (case.reading.has("edge") and not case.reading.has("home")):
        return None
    named = places_in(rest, case.title.places)
    if other := other_person(rest, named, case.me, case.people):
        return (
            _neither(f"{case.shown} is about {other.name}") if other.relative else _colleague(case, other, "the title names them")
        )
    if stranger := _stranger(case, found):
        return replace(found, confidence=min(found.confidence, 0.80), because=f"{found.because}; who is “{stranger.text}”?")
    return found


def _is_commute(case: _Case, found: Finding) -> bool:
    """A short way by land or water that comes again and again."""
    occurrence = case.occurrence
    by_land = found.kind in (EvidenceKind.RAIL, EvidenceKind.FERRY, EvidenceKind.CAR)
    return occurrence.recurring and by_land and not occurrence.all_day and case.length <= _LONGEST_COMMUTE


def _stranger(case: _Case, found: Finding) -> Token | None:
    """A capitalised unknown word right at the front, before a flight number or a verb of travel: often a name."""
    first = case.reading.tokens[0] if case.reading.tokens else None
    if first is None or first.classes or not first.capital or first.text.isupper() or found.kind == EvidenceKind.CAR:
        return None
    named = case.named()
    return None if named and named[0].first == 0 else first


# --- 4. somebody else's leave -----------------------------------------------------------------------------------------


def _somebody_elses(case: _Case) -> Finding | None:
    if case.occurrence.event_type == "outOfOffice" and case.whose == "mine":
        return None  # Google writes it only into the owner's own calendar
    leaveish = case.leaveish or (case.reading.has("holiday", "half", "alone") and case.other() is not None) or _is_gone(case)
    about_it = case.reading.has("action", "school", "public-holiday") or _turned(case.reading) is not None
    if about_it or not (leaveish or case.reading.has("business-trip")):
        return None
    other = case.other()
    if other:
        if other.relative:
            return _neither(f"{case.shown} is about {other.name}, not about you")
        return _colleague(case, other, "the title names them")
    if not leaveish or not case.length:
        return None
    if case.whose != "mine":
        return _colleague(case, None, "somebody else put it there")
    return None


def _is_gone(case: _Case) -> bool:
    """ "Anna away": of a person, not "Sign out"."""
    if not (case.whole_days and case.reading.has("gone")):
        return False
    other = case.other()
    return other is not None and not other.guessed


# --- 5. machine markers, 6. short entries -----------------------------------------------------------------------------


def _machine(case: _Case) -> Finding | None:
    occurrence = case.occurrence
    if occurrence.event_type == "outOfOffice":
        marker = "an out-of-office entry of Google Calendar"
    elif occurrence.busy_status.upper() == "OOF":
        marker = "marked “out of office” by Outlook"
    else:
        return None
    if case.length < timedelta(hours=case.policy.shortest_hours) and not occurrence.all_day:
        return _neither(f"{case.shown} is {marker}, but shorter than {case.policy.shortest_hours:g} hours")
    where = _destination(case)
    return Finding(_kind_of_leave(case), 0.95, f"{case.shown} is {marker}", _out_or_leave(case), destination=where, machine=True)


def _out_or_leave(case: _Case) -> EvidenceKind:
    """A leave word says what for; "OOO" and a bare marker only say that the leader is out, be it on a trip or on leave."""
    words = ("leave", "holiday", "family-leave", "long-leave", "sick")
    return EvidenceKind.LEAVE if case.reading.has(*words) else EvidenceKind.OUT_OF_OFFICE


def _destination(case: _Case) -> Place | None:
    """The place in the title or the location that is not home."""
    for named in case.named():
        if not is_home(named.place, case.title):
            return named.place
    where = artefacts.place_of(case.title)
    return None if is_home(where, case.title) else where


def _kind_of_leave(case: _Case) -> Verdict:
    reading = case.reading
    if reading.has("family-leave") or (reading.has("leave", "holiday") and reading.has("family")):
        return "family-vacation"
    if reading.has("long-leave", "sick"):
        return "leave"
    if reading.has("leave", "holiday"):
        return "vacation"
    if reading.has("business-trip", "conference", "conference-name", "trip", "visit") or (
        reading.has("ooo") and _destination(case)
    ):
        return "trip"
    return "vacation"


def _short(case: _Case) -> Finding | None:
    if case.occurrence.all_day or case.length >= timedelta(hours=case.policy.shortest_hours):
        return None
    return _neither(f"{case.shown} is shorter than {case.policy.shortest_hours:g} hours and no ticket or bed")


# --- 7. action and context words --------------------------------------------------------------------------------------


def _context(case: _Case) -> Finding | None:
    reading = case.reading
    away = _location_away(case) if case.days >= 2 else None
    for token in reading.tokens:
        if token.has("action") and not away:
            return _neither(f"{case.shown}: {quoted(token.text)} makes it a task or an occasion, not an absence")
        if token.has("visitors") and not _goes_there(case, token):
            return _neither(f"{case.shown}: {quoted(token.text)} says that others come here")
        if token.has("school", "public-holiday") and not token.has("filler") and not (away and case.tripish):
            return _neither(f"{case.shown}: {quoted(token.text)} is about schools or public holidays")
        if token.has("arrival"):
            return _neither(f"{case.shown} is about somebody arriving")
    if reading.tokens and reading.tokens[-1].key == "visiting" and len(reading.tokens) > 1:
        return _neither(f"{case.shown} says that others come here")
    return _spoiled(case) or _about_work(case, away)


def _goes_there(case: _Case, token: Token) -> bool:
    return token.has("visit") or case.reading.has("business-trip")


def _spoiled(case: _Case) -> Finding | None:
    """Words that turn a leave word around: none, before, after, about."""
    reading = case.reading
    about = reading.first("topic", "meeting")
    if reading.has(*_LEAVE, "holiday") and about and not about.has("conference"):
        return _neither(f"{case.shown}: “{about.text}” makes it a meeting about it")
    if _COUNTDOWN.search(case.title.text):
        return _neither(f"{case.shown} counts the days until then")
    turned = _turned(reading)
    if turned and (case.leaveish or case.tripish or reading.has("holiday") or case.named()) and not turned.has("in"):
        return _neither(f"{case.shown}: “{turned.text}” says that it is not the absence itself")
    if turned and turned.has("in") and case.leaveish and reading.tokens[0] is turned:
        return _neither(f"{case.shown}: “{turned.text}” says that it is not the absence itself")
    return None


def _turned(reading: Reading) -> Token | None:
    return next((t for t in reading.having("negation", "edge") if not _says_the_end(reading, t)), None)


def _says_the_end(reading: Reading, token: Token) -> bool:
    """ "PTO - back Monday": behind the leave word, with nothing but a date after it."""
    leave = reading.first(*_LEAVE)
    after = [t for t in reading.tokens if t.start > token.start]
    behind = leave is not None and leave.start < token.start
    return behind and bool(after) and token.key in _UNTIL and all(t.has("date", "number", "filler") for t in after)


def _about_work(case: _Case, away: Place | None) -> Finding | None:
    token = next((t for t in case.reading.tokens if t.has("work") and not t.has("filler", "date")), None)
    if token is None or case.leaveish or away or (case.tripish and case.named()):
        return None
    return _neither(f"{case.shown}: {quoted(token.text)} is work, not an absence")


def _location_away(case: _Case) -> Place | None:
    """The place that the location names, where that is not home and nobody can join from a screen."""
    if case.reading.has("online"):
        return None
    where = artefacts.place_of(case.title)
    return None if where is None or is_home(where, case.title) else where


# --- 8. leave words ---------------------------------------------------------------------------------------------------


def _only_alone(reading: Reading) -> bool:
    return all(t.has("alone", "filler", "date", "number", "status", "half") for t in reading.tokens)


def _leave(case: _Case) -> Finding | None:
    reading = case.reading
    if reading.has("ooo") and not reading.has("leave", "family-leave", "long-leave", "sick") and case.tripish:
        return _away_on_trip(case)
    if case.leaveish:
        return _leave_word(case)
    if reading.has("holiday"):
        return _holiday(case)
    if case.whole_days and reading.has("gone") and all(t.has(*_PLAIN) for t in reading.tokens):
        return Finding("vacation", 0.60, f"{case.shown} says that you are gone, not what for", EvidenceKind.OUT_OF_OFFICE)
    return None


def _away_on_trip(case: _Case) -> Finding:
    safe = not _residue(case, _SAFE_FOR_TRIP)
    where = _destination(case)
    return Finding(
        "trip",
        0.88 if safe else 0.75,
        f"{case.shown} says that you are away, on a trip",
        EvidenceKind.OUT_OF_OFFICE,
        destination=where,
    )


def _leave_word(case: _Case) -> Finding:
    reading = case.reading
    word = reading.first(*_LEAVE, "alone", "half")
    assert word is not None  # leaveish
    verdict = _kind_of_leave(case)
    kind = _out_or_leave(case) if reading.has("ooo") else EvidenceKind.LEAVE
    where = _destination(case)
    confidence, because = _leave_confidence(case, word, where)
    return Finding(verdict, confidence, because, kind, destination=where)


def _leave_confidence(case: _Case, word: Token, where: Place | None) -> tuple[float, str]:
    says = f"{case.shown} says {quoted(word.text)}"
    if residue := _residue(case):
        return 0.60, f"{says}; what “{residue[0].text}” means is not clear"
    if case.reading.has("half"):
        return 0.50, f"{says}, for less than a day"
    if doubt := _whose_leave(case):
        return 0.60, f"{says}, but {doubt}"
    if word.has("sick"):
        return 0.80, says
    if word.has("date"):
        return 0.60, f"{says}, which may be a weekday"
    if case.length > _LONGEST_LEAVE and not word.has("long-leave"):
        return 0.50, f"{says}, but over a very long time"
    if word.has("ooo") and where and not case.reading.has("leave", "family-leave", "long-leave"):
        return 0.80, f"{says} and names {where.name}"
    if not case.whole_days and case.length < _WORKING_DAY:
        return 0.70, f"{says}, for part of a day"
    return 0.92, f"{says}, for {_how_long(case)} of yours"


def _whose_leave(case: _Case) -> str:
    """A reason to doubt that a clear leave word is about the leader, or ""."""
    first = case.reading.tokens[0]
    if first.key in _CALLED_SO and not case.reading.has("number") and len(case.reading.tokens) > 1:
        return f"“{first.text}” may be a person"
    if case.reading.has("relative") and not case.reading.has("with", "family-leave") and not first.has("family"):
        return "it may be the family's"
    if any(is_home(n.place, case.title) for n in case.named()):
        return "it names the city you live in"
    return ""


def _how_long(case: _Case) -> str:
    return f"{case.days} days" if case.days > 1 else "a whole day"


def _residue(case: _Case, safe: tuple[str, ...] = _SAFE_FOR_LEAVE) -> tuple[Token, ...]:
    """Words that no lexicon explains, and words that do not belong into a title about one's own absence. Company does, and so
    does the office that one visits."""
    reading, named = case.reading, case.named()
    taken = {i for n in named for i in range(n.first, n.last + 1)}
    odd = [
        token
        for index, token in enumerate(reading.tokens)
        if index not in taken
        and token.classes
        and not token.has(*safe)
        and token.key not in my_words(case.me)
        and not is_companion(reading, index)
    ]
    return (*unknown_words(reading, named, case.me), *(t for t in odd if not (t.has("team") and reading.has("visit"))))


def _holiday(case: _Case) -> Finding:
    """In Britain a holiday is leave, elsewhere a day on which everybody is off."""
    reading = case.reading
    where = _destination(case)
    home = case.title.home
    abroad = where is not None and not (not where.city and home and where.country == home.country)
    verdict = _kind_of_leave(case)
    if _residue(case):
        return (
            Finding(
                verdict,
                0.55 if case.days >= 2 else 0.0,
                f"{case.shown} may be a holiday of yours",
                EvidenceKind.LEAVE,
                destination=where,
            )
            if (case.days >= 2)
            else _neither(f"{case.shown} may be a public holiday")
        )
    if where and abroad and case.days >= 2:
        return Finding(verdict, 0.90, f"{case.shown} is a holiday in {where.name}", EvidenceKind.LEAVE, destination=where)
    seasonal = any(len(t.key.split()) > 1 for t in reading.having("holiday")) or reading.has("public-holiday", "feast")
    if case.days >= 3:
        sure = 0.55 if seasonal else 0.88
        return Finding(verdict, sure, f"{case.shown} lasts {case.days} days", EvidenceKind.LEAVE, destination=where)
    return _neither(f"{case.shown} may be a public holiday", EvidenceKind.LEAVE)


# --- 9. trips and places ----------------------------------------------------------------------------------------------


def _trip(case: _Case) -> Finding | None:
    titled = _titled_place(case)
    located = None if case.reading.has("online") else artefacts.place_of(case.title)
    other = case.other() if case.tripish or titled else None
    if other and other.role and not case.reading.has("business-trip"):
        other = None
    if other and _is_theirs(case, other, by_location=located is not None):
        if other.relative:
            return _neither(f"{case.shown} is about {other.name}, not about you")
        return _colleague(case, other, "the title names them")
    if case.tripish:
        return _visitors(case) or _trip_word(case, titled, located)
    return _place_alone(case, titled, located)


def _visitors(case: _Case) -> Finding | None:
    """ "Besuch der Kollegen aus Madrid": a visit from somewhere comes here."""
    tokens = case.reading.tokens
    comes = any(n.first and tokens[n.first - 1].key in _COMES_FROM for n in case.named())
    if comes and any(t.key in _EITHER_WAY for t in tokens):
        return _neither(f"{case.shown} says that others come here")
    return None


def _is_theirs(case: _Case, other: Other, *, by_location: bool) -> bool:
    """A title that begins with a name, or ends with one, is about them; where a location says where it is, the name may be that
    of a company or a prize ("Max Planck Symposium") and only a possessive or a separator counts."""
    text = case.occurrence.summary.strip()
    name = re.escape(other.name)
    if re.match(rf"\W*{name}(?:['’]s?\b|\s*[:\]|]|\s+[-–]\s)", text) or re.search(rf"(?:[-–:(|]\s*){name}\W*$", text):
        return True
    return not by_location and (case.tripish or re.match(rf"\W*{name}\b", text) is not None)


def _titled_place(case: _Case) -> Place | None:
    """The place that the title says one goes to: the one behind a preposition, else the last; never the name of a team."""
    tokens = case.reading.tokens
    usable = [
        n
        for n in case.named()
        if not (n.first and tokens[n.first - 1].has("team") and not n.linked and not _is_apart(case, n))
        and not (n.last + 1 < len(tokens) and tokens[n.last + 1].has("team") and not case.reading.has("visit"))
    ]
    away = [n for n in usable if not is_home(n.place, case.title)] or usable
    best = next((n for n in away if n.linked), away[-1] if away else None)
    return best.place if best else None


def _is_apart(case: _Case, named: Named) -> bool:
    """A separator stands before the place ("Team offsite - Lisbon")."""
    tokens = case.reading.tokens
    return bool(case.reading.text[tokens[named.first - 1].end : tokens[named.first].start].strip())


def _trip_word(case: _Case, titled: Place | None, located: Place | None) -> Finding:
    word = case.reading.first(*_TRIP)
    assert word is not None  # tripish
    where = next((p for p in (located, titled) if p and not is_home(p, case.title)), None)
    if case.reading.has("online") or (where is None and (located or titled)):
        return _at_home(case, word)
    if where is None:
        return _nowhere(case, word)
    kind = EvidenceKind.CONFERENCE if word.has("conference", "conference-name") else EvidenceKind.TRIP_BLOCK
    confidence, because = _trip_confidence(case, word, where, where is located)
    return Finding(_trip_verdict(case), confidence, because, kind, destination=where)


def _trip_verdict(case: _Case) -> Verdict:
    reading = case.reading
    if reading.has("family"):
        return "family-vacation"
    return "vacation" if reading.has("leave") else "trip"


def _trip_confidence(case: _Case, word: Token, where: Place, by_location: bool) -> tuple[float, str]:
    says = f"{case.shown} says {quoted(word.text)} and is in {where.name}"
    unclear = [
        t for t in _residue(case, _SAFE_FOR_TRIP) if not (by_location and not t.has("action", "school", "work", "food", "event"))
    ]
    if any(t.has("action", "work", "school", "food") and not t.has("team") for t in case.reading.tokens):
        return 0.55, f"{says}, among other things"
    if case.length > _LONGEST_TRIP:
        return 0.60, f"{says}, but over a very long time"
    if case.reading.has("family"):
        return 0.80, f"{says}, with the family"
    if unclear:
        return (0.70 if case.days >= 2 else 0.60), f"{says}; what “{unclear[0].text}” means is not clear"
    if case.reading.has("meeting") and not word.has("business-trip"):
        return 0.75, f"{says}, and may be a meeting one joins from home"
    if not case.whole_days and case.days < 1:
        return 0.70, f"{says}, for part of a day"
    if not by_location and word.key in _PUBLIC_EVENTS:
        return 0.80, f"{says}, which may be an event that you only noted"
    if not by_location and (word.has("conference-name") or (word.key in _EITHER_WAY and not _linked_place(case))):
        return 0.70, says
    return (0.90 if case.days >= 2 else 0.88), says


def _linked_place(case: _Case) -> bool:
    tokens = case.reading.tokens
    return any(n.first and tokens[n.first - 1].has("to", "in") for n in case.named())


def _at_home(case: _Case, word: Token) -> Finding:
    if not word.has("conference", "conference-name") or case.length < timedelta(hours=case.policy.shortest_hours):
        return _neither(f"{case.shown} is where you live")
    why = "takes place online" if case.reading.has("online") else "is in the city you live in"
    return Finding(
        "focus",
        0.60,
        f"{case.shown} {why}: away from the office, not from home",
        EvidenceKind.CONFERENCE,
        wants_question=True,
        destination=case.title.home,
    )


def _nowhere(case: _Case, word: Token) -> Finding:
    """A trip word without a place: enough for a question, and for more where the word can mean nothing else."""
    unclear = _residue(case, _SAFE_FOR_TRIP)
    if case.reading.has("topic", "meeting", "work", "team") and not word.has("business-trip", "trip"):
        return _neither(f"{case.shown} names no place")
    if word.has("business-trip") and not unclear:
        return Finding(
            "trip", 0.86 if case.whole_days else 0.70, f"{case.shown} says {quoted(word.text)}", EvidenceKind.TRIP_BLOCK
        )
    if case.reading.has("topic", "work"):
        return _neither(f"{case.shown} is about a trip, and names no place")
    if word.has("conference-name", "visit") or (unclear and not word.has("trip", "conference", "business-trip")):
        return _neither(f"{case.shown} names no place")
    if word.has("conference") and case.days < 2:
        return _neither(f"{case.shown} names no place")
    verdict: Verdict = "family-vacation" if case.reading.has("family") else "trip"
    return Finding(
        verdict, 0.55, f"{case.shown} says {quoted(word.text)}, without a place that homeward knows", EvidenceKind.TRIP_BLOCK
    )


def _place_alone(case: _Case, titled: Place | None, located: Place | None) -> Finding | None:
    """Two days or more somewhere else."""
    if case.reading.has("online", "food", "event"):
        return None
    if located and is_home(located, case.title):
        return None
    clean = titled is not None and not is_home(titled, case.title) and not _residue(case, _SAFE_FOR_TRIP)
    linked = _linked_place(case)
    single = len(case.named()) == 1
    if located and case.days >= 2:
        sure = 0.55 if case.reading.has("action", "topic", "work", "team") else 0.72 if case.reading.has("meeting") else 0.75
        return Finding(
            "trip",
            sure,
            f"{case.shown} is in {located.name} for {case.days} days",
            EvidenceKind.PLACE,
            destination=located,
        )
    if clean and titled and case.days >= 2:
        return Finding("trip", 0.80, f"{case.shown} is {case.days} days in {titled.name}", EvidenceKind.PLACE, destination=titled)
    if clean and titled and case.whole_days and single:
        return Finding("trip", 0.50, f"{case.shown} is a day in {titled.name}", EvidenceKind.PLACE, destination=titled)
    about = case.reading.has("topic", "work") or (
        case.reading.has("team", "meeting") and not (linked or case.reading.has("with"))
    )
    if titled and not is_home(titled, case.title) and case.days >= 2 and not about:
        return Finding(
            "trip", 0.55, f"{case.shown} names {titled.name} for {case.days} days", EvidenceKind.PLACE, destination=titled
        )
    return None


# --- 10. the rest -----------------------------------------------------------------------------------------------------


def _rest(case: _Case) -> Finding:
    """Three days or more of mine that nothing explains are worth a question."""
    if _is_block(case) and case.other() is None and not any(is_home(n.place, case.title) for n in case.named()):
        return Finding("vacation", 0.50, f"{case.shown} fills {case.days} days, without saying why", EvidenceKind.BLOCK)
    return _neither(f"nothing in {case.shown} says that you are away")


def _is_block(case: _Case) -> bool:
    """Whole days of mine alone, under words that no lexicon explains."""
    occurrence, tokens = case.occurrence, case.reading.tokens
    if not (case.whole_days and case.days >= 3 and case.length <= _LONGEST_LEAVE and tokens and case.whose == "mine"):
        return False
    if occurrence.transparent or occurrence.attendees or occurrence.recurring:
        return False
    says_nothing = ("filler", "number", "date", "in", "to", "from", "with", "tentative", "name")
    if case.reading.has("feast"):
        return False
    return all(not t.classes or t.has(*says_nothing) for t in tokens) and artefacts.place_of(case.title) is None


_RULES = (_veto, _team, _artefact, _somebody_elses, _machine, _short, _context, _leave, _trip, _rest)


# --- 2. doubts, after the verdict -------------------------------------------------------------------------------------


def _lowered(case: _Case, finding: Finding) -> tuple[float, tuple[str, ...]]:
    """The confidence after doubts, and the doubts in words."""
    if finding.verdict not in AWAY:
        return finding.confidence, ()
    cap = case.policy.tentative_cap
    doubts = tuple(why for doubtful, why in _doubts(case, finding) if doubtful)
    return (min(finding.confidence, cap), doubts) if doubts else (finding.confidence, ())


def _doubts(case: _Case, finding: Finding) -> tuple[tuple[bool, str], ...]:
    occurrence = case.occurrence
    waiting = case.whose != "mine" and case.invited is not None and case.invited.partstat.upper() in ("NEEDS-ACTION", "TENTATIVE")
    transport = finding.kind in (EvidenceKind.FLIGHT, EvidenceKind.RAIL, EvidenceKind.FERRY, EvidenceKind.CAR)
    unsettled = case.reading.has("tentative") or re.search(r"[?？؟]", occurrence.summary) is not None
    return (
        (occurrence.status.upper() == "TENTATIVE" or occurrence.busy_status.upper() == "TENTATIVE", "it is marked as tentative"),
        (waiting, "you have not accepted it"),
        (unsettled, "the title says that it is not settled"),
        (case.whose == "foreign", "somebody else put it there"),
        (
            occurrence.recurring and not finding.machine,
            "it comes again and again" if not transport else "it looks like a commute",
        ),
        (
            occurrence.role == "family" or _FAMILY_FEED.search(occurrence.calendar_name) is not None,
            "it is on the family's calendar",
        ),
        (
            occurrence.role == "mine" and _TEAM_FEED.search(occurrence.calendar_name) is not None,
            "the calendar looks like a team's",
        ),
    )
