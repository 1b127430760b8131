"""The Responder over a server's active Sieve script, by ManageSieve (RFC 5804). Ours is put beside the user's own script, which
keeps every byte, and made active. What anybody changed in ours, or made active since, stays.

Ours becomes active idle, including the user's script and nothing else; only then is it filled. So a filled one that is not
active was switched off by somebody, and a death between any two commands leaves the user's rules in force."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from msgspec.structs import asdict, replace

from integrations.errors import Permanent, Temporary
from integrations.login import Login, Server
from integrations.managesieve import Listing, ManageSieve
from integrations.ports import Lease, ResponderReading
from integrations.sieve import missing
from integrations.sieve_beneath import MOVED, Original, Seen, Sight
from integrations.sieve_scripts import (
    KEPT,
    MAIN,
    UNCHANGED,
    Own,
    Place,
    copied,
    copy_was_edited,
    including,
    is_kept_name,
    marker_of,
    original_of,
    ours_in,
    reading_of_ours,
    reading_of_theirs,
    scripts,
    sealed,
)
from rules.items import ResponderItem


class SieveServer:
    """`server` has the scheme `sieve`. Connects at each call, and only for its time. `held_path` tells the full name of the held
    folder on servers that put a prefix before it; it is asked when a hold is written."""

    def __init__(
        self, server: Server, login: Login, clock: Callable[[], datetime], held_folder: str = "Held", *,
        ca_file: str = "", held_path: Callable[[], str] | None = None,
    ) -> None:  # fmt: skip
        self._place = Place(held_folder)
        self._held_path = held_path or (lambda: held_folder)
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
        held = self._held_path() if lease else self._place.held_folder
        with self._entered() as client:
            visit = self._visit(client, held)
            visit.put_on(item, lease, original_of(Original, original))
            reading = visit.reading()
        if reading.marker != marker_of(item):
            raise Temporary("The Sieve script was changed by somebody else while it was written; looking again.")
        return reading

    def restore(self, original: str, now: datetime) -> ResponderReading:
        """Whatever the user's script does by itself, at `now` or later, it does again."""
        with self._entered() as client:
            visit = self._visit(client)
            visit.take_off(original_of(Original, original))
            return visit.reading()

    def _entered(self) -> ManageSieve:
        return ManageSieve(self._server, self._login, self._ca_file)

    def _visit(self, client: ManageSieve, held: str = "") -> _Visit:
        place = Place(held or self._place.held_folder, client.capabilities.sieve)
        return _Visit(client, place, self._clock())


