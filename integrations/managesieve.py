"""A ManageSieve client (RFC 5804) that gives and takes scripts byte by byte. It says no password without TLS to another machine,
follows no referral, and waits for nothing without end."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType

from msgspec import Struct

from integrations.errors import AuthExpired, OutsideError, Permanent, PreconditionFailed, Temporary
from integrations.login import Login, Server, mail_tls
from integrations.managesieve_wire import Answer, Line, Wire, plain, string
from integrations.sasl import first_words, last_words, mechanism_for

_MOST_CHALLENGES = 3
_BUSY = timedelta(minutes=5)
_NO_LINES = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)))  # RFC 5804 1.6
_TOO_WEAK = {
    "ENCRYPT-NEEDED": "it wants an encrypted connection",
    "AUTH-TOO-WEAK": "it does not take this kind of login",
    "TRANSITION-NEEDED": "it wants you to sign in once with a mail program first",
}


class Capabilities(Struct, frozen=True):
    """What a server says of itself (RFC 5804 1.7). `sieve` are its Sieve extensions, `sasl` its mechanisms in capitals; `others`
    all that it says, by name in capitals."""

    implementation: str
    sieve: frozenset[str]
    sasl: frozenset[str]
    starttls: bool
    others: dict[str, str]

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Capabilities:
        said = {
            plain(line[0]).upper(): line[1] if len(line) > 1 else b"" for line in lines if line and isinstance(line[0], bytes)
        }
        text = {name: value.decode("utf-8", "replace") for name, value in said.items() if isinstance(value, bytes)}
        return cls(
            implementation=plain(text.get("IMPLEMENTATION", "").encode()),
            sieve=frozenset(text.get("SIEVE", "").split()),
            sasl=frozenset(text.get("SASL", "").upper().split()),
            starttls="STARTTLS" in text,
            others=text,
        )


class Listing(Struct, frozen=True):
    """`names` in the server's order; `active` is "" where none is."""

    names: tuple[str, ...]
    active: str


