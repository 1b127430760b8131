"""The demonstration's trip by commands, with a config whose calendar and mail are at Google, from the plan to undo."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest
from at_google import AtGoogle, move, sign_in
from google_world import LENA
from shell import type_
from test_server_mail import active_script, arrive, on_servers, subjects

from daemon.paths import Paths
from daemon.service.unit import writable
from integrations.google_auth import CALENDAR_SCOPES
from rules.policy import AccountConfig, Me, Policy
from tests.servers.dovecot import Dovecot
from tests.servers.fake_google.oauth import key_pair
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock
from tests.servers.submission import Submission

AWAY = "2026-12-01T10:00+00:00"  # in Lisbon, between two windows
LATER = "2026-12-01T10:05+00:00"
WINDOW = "2026-12-01T12:31+00:00"
HOME_AGAIN = "2026-12-08T10:00+01:00"
ROBOT = "robot@project.example"
MINE = {"enableAutoReply": False, "responseSubject": "Mine", "responseBodyPlainText": "my words"}


@pytest.fixture
def world(home: Path, google: FakeGoogle, clock: Clock) -> AtGoogle:
    return AtGoogle(home, google, clock)


@pytest.mark.parametrize("hold", ["client", "server"])
def test_the_whole_trip_at_google_by_commands(world: AtGoogle, hold: str) -> None:
    move(world.root, world.google, hold=hold)
    sign_in(world.root, world.google)
    world.box.vacation = dict(MINE)
    before = world.titles
    told = world.type("apply", "--yes")
    assert told.code == 0 and "Ask Ana Silva to host" in told.out, told.all
    assert world.type("plan", "--detailed-exitcode").code == 0
    assert any("ana@example.org" in to for _, to, _ in world.google.gmail.outgoing)

    assert world.type("pass", now=AWAY).code == 0
    assert world.box.vacation["enableAutoReply"] and world.box.vacation["responseSubject"] != "Mine"
    world.delivers("ola@customer.example", "An offer", LATER)
    assert world.type("pass", now=LATER).code == 0
    assert (world.under("Held"), "An offer" in world.under("INBOX")) == (["An offer"], False)
    assert bool(world.box.filters) == (hold == "server")
    assert world.type("pass", now=WINDOW).code == 0
    assert world.under("Held") == [] and "An offer" in world.under("INBOX")

    assert world.type("pass", now=HOME_AGAIN).code == 0
    assert world.box.vacation == MINE and not world.box.filters and world.under("Held") == []
    assert world.type("undo", "--all", "--past", now=HOME_AGAIN).code == 0
    assert world.titles == before


def test_a_pass_says_what_it_cost(world: AtGoogle) -> None:
    at_home(world)
    assert world.type("apply", "--yes").code == 0
    assert "quota units" not in world.type("pass").out
    world.google.count()
    told = world.type("pass", "--verbose")
    line = next(line for line in told.out.splitlines() if line.startswith("account g: "))
    seen = world.google.count()
    assert line.startswith(f"account g: {seen.http} requests, {seen.units} quota units (calendar.events.list 1, "), line
    assert seen.http <= 3, "one for the calendar, two for mail"
    assert json.loads(world.type("pass", "--json").out)["spent"]["g"].startswith(f"{seen.http} requests")


def at_home(world: AtGoogle, hold: str = "client") -> None:
    move(world.root, world.google, hold=hold)
    sign_in(world.root, world.google)


# --- signed out -------------------------------------------------------------------------------------------------------


def test_a_sign_in_that_is_revoked_in_the_middle_takes_nothing_back_and_everything_goes_on_with_a_new_one(
    world: AtGoogle,
) -> None:
    at_home(world)
    assert world.type("apply", "--yes").code == 0
    assert world.type("pass", now=AWAY).code == 0
    world.delivers("ola@customer.example", "An offer", LATER)
    titles = world.titles
    world.google.oauth.revoke_all(LENA)
    told = world.type("pass", now=LATER)
    why = "The sign-in at Google has ended: it lasts 7 days if your project there is in testing (to publish it: README.md)."
    assert told.code == 1 and f"{why} Sign in again: homeward auth google g" in told.all, told.all
    status = world.type("status", now=LATER)
    assert "Sign in again: g  (homeward auth google g)" in status.out
    assert (world.titles, world.under("Held")) == (titles, [])
    assert world.type("plan", "--detailed-exitcode", now=LATER).code == 0, "what cannot be seen stays as it is"
    assert world.box.vacation["enableAutoReply"]

    sign_in(world.root, world.google, now=LATER)
    assert world.type("pass", now="2026-12-01T10:10+00:00").code == 0
    assert world.under("Held") == ["An offer"]
    assert "Sign in again" not in world.type("status", now=LATER).out
    assert world.type("pass", now=HOME_AGAIN).code == 0 and world.under("Held") == []


def test_an_account_that_never_signed_in_keeps_nothing_else_waiting(world: AtGoogle) -> None:
    move(world.root, world.google, mail=False)
    told = world.type("apply", "--yes")
    assert "Sign in again: homeward auth google g" in told.all
    assert "✓ Hold the inbox" in told.out and "✓ Set the autoreply" in told.out, "the trip is known from the travel calendar"
    assert "Sign in again: g" in world.type("status").out
    sign_in(world.root, world.google)
    told = world.type("apply", "--yes")
    assert told.code == 0 and "Ask Ana Silva to host" in told.out, told.all


def test_an_access_token_that_ran_out_is_renewed_without_a_word(world: AtGoogle) -> None:
    at_home(world)
    assert world.type("plan").code == 0
    world.google.oauth.expire_access()
    told = world.type("plan")
    assert told.code == 0 and "sign in" not in told.all.lower()


def test_a_right_to_the_mail_that_was_not_given_stops_the_mail_alone(world: AtGoogle) -> None:
    move(world.root, world.google)
    sign_in(world.root, world.google, CALENDAR_SCOPES)
    told = world.type("apply", "--yes")
    assert told.code == 1 and "homeward was not given this right. Run `homeward auth google`" in told.all, told.all
    assert "✓ Block" in told.out and "Busy" in world.titles, "the calendar is tended"
    sign_in(world.root, world.google)
    told = world.type("apply", "--yes")
    assert told.code == 0 and "homeward auth google" not in told.all, told.all
    assert world.type("pass", now=AWAY).code == 0 and world.box.vacation["enableAutoReply"]


def post(world: AtGoogle, now: str, text: str, **headers: str) -> str:
    """A letter of Ana's; returns its Message-ID."""
    world.letters += 1
    made = f"<m{world.letters}@example.org>"
    fields = {"From": "ana@example.org", "To": LENA, "Message-ID": made, **{n.replace("_", "-"): v for n, v in headers.items()}}
    raw = "".join(f"{name}: {value}\n" for name, value in fields.items())
    world.google.gmail.deliver(LENA, f"{raw}\n{text}\n".encode(), datetime.fromisoformat(now))
    return made