class _Visit:
    """What is done within one connection."""

    def __init__(self, client: ManageSieve, place: Place, now: datetime) -> None:
        self._client = client
        self._sight = Sight(client)
        self._place = place
        self._now = now

    def reading(self) -> ResponderReading:
        seen = self._sight.look()
        if seen.ours is not None and seen.in_force:
            return reading_of_ours(seen.ours, self._sight.copies(seen.listing).values(), seen.beneath.snapshot(), self._now)
        return reading_of_theirs(seen.beneath.bytes(), seen.beneath.snapshot())

    def put_on(self, item: ResponderItem | None, lease: Lease | None, remembered: Original) -> None:
        lacking = missing(self._client.capabilities.sieve, item is not None)
        if lacking:
            raise Permanent(f"The server's Sieve cannot do what homeward needs: {', '.join(lacking)} is missing.")
        seen = self._sight.look()
        self._sight.require_untouched(seen, remembered)
        beneath = self._brought_back(seen, remembered)
        wanted = self._wanted(item, lease, beneath, seen.listing)  # before anything is changed: it may refuse
        if seen.listing.active == MAIN:
            self._fill(wanted)
            return
        self._client.havespace(MAIN, len(wanted[MAIN]))
        try:
            beneath = self._take_the_place(beneath, seen.listing)
            self._fill(self._wanted(item, lease, beneath, self._client.listscripts()))
        except Permanent:
            self._leave_to(self._sight.look().beneath)
            raise

    def take_off(self, remembered: Original) -> None:
        seen = self._sight.look()
        if seen.listing.active == MAIN:
            self._sight.require_unedited(seen)
        self._sight.require_alike(seen, remembered)
        beneath = self._brought_back(seen, remembered)
        if seen.in_force:
            with suppress(Permanent):  # no room is no reason to stay
                self._put_idle(beneath)
        self._leave_to(beneath)

    # --- writing ------------------------------------------------------------------------------------------------------

    def _wanted(
        self, item: ResponderItem | None, lease: Lease | None, beneath: Original, listing: Listing
    ) -> dict[str, bytes]:  # fmt: skip
        name = UNCHANGED if beneath.copied else beneath.active
        own = Own(beneath.bytes(), name, lambda name: self._client.getscript(name) if name in listing.names else None)
        return scripts(item, lease, own, self._place, asdict(replace(beneath, content=None)))

    def _fill(self, wanted: dict[str, bytes]) -> None:
        """Those that ours includes first, so that what is active always finds them."""
        for name, content in wanted.items():
            if self._client.getscript(name) != content:
                self._client.putscript(name, content)
        for stale in self._sight.copies(self._client.listscripts()).keys() - wanted.keys():
            self._client.deletescript(stale)

    def _take_the_place(self, beneath: Original, listing: Listing) -> Original:
        """Make ours active, idle. Returns the user's own state as it can be built upon now."""
        if not beneath.active:
            return self._take_the_empty_place(beneath, listing)
        self._put_idle(beneath)
        try:
            self._client.setactive(MAIN)
        except Permanent:
            if beneath.copied:
                raise
            # Pigeonhole lists a default script of the server (sieve_default_name) which no script can include.
            beneath = replace(beneath, copied=True)
            self._put_idle(beneath)
            self._client.setactive(MAIN)
        return beneath

    def _take_the_empty_place(self, beneath: Original, listing: Listing) -> Original:
        kept = self._keep_aside(listing) if beneath.aside else ""
        self._put_idle(beneath)
        self._client.setactive(MAIN)
        moved = self._sight.moved(beneath, self._client.listscripts())
        if kept and moved is None:
            self._client.deletescript(kept)
        return moved or beneath

    def _put_idle(self, beneath: Original) -> None:
        """A file that is about to be moved runs from the first moment under its new name."""
        if beneath.copied:
            self._client.putscript(UNCHANGED, copied(beneath.bytes() or b""))
        if beneath.active:
            runs = including(UNCHANGED if beneath.copied else beneath.active)
        else:
            runs = including(MOVED, optional=True) if not beneath.aside else ""
        self._client.putscript(MAIN, sealed(runs, None, None, asdict(replace(beneath, content=None))))

    def _keep_aside(self, listing: Listing) -> str:
        """What is called MOVED gets a second name, lest a file that no listing shows takes its place."""
        content = self._client.getscript(MOVED) or b""
        for name in (KEPT, *(f"{KEPT}-{count}" for count in range(2, 100))):
            if name not in listing.names:
                self._client.putscript(name, content)
                return name
            if self._client.getscript(name) == content:
                return name
        raise Permanent(f"There are too many Sieve scripts called {KEPT}. Delete those that you do not need.")

    def _brought_back(self, seen: Seen, remembered: Original) -> Original:
        """What lies beneath; a script that was deleted while ours stood upon it is put back as it was known."""
        beneath, content = seen.beneath, remembered.bytes()
        if not beneath.active or beneath.content is not None:
            return beneath
        if content is None:
            return Original("")
        self._client.putscript(beneath.active, content)
        return replace(beneath, content=remembered.content)

    def _leave_to(self, beneath: Original) -> None:
        """Touches nothing where that is active already: to switch off a file that no listing shows would move it."""
        if self._client.listscripts().active != beneath.active:
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
        if listing.active == MAIN:
            return
        if MAIN in listing.names:
            ours = ours_in(self._client.getscript(MAIN))
            if ours is not None and not ours.edited:
                self._client.deletescript(MAIN)
        for name, content in self._sight.copies(listing).items():
            if not copy_was_edited(content):
                self._client.deletescript(name)
        kept = [name for name in listing.names if is_kept_name(name)] if MOVED in listing.names else []
        for name in kept:
            if self._client.getscript(name) == self._client.getscript(MOVED):
                self._client.deletescript(name)
