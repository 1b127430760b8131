"""What a server says of its Sieve, for setting up and for the doctor. Looks, and writes nothing."""

from __future__ import annotations

from msgspec import Struct

from integrations.errors import Permanent
from integrations.login import Login, Server
from integrations.managesieve import ManageSieve
from integrations.sieve import missing
from integrations.sieve_scripts import MAIN, Own, Place, is_copy, is_copy_name, ours_in, scripts

_ROOM = 64 * 1024  # bytes that a script with a thousand known addresses takes


class SieveFacts(Struct, frozen=True):
    """`active` is the name of the active script, "" for none; `extensions` in alphabetical order. `answers` and `holds`: whether
    homeward can set its autoreply and hold mail there; `words` are lines for the user that also say why not."""

    implementation: str
    extensions: tuple[str, ...]
    active: str
    answers: bool
    holds: bool
    words: tuple[str, ...]


def probe_managesieve(server: Server, login: Login, ca_file: str = "") -> SieveFacts:
    """Temporary, AuthExpired or Permanent where the server cannot be entered."""
    with ManageSieve(server, login, ca_file) as client:
        extensions = client.capabilities.sieve
        active, about = _active(client)
        obstacle = _obstacle(client, active)
        lacking = {answers: missing(extensions, answers) for answers in (True, False)}
        words = [
            f"{client.capabilities.implementation or 'A ManageSieve server'} at {server.host}",
            about,
            _ability("answer mail", obstacle, lacking[True]),
            _ability("hold mail", obstacle, lacking[False]),
        ]
        able = {answers: not obstacle and not lacking[answers] for answers in (True, False)}
        implementation = client.capabilities.implementation
    return SieveFacts(implementation, tuple(sorted(extensions)), active, able[True], able[False], tuple(words))


def _active(client: ManageSieve) -> tuple[str, str]:
    active = client.listscripts().active
    if active == MAIN and ours_in(client.getscript(MAIN)):
        return active, "homeward's own script is active"
    if active:
        return active, f"your script “{active}” is active; it stays as it is, and homeward's is laid on top of it"
    said = "no script is active that the server shows; should it sort mail by a default script, or by a link to another place, "
    return "", said + "that rests while homeward answers or holds mail there"


def _obstacle(client: ManageSieve, active: str) -> str:
    """Why ours cannot be laid on top of what is there; "" where it can."""
    names = client.listscripts().names
    for name in (each for each in names if each == MAIN or is_copy_name(each)):
        content = client.getscript(name)
        if not ours_in(content) and not is_copy(content or b""):
            return f"a script “{name}” is there that homeward did not write."
    try:
        client.havespace(MAIN, _ROOM)
        if active != MAIN:
            own = Own(client.getscript(active) if active else None, active, lambda name: _found(client, name, names))
            scripts(None, None, own, Place("Held"), {})
    except Permanent as error:
        return error.what
    return ""


def _found(client: ManageSieve, name: str, names: tuple[str, ...]) -> bytes | None:
    return client.getscript(name) if name in names else None


def _ability(what: str, obstacle: str, lacking: tuple[str, ...]) -> str:
    if obstacle:
        return f"homeward cannot {what} there: {obstacle}"
    if lacking:
        return f"homeward cannot {what} there: the server's Sieve lacks {', '.join(lacking)}"
    return f"homeward can {what} there"
