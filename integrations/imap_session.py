"""One connection to an IMAP account: opened when it is needed, with TLS verified and the user signed in, and opened again after a
cut. What goes wrong becomes one of our errors here, in words and without secrets."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.imap_wire import PATIENCE, Client
from integrations.login import Login, Server, mail_tls
from integrations.mail_faults import Cut, printable, unproven, unreachable
from integrations.sasl import first_words, last_words, mechanism_for

Result = TypeVar("Result")

_STALE = 15.0  # seconds without use after which the connection is tried with a NOOP first
_PROBING = 10.0  # seconds for that NOOP
_BUSY = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "EXPUNGEISSUED")  # RFC 5530: later
_FULL = ("OVERQUOTA", "TRYCREATE")
_CODE = re.compile(r"\[([A-Z-]{1,40})[ \]]")
# What parsing an answer that is no IMAP has been seen to raise.
_GARBAGE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


class ImapSession:
    """`folder` is what is selected, with whether it was for reading only."""

    def __init__(self, server: Server, login: Login, ca_file: str = "") -> None:
        self.server = server
        self._login = login
        self._ca_file = ca_file
        self._client: Client | None = None
        self._used = 0.0
        self.connections = 0

    def read(self, doing: str, work: Callable[[Client], Result]) -> Result:
        """`work` changes nothing that a second try would double: after a cut it is tried once more on a new connection. `doing`
        completes "Could not …"."""
        try:
            return self.change(doing, work)
        except Cut:
            return self.change(doing, work)

    def change(self, doing: str, work: Callable[[Client], Result]) -> Result:
        """`work` once. After an error the connection is given up, except where the server merely said no."""
        with self._told(doing):
            client = self._ready()
            result = work(client)
            self._used = time.monotonic()
            return result

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, IMAPClientError, *_GARBAGE):
                client.wire.patience = _PROBING
                client.logout()

    def drop(self) -> None:
        """Without a word: the line is dead, or nobody knows what stands in it."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, IMAPClientError, *_GARBAGE):
                client.shutdown()

    # --- connecting ---------------------------------------------------------------------------------------------------

    def _ready(self) -> Client:
        if self._client is not None and time.monotonic() - self._used > _STALE:
            self._try_line(self._client)
        if self._client is None:
            self._client = self._opened()
            self.connections += 1
        return self._client

    def _try_line(self, client: Client) -> None:
        try:
            client.wire.patience = _PROBING
            client.noop()
            client.wire.patience = PATIENCE
        except (OSError, IMAPClientError, *_GARBAGE):
            self.drop()

    def _opened(self) -> Client:
        server = self.server
        client = _connected(server, mail_tls(self._ca_file) if server.implicit_tls else None)
        try:
            if not server.implicit_tls and (server.must_encrypt or self._ca_file):
                _encrypt(client, server, mail_tls(self._ca_file))
            sign_in(client, self._login, server)
        except BaseException:
            with suppress(OSError, *_GARBAGE):
                client.shutdown()
            raise
        return client

    # --- what went wrong ----------------------------------------------------------------------------------------------

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        host = self.server.host
        try:
            yield
        except OutsideError:
            raise
        except ssl.SSLCertVerificationError as error:
            self.drop()
            raise unproven(host, error) from None
        except IMAPClientAbortError as error:
            self.drop()
            raise Cut(f"Could not {doing}: the connection to {host} broke ({words_of(error)}).") from None
        except OSError as error:
            self.drop()
            raise unreachable(host, doing, error) from None
        except IMAPClientError as error:
            raise _refused(host, doing, error) from None
        except _GARBAGE as error:
            self.drop()
            raise Temporary(f"Could not {doing}: {host} said something that is no IMAP.") from error
        except BaseException:
            self.drop()  # the rest of an answer may still be on the line
            raise


def _connected(server: Server, context: ssl.SSLContext | None) -> Client:
    """Temporary where the server says good-bye at once: it is full, or going down."""
    try:
        return Client(server.host, server.port, context)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if "* BYE" in str(error):
            raise Temporary(f"{server.host} takes no connection now ({words_of(error)}).", timedelta(minutes=5)) from None
        raise


def _encrypt(client: Client, server: Server, context: ssl.SSLContext) -> None:
    """STARTTLS (RFC 9051 6.2.1). Only this machine may be spoken to without, and is unless a CA file was given for it."""
    if not client.has_capability("STARTTLS"):
        raise Permanent(
            f"{server.host} offers no encryption on port {server.port}. Nothing was sent; write imaps://{server.host}."
        )
    try:
        client.starttls(context)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        raise Permanent(f"{server.host} refused to encrypt the connection. Nothing was sent.") from None


def sign_in(client: IMAPClient, login: Login, server: Server) -> None:
    """By SASL, or by LOGIN where the server knows no PLAIN. AuthExpired where it refuses."""
    offered = {each.decode("ascii", "replace") for each in client.capabilities()}
    mechanism = mechanism_for(login, {each.removeprefix("AUTH=") for each in offered if each.startswith("AUTH=")})
    try:
        if mechanism:
            words = iter((first_words(mechanism, login, server),))
            client.sasl_login(mechanism, lambda _: next(words, last_words(mechanism)))
        elif login.auth == "password" and "LOGINDISABLED" not in offered:
            first_words("PLAIN", login, server)  # refuses what could be more than one word
            name = login.user.replace("\\", r"\\").replace('"', r"\"")
            client.login(f'"{name}"', login.secret())  # imaplib quotes the password alone
        else:
            raise Permanent(f"{server.host} offers no way to sign in with a {login.auth} that homeward knows.")
    except IMAPClientAbortError:
        raise
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError):  # the line was cut: nothing was refused
            raise error.__context__ from None
        raise _not_in(server.host, login, error) from None
    except UnicodeEncodeError:
        raise Permanent(f"{server.host} takes only plain letters in names and passwords.") from None


def _not_in(host: str, login: Login, error: Exception) -> OutsideError:
    if code_of(error) in _BUSY:
        return Temporary(f"{host} lets nobody in at the moment.", timedelta(minutes=5))
    if code_of(error) == "CONTACTADMIN":
        return Permanent(f"{host} does not let {login.user} in: ask who runs the server.")
    return AuthExpired(f"{host} did not accept the {login.auth} of {login.user}. Sign in again.")


def _refused(host: str, doing: str, error: Exception) -> OutsideError:
    code = code_of(error)
    said = f"Could not {doing}: {host} refused ({words_of(error)})."
    if code in _BUSY:
        return Temporary(said)
    if code in _FULL:
        return Temporary(f"{said} Nothing was lost.", timedelta(minutes=5))
    return Permanent(said)


def code_of(error: Exception) -> str:
    """The response code (RFC 5530), "" where there is none."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def words_of(error: Exception) -> str:
    return printable(str(error)) or type(error).__name__
