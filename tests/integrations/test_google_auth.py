"""Signing in to Google: the browser's way with PKCE, tokens kept and renewed, revoked ones told, service accounts."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from integrations.errors import AuthExpired, Permanent, Temporary
from integrations.google_auth import (
    CALENDAR_SCOPES,
    MAIL_SCOPES,
    SECRET,
    ClientFile,
    ServiceTokens,
    SignIn,
    UserTokens,
    finish,
    revoke,
)
from integrations.google_browser import Listener
from integrations.google_client import GoogleApi
from integrations.secrets import MemorySecrets
from tests.servers.fake_google.oauth import browse, key_pair
from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import LEA, Clock, endpoints, google_world

DESKTOP = '{"installed": {"client_id": "c.apps.example", "client_secret": "hush", "redirect_uris": ["http://localhost"]}}'
CLIENT = ClientFile.parse(DESKTOP)
NOW = datetime(2027, 1, 15, 8, tzinfo=UTC)


def real() -> datetime:
    """Keys are signed for the hour that it is."""
    return datetime.now(UTC)


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with google_world() as world:
        world.oauth.clients["c.apps.example"] = "hush"
        world.oauth.signs_in = LEA
        yield world


def signed_in(google: FakeGoogle, scopes: tuple[str, ...] = CALENDAR_SCOPES) -> MemorySecrets:
    where = endpoints(google)
    sign_in = SignIn.begin(CLIENT, scopes, "http://127.0.0.1:9/", where, LEA)
    secrets = MemorySecrets()
    secrets.set("work", SECRET, finish(sign_in, browse(sign_in.url), CLIENT, scopes, NOW, where))
    return secrets


def test_the_browser_comes_back_to_this_machine(google: FakeGoogle) -> None:
    with Listener() as listener:
        sign_in = SignIn.begin(CLIENT, CALENDAR_SCOPES, listener.redirect, endpoints(google))
        address = browse(sign_in.url)

        def visit() -> None:
            for page in (f"{listener.redirect}favicon.ico", f"{listener.redirect}?code=evil&state=other", address):
                try:
                    urllib.request.urlopen(page, timeout=5).close()
                except urllib.error.HTTPError as error:
                    error.close()

        visitor = threading.Thread(target=visit)
        visitor.start()
        assert listener.wait(sign_in, 10) == address
        visitor.join()
    text = finish(sign_in, address, CLIENT, CALENDAR_SCOPES, NOW, endpoints(google))
    assert json.loads(text)["refresh_token"]


def test_a_browser_that_stays_away_is_not_waited_for(google: FakeGoogle) -> None:
    with Listener() as listener, pytest.raises(Temporary, match="--no-browser"):
        listener.wait(SignIn.begin(CLIENT, CALENDAR_SCOPES, listener.redirect, endpoints(google)), 0.05)


def test_what_is_asked_for_is_little_and_proved_by_pkce(google: FakeGoogle) -> None:
    signed_in(google)
    (asked,) = google.oauth.asked
    assert asked["scope"].split() == list(CALENDAR_SCOPES) and asked["code_challenge_method"] == "S256"
    assert "mail" not in asked["scope"] and (asked["access_type"], asked["login_hint"]) == ("offline", LEA)


def test_a_code_without_its_verifier_is_worth_nothing(google: FakeGoogle) -> None:
    where = endpoints(google)
    one, other = (SignIn.begin(CLIENT, CALENDAR_SCOPES, "http://127.0.0.1:9/", where) for _ in range(2))
    stolen = SignIn(one.url, one.redirect, one.state, other.verifier)
    with pytest.raises(AuthExpired):
        finish(stolen, browse(one.url), CLIENT, CALENDAR_SCOPES, NOW, where)


def test_an_address_of_another_attempt_is_refused(google: FakeGoogle) -> None:
    where = endpoints(google)
    one, other = (SignIn.begin(CLIENT, CALENDAR_SCOPES, "http://127.0.0.1:9/", where) for _ in range(2))
    with pytest.raises(Permanent, match="does not belong"):
        finish(other, browse(one.url), CLIENT, CALENDAR_SCOPES, NOW, where)
    with pytest.raises(Permanent):
        finish(one, "nonsense", CLIENT, CALENDAR_SCOPES, NOW, where)


def test_a_no_and_half_a_yes_are_told(google: FakeGoogle) -> None:
    google.oauth.consents = frozenset()
    with pytest.raises(Permanent, match="did not agree"):
        signed_in(google)
    google.oauth.consents = frozenset(CALENDAR_SCOPES[:1])
    with pytest.raises(Permanent, match=r"not ticked.*the list of your calendars"):
        signed_in(google)


def test_mail_is_asked_for_later_and_the_calendar_stays_granted(google: FakeGoogle) -> None:
    signed_in(google)
    secrets = signed_in(google, MAIL_SCOPES)
    assert UserTokens("work", secrets, Clock(NOW), endpoints(google)).scopes() == {*CALENDAR_SCOPES, *MAIL_SCOPES}


def test_a_token_serves_until_it_ends_and_a_new_one_is_kept(google: FakeGoogle) -> None:
    secrets, clock = signed_in(google), Clock(NOW)
    tokens = UserTokens("work", secrets, clock, endpoints(google))
    first, issued = tokens.token(), google.oauth.issued
    clock.on(seconds=3000)
    assert tokens.token() == first and google.oauth.issued == issued
    clock.on(seconds=600)
    second = tokens.token()
    assert second != first and google.oauth.issued == issued + 1
    assert UserTokens("work", secrets, clock, endpoints(google)).token() == second
    assert google.oauth.issued == issued + 1


def test_a_token_that_was_turned_down_is_renewed_at_once(google: FakeGoogle) -> None:
    api = GoogleApi(UserTokens("work", signed_in(google), Clock(NOW), endpoints(google)), endpoints(google))
    google.oauth.expire_access()
    assert api.read(api.calendar.events().list(calendarId="primary"))["items"] == []


def test_a_revoked_consent_asks_to_sign_in_again(google: FakeGoogle) -> None:
    api = GoogleApi(UserTokens("work", signed_in(google), Clock(NOW), endpoints(google)), endpoints(google))
    google.oauth.revoke_all(LEA)
    for _ in range(2):
        with pytest.raises(AuthExpired, match="homeward auth google"):
            api.read(api.calendar.events().list(calendarId="primary"))


def test_who_signs_in_again_is_let_in_without_a_restart(google: FakeGoogle) -> None:
    secrets, clock = signed_in(google), Clock(NOW)
    tokens = UserTokens("work", secrets, clock, endpoints(google))
    tokens.token()
    google.oauth.revoke_all(LEA)
    clock.on(hours=2)
    with pytest.raises(AuthExpired):
        tokens.token()
    held = UserTokens("work", secrets, clock, endpoints(google))
    held.scopes()
    secrets.set("work", SECRET, signed_in(google).get("work", SECRET) or "")
    assert held.token() and tokens.token()


@pytest.mark.parametrize("days, testing", [(1, False), (6.9, False), (7, True), (8.5, True), (30, False)])
def test_a_sign_in_that_ends_after_a_week_says_why_it_may_have(google: FakeGoogle, days: float, testing: bool) -> None:
    secrets, clock = signed_in(google), Clock(NOW)
    for _ in range(2):  # renewing a token makes the sign-in no younger
        clock.on(days=days / 2)
        UserTokens("work", secrets, clock, endpoints(google)).token()
    google.oauth.revoke_all(LEA)
    clock.on(hours=1)
    with pytest.raises(AuthExpired) as told:
        UserTokens("work", secrets, clock, endpoints(google)).token()
    assert ("7 days" in told.value.what) == testing


def test_who_never_signed_in_is_told_so(google: FakeGoogle) -> None:
    secrets = MemorySecrets()
    with pytest.raises(AuthExpired, match="not signed in"):
        UserTokens("work", secrets, Clock(NOW), endpoints(google)).token()
    secrets.set("work", SECRET, "garbage")
    with pytest.raises(AuthExpired):
        UserTokens("work", secrets, Clock(NOW), endpoints(google)).token()


def test_a_sign_in_that_is_down_is_only_a_delay(google: FakeGoogle) -> None:
    secrets, clock = signed_in(google), Clock(NOW)
    clock.on(seconds=9999)
    google.faults.add("/token", "503")
    tokens = UserTokens("work", secrets, clock, endpoints(google))
    with pytest.raises(Temporary):
        tokens.token()
    assert tokens.token()


def test_access_can_be_given_back(google: FakeGoogle) -> None:
    text = signed_in(google).get("work", SECRET) or ""
    revoke(text, endpoints(google))
    revoke(text, endpoints(google))
    secrets = MemorySecrets()
    secrets.set("work", SECRET, text)
    tokens = UserTokens("work", secrets, Clock(NOW), endpoints(google))
    with pytest.raises(AuthExpired):
        tokens.token(refused=tokens.token())


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"web": {"client_id": "x"}}', '{"installed": 7}'])
def test_another_kind_of_file_is_told(text: str) -> None:
    with pytest.raises(Permanent, match="Desktop app"):
        ClientFile.parse(text)


def test_no_secret_is_shown(google: FakeGoogle) -> None:
    sign_in = SignIn.begin(CLIENT, CALENDAR_SCOPES, "http://127.0.0.1:9/", endpoints(google))
    shown = repr(CLIENT) + repr(sign_in)
    assert "hush" not in shown and sign_in.verifier not in shown


# --- service accounts -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys() -> tuple[str, bytes]:
    return key_pair()


def service(private: str) -> ClientFile:
    facts = {"type": "service_account", "client_id": "1", "client_email": "robot@p.example", "private_key": private}
    return ClientFile.parse(json.dumps(facts))


def test_a_service_account_speaks_for_its_subject(google: FakeGoogle, keys: tuple[str, bytes]) -> None:
    google.oauth.keys["robot@p.example"] = keys[1]
    google.oauth.delegated.add(LEA)
    tokens = ServiceTokens(service(keys[0]), LEA, CALENDAR_SCOPES, real, endpoints(google))
    api = GoogleApi(tokens, endpoints(google))
    assert [c["id"] for c in api.read(api.calendar.calendarList().list())["items"]] == [LEA]
    api.read(api.calendar.calendarList().list())
    assert google.oauth.issued == 1


def test_a_service_account_without_delegation_or_with_another_key_is_told(google: FakeGoogle, keys: tuple[str, bytes]) -> None:
    google.oauth.keys["robot@p.example"] = keys[1]
    with pytest.raises(AuthExpired):
        ServiceTokens(service(keys[0]), LEA, CALENDAR_SCOPES, real, endpoints(google)).token()
    with pytest.raises(Permanent, match="key"):
        ServiceTokens(service("no key"), LEA, CALENDAR_SCOPES, real, endpoints(google)).token()
    with pytest.raises(Permanent):
        ServiceTokens(CLIENT, LEA, CALENDAR_SCOPES, real, endpoints(google))
