"""Moves messages between two IMAP folders: by MOVE (RFC 6851), else by COPY and an EXPUNGE of exactly what was copied (UIDPLUS,
RFC 4315), else not at all. A plain EXPUNGE would delete mail that the user only marked, and is never sent.

A move that broke off may have left messages in both folders. It is noted before it begins, and the next one first takes away from
where they were those that have arrived: nothing is lost, and nothing is there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from integrations.errors import Permanent, PreconditionFailed
from integrations.imap_reading import ImapReader, as_set, in_batches, state_of
from integrations.imap_session import ImapSession
from integrations.imap_state import ImapState
from integrations.imap_wire import MOVING_PATIENCE, PATIENCE, Client

_AT_ONCE = 5_000  # messages of one command: more gains nothing, and a server may be silent until all are done
_MOST_RUNS = 50
_LAST_UID = 2**32 - 1
_MOVING = "moving"
_NOTED = {"source", "target", "validity", "next", "counted", "first", "last"}


class ImapMover:
    def __init__(self, session: ImapSession, reader: ImapReader, state: ImapState) -> None:
        self._session = session
        self._reader = reader
        self._state = state

    def move(self, source: str, target: str, uids: Sequence[int]) -> int:
        """`uids` in the order in which they shall arrive. Returns how many were moved. Temporary where the line broke meanwhile:
        the next call looks what became of it."""
        if not uids:
            return 0
        self._session.change(f"move mail from {source} to {target}", lambda client: self._move(client, source, target, uids))
        self._state.set(_MOVING, {})
        return len(uids)

    def settle(self) -> None:
        """Finish a move that broke off: what has arrived is taken away from where it was."""
        begun = self._state.get(_MOVING)
        if begun.keys() >= _NOTED:
            self._session.change("look what became of the last move", lambda client: self._settle(client, begun))
            self._state.set(_MOVING, {})

    def _move(self, client: Client, source: str, target: str, uids: Sequence[int]) -> None:
        how = _way(client)
        validity, following, _ = state_of(client.select_folder(target, readonly=True))
        begun = {"source": source, "target": target, "validity": validity, "next": following}
        counted, _, _ = state_of(client.select_folder(source))
        if counted != self._reader.validity(source):
            raise PreconditionFailed(f"The server counts the messages of {source} anew. Nothing was moved.")
        self._state.set(_MOVING, {**begun, "counted": counted, "first": min(uids), "last": max(uids)})
        client.wire.patience = MOVING_PATIENCE
        try:
            for run in _runs(uids):
                for batch in in_batches(run, _AT_ONCE):
                    how(client, as_set(batch), target)
        finally:
            client.wire.patience = PATIENCE

    def _settle(self, client: Client, begun: dict[str, object]) -> None:
        source, target = str(begun["source"]), str(begun["target"])
        if not (client.has_folder(source) and client.has_folder(target)):
            return  # the user took a folder away, with what was in it
        validity, _, _ = state_of(client.select_folder(target, readonly=True))
        first = begun["next"] if validity == begun["validity"] else 1
        arrived = Counter(self._reader.ids_of(client, target, _number(first), _LAST_UID).values())
        if not arrived:
            return
        counted, _, _ = state_of(client.select_folder(source, readonly=True))
        span = (begun["first"], begun["last"]) if counted == begun["counted"] else (1, _LAST_UID)
        doubled = []
        for uid, each in self._reader.ids_of(client, source, *map(_number, span)).items():
            if arrived[each]:
                arrived[each] -= 1
                doubled.append(uid)
        if doubled and client.has_capability("UIDPLUS"):
            client.select_folder(source)
            for batch in in_batches(sorted(doubled), _AT_ONCE):
                _take_away(client, as_set(batch))


def move_all(client: Client, source: str, target: str) -> None:
    """Everything that is in a folder of ours. Without the note that `ImapMover` makes."""
    client.select_folder(source)
    _way(client)(client, f"1:{_LAST_UID}", target)


def can_move(client: Client) -> bool:
    return bool(client.has_capability("MOVE") or client.has_capability("UIDPLUS"))


def _way(client: Client) -> Callable[[Client, str, str], None]:
    if client.has_capability("MOVE"):
        return _by_move
    if client.has_capability("UIDPLUS"):
        return _by_copy
    raise Permanent(
        "The mail server can neither MOVE messages nor expunge single ones (UIDPLUS), so held mail cannot be moved without risk. "
        "Nothing was moved; switch the hold off for this mailbox."
    )


def _by_move(client: Client, uids: str, target: str) -> None:
    client.on_set("MOVE", uids, client.quoted(target))


def _by_copy(client: Client, uids: str, target: str) -> None:
    client.on_set("COPY", uids, client.quoted(target))
    _take_away(client, uids)


def _take_away(client: Client, uids: str) -> None:
    """The UIDPLUS way: only these, whatever else is marked as deleted."""
    client.on_set("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)")
    client.on_set("EXPUNGE", uids)


def _runs(uids: Sequence[int]) -> list[list[int]]:
    """A server moves the messages of one command by ascending UID; so a new run begins where UIDs descend. Mail that came in a
    great disorder goes in one."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid > runs[-1][-1]:
            runs[-1].append(uid)
        else:
            runs.append([uid])
    return runs if len(runs) <= _MOST_RUNS else [sorted(uids)]


def _number(value: object) -> int:
    return value if isinstance(value, int) else 1
