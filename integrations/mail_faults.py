"""What a mail server that cannot be reached or believed means for the caller, in words. Speaks to nobody."""

from __future__ import annotations

import socket
import ssl

from integrations.errors import OutsideError, Permanent, Temporary
from integrations.login import quotes_a_secret

_MOST_SAID = 200
_KEPT_BACK = "its words are not shown, since they quote the password"


class Cut(Temporary):
    """The line went dead: what was asked last may have been done, and may be asked again where that does no harm."""


def unproven(host: str, error: ssl.SSLCertVerificationError) -> Permanent:
    return Permanent(
        f"{host} did not prove that it is {host}: {printable(error.verify_message)}. Nothing was sent. "
        "If the server is your own, name its CA certificate with ca_file."
    )


def unreachable(host: str, doing: str, error: OSError) -> OutsideError:
    if isinstance(error, socket.gaierror):
        return Temporary(f"Could not {doing}: there is no server called {host} to be found now.")
    if isinstance(error, TimeoutError):
        return Temporary(f"Could not {doing}: {host} did not answer in time.")
    if isinstance(error, ssl.SSLError):
        return Cut(f"Could not {doing}: no encrypted connection to {host} ({printable(error.reason or '')}).")
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return Cut(f"Could not {doing}: {host} hung up.")
    return Temporary(f"Could not {doing}: {host} is out of reach ({error.strerror or type(error).__name__}).")


def printable(text: str, most: int = _MOST_SAID) -> str:
    """A server's words, fit to be shown: at most so many characters of them, none that is not printed, and no secret."""
    if quotes_a_secret(text):
        return _KEPT_BACK
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())[:most]
