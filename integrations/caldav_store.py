"""A CalDAV collection as a store of iCalendar text: reading goes by the copy, which is brought in step with the server first;
edits go by what the server has at that moment, and are guarded by its ETag."""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Sequence

from msgspec import Struct

from integrations.caldav_collection import BATCH, Changes, Collection, NoSync, shown
from integrations.caldav_copy import Copy, Kept, kept
from integrations.errors import Permanent, PreconditionFailed, Temporary, TokenExpired
from integrations.text_calendar import etag_of, resource_name


class _Seen(Struct, frozen=True):
    """`data` is None where there was nothing."""

    data: bytes | None = None
    etag: str = ""


class CollectionStore:
    """A TextStore. `calendar_id` is only for words."""

    single = False

    def __init__(self, calendar_id: str, collection: Collection, copy: Copy) -> None:
        self._id, self._collection, self._copy = calendar_id, collection, copy
        self._seen: dict[str, _Seen] = {}  # as the server had it when an edit was prepared

    # reading, by the copy

    def names(self) -> list[str]:
        """Brings the copy in step: one request where nothing has changed."""
        self._copy.refresh()
        changes, whole = self._changes()
        self._take(changes, self._copy.rows.keys() - changes.came.keys() if whole else changes.gone)
        return sorted(self._copy.rows)

    def _changes(self) -> tuple[Changes, bool]:
        """What the server says, and whether that is all there is."""
        token = self._copy.token
        if not self._copy.facts.get("syncs", True):
            return self._collection.listing(), True
        try:
            try:
                return self._collection.changes(token), not token
            except TokenExpired:
                return self._collection.changes(""), True
        except NoSync:
            listed = self._collection.listing()
            self._copy.note({**self._copy.facts, "syncs": False})
            return listed, True

    def _take(self, changes: Changes, gone: Several[str]) -> None:
        """What the copy has with the same ETag already is no news."""
        rows = self._copy.rows
        came: dict[str, tuple[Kept, bytes | None]] = {}
        for name, entry in changes.came.items():
            known = rows.get(name)
            if known is None or not entry.etag or known.etag != entry.etag or (entry.data is not None and not known.digest):
                came[name] = (kept(entry.href, entry.etag, entry.data), entry.data)
        gone = [name for name in gone if name in rows]
        if came or gone or changes.token != self._copy.token:
            self._copy.change(came, gone, changes.token)

    def gather(self, names: Several[str]) -> None:
        """Have the texts of these at hand, with as few requests as can be. What the server keeps silent about is told when it is
        loaded."""
        self._fetch(self._copy.lacking(names))

    def _fetch(self, missing: Sequence[str]) -> None:
        for start in range(0, len(missing), BATCH):
            hrefs = [self._copy.rows[name].href for name in missing[start : start + BATCH]]
            changes = self._collection.multiget(hrefs)
            came = {n: (kept(e.href, e.etag, e.data), e.data) for n, e in changes.came.items() if e.data is not None}
            self._copy.change(came, changes.gone)

    def signature(self, name: str) -> str:
        """The content's own hash, after a time that lies behind us: it is the same as long as that is."""
        row = self._copy.rows.get(name)
        return f"0-{row.digest}" if row and row.digest else ""

    def load(self, name: str) -> bytes | None:
        if name not in self._copy.rows:
            return None
        data = self._copy.content(name)
        if data is None:
            self._fetch([name])
            data = self._copy.content(name) if name in self._copy.rows else None
        if data is None and name in self._copy.rows:
            raise Temporary(f"{self.where(name)} is listed by the server, but not given.")
        return data

    def where(self, name: str) -> str:
        return f"{self._id}/{shown(name)}"

    # editing, by the server

    def holders(self, uid: str) -> list[str]:
        """The resources in which that UID was seen last."""
        return sorted(name for name, row in self._copy.rows.items() if uid in row.uids)

    def home_of(self, uid: str) -> str:
        return resource_name(uid)

    def look(self, name: str) -> bytes | None:
        """The bytes that the server has now."""
        self._seen.pop(name, None)
        found = self._collection.get(name)
        if found is not None and not found[1]:
            found = self._look_again(name)
        self._seen[name] = _Seen(*found) if found else _Seen()
        return found[0] if found else None

    def _look_again(self, name: str) -> tuple[bytes, str] | None:
        """The ETag first: what is written in between fails by it."""
        etag = self._collection.etag(name)
        found = self._collection.get(name)
        if found is not None and not etag:
            raise Permanent(f"The server marks no versions of {self.where(name)} (ETag); homeward does not write there.")
        return (found[0], etag) if found else None

    def seen(self, name: str, expected: str | None) -> bytes | None:
        """The content of that hash: as it was seen last, if it was; else as it is now."""
        known = self._seen.get(name)
        return known.data if known is not None and etag_of(known.data) == expected else self.look(name)

    def swap(self, name: str, expected: str | None, data: bytes | None) -> None:
        """`expected` is the hash of what was seen; the server compares by its ETag."""
        known = self._seen.pop(name, None)
        if known is None or etag_of(known.data) != expected:
            raise PreconditionFailed(f"{self.where(name)} was changed meanwhile; looking again.")
        if data is not None:
            self._collection.put(name, data, known.etag or None)
        elif known.etag:
            self._collection.delete(name, known.etag)