def test_an_answer_that_a_command_has_seen_is_still_read_by_the_next_pass(world: AtGoogle) -> None:
    """Texts are never kept: who only looks must not take them from who acts on them."""
    at_home(world)
    assert world.type("apply", "--yes").code == 0
    request = next(raw for _, to, raw in world.google.gmail.outgoing if "ana@example.org" in to and b".ask." in raw)
    reply_to = str(message_from_bytes(request)["Message-ID"])
    post(world, "2026-11-24T10:00+01:00", "Yes!", Subject="Re: hosting", In_Reply_To=reply_to)
    for command in ("plan", "pass"):
        assert world.type(command, now="2026-11-24T10:05+01:00").code == 0
    assert "Monday team meeting (host: Ana Silva)" in world.titles


def test_a_letter_that_was_seen_before_coaching_was_switched_on_is_coached(world: AtGoogle) -> None:
    at_home(world)
    config = world.root / "config.toml"
    plain = config.read_text("utf-8") + "\n[responder]\nenabled = false\n"
    config.write_text(plain, "utf-8")
    assert world.type("apply", "--yes").code == 0
    proof = "mx.example.org; dmarc=pass header.from=example.org"
    asked = post(world, AWAY, "The vendor wants more. What should I do?", Subject="Vendor", Authentication_Results=proof)
    assert world.type("pass", now=AWAY).code == 0
    config.write_text(f'{plain}\n[coaching]\nauthserv_id = "mx.example.org"\n', "utf-8")
    for _ in range(2):
        assert world.type("pass", now=LATER).code == 0
    assert len([raw for _, _, raw in world.google.gmail.outgoing if f"In-Reply-To: {asked}".encode() in raw]) == 1


