"""Accounts on servers, and calendars and mailboxes in them: what loads, and each mistake with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.config import ConfigError, Mistake, load
from daemon.mistakes import show

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
LEAST = 'config_version = 1\n[me]\nname = "Mia"\naddresses = ["mia@example.org"]\nhome_zone = "Europe/Berlin"\n'
OFFICE = '[[account]]\nid = "office"\nkind = "caldav"\nuser = "mia"\nurl = "https://cal.example.org"\n'
POST = '[[account]]\nid = "post"\nkind = "imap"\nuser = "mia"\nimap = "imap.example.org"\n'
GOOGLE = '[[account]]\nid = "g"\nkind = "google"\nclient_file = "c.json"\n'
LOCAL = '[[account]]\nid = "local"\n'
CALENDAR = '[[calendar]]\nid = "c"\naccount = "office"\ncollection = "/c/"\n'
MAIL = '[[mail]]\nid = "m"\naccount = "post"\n'
GMAIL = MAIL.replace("post", "g")
OF_LEA = GOOGLE + 'user = "lea@gmail.com"\n'
LEAS = '[[calendar]]\nid = "q"\naccount = "g"\ncollection = "lea@googlemail.com"\n'
MINE = '[[calendar]]\nid = "p"\naccount = "g"\ncollection = "primary"\n'

Config = Callable[[str], Path]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    def write(content: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(LEAST + content)
        return path

    return write


def only(path: Path) -> Mistake:
    with pytest.raises(ConfigError) as caught:
        load(path)
    (mistake,) = caught.value.mistakes
    return mistake


def test_this_machine_a_calendar_server_a_mail_server_and_a_feed_live_together(config: Config) -> None:
    second = OFFICE.replace("office", "club").replace("cal.", "club.")
    local = '[[calendar]]\nid = "l"\npath = "cal"\n[[mail]]\nid = "n"\npath = "Maildir"\n'
    feed = '[[calendar]]\nid = "f"\nrole = "travel"\nurl = "https://example.org/x.ics"\n'
    other = CALENDAR.replace('"c"', '"d"').replace('"office"', '"club"')
    policy = load(config(LOCAL + OFFICE + second + POST + CALENDAR + other + local + feed + MAIL))
    assert [(c.id, c.account) for c in policy.calendar] == [("c", "office"), ("d", "club"), ("l", "local"), ("f", "local")]
    assert [(m.id, m.account) for m in policy.mail] == [("n", "local"), ("m", "post")]
    assert [account.kind for account in policy.account] == ["local", "caldav", "caldav", "imap"]


def test_the_servers_of_the_example_load_once_they_are_no_remarks_any_more(config: Config) -> None:
    blocks = re.findall(r"^# (?:\[\[\w+\]\]\n(?:#  .*\n|# \w+ = .*\n)+)", EXAMPLE.read_text(), re.MULTILINE)
    text = re.sub(r"^# (?! )", "", "".join(blocks), flags=re.MULTILINE)
    managed = text.replace('password_file = ""', 'password_file = "secret"')
    policy = load(config(managed))
    assert [(a.id, a.kind) for a in policy.account] == [("office", "caldav"), ("post", "imap"), ("work", "google")]
    assert [calendar.collection for calendar in policy.calendar] == ["/calendars/mia/work/", "primary"]
    assert [mail.hold for mail in policy.mail] == ["server", "server"]


def test_the_files_and_the_command_of_an_account_start_at_the_config(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/mia")
    path = config(
        OFFICE + 'password_file = "~/secret"\nca_file = "ca.pem"\n' + POST + 'password_fetch = ["./fetch", "~/x"]\n' + LOCAL
    )
    office, post, _ = load(path).account
    assert (office.password_file, office.ca_file) == ("/home/mia/secret", str(path.parent / "ca.pem"))
    assert post.password_fetch == (str(path.parent / "fetch"), "~/x")


def test_google_needs_a_client_file_and_holds_by_a_filter(config: Config, tmp_path: Path) -> None:
    account = GOOGLE + 'subject = "mia@example.org"\ncalendar_url = "http://127.0.0.1:1234/"\ntoken_url = "https://x.org/token"\n'
    policy = load(
        config(
            account
            + MINE
            + MINE.replace('"p"', '"q"').replace("primary", "x#y@group.v.calendar.google.com")
            + GMAIL
            + 'hold = "server"\n'
        )
    )
    assert policy.account[0].client_file == str(tmp_path / "c.json")
    assert (policy.calendar[1].collection, policy.mail[0].hold) == ("x#y@group.v.calendar.google.com", "server")


@pytest.mark.parametrize(
    "address", ["https://cal.example.org", "https://cal.example.org:8443/dav/", "cal.example.org", "cal.example.org/dav",
                "http://127.0.0.1:5232", "http://localhost:5232/", "http://[::1]:5232/", "localhost:5232"],
)  # fmt: skip
def test_a_calendar_server_may_be_written_as_people_write_it(config: Config, address: str) -> None:
    assert load(config(OFFICE.replace("https://cal.example.org", address))).account[0].url == address


def test_an_e_mail_address_may_stand_for_the_server_where_calendars_are_whole_urls(config: Config) -> None:
    account = OFFICE.replace("https://cal.example.org", "mia@example.org")
    whole = CALENDAR.replace("/c/", "https://cal.example.org/c/")
    assert load(config(account + whole)).account[0].url == "mia@example.org"
    mistake = only(config(account + CALENDAR))
    assert (mistake.key, "a whole address" in mistake.allowed) == ("calendar[c].collection", True)


@pytest.mark.parametrize(
    "address", ["imaps://imap.example.org", "imap://imap.example.org:143", "imap.example.org:993", "[::1]:1143"]
)
def test_a_mail_server_is_a_host_a_port_and_a_scheme(config: Config, address: str) -> None:
    assert load(config(POST.replace("imap.example.org", address))).account[0].imap == address


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        (OFFICE.replace('user = "mia"\n', ""), 6, "account[office]", "no user"),
        (OFFICE.replace('url = "https://cal.example.org"\n', ""), 6, "account[office]", "no url"),
        ('[[account]]\nid = "a"\nkind = "imap"\n', 6, "account[a]", "no user and no imap"),
        (OFFICE.replace('"caldav"', '"caldva"'), 8, "account[office].kind", 'did you mean "caldav"?'),
        (OFFICE.replace('"caldav"', '"gopher"'), 8, "account[office].kind", '"local", "caldav", "imap" or "google"'),
        (OFFICE + 'auth = "basic"\n', 11, "account[office].auth", '"password" or "token"'),
        (OFFICE + 'imap = "x.org"\n', 11, "account[office].imap", 'kind = "caldav" does not have'),
        (POST + 'url = "x.org"\n', 11, "account[post].url", "does not have"),
        (LOCAL + 'user = "mia"\n', 8, "account[local].user", 'kind = "local" does not have'),
        (OFFICE + 'password = "hunter2"\n', 11, "account[office].password", "password_f"),
        (OFFICE + 'password_fetch = ["pass"]\npassword_file = "x"\n', 12, "account[office].password_file", "one of them"),
        (OFFICE.replace("https:", "http:"), 10, "account[office].url", "everybody on the way could read your password"),
        (OFFICE.replace("https:", "ftp:"), 10, "account[office].url", "an address with https://"),
        (OFFICE.replace("cal.", "mia:hunter2@cal."), 10, "account[office].url", "a login name in the address"),
        (POST.replace("imap.example.org", "smtp://mail.example.org"), 10, "account[post].imap", '"imaps://mail.example.org"'),
        (POST.replace("imap.example.org", "a b"), 10, "account[post].imap", 'a host, "mail.example.org"'),
        (POST + 'managesieve = "imaps://x.org"\n', 11, "account[post].managesieve", '"sieve://mail.example.org"'),
        (POST + 'smtp = "smtp.example.org:99999"\n', 11, "account[post].smtp", "a host"),
        (OFFICE + '[[calendar]]\nid = "c"\naccount = "office"\n', 11, "calendar[c]", "`homeward calendars` lists them"),
        (OFFICE + '[[calendar]]\nid = "c"\naccount = "office"\npath = "x"\n', 14, "calendar[c].path", "is a server"),
        (OFFICE + '[[calendar]]\nid = "c"\naccount = "office"\nurl = "https://x.org/"\n', 14, "calendar[c].url", "is a server"),
        (LOCAL + '[[calendar]]\nid = "c"\ncollection = "/c/"\n', 10, "calendar[c].collection", "is this machine"),
        ('[[calendar]]\nid = "c"\ncollection = "/c/"\n', 8, "calendar[c].collection", "is this machine"),
        (POST + '[[calendar]]\nid = "c"\naccount = "post"\ncollection = "/c/"\n', 13, "calendar[c].account", "a mail server"),
        (OFFICE + CALENDAR.replace("/c/", "c/"), 14, "calendar[c].collection", "a path on the server"),
        (OFFICE + CALENDAR.replace("/c/", "http://x.org/c/"), 14, "calendar[c].collection", "https://"),
        (OFFICE + CALENDAR + CALENDAR.replace('"c"', '"d"'), 18, "calendar[d].collection", "which line 11 has already"),
        (POST + MAIL + 'path = "Maildir"\n', 14, "mail[m].path", "is a mail server"),
        (POST + MAIL + 'sieve = "x"\n', 14, "mail[m].sieve", "the server does that"),
        (POST + MAIL + 'sendmail = ["x"]\n', 14, "mail[m].sendmail", "is a mail server"),
        (POST + MAIL + 'hold = "server"\n', 14, "mail[m].hold", "managesieve"),
        (POST + MAIL + MAIL.replace('"m"', '"n"'), 16, "mail[n].account", "one mailbox an account"),
        (OFFICE + MAIL.replace("post", "office"), 13, "mail[m].account", "a calendar server"),
        (POST + MAIL + 'held_folder = "INBOX"\n', 14, "mail[m].held_folder", "not INBOX"),
        ('[[mail]]\nid = "m"\npath = "x"\nsent_folder = "Sent"\n', 9, "mail[m].sent_folder", "is this machine"),
        ('[[account]]\nid = "g"\nkind = "google"\n', 6, "account[g]", "no client_file"),
        (GOOGLE + 'password_file = "x"\n', 10, "account[g].password_file", 'kind = "google" does not have'),
        (OFFICE + 'client_file = "x"\n', 11, "account[office].client_file", 'kind = "caldav" does not have'),
        (GOOGLE + 'subject = "x@y.z"\ntoken_file = "x"\n', 11, "account[g].token_file", "a service account needs no sign-in"),
        (GOOGLE + 'token_url = "http://x.org/token"\n', 10, "account[g].token_url", "everybody on the way"),
        (GOOGLE + 'calendar_url = "x.org"\n', 10, "account[g].calendar_url", "begins with https://"),
        (GOOGLE + CALENDAR.replace("office", "g"), 13, "calendar[c].collection", '"primary" is your own'),
        (GOOGLE + MINE + 'url = "https://x.org/"\n', 14, "calendar[p].url", "either"),
        (GOOGLE + MINE + MINE.replace('"p"', '"q"'), 17, "calendar[q].collection", "which line 10 has already"),
        (OF_LEA + MINE + LEAS, 18, "calendar[q].collection", "the same calendar as in line 11"),
        (OF_LEA.replace("user", "subject") + LEAS.replace("googlemail", "Gmail") + MINE, 18, "calendar[p].collection", "line 11"),
        (GOOGLE + MINE + LEAS.replace("lea@googlemail.com", "Mia@example.org"), 17, "calendar[q].collection", "if it is not"),
        (GOOGLE + GMAIL + 'path = "Maildir"\n', 13, "mail[m].path", "the server does that"),
        (GOOGLE + GMAIL + 'sent_folder = "Sent"\n', 13, "mail[m].sent_folder", "Gmail files what is sent"),
        (GOOGLE + GMAIL + GMAIL.replace('"m"', '"n"'), 15, "mail[n].account", "one mailbox an account"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_once_with_its_line_and_what_is_allowed(
    config: Config, text: str, line: int, key: str, words: str
) -> None:
    mistake = only(config(text))
    assert (mistake.line, mistake.key, words in str(mistake)) == (line, key, True), str(mistake)
    assert "hunter2" not in str(mistake)


def test_the_login_in_an_address_is_not_shown() -> None:
    assert show("https://mia:hunter2@example.org/x") == '"https://…@example.org/…"'
    assert show("https://mia:a/b@example.org/x") == '"https://mia:a/…"' or "b@" not in show("https://mia:a/b@example.org/x")
