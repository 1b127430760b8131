"""A Google with a leader and a deputy in it, and the real client library pointed there. What tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.google_auth import CALENDAR_SCOPES, MAIL_SCOPES
from integrations.google_client import Endpoints, GoogleApi
from tests.servers.fake_google.server import FakeGoogle

LEA, ANA = "lea@example.org", "ana@example.org"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, **length: float) -> None:
        self.now += timedelta(**length)


class OneToken:
    """Tokens of a user who never has to sign in: a new one where the old one was turned down."""

    def __init__(self, google: FakeGoogle, user: str, scopes: tuple[str, ...]) -> None:
        self._google, self._user, self._scopes = google, user, scopes
        self._token = ""

    def token(self, refused: str = "") -> str:
        if not self._token or refused:
            self._token = self._google.oauth.token(self._user, *self._scopes)
        return self._token


def endpoints(google: FakeGoogle) -> Endpoints:
    return Endpoints(google.root, google.root, google.token_uri, google.auth_uri)


def api_of(google: FakeGoogle, user: str = LEA, *scopes: str, **settings: Any) -> GoogleApi:
    """Without pauses between attempts."""
    tokens = OneToken(google, user, scopes or (*CALENDAR_SCOPES, *MAIL_SCOPES))
    return GoogleApi(tokens, endpoints(google), **{"pause": lambda seconds: None, **settings})


@contextmanager
def google_world(clock: Clock | None = None) -> Iterator[FakeGoogle]:
    """Lea and Ana, both with calendar and mail."""
    with FakeGoogle(clock or Clock()) as google:
        google.add_user(LEA)
        google.add_user(ANA)
        yield google


def mail(name: str, sender: str = "bo@client.example", to: str = LEA, subject: str = "", **headers: str) -> bytes:
    """A message whose Message-ID is <name@x.example>."""
    lines = {
        "From": sender, "To": to, "Subject": subject or f"about {name}", "Message-ID": f"<{name}@x.example>",
        **{n.replace("_", "-"): v for n, v in headers.items()},
    }  # fmt: skip
    return ("".join(f"{n}: {v}\n" for n, v in lines.items()) + "\nhello\n").encode()