class ManageSieve:
    """A connection that is signed in. To be used with `with`."""

    def __init__(self, server: Server, login: Login, ca_file: str = "") -> None:
        if server.scheme != "sieve":
            raise Permanent(f"ManageSieve begins without TLS and turns it on: write sieve://{server.host}.")
        self._server = server
        self._wire = Wire(server.host, server.port)
        try:
            self.capabilities = self._capabilities_in(self._wire.answer())
            self._secure(login, ca_file)
            self._authenticate(login)
            self.capabilities = self._capabilities_in(self._asked(b"CAPABILITY"))
        except BaseException:
            self._wire.close()
            raise

    def __enter__(self) -> ManageSieve:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.logout()
        self._wire.close()

    def logout(self) -> None:
        """Says so and waits for no answer: nothing hangs on it."""
        with suppress(OutsideError):
            self._wire.send(b"LOGOUT")
        self._wire.close()

    # --- scripts ------------------------------------------------------------------------------------------------------

    def listscripts(self) -> Listing:
        answer = self._done(self._asked(b"LISTSCRIPTS"), "does not list your Sieve scripts")
        found = [line for line in answer.lines if line and isinstance(line[0], bytes)]
        names = {_decoded(line[0]): _is_active(line) for line in found if isinstance(line[0], bytes)}
        return Listing(tuple(names), next((name for name, active in names.items() if active), ""))

    def getscript(self, name: str) -> bytes | None:
        """None where there is none of that name."""
        answer = self._asked(b"GETSCRIPT", _named(name))
        if answer.code == "NONEXISTENT":
            return None
        self._done(answer, f"does not give the Sieve script “{name}”")
        content = next((line[0] for line in answer.lines if len(line) == 1), None)
        if not isinstance(content, bytes):
            raise Permanent(f"{self._server.host} gave no content for the Sieve script “{name}”.")
        return content

    def putscript(self, name: str, content: bytes) -> str:
        """Replaces a script of that name as a whole. Returns the server's warnings, "" for none. Permanent where it is refused:
        what was there is as before."""
        answer = self._done(self._asked(b"PUTSCRIPT", _named(name), string(content)), f"refuses the Sieve script “{name}”")
        return answer.text if answer.code == "WARNINGS" else ""

    def checkscript(self, content: bytes) -> str:
        """As `putscript`, but stores nothing."""
        answer = self._done(self._asked(b"CHECKSCRIPT", string(content)), "refuses the Sieve script")
        return answer.text if answer.code == "WARNINGS" else ""

    def havespace(self, name: str, size: int) -> None:
        """Permanent where there is no room for `size` bytes."""
        self._done(self._asked(b"HAVESPACE", _named(name), str(size).encode()), "has no room for a Sieve script")

    def setactive(self, name: str) -> None:
        """ "" switches Sieve off. PreconditionFailed where that script is gone."""
        self._done(self._asked(b"SETACTIVE", _named(name) if name else b'""'), f"does not make “{name}” the active Sieve script")

    def deletescript(self, name: str) -> None:
        """Nothing happens where it is gone already. PreconditionFailed where it is the active one."""
        answer = self._asked(b"DELETESCRIPT", _named(name))
        if answer.code != "NONEXISTENT":
            self._done(answer, f"does not delete the Sieve script “{name}”")

    def renamescript(self, old: str, new: str) -> None:
        """PreconditionFailed where `old` is gone or `new` is there."""
        self._done(self._asked(b"RENAMESCRIPT", _named(old), _named(new)), f"does not rename the Sieve script “{old}”")

    def noop(self) -> None:
        self._done(self._asked(b"NOOP"), "does not answer as it should")

    # --- entering -----------------------------------------------------------------------------------------------------

    def _secure(self, login: Login, ca_file: str) -> None:
        """On this machine TLS is used where a CA file says whom to trust, or where no login is taken without."""
        able = mechanism_for(login, self.capabilities.sasl)
        if able and not self._server.must_encrypt and not ca_file:
            return
        if self.capabilities.starttls:
            self._done(self._asked(b"STARTTLS"), "offers encryption and does not begin it")
            self._wire.encrypt(mail_tls(ca_file))
            self.capabilities = self._capabilities_in(self._wire.answer())
        elif self._server.must_encrypt:
            raise Permanent(f"{self._server.host} offers no encryption (STARTTLS). No password was sent.")

    def _authenticate(self, login: Login) -> None:
        mechanism = mechanism_for(login, self.capabilities.sasl)
        if not mechanism:
            raise Permanent(f"{self._server.host} offers no login by {login.auth} that homeward knows.")
        first = base64.b64encode(first_words(mechanism, login, self._server))
        self._wire.send(b"AUTHENTICATE", string(mechanism.encode()), string(first))
        for _ in range(_MOST_CHALLENGES):
            line = self._wire.line()
            if len(line) != 1 or not isinstance(line[0], bytes):
                self._require_entered(self._wire.answer(line))
                return
            self._wire.send(string(base64.b64encode(last_words(mechanism))))
        raise Permanent(f"{self._server.host} asks for more than a {login.auth}.")

    def _require_entered(self, answer: Answer) -> None:
        host = self._server.host
        if answer.ok:
            return
        if answer.code in _TOO_WEAK:
            raise Permanent(f"{host} refuses the login: {_TOO_WEAK[answer.code]}{_said(answer)}")
        if answer.verdict == "NO" and answer.code not in ("TRYLATER", "REFERRAL"):
            raise AuthExpired(f"{host} refuses the login to your Sieve scripts{_said(answer)}")
        self._done(answer, "does not let homeward in")

    def _capabilities_in(self, answer: Answer) -> Capabilities:
        return Capabilities.of(self._done(answer, "does not let homeward in").lines)

    # --- asking -------------------------------------------------------------------------------------------------------

    def _asked(self, *words: bytes) -> Answer:
        self._wire.send(*words)
        return self._wire.answer()

    def _done(self, answer: Answer, trouble: str) -> Answer:
        if not answer.ok:
            raise self._refusal(answer, f"{self._server.host} {trouble}")
        return answer

    def _refusal(self, answer: Answer, what: str) -> OutsideError:
        code = answer.code.partition("/")[0].partition(" ")[0]
        if code == "REFERRAL":
            return Permanent(f"{what}: it sends us to {plain(answer.detail)}. Put that into the config if you trust it.")
        if code in ("NONEXISTENT", "ACTIVE", "ALREADYEXISTS"):
            return PreconditionFailed(f"{what}: it was changed meanwhile{_said(answer)}")
        if code == "TRYLATER" or answer.verdict == "BYE":
            return Temporary(f"{what} just now{_said(answer)}", _BUSY)
        if code == "QUOTA":
            return Permanent(f"{what}: your room for scripts there is used up{_said(answer)}")
        return Permanent(f"{what}{_said(answer)}")


def _said(answer: Answer) -> str:
    return f" (“{answer.text}”)." if answer.text else "."


def _named(name: str) -> bytes:
    """A script's name as the protocol takes it. Permanent where it cannot (RFC 5804 1.6)."""
    if not 0 < len(name) <= 128 or _NO_LINES & set(name) or any("\ud800" <= char <= "\udfff" for char in name):
        raise Permanent(f"“{plain(name.encode('utf-8', 'replace'))}” cannot be the name of a Sieve script.")
    return string(name.encode())


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _is_active(line: Line) -> bool:
    return any(isinstance(word, str) and word.upper() == "ACTIVE" for word in line[1:])
