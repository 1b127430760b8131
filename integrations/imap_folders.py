"""The folders of an IMAP account by their use, and the held folder: made where the user sees it, marked as ours, and taken away
again only if we made it and nothing is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from msgspec import Struct

from integrations.errors import Permanent
from integrations.imap_moving import move_all
from integrations.imap_session import ImapSession
from integrations.imap_state import ImapState
from integrations.imap_wire import Client, without_mail

_MARK = "/private/vendor/homeward/made"  # RFC 5464: an entry of our own on the folder that we made
_MADE = "made"
_LEAVING = "-homeward-leaves"
_USES = {"sent": b"\\SENT", "archive": b"\\ARCHIVE"}
_USUAL = {"sent": ("Sent", "Sent Items", "Sent Messages"), "archive": ("Archive", "Archives")}


class Folders(Struct, frozen=True):
    """`prefix` is before the names of the user's own folders, `separator` between the levels. `flags` are in capitals."""

    prefix: str
    separator: str
    flags: dict[str, tuple[bytes, ...]]

    def with_use(self, use: str) -> str:
        """The full name of the folder that the server marks for this use (RFC 6154), else that is usually called so, else ""."""
        marked = (name for name, flags in self.flags.items() if _USES[use] in flags)
        usual = (self.prefix + name for name in _USUAL[use] if self.prefix + name in self.flags)
        return next(marked, next(usual, ""))


def folders_of(client: Client) -> Folders:
    """Only those that can hold mail."""
    listed = client.list_folders()
    flags = {
        str(name): tuple(flag.upper() for flag in marks)
        for marks, _, name in listed
        if not without_mail(marks) and _is_name(name)
    }
    prefix, separator = "", next((_text(each) for _, each, _ in listed if each), "/")
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal or ((prefix, separator),)
        prefix, separator = _text(personal[0][0]), _text(personal[0][1] or separator)
    return Folders(prefix, separator, flags)


def checked_name(name: str) -> str:
    """A name of one level that can be a folder everywhere. Permanent where it is none."""
    if (
        not name.strip()
        or name.upper() == "INBOX"
        or not name.isprintable()
        or any(c in name for c in '/\\%*"')
        or name[0] in ".#&~"
    ):
        raise Permanent(f"“{name}” cannot be the name of the held folder.")
    return name


class HeldFolder:
    """`name` is without the server's prefix; `path` is the full one."""

    def __init__(self, session: ImapSession, state: ImapState, name: str) -> None:
        self._session = session
        self._state = state
        self._name = checked_name(name)
        self._path = ""

    def path(self) -> str:
        if not self._path:
            known = self._session.read("list the folders", folders_of)
            if known.separator in self._name:
                raise Permanent(f"“{self._name}” cannot be the name of the held folder: “{known.separator}” divides names there.")
            self._path = known.prefix + self._name
        return self._path

    def exists(self) -> bool:
        path = self.path()
        return self._session.read("list the folders", lambda client: client.has_folder(path))

    def ensure(self) -> None:
        """Made, shown among the user's folders, and marked, where it is not there. That it is being made is noted first: a folder
        that was not there and now is was made by us."""
        path = self.path()
        if self._state.get(_MADE).get("leaving"):
            self.remove()
        if not self.exists():
            self._state.set(_MADE, {"path": path, "validity": None})
            self._session.change(f"make the folder {path}", lambda client: self._make(client, path))

    def ours(self) -> bool:
        """Whether we made the folder that is there now."""
        path = self.path()
        return self.exists() and self._session.read(f"look whose {path} is", lambda client: self._is_ours(client, path))

    def remove(self) -> None:
        """Where it is ours and empty. IMAP deletes a folder with all that is in it; so it is first renamed, to where nothing is
        delivered, and looked into again there."""
        path, aside = self.path(), self.path() + _LEAVING
        if self._state.get(_MADE).get("leaving"):
            self._session.change(f"remove the folder {path}", lambda client: self._finish(client, path, aside))
        if self.ours():
            self._session.change(f"remove the folder {path}", lambda client: self._leave(client, path, aside))

    # ------------------------------------------------------------------------------------------------------------------

    def _make(self, client: Client, path: str) -> None:
        client.create_folder(path)
        with _no_matter():
            client.subscribe_folder(path)
        self._mark(client, path)

    def _mark(self, client: Client, path: str) -> None:
        self._state.set(_MADE, {"path": path, "validity": _validity(client, path)})
        if client.has_capability("METADATA"):
            with _no_matter():
                client.ask("SETMETADATA", client.quoted(path), f'({_MARK} "1")')

    def _is_ours(self, client: Client, path: str) -> bool:
        made = self._state.get(_MADE)
        validity = _validity(client, path)
        if made.get("path") == path and made.get("validity") in (None, validity):
            if made["validity"] is None:  # died between making and marking
                self._mark(client, path)
            return True
        if client.has_capability("METADATA"):
            with _no_matter():
                return b"1" in _values(client.ask("GETMETADATA", client.quoted(path), _MARK))
        return False

    def _leave(self, client: Client, path: str, aside: str) -> None:
        if _count(client, path) or _has_children(client, path):
            return
        self._state.set(_MADE, {**self._state.get(_MADE), "path": path, "leaving": True})
        client.select_folder("INBOX", readonly=True)  # some servers hold on to the folder that is open
        client.rename_folder(path, aside)
        self._finish(client, path, aside)

    def _finish(self, client: Client, path: str, aside: str) -> None:
        if client.has_folder(aside) and _count(client, aside):  # something came at the very last moment
            if not client.has_folder(path):
                client.rename_folder(aside, path)
                self._mark(client, path)
                return
            move_all(client, aside, path)
        if client.has_folder(aside):
            if _count(client, aside):
                return
            client.select_folder("INBOX", readonly=True)
            client.delete_folder(aside)
        if client.has_folder(path):  # it was not renamed, or somebody made it anew: its UIDVALIDITY tells
            made = self._state.get(_MADE)
            self._state.set(_MADE, {"path": made.get("path"), "validity": made.get("validity", 0)})
            return
        with _no_matter():
            client.unsubscribe_folder(path)
        self._state.set(_MADE, {})


@contextmanager
def _no_matter() -> Iterator[None]:
    """The server may say no here; a line that broke is told all the same."""
    try:
        yield
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        return


def _has_children(client: Client, path: str) -> bool:
    return any(
        b"\\HASCHILDREN" in {flag.upper() for flag in marks} for marks, _, name in client.list_folders("", path) if name == path
    )


def _count(client: Client, path: str) -> int:
    return int(client.folder_status(path, ["MESSAGES"])[b"MESSAGES"])


def _validity(client: Client, path: str) -> int:
    return int(client.folder_status(path, ["UIDVALIDITY"])[b"UIDVALIDITY"])


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.isprintable()


def _text(value: str | bytes) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value


def _values(records: Iterable[object]) -> set[bytes]:
    """The values in an answer to GETMETADATA, whether they came as literals or in quotes."""
    found = set()
    for record in records:
        if isinstance(record, tuple):
            found.add(record[1])
        elif isinstance(record, bytes) and record.endswith(b'"1")'):
            found.add(b"1")
    return found
