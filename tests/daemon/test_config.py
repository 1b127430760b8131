"""The config: what loads, what is refused and in which words, and what is kept for the next time."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import time
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from daemon.config import ConfigError, Mistake, load
from daemon.config.lines import lines_of
from daemon.config.shape import field_types
from daemon.mistakes import show
from rules.policy import Policy

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
LEAST = 'config_version = 1\n[me]\nname = "Mia"\naddresses = ["mia@example.org"]\nhome_zone = "Europe/Berlin"\n'
ANA = '[[person]]\nid = "ana"\nname = "Ana Silva"\naddresses = ["ana@example.org"]\n'

Config = Callable[[str | bytes], Path]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "config.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def mistakes(path: Path) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value.mistakes


def only(path: Path) -> Mistake:
    (mistake,) = mistakes(path)
    return mistake


# --- what loads -------------------------------------------------------------------------------------------------------


def test_the_least_config_gets_the_defaults(config: Config) -> None:
    policy = load(config(LEAST))
    assert policy.me.addresses == ("mia@example.org",)
    assert policy.inbox.windows == (time(8), time(12, 30), time(17, 30))
    assert [account.id for account in policy.account] == ["local"]


def test_the_example_loads_and_is_what_it_says_it_is() -> None:
    policy = load(EXAMPLE)
    assert [person.id for person in policy.person] == ["ana", "ben", "chloe", "jonas"]
    assert policy.person_by_id("ben").mentors == ("ana",)
    assert {meeting.id for meeting in policy.meeting if meeting.skip} == {"board"}


def test_the_example_shows_the_default_wherever_it_says_nothing_else() -> None:
    policy, plain = load(EXAMPLE), Policy(config_version=1, me=load(EXAMPLE).me)
    assert policy.account == plain.account
    assert policy.service == plain.service
    assert policy.detect == plain.detect
    assert policy.brief == plain.brief
    assert policy.coaching == plain.coaching
    assert policy.safety == plain.safety
    assert replace(policy.inbox, always_pass=()) == plain.inbox
    assert replace(policy.responder, deputy="", texts=()) == plain.responder
    assert replace(policy.makeup, calendar="", family_calendar="") == plain.makeup


def keys_by_table(text: str) -> Mapping[str, set[str]]:
    """The keys of each table of a TOML text, those in remarks too."""
    keys: dict[str, set[str]] = {}
    name = ""
    for line in text.splitlines():
        if header := re.match(r"\[+([\w.]+)\]+", line):
            name = header[1]
        elif pair := re.match(r"(?:# )?(\w+) = ", line):
            keys.setdefault(name, set()).add(pair[1])
    return keys


def expected_keys(cls: type, name: str = "") -> Mapping[str, set[str]]:
    keys: dict[str, set[str]] = {name: set()}
    for field, hint in field_types(cls).items():
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if isinstance(inner, type) and issubclass(inner, Struct):
            keys |= expected_keys(inner, f"{name}.{field}" if name else field)
        else:
            keys[name].add(field)
    return keys


def test_the_example_shows_every_key_there_is_and_no_other() -> None:
    assert keys_by_table(EXAMPLE.read_text()) == expected_keys(Policy)


def test_paths_are_absolute_from_the_home_or_from_the_config(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/mia")
    path = config(
        LEAST
        + '[[calendar]]\nid = "a"\npath = "~/cal"\n[[calendar]]\nid = "b"\npath = "cal.ics"\n'
        + '[[calendar]]\nid = "c"\npath = "/c"\n'
        + '[[mail]]\nid = "m"\nsieve = "s.sieve"\nsendmail = ["./send", "~/x"]\n'
        + '[inbox]\nmode = "sync"\nsync_command = ["mbsync", "-a"]\n'
    )
    policy = load(path)
    assert [c.path for c in policy.calendar] == ["/home/mia/cal", str(path.parent / "cal.ics"), "/c"]
    assert (policy.mail[0].sieve, policy.mail[0].path) == (str(path.parent / "s.sieve"), "")
    assert policy.mail[0].sendmail == (str(path.parent / "send"), "~/x")
    assert policy.inbox.sync_command == ("mbsync", "-a")


def test_a_home_that_nobody_has_is_a_mistake(config: Config) -> None:
    mistake = only(config(LEAST + '[[calendar]]\nid = "a"\npath = "~nobody-of-this-name/cal"\n'))
    assert (mistake.line, mistake.key) == (8, "calendar[a].path")


def test_webcal_is_https(config: Config) -> None:
    policy = load(config(LEAST + '[[calendar]]\nid = "a"\nrole = "travel"\nurl = "webcal://example.org/x.ics"\n'))
    assert policy.calendar[0].url == "https://example.org/x.ics"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(config: Config) -> None:
    assert load(config(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())) == load(config(LEAST))


def test_a_time_may_be_a_toml_time(config: Config) -> None:
    assert load(config(LEAST + "work_starts = 08:15:00\n")).me.work_starts == time(8, 15)


# --- the whole file ---------------------------------------------------------------------------------------------------


def test_a_missing_file_leads_to_init(tmp_path: Path) -> None:
    assert "homeward init" in str(only(tmp_path / "none.toml"))


def test_a_folder_and_a_huge_file_are_refused(tmp_path: Path, config: Config) -> None:
    assert "cannot be read" in str(only(tmp_path))
    assert "larger than" in str(only(config(b"#" * 1_000_001)))


def test_what_is_not_utf8_is_told_with_its_line(config: Config) -> None:
    mistake = only(config(b"config_version = 1\n# fine\nname = 'M\xfcller'\n"))
    assert mistake.line == 3
    assert "UTF-8" in mistake.found


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("config_version = 1\n[me\n", 2, "Expected ']'"),
        ("config_version = 1\nx = 08:00\n", 2, 'times too: "08:00"'),
        ("a = 1\na = 2\n", 2, "stands twice"),
        ("[me]\n[me]\n", 2, "stands twice"),
        ('a = "', 1, "string"),
        (f"a = {'9' * 5000}\n", 0, "digits"),
    ],
)
def test_a_slip_in_the_syntax_is_told_with_its_line(config: Config, text: str, line: int, words: str) -> None:
    mistake = only(config(text))
    assert (mistake.line, words in str(mistake)) == (line, True), str(mistake)


@pytest.mark.parametrize("depth", [100, 420, 460, 480, 490, 500, 5000])
def test_depth_is_refused_in_words(config: Config, depth: int) -> None:
    assert mistakes(config(LEAST + f"languages = {'[' * depth}{']' * depth}\n"))


def test_a_config_of_the_future_is_told_so_and_nothing_else(config: Config) -> None:
    mistake = only(config("# new\nconfig_version = 2\nunheard_of = 1\n"))
    assert (mistake.line, mistake.key, "newer homeward" in mistake.found) == (2, "config_version", True)


# --- names and types --------------------------------------------------------------------------------------------------


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(config: Config) -> None:
    text = (
        LEAST
        + 'languages = "en"\n[inbox]\nwindws = ["08:00"]\nmode = "hodl"\n[[person]]\nid = "ben"\n[makeup]\ncalendar = "work"\n'
    )
    found = [(mistake.line, mistake.key) for mistake in mistakes(config(text))]
    assert found == [
        (6, "me.languages"),
        (8, "inbox.windws"),
        (9, "inbox.mode"),
        (10, "person[ben].name"),
        (13, "makeup.calendar"),
    ]


@pytest.mark.parametrize(
    ("extra", "line", "key", "words"),
    [
        ('hoem = "Berlin"', 6, "me.hoem", 'did you mean "home"?'),
        ("xyzzy = 1", 6, "me.xyzzy", "does not know"),
        ("[serivce]", 6, "serivce", 'did you mean "service"?'),
        ("[inbox]\npass_minutes = 5", 7, "inbox.pass_minutes", "it belongs in [service]"),
        ("languages = ['en', 'dee']", 6, "me.languages[#2]", 'did you mean "de"?'),
        ("work_starts = 9", 6, "me.work_starts", 'a time of day, "08:00"'),
        ("home = 3", 6, "me.home", "put it in quotes"),
        ("[service]\npass_minutes = '5'", 7, "service.pass_minutes", "a whole number; leave out the quotes"),
        ("[service]\npass_minutes = 5.5", 7, "service.pass_minutes", "a whole number"),
        ("[brief]\nenabled = 'true'", 7, "brief.enabled", "true or false; leave out the quotes"),
        ("[brief]\nenabled = 1", 7, "brief.enabled", "true or false"),
        ("[service]\napply = 'Ask'", 7, "service.apply", '"ask" or "auto"; did you mean "ask"?'),
        ("[makeup]\nafternoon = ['13:00']", 7, "makeup.afternoon", "exactly 2"),
        ("[makeup]\nafternoon = ['13:00', '14:00', '15:00']", 7, "makeup.afternoon", "exactly 2"),
        ("[makeup]\nmost_hours = nan", 7, "makeup.most_hours", "a number of a sensible size"),
        ("[coaching]\ndaily_cap = 99999999999999999999", 7, "coaching.daily_cap", "a number of a sensible size"),
        ("[person]\nid = 'ana'", 6, "person", "write it as [[...]]"),
        ("holidays = 1\n[[person]]\nid = 'a'\nname = 'A'\nlevel = 6", 10, "person[a].level", "1, 2, 3, 4 or 5"),
        ("[[person]]\nid = 'a'\nname = 'A'\nlanguage = 'dk'", 9, "person[a].language", '"en", "de"'),
        ('home = "a\\u0007b"', 6, "me.home", "without control characters"),
        ("work_ends = '08:00Z'", 6, "me.work_ends", "without a zone"),
    ],
)
def test_a_wrong_key_or_value_is_told_with_what_is_allowed(config: Config, extra: str, line: int, key: str, words: str) -> None:
    found = mistakes(config(LEAST + extra + "\n"))
    told = next(mistake for mistake in found if (mistake.line, mistake.key) == (line, key))
    assert words in str(told)


def test_a_key_that_is_nearly_right_is_not_told_as_missing_too(config: Config) -> None:
    mistake = only(config(LEAST.replace("home_zone", "home_zoen")))
    assert (mistake.key, mistake.suggestion) == ("me.home_zoen", 'did you mean "home_zone"?')


def test_what_is_needed_and_missing_is_told(config: Config) -> None:
    assert {mistake.key for mistake in mistakes(config("x = 1\n"))} == {"x", "config_version", "me"}
    assert only(config(LEAST.replace('name = "Mia"\n', ""))).key == "me.name"


def test_unknown_keys_are_refused_in_every_table(config: Config) -> None:
    data = tomllib.loads(EXAMPLE.read_text())
    tables = [name for name, value in data.items() if isinstance(value, dict | list)]
    text = EXAMPLE.read_text()
    for name in tables:
        header = f"[[{name}]]\n" if isinstance(data[name], list) else f"[{name}]\n"
        found = mistakes(config(text.replace(header, header + "qqqqqqqq = 1\n", 1)))
        assert [mistake.key.rpartition(".")[2] for mistake in found] == ["qqqqqqqq"]


@pytest.mark.parametrize(
    ("extra", "key", "words"),
    [
        ('work_ends = "08:00"', "me.work_ends", "after work_starts"),
        ('[inbox]\nwindows = ["08:00", "10:00"]', "inbox.windows", "3 h 30 apart"),
        ('[inbox]\nwindows = ["07:00", "11:00", "15:00", "19:00"]', "inbox.windows", "one to three"),
        ('[inbox]\nmode = "sync"', "inbox.mode", "sync_command or sync_unit"),
        ("[inbox]\nlease_hours = 48", "inbox.lease_hours", "from 1 to 24"),
        ("[inbox]\nrenew_hours = 20", "inbox.renew_hours", "from 0 to 12"),
        ("[inbox]\nsync_every_minutes = 0", "inbox.sync_every_minutes", "from 1 to 120"),
        ("[service]\npass_minutes = 0", "service.pass_minutes", "from 1 to 60"),
        ("[detect]\nact = 0.3", "detect.act", "from 0.5 to 1"),
        ("[detect]\nflight_before_minutes = -1", "detect.flight_before_minutes", "from 0"),
        ("[detect]\ngap_hours = 1000", "detect.gap_hours", "from 0 to 168"),
        ("[makeup]\ndebrief_minutes = 5", "makeup.debrief_minutes", "from 15 to 30"),
        ('[makeup]\nevening = ["20:00", "18:00"]', "makeup.evening", "before it starts"),
        ("[makeup]\nday_most_hours = 0.5", "makeup.day_most_hours", "from 1 to 12"),
        ("[brief]\nworking_days_before = -2", "brief.working_days_before", "from 0 to 20"),
        ("[coaching]\ndaily_cap = 0", "coaching.daily_cap", "from 1 to 200"),
        ("[safety]\nmost_changed_share = 1.5", "safety.most_changed_share", "from 0 to 1"),
        ("[safety]\nmost_created = 0", "safety.most_created", "from 1 to"),
        ("[responder]\ndays = 99", "responder.days", "from 1 to 30"),
        ('[[calendar]]\nid = "a"', "calendar[a]", "needs either path"),
        ('[[meeting]]\nid = "a"\nskip = true', "meeting[a]", "needs match"),
        ('[[meeting]]\nid = "a"\nmatch = ["x"]', "meeting[a]", "needs hosts"),
        ('[[meeting]]\nid = "a"\nmatch = ["x"]\nskip = true\nweight = 0', "meeting[a].weight", "weight must be"),
        ('[[duty]]\nid = "a"\nname = "A"', "duty[a]", "needs deputies"),
    ],
)
def test_values_that_make_no_sense_together_are_refused(config: Config, extra: str, key: str, words: str) -> None:
    mistake = only(config(LEAST + extra + "\n"))
    assert (mistake.key, words in str(mistake)) == (key, True), str(mistake)


def test_no_address_of_ones_own_is_refused(config: Config) -> None:
    assert "address" in str(only(config(LEAST.replace('["mia@example.org"]', "[]"))))


# --- references -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "key"),
    [
        ('[[meeting]]\nid = "m"\nmatch = ["x"]\nhosts = ["ana", "anna"]', "meeting[m].hosts[#2]"),
        ('[[duty]]\nid = "d"\nname = "D"\ndeputies = ["anna"]', "duty[d].deputies[#1]"),
        ('[[person]]\nid = "ben"\nname = "Ben"\nmentors = ["anna"]', "person[ben].mentors[#1]"),
        ('[brief]\nto = ["anna"]', "brief.to[#1]"),
        ('[responder]\ndeputy = "anna"', "responder.deputy"),
    ],
)
def test_a_person_who_is_not_there_is_told_with_who_is_near(config: Config, extra: str, key: str) -> None:
    mistake = only(config(LEAST + ANA + extra + "\n"))
    assert (mistake.key, mistake.found, mistake.suggestion) == (key, '"anna"', 'did you mean "ana"?')


@pytest.mark.parametrize("said", ["Ana Silva", "ANA@example.org"])
def test_a_full_name_or_an_address_leads_to_the_id(config: Config, said: str) -> None:
    assert only(config(LEAST + ANA + f'[responder]\ndeputy = "{said}"\n')).suggestion == 'did you mean "ana"?'


def test_a_person_is_not_their_own_mentor(config: Config) -> None:
    assert only(config(LEAST + ANA + 'mentors = ["ana"]\n')).allowed == "somebody else"


@pytest.mark.parametrize("name", ["account", "calendar", "mail", "person", "meeting", "duty"])
def test_an_id_stands_once_in_its_list(config: Config, name: str) -> None:
    data = tomllib.loads(EXAMPLE.read_text())
    first = data[name][0]["id"]
    needed = {"calendar": 'path = "q"', "mail": 'sieve = "q"', "person": 'name = "Q"', "duty": 'name = "Q"\nparked = true'}
    extra = needed.get(name, 'match = ["q"]\nskip = true' if name == "meeting" else "")
    mistake = only(config(EXAMPLE.read_text() + f'[[{name}]]\nid = "{first}"\n{extra}\n'))
    assert (mistake.key, "has already" in mistake.found) == (f"{name}[{first}].id", True)


@pytest.mark.parametrize("wrong", ["a b", "../x", "-a", "ä", "a" * 65, "x\\n"])
def test_an_id_is_a_short_plain_name(config: Config, wrong: str) -> None:
    assert only(config(LEAST + f'[[person]]\nid = "{wrong}"\nname = "A"\n')).key.endswith(".id")


def test_an_account_that_is_not_there_is_told(config: Config) -> None:
    mistake = only(config(LEAST + '[[calendar]]\nid = "a"\npath = "x"\naccount = "locl"\n'))
    assert (mistake.key, mistake.suggestion) == ("calendar[a].account", 'did you mean "local"?')


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        ('id = "wrok"\npath = "x"', 'did you mean "wrok"?'),
        ('id = "work"\npath = "x"\nread_only = true', "read only"),
        ('id = "work"\nurl = "https://example.org/x"', "read only"),
    ],
)
def test_blocks_need_a_calendar_that_is_there_and_can_be_written(config: Config, calendar: str, words: str) -> None:
    mistake = only(config(LEAST + f'[makeup]\ncalendar = "work"\n[[calendar]]\n{calendar}\n'))
    assert (mistake.key, words in str(mistake)) == ("makeup.calendar", True)


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("Europe/Berlinn", "Europe/Berlin"),
        ("europe/lisbon", "Europe/Lisbon"),
    ],
)
def test_a_zone_that_is_none_leads_to_the_one_that_was_meant(config: Config, zone: str, meant: str) -> None:
    path = config(LEAST.replace("Europe/Berlin", zone))
    if zone == "europe/lisbon" and Path("/usr/share/zoneinfo/europe/lisbon").exists():
        pytest.skip("this file system does not tell capitals from others")
    assert only(path).suggestion == f'did you mean "{meant}"?'


@pytest.mark.parametrize("zone", ["Europe", "../../etc/passwd", "/etc/passwd", "", "Nowhere"])
def test_what_is_no_zone_at_all_is_refused(config: Config, zone: str) -> None:
    assert only(config(LEAST.replace("Europe/Berlin", zone))).key == "me.home_zone"


@pytest.mark.parametrize("wrong", ["XX", "DE-XX", "Germany"])
def test_holidays_are_those_of_a_real_country(config: Config, wrong: str) -> None:
    assert only(config(LEAST + f'holidays = "{wrong}"\n')).key == "me.holidays"


@pytest.mark.parametrize("wrong", ["ana", "ana@", "a b@c.de", "Ana <ana@c.de>", "a@b@c", "a@b\\nBcc: c@d"])
def test_an_address_is_one(config: Config, wrong: str) -> None:
    assert only(config(LEAST + f'[[person]]\nid = "a"\nname = "A"\naddresses = ["{wrong}"]\n')).key == "person[a].addresses[#1]"


def test_what_always_passes_is_an_address_or_a_domain(config: Config) -> None:
    load(config(LEAST + '[inbox]\nalways_pass = ["a@b.de", "@b.de"]\n'))
    assert only(config(LEAST + '[inbox]\nalways_pass = ["b.de"]\n')).key == "inbox.always_pass[#1]"


def test_an_internal_domain_is_written_without_the_at(config: Config) -> None:
    mistake = only(config(LEAST + 'internal_domains = ["@example.org"]\n'))
    assert mistake.suggestion == 'did you mean "example.org"?'


def test_an_address_belongs_to_one_person(config: Config) -> None:
    twice = LEAST + ANA + ANA.replace('"ana"', '"ben"')
    assert "has already" in only(config(twice)).found
    assert "yours" in only(config(LEAST + ANA.replace("ana@", "mia@"))).allowed


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        ('id = "m"', "at least one of"),
        ('id = "m"\noutbox = "x"\nsendmail = ["y"]', "both outbox and sendmail"),
        ('id = "m"\npath = "x"\nhold = "server"', "without a sieve script"),
        ('id = "m"\npath = "x"\nheld_folder = "INBOX"', "not INBOX"),
        ('id = "m"\npath = "x"\nheld_folder = "../x"', "no leading dot"),
        ('id = "m"\npath = "x"\nheld_folder = \'a"; discard\'', "quotes"),
        ('id = "m"\npath = "x"\nheld_folder = ""', "name of a folder"),
        ('id = "m"\npath = "x"\n[[mail]]\nid = "n"\npath = "x"', "has already"),
    ],
)
def test_a_mailbox_that_cannot_work_is_refused(config: Config, mail: str, words: str) -> None:
    assert words in str(only(config(LEAST + f"[[mail]]\n{mail}\n")))


def test_a_feed_is_an_address_of_the_web_and_its_path_is_not_shown(config: Config) -> None:
    mistake = only(config(LEAST + '[[calendar]]\nid = "a"\nurl = "ftp://example.org/private-7f3a.ics"\n'))
    assert "example.org" in str(mistake)
    assert "7f3a" not in str(mistake)


# --- replies ----------------------------------------------------------------------------------------------------------


def reply(body: str, audience: str = "known", subject: str = "Later") -> str:
    head = f'[[responder.texts]]\nlanguage = "en"\naudience = "{audience}"\nsubject = "{subject}"\n'
    return f'{head}body = """\nHello,\n{body}\n\nBye\n"""\n'


def test_a_reply_that_leaks_is_refused_with_the_line_that_leaks(config: Config) -> None:
    mistake = only(config(LEAST + reply("I am away with my wife until 3 May.")))
    assert (mistake.line, mistake.key) == (12, "responder.texts[#1].body")
    assert "I am away with my wife until 3 May." in mistake.found


def test_a_reply_that_names_a_place_is_refused(config: Config) -> None:
    assert "Lisbon" in only(config(LEAST + reply("Greetings from Lisbon!"))).found


def test_a_subject_that_leaks_is_refused_too(config: Config) -> None:
    assert only(config(LEAST + reply("See you.", subject="Until 2026-05-03"))).line == 9


def test_a_variable_that_does_not_exist_is_refused_for_everybody(config: Config) -> None:
    assert "{back_no}" in only(config(LEAST + reply("Back on {back_no}.", audience="internal"))).found


def test_the_same_words_may_stand_in_an_internal_reply(config: Config) -> None:
    policy = load(config(LEAST + reply("I am away with my wife until 3 May.", audience="internal")))
    assert policy.responder.texts[0].audience == "internal"


def test_a_language_and_an_audience_have_one_text(config: Config) -> None:
    assert "has already" in only(config(LEAST + reply("Soon.") + reply("Later."))).found


# --- lines and words --------------------------------------------------------------------------------------------------


def test_every_value_of_the_example_has_the_line_it_stands_in() -> None:
    text = EXAMPLE.read_text()
    lines = lines_of(text)
    for path, line in lines.items():
        last = path[-1]
        if isinstance(last, str):
            assert re.match(rf"(\[+([\w.]+\.)?)?{last}\b", text.split("\n")[line - 1]), (path, line)
    assert set(lines) >= set(places(tomllib.loads(text)))


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    return [(*path, key) for key, _ in inner] + [place for key, each in inner for place in places(each, (*path, key))]


HARD = '''\
a = "x#[y" # ["no"]
"b c" = 'd'
'e.f'.g = {h = 1, i = [2,
  3, # ]
  {j = """
]
 \\""" }"""}], k.l = 4}
