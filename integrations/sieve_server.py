"""The Responder over a server's active Sieve script, by ManageSieve (RFC 5804). Ours is put beside the user's own script, which
keeps every byte, and made active. What anybody changed in ours, or made active since, stays.

Ours becomes active idle, including the user's script and nothing else; only then is it filled. So a filled one that is not
active was switched off by somebody, and a death between any two commands leaves the user's rules in force."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from integrations.errors import Permanent, PreconditionFailed, Temporary
from integrations.login import Login, Server
from integrations.managesieve import Listing, ManageSieve
from integrations.ports import Lease, ResponderReading
from integrations.sieve import missing
from integrations.sieve_scripts import (
    KEPT,
    MAIN,
    Ours,
    Own,
    Place,
    copy_was_edited,
    is_copy,
    is_copy_name,
    marker_of,
    ours_in,
    reading_of_ours,
    reading_of_theirs,
    scripts,
    sealed,
)
from integrations.sieve_text import NotUnderstood, quoted
from rules.items import ResponderItem

_MOVED = "dovecot.orig"
"""Under this name Pigeonhole keeps a regular file `~/.dovecot.sieve`, which no listing shows, once another script is made
active; what had the name before is lost."""


class _Original(Struct, frozen=True):
    """The user's own state. `active` is "" where none is; `content` (base64) what it said when it was seen; `aside` the digest of
    what is called _MOVED already, where none is active."""

    active: str
    content: str | None = None
    aside: str = ""

    def snapshot(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def bytes(self) -> bytes | None:
        return None if self.content is None else base64.b64decode(self.content)

    def alike(self, remembered: _Original) -> bool:
        """Whether this is the same state; a file that nobody could see may have got its name since."""
        unseen = not remembered.active and self.active == _MOVED and _digest(self.bytes()) != remembered.aside
        return self.active == remembered.active or unseen


class _Seen(Struct, frozen=True):
    """`ours` is MAIN, where that is there and ours; `beneath` the user's own state."""

    listing: Listing
    ours: Ours | None
    beneath: _Original

    @property
    def in_force(self) -> bool:
        return self.ours is not None and self.listing.active == MAIN and not self.ours.idle

    @property
    def switched_off(self) -> bool:
        return self.ours is not None and self.listing.active != MAIN and not self.ours.idle


class SieveServer:
    """`server` has the scheme `sieve`. Connects at each call, and only for its time."""

    def __init__(
        self, server: Server, login: Login, clock: Callable[[], datetime], held_folder: str = "Held", *, ca_file: str = ""
    ) -> None:  # fmt: skip
        self._place = Place(held_folder)
        self._server = server
        self._login = login
        self._clock = clock
        self._ca_file = ca_file

    def read(self) -> ResponderReading:
        with self._entered() as client:
            return self._visit(client).reading()

    def write(self, item: ResponderItem | None, lease: Lease | None, original: str) -> ResponderReading:
        if item is None and lease is None:
            return self.restore(original, self._clock())
        with self._entered() as client:
            visit = self._visit(client)
            visit.put_on(item, lease, _parsed(original))
            reading = visit.reading()
        if reading.marker != marker_of(item):
            raise Temporary("The Sieve script was changed by somebody else while it was written; looking again.")
        return reading

    def restore(self, original: str, now: datetime) -> ResponderReading:
        """Whatever the user's script does by itself, at `now` or later, it does again."""
        with self._entered() as client:
            visit = self._visit(client)
            visit.take_off(_parsed(original))
            return visit.reading()

    def _entered(self) -> ManageSieve:
        return ManageSieve(self._server, self._login, self._ca_file)

    def _visit(self, client: ManageSieve) -> _Visit:
        return _Visit(client, replace(self._place, extensions=client.capabilities.sieve), self._clock())


