"""One conversation with a submission server (RFC 6409): connected, encrypted, signed in, and ended after its message. It never
lasts longer than `DEADLINE`, however slowly the server speaks."""

from __future__ import annotations

import base64
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from socket import SHUT_RDWR
from ssl import SSLCertVerificationError

from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.login import Login, Server, mail_tls
from integrations.mail_faults import printable, unproven, unreachable
from integrations.sasl import first_words, last_words, mechanism_for

PATIENCE = 60.0  # seconds of silence
DEADLINE = 600.0  # seconds for the whole conversation; RFC 5321 4.5.3.2 lets a server think as long after DATA
_OURSELVES = "[127.0.0.1]"  # nobody's business what this machine is called (RFC 5321 4.1.3)
Reply = tuple[int, bytes]


@contextmanager
def conversation(server: Server, login: Login | None, ca_file: str = "") -> Iterator[smtplib.SMTP]:
    """A server that awaits MAIL. Temporary, AuthExpired or Permanent where it cannot be reached, proven or entered, or where the
    line breaks inside."""
    with _told(server):
        smtp = _prepared(server, ca_file)
        timer = threading.Timer(DEADLINE, _hang_up, [smtp])
        timer.daemon = True
        timer.start()
        try:
            must_accept(server, smtp.connect(server.host, server.port), "to talk")
            _encrypt(smtp, server, ca_file)
            if login is not None:
                _sign_in(smtp, login, server)
            yield smtp
        finally:
            timer.cancel()
            smtp.close()


def refusal(server: Server, reply: Reply, what: str) -> OutsideError:
    """What a reply that is no success means. `what` completes "… refused "."""
    said = f"{server.host} refused {what} ({reply[0]} {printable(reply[1].decode('utf-8', 'replace'))})."
    if 400 <= reply[0] < 500:
        return Temporary(f"{said} Nothing was sent.", timedelta(minutes=15))
    return Permanent(f"{said} Nothing was sent.")


def must_accept(server: Server, reply: Reply, what: str) -> None:
    if not 200 <= reply[0] < 400:
        raise refusal(server, reply, what)


def _prepared(server: Server, ca_file: str) -> smtplib.SMTP:
    """Not connected yet, so that there is something to hang up even while the server greets."""
    if server.implicit_tls:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=_OURSELVES, timeout=PATIENCE, context=mail_tls(ca_file))
    else:
        smtp = smtplib.SMTP(local_hostname=_OURSELVES, timeout=PATIENCE)
    smtp._host = server.host  # type: ignore[attr-defined]  # whose name the certificate has to bear
    return smtp


def _encrypt(smtp: smtplib.SMTP, server: Server, ca_file: str) -> None:
    """STARTTLS (RFC 3207). Only this machine may be spoken to without, and is unless a CA file was given for it."""
    smtp.ehlo_or_helo_if_needed()
    if server.implicit_tls or not (server.must_encrypt or ca_file):
        return
    if not smtp.has_extn("starttls"):
        raise Permanent(
            f"{server.host} offers no encryption on port {server.port}. Nothing was sent; write smtps://{server.host}."
        )  # fmt: skip
    smtp.starttls(context=mail_tls(ca_file))
    must_accept(server, smtp.ehlo(), "to go on after STARTTLS")


def _sign_in(smtp: smtplib.SMTP, login: Login, server: Server) -> None:
    """RFC 4954. LOGIN, which no RFC describes, where a server knows no PLAIN."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    mechanism = mechanism_for(login, offered)
    if mechanism:
        reply = smtp.docmd("AUTH", f"{mechanism} {_base64(first_words(mechanism, login, server))}")
        if reply[0] == 334:
            reply = smtp.docmd(_base64(last_words(mechanism)))
    elif login.auth == "password" and "LOGIN" in offered:
        first_words("PLAIN", login, server)  # refuses what could be more than one word
        reply = smtp.docmd("AUTH", "LOGIN")
        for word in (login.user, login.secret()):
            reply = smtp.docmd(_base64(word.encode())) if reply[0] == 334 else reply
    else:
        raise Permanent(f"{server.host} offers no way to sign in with a {login.auth} that homeward knows. Nothing was sent.")
    if reply[0] != 235:
        raise _not_in(server, login, reply)


def _not_in(server: Server, login: Login, reply: Reply) -> OutsideError:
    if reply[0] in (530, 534, 535, 538) or reply[0] == 334:
        return AuthExpired(f"{server.host} did not accept the {login.auth} of {login.user}. Nothing was sent; sign in again.")
    return refusal(server, reply, f"to let {login.user} in")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii") or "="  # RFC 4954 4: an empty answer


def _hang_up(smtp: smtplib.SMTP) -> None:
    if smtp.sock is not None:
        with suppress(OSError):
            smtp.sock.shutdown(SHUT_RDWR)


@contextmanager
def _told(server: Server) -> Iterator[None]:
    doing = "send mail"
    try:
        yield
    except SSLCertVerificationError as error:
        raise unproven(server.host, error) from None
    except smtplib.SMTPServerDisconnected:
        raise Temporary(f"Could not {doing}: {server.host} hung up. Nothing was sent.") from None
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        raise refusal(server, (error.smtp_code, said), "to talk") from None
    except smtplib.SMTPException:
        raise Permanent(f"Could not {doing}: {server.host} does not speak SMTP as it should. Nothing was sent.") from None
    except OSError as error:
        raise unreachable(server.host, doing, error) from None
    except (ValueError, UnicodeError) as error:
        raise Permanent(f"Could not {doing}: {server.host} was to be told something that is no SMTP.") from error