[m."n\\u0041"]
o = [
  "p",

  """q
r""", 2026-01-01T10:00:00Z,
]
[[s.t]]
u = \'\'\'
[[no]]
v'\'\'\'\'
[[s.t]]
[s.t.w]
x = 1.5e3'''


def test_lines_are_right_in_every_corner_of_toml() -> None:
    lines = lines_of(HARD)
    assert set(lines) == set(places(tomllib.loads(HARD))) - {("s",), ("m",)}
    expected = {
        ("b c",): 2,
        ("e.f", "g", "i", 1): 4,
        ("e.f", "g", "i", 2, "j"): 5,
        ("e.f", "g", "k", "l"): 7,
        ("m", "nA"): 8,
        ("m", "nA", "o", 1): 12,
        ("m", "nA", "o", 2): 13,
        ("s", "t", 0, "u"): 16,
        ("s", "t", 1): 19,
        ("s", "t", 1, "w", "x"): 21,
    }
    assert {path: lines[path] for path in expected} == expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\nb", '"a\\nb"'),
        ("\x9b31m", '"\\u009b31m"'),
        ("https://example.org/secret/x", '"https://example.org/…"'),
        ({"a": 1}, "a table"),
        (True, "true"),
    ],
)
def test_a_value_is_shown_on_one_line_without_secrets(value: object, shown: str) -> None:
    assert show(value) == shown
    assert len(show("x" * 1000)) < 70


ODD = (
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "-1",
    "0",
    "1e300",
    "nan",
    '""',
    '"x"',
    '"\\u0000"',
    "true",
    "08:00:00",
    "2026-01-01",
    "1979-05-27T07:32:00Z",
)
PAIRS = [number for number, line in enumerate(EXAMPLE.read_text().split("\n")) if re.match(r"\w+ = (?!\"\"\")", line)]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(PAIRS), st.sampled_from(ODD), max_size=4), st.sets(st.sampled_from(PAIRS), max_size=3))
def test_whatever_stands_there_the_config_loads_or_is_refused_in_words(
    config: Config, odd: dict[int, str], gone: set[int]
) -> None:
    lines = EXAMPLE.read_text().split("\n")
    for number, value in odd.items():
        lines[number] = f"{lines[number].split(' = ')[0]} = {value}"
    path = config("\n".join(line for number, line in enumerate(lines) if number not in gone))
    try:
        load(path)
    except ConfigError as error:
        assert all(mistake.line or not mistake.key for mistake in error.mistakes if mistake.key not in ("config_version", "me"))
        assert all(str(mistake).isprintable() for mistake in error.mistakes)


# --- kept for the next time -------------------------------------------------------------------------------------------


def test_what_was_made_of_a_file_is_kept_and_is_the_same(tmp_path: Path) -> None:
    first = load(EXAMPLE, tmp_path / "state")
    kept = tmp_path / "state/config-cache.json"
    stamp = kept.stat().st_mtime_ns
    assert load(EXAMPLE, tmp_path / "state") == first == load(EXAMPLE)
    assert (stat.S_IMODE(kept.stat().st_mode), kept.stat().st_mtime_ns) == (0o600, stamp)
    assert [file.name for file in kept.parent.iterdir()] == ["config-cache.json"]


def test_an_edit_is_seen_at_once(tmp_path: Path, config: Config) -> None:
    assert load(config(LEAST), tmp_path / "state").me.name == "Mia"
    assert load(config(LEAST.replace("Mia", "Mio")), tmp_path / "state").me.name == "Mio"
    with pytest.raises(ConfigError):
        load(config(LEAST.replace("Mia", "Mia\\u0007")), tmp_path / "state")


def test_the_same_words_elsewhere_are_another_config(tmp_path: Path) -> None:
    text = LEAST + '[[calendar]]\nid = "a"\npath = "x"\n'
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(text)
        found.append(load(tmp_path / name / "config.toml", tmp_path / "state").calendar[0].path)
    assert found == [str(tmp_path / "one/x"), str(tmp_path / "two/x")]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_spoiled_cache_is_made_again_without_a_word(tmp_path: Path, data: st.DataObject) -> None:
    state = tmp_path / "state"
    expected = load(EXAMPLE, state)
    kept = state / "config-cache.json"
    whole = kept.read_bytes()
    cut = data.draw(st.integers(0, len(whole)), label="cut")
    kept.write_bytes(whole[:cut] + data.draw(st.binary(max_size=20), label="then"))
    assert load(EXAMPLE, state) == expected
    assert load(EXAMPLE, state) == expected


@pytest.mark.parametrize("change", [('"level":4', '"level":9'), ('"name":"Ana Silva",', ""), ('"minutes":30', '"minutes":1')])
def test_a_cache_with_a_value_that_cannot_be_is_made_again(tmp_path: Path, change: tuple[str, str]) -> None:
    expected = load(EXAMPLE, tmp_path)
    kept = tmp_path / "config-cache.json"
    text = kept.read_text()
    assert change[0] in text
    kept.write_text(text.replace(*change))
    assert load(EXAMPLE, tmp_path) == expected


def test_a_state_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path)
    assert load(EXAMPLE, tmp_path / "file" / "state") == load(EXAMPLE)
    assert load(EXAMPLE, tmp_path / "link") == load(EXAMPLE)
    assert not (tmp_path / "config-cache.json").exists()


HEAVY = (
    "rich",
    "icalendar",
    "recurring_ical_events",
    "googleapiclient",
    "keyring",
    "holidays",
    "airportsdata",
    "tzfpy",
)


def loaded_after(code: str) -> set[str]:
    """Which heavy libraries a fresh interpreter has loaded after `code`, and which of our files that check a config."""
    listing = "import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{listing}"], capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split() if name in HEAVY or name == "daemon.config.check"}


def test_an_unchanged_config_loads_nothing_heavy(tmp_path: Path) -> None:
    code = f"from pathlib import Path\nimport daemon.config\ndaemon.config.load(Path({str(EXAMPLE)!r}), Path({str(tmp_path)!r}))"
    assert loaded_after("import daemon.config") == set()
    assert "daemon.config.check" in loaded_after(code)
    assert loaded_after(code) == set()


def test_every_kind_of_field_survives_the_cache() -> None:
    policy = load(EXAMPLE)
    assert set(policy.__struct_fields__) == set(field_types(Policy))
    assert policy.makeup.afternoon == (time(13), time(17, 30))
    assert policy.person[3].language is None