class _Visit:
    """What is done within one connection."""

    def __init__(self, client: ManageSieve, place: Place, now: datetime) -> None:
        self._client = client
        self._place = place
        self._now = now

    def reading(self) -> ResponderReading:
        seen = self._look()
        if seen.ours is not None and seen.in_force:
            return reading_of_ours(seen.ours, self._copies(seen.listing).values(), seen.beneath.snapshot(), self._now)
        return reading_of_theirs(seen.beneath.bytes(), seen.beneath.snapshot())

    def put_on(self, item: ResponderItem | None, lease: Lease | None, remembered: _Original) -> None:
        lacking = missing(self._client.capabilities.sieve, item is not None)
        if lacking:
            raise Permanent(f"The server's Sieve cannot do what homeward needs: {', '.join(lacking)} is missing.")
        seen = self._look()
        self._require_untouched(seen, remembered)
        beneath = self._brought_back(seen, remembered)
        wanted = self._wanted(item, lease, beneath, seen.listing)  # before anything is changed: it may refuse
        if seen.listing.active == MAIN:
            self._fill(wanted)
            return
        self._client.havespace(MAIN, len(wanted[MAIN]))
        beneath = self._take_the_place(beneath, seen.listing)
        try:
            self._fill(self._wanted(item, lease, beneath, self._client.listscripts()))
        except Permanent:
            self._leave_to(beneath)
            raise

    def take_off(self, remembered: _Original) -> None:
        seen = self._look()
        if seen.listing.active == MAIN:
            self._require_unedited(seen)
        self._require_alike(seen, remembered)
        beneath = self._brought_back(seen, remembered)
        if seen.in_force:
            with suppress(Permanent):  # no room is no reason to stay
                self._put_idle(beneath)
        self._leave_to(beneath) if seen.listing.active != beneath.active else self._sweep()

    # --- looking ------------------------------------------------------------------------------------------------------

    def _look(self) -> _Seen:
        listing = self._client.listscripts()
        ours = ours_in(self._client.getscript(MAIN)) if MAIN in listing.names else None
        return _Seen(listing, ours, self._beneath(listing, ours))

    def _beneath(self, listing: Listing, ours: Ours | None) -> _Original:
        remembered = (_original_in(ours.original()) if ours else None) or _Original("")
        if ours is not None and listing.active == MAIN:
            if remembered.active in listing.names:
                return replace(remembered, content=self._content(remembered.active))
            return self._moved(remembered, listing) or remembered
        if ours is not None and ours.idle and not listing.active:  # the server may have died while it made ours active
            moved = self._moved(remembered, listing)
            if moved is not None:
                return moved
        if listing.active:
            return _Original(listing.active, self._content(listing.active))
        return _Original("", aside=_digest(self._client.getscript(_MOVED)) if _MOVED in listing.names else "")

    def _moved(self, remembered: _Original, listing: Listing) -> _Original | None:
        """The user's script, where it was a file that no listing showed until ours became active."""
        if remembered.active or _MOVED not in listing.names:
            return None
        found = _Original(_MOVED, self._content(_MOVED))
        return found if found.alike(remembered) else None

    def _content(self, name: str) -> str | None:
        content = self._client.getscript(name)
        return None if content is None else base64.b64encode(content).decode("ascii")

    def _copies(self, listing: Listing) -> dict[str, bytes]:
        """Ours beside MAIN, by name."""
        found = {name: self._client.getscript(name) or b"" for name in sorted(listing.names) if is_copy_name(name)}
        return {name: content for name, content in found.items() if is_copy(content)}

    def _require_untouched(self, seen: _Seen, remembered: _Original) -> None:
        foreign = {name for name in seen.listing.names if is_copy_name(name)} - self._copies(seen.listing).keys()
        if foreign or (MAIN in seen.listing.names and seen.ours is None):
            name = min(foreign, default=MAIN)
            raise Permanent(f"There is a Sieve script “{name}” that homeward did not write. Give it another name.")
        self._require_unedited(seen)
        self._require_alike(seen, remembered)
        before = _original_in(seen.ours.original()) if seen.ours else None
        if seen.switched_off and before is not None and seen.beneath.alike(before):
            raise PreconditionFailed(
                f"homeward's Sieve script was switched off since; it stays off. Delete the script “{MAIN}” if that should end."
            )

    def _require_unedited(self, seen: _Seen) -> None:
        edited = seen.ours is not None and seen.ours.edited
        if edited or any(copy_was_edited(content) for content in self._copies(seen.listing).values()):
            raise PreconditionFailed("homeward's Sieve script was changed by hand since; it stays as it is.")

    def _require_alike(self, seen: _Seen, remembered: _Original) -> None:
        if not seen.beneath.alike(remembered):
            raise PreconditionFailed("Another Sieve script was made active since; it stays as it is.")

    # --- writing ------------------------------------------------------------------------------------------------------

    def _wanted(
        self, item: ResponderItem | None, lease: Lease | None, beneath: _Original, listing: Listing
    ) -> dict[str, bytes]:  # fmt: skip
        if "${" in beneath.active:
            raise NotUnderstood(f"The name of your Sieve script, “{beneath.active}”, cannot be written in another script.")
        own = Own(beneath.bytes(), beneath.active, lambda name: self._client.getscript(name) if name in listing.names else None)
        return scripts(item, lease, own, self._place, asdict(replace(beneath, content=None)))

    def _fill(self, wanted: dict[str, bytes]) -> None:
        """Those that ours includes first, so that what is active always finds them."""
        for name, content in wanted.items():
            if self._client.getscript(name) != content:
                self._client.putscript(name, content)
        for stale in self._copies(self._client.listscripts()).keys() - wanted.keys():
            self._client.deletescript(stale)

    def _take_the_place(self, beneath: _Original, listing: Listing) -> _Original:
        """Make ours active, idle. Returns the user's own state, in which a file that no listing showed has its name now."""
        kept = self._keep_aside(listing) if beneath.aside else ""
        self._put_idle(beneath)
        self._client.setactive(MAIN)
        if beneath.active:
            return beneath
        moved = self._moved(beneath, self._client.listscripts())
        if kept and moved is None:
            self._client.deletescript(kept)
        return moved or beneath

    def _put_idle(self, beneath: _Original) -> None:
        """A file that is about to be moved runs from the first moment under its new name."""
        name, option = (beneath.active, "") if beneath.active else (_MOVED, " :optional")
        runs = f'require ["include"];\ninclude :personal{option} {quoted(name)};\n' if not beneath.aside else ""
        self._client.putscript(MAIN, sealed(runs, None, None, asdict(replace(beneath, content=None))))

    def _keep_aside(self, listing: Listing) -> str:
        """What is called _MOVED gets a second name, lest a file that no listing shows takes its place."""
        content = self._client.getscript(_MOVED) or b""
        for name in (KEPT, *(f"{KEPT}-{count}" for count in range(2, 100))):
            if name not in listing.names:
                self._client.putscript(name, content)
                return name
            if self._client.getscript(name) == content:
                return name
        raise Permanent(f"There are too many Sieve scripts called {KEPT}. Delete those that you do not need.")

    def _brought_back(self, seen: _Seen, remembered: _Original) -> _Original:
        """What lies beneath; a script that was deleted while ours stood upon it is put back as it was known."""
        beneath, content = seen.beneath, remembered.bytes()
        if not beneath.active or beneath.content is not None:
            return beneath
        if content is None:
            return _Original("")
        self._client.putscript(beneath.active, content)
        return replace(beneath, content=remembered.content)

    def _leave_to(self, beneath: _Original) -> None:
        try:
            self._client.setactive(beneath.active)
        except Permanent:  # it finds a mistake in the user's script, and so runs none, as before
            self._client.setactive("")
            self._sweep()
            raise
        self._sweep()

    def _sweep(self) -> None:
        """Take our own scripts away, save what somebody edited, and the second name of a script that is there by its first."""
        listing = self._client.listscripts()
        if MAIN in listing.names and listing.active != MAIN:
            ours = ours_in(self._client.getscript(MAIN))
            if ours is not None and not ours.edited:
                self._client.deletescript(MAIN)
        for name, content in self._copies(listing).items():
            if not copy_was_edited(content):
                self._client.deletescript(name)
        kept = [name for name in listing.names if name.startswith(KEPT)] if _MOVED in listing.names else []
        for name in kept:
            if self._client.getscript(name) == self._client.getscript(_MOVED):
                self._client.deletescript(name)


def _digest(content: bytes | None) -> str:
    return hashlib.sha256(content or b"").hexdigest()


def _original_in(remembered: dict[str, Any]) -> _Original | None:
    with suppress(TypeError):
        return _Original(**remembered)
    return None


def _parsed(snapshot: str) -> _Original:
    try:
        return _Original(**json.loads(snapshot))
    except (ValueError, TypeError) as error:
        raise Permanent("What was remembered of your Sieve script cannot be read.") from error