# --- doctor -----------------------------------------------------------------------------------------------------------


def test_doctor_says_what_there_is_and_what_gmail_cannot_do(world: AtGoogle) -> None:
    at_home(world, hold="server")
    told = world.type("doctor")
    assert f"✓ account g, Google: signed in as {LENA}, 1 calendar" in told.out, told.all
    assert "✓ mailbox mail: mail is held by a filter and the label Held" in told.out
    for words in ("Gmail has one text for everybody", "nobody is coached there", "has no end of its own"):
        assert words in told.out
    assert "✓ calendar work (mine, writable)" in told.out and "✓ autoreply of mail" in told.out


def test_a_filter_that_stands_is_named_and_one_too_long_is_wrong(world: AtGoogle) -> None:
    at_home(world, hold="server")
    assert world.type("apply", "--yes").code == 0
    assert world.type("pass", now=AWAY).code == 0
    away = world.type("doctor", now=LATER)
    assert "· 1 filter of homeward at Gmail holds mail of mail now" in away.out, away.all
    assert "by a filter at Gmail, which stands until a pass takes it away" in world.type("status", now=LATER).out
    late = world.type("doctor", now=HOME_AGAIN)
    assert late.code == 1 and "✗ 1 filter of homeward at Gmail holds mail of mail now, though you are here" in late.out
    assert world.type("pass", now=HOME_AGAIN).code == 0
    assert "filter of homeward" not in world.type("doctor", now=HOME_AGAIN).out


def test_doctor_names_a_right_that_is_missing_and_a_sign_in_that_is_over(world: AtGoogle) -> None:
    move(world.root, world.google)
    sign_in(world.root, world.google, CALENDAR_SCOPES)
    told = world.type("doctor")
    assert told.code == 1 and "✗ account g, Google: Google was not asked, or did not agree, to give your mail" in told.out
    world.google.oauth.revoke_all(LENA)
    told = world.type("doctor")
    assert (
        told.code == 1
        and "✗ account g, Google: The sign-in at Google has ended. Sign in again: homeward auth google g" in told.out
    )
    assert told.out.count("homeward auth google g") <= 4


def test_doctor_names_a_calendar_that_is_in_the_config_by_two_names(world: AtGoogle) -> None:
    """Whose account it is, the config does not say."""
    at_home(world)
    config, second = world.root / "config.toml", '[[calendar]]\nid = "again"\naccount = "g"\ncollection = "{}"\n'
    alone = config.read_text()
    config.write_text(f"{alone}\n{second.format(LENA)}")
    refused = world.type("doctor")
    assert refused.code == 2 and "the same calendar as in line" in refused.out, refused.all
    without = alone.replace(f'user = "{LENA}"\n', "")
    without = without.replace('addresses = ["lena@example.org"', 'addresses = ["berg@example.org"')
    assert LENA not in without.partition("[[")[0]
    config.write_text(f"{without}\n{second.format(LENA)}")
    told = world.type("doctor")
    assert told.code == 1 and "✗ calendars work and again: the same calendar at Google" in told.out, told.all


