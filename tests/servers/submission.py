"""A mail server that keeps what it is given, or misbehaves as it is told (aiosmtpd)."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import Authority

PASSWORD = "correct-horse"


@dataclass(frozen=True, slots=True)
class Letter:
    mail_from: str
    to: tuple[str, ...]
    content: bytes


@dataclass
class Catcher:
    """`answers` maps a recipient (or "MAIL <sender>", "DATA") to the line that refuses it. `cut_after_data`: the line goes dead
    once the message has been taken."""

    letters: list[Letter] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    cut_after_data: bool = False
    logins: list[str] = field(default_factory=list)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        refused = self.answers.get(f"MAIL <{_bare(address)}>")
        if refused is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refused or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        refused = self.answers.get(address)
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        sender = _bare(envelope.mail_from)
        content = envelope.original_content or b""
        self.letters.append(Letter(sender, tuple(envelope.rcpt_tos), content))
        if self.cut_after_data and server.transport is not None:
            server.transport.abort()
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        if isinstance(data, LoginPassword) and data.password.decode() == PASSWORD:
            self.logins.append(f"{mechanism} {data.login.decode()}")
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False)


def _bare(address: str | None) -> str:
    return (address or "").removeprefix("<").removesuffix(">")


class _Free(Controller):
    """Listens where there is room; `port` says where."""

    def __init__(self, catcher: Catcher, **settings: Any) -> None:
        super().__init__(catcher, hostname="127.0.0.1", port=0, authenticator=catcher.authenticate, **settings)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


class Submission:
    """`start` listens on 127.0.0.1:`port`; with `tls`, from the first byte if `implicit`, else by STARTTLS. `log_in`: nothing
    goes without."""

    def __init__(self, tls: ssl.SSLContext | None = None, implicit: bool = False, log_in: bool = False) -> None:
        self.caught = Catcher()
        self.scheme = "smtps" if implicit else "smtp"
        settings: dict[str, Any] = {"auth_required": log_in, "auth_require_tls": tls is not None and not implicit}
        if tls is not None:
            settings |= {"ssl_context": tls} if implicit else {"tls_context": tls}
        self._controller = _Free(self.caught, **settings)
        self.port = 0

    def start(self) -> None:
        self._controller.start()
        self.port = self._controller.port

    def __enter__(self) -> Submission:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)


@contextmanager
def running_submission(authority: Authority) -> Iterator[Submission]:
    """With STARTTLS and a login; its certificate is of that authority."""
    made = authority.certificate()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with Submission(context, log_in=True) as started:
        yield started


def until(true: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for an event in an outside server. AssertionError when it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "the server did not do it in time"
        time.sleep(0.002)