def test_doctor_tries_google_out_and_leaves_nothing(world: AtGoogle) -> None:
    at_home(world)
    before = dict(world.google.calendar.shelves[LENA].events)
    told = world.type("doctor", "--live")
    assert "✓ work: private extended properties are kept" in told.out, told.all
    assert "✓ mail: the autoreply can be read" in told.out and "not so:" not in told.out
    assert world.titles == {event["summary"] for event in before.values() if event["status"] != "cancelled"}
    assert world.google.calendar.mails == [] and world.google.gmail.outgoing == []


def test_there_is_nothing_to_try_out_without_google(home: Path) -> None:
    assert "there is no account at Google to try out" in type_(home, "doctor", "--live").out


# --- other ways -------------------------------------------------------------------------------------------------------


def test_a_calendar_at_google_and_mail_on_servers(world: AtGoogle, dovecot: Dovecot, submission: Submission) -> None:
    user = dovecot.user()
    on_servers(world.root, dovecot, submission, user)
    move(world.root, world.google, mail=False)
    sign_in(world.root, world.google, CALENDAR_SCOPES)
    before = world.titles
    told = world.type("apply", "--yes")
    assert told.code == 0 and "Ask Ana Silva to host" in told.out, told.all
    assert world.type("pass", now=AWAY).code == 0
    assert "homeward" in active_script(dovecot, user)
    arrive(dovecot, user, LATER, "ola@customer.example", "An offer")
    assert world.type("pass", now=LATER).code == 0
    assert subjects(dovecot, user, "Held") == ["An offer"]
    world.google.oauth.revoke_all(LENA)
    assert "homeward auth google g" in world.type("pass", now=WINDOW).all
    assert subjects(dovecot, user) == ["An offer"], "a sign-in that is over holds back no mail elsewhere"
    sign_in(world.root, world.google, CALENDAR_SCOPES, now=WINDOW)
    assert world.type("undo", "--all", "--past", now=WINDOW).code == 0
    assert world.titles == before and "homeward" not in active_script(dovecot, user)
    assert world.google.gmail.outgoing == []


def test_a_service_account_speaks_for_a_user(world: AtGoogle) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")  # keys are signed for the hour that it is
    move(world.root, world.google)
    private, world.google.oauth.keys[ROBOT] = key_pair()
    world.google.oauth.delegated.add(LENA)
    facts = {"type": "service_account", "client_id": "1", "private_key": private, "client_email": ROBOT}
    (world.root / "client.json").write_text(json.dumps(facts))
    config = world.root / "config.toml"
    config.write_text(config.read_text().replace('token_file = "tokens"', f'subject = "{LENA}"'))
    (world.root / "client.json").chmod(0o644)
    assert "can be read by others. Type: chmod 600" in world.type("auth", "check", now=now).out
    (world.root / "client.json").chmod(0o600)
    checked = world.type("auth", "check", now=now)
    assert checked.code == 0 and f"g ({LENA}, a service account)" in checked.out, checked.all
    assert world.type("auth", "google", "g").code == 2, "there is nothing to sign in to"
    assert world.type("pass", now=now).code == 0
    world.google.oauth.delegated.clear()
    world.google.oauth.revoke_all(LENA)
    told = world.type("auth", "check", now=now)
    assert told.code == 1 and "homeward auth check g" in told.out


def test_the_service_may_renew_what_is_in_the_token_file_but_not_write_all_over_the_home(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "config.toml", tmp_path / "state", tmp_path / "cache")

    def may_write(token_file: Path) -> list[Path]:
        account = AccountConfig(id="g", kind="google", client_file="c", token_file=str(token_file))
        me = Me(name="Lena", addresses=(LENA,), home_zone="UTC")
        return writable(Policy(config_version=1, me=me, account=(account,)), paths, tmp_path)

    assert tmp_path / "secret" in may_write(tmp_path / "secret" / "tokens")
    assert tmp_path not in may_write(tmp_path / "tokens")
