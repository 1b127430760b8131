"""What lies on a ManageSieve server: the user's own state beneath our script, and whether somebody changed it or ours. Looks, and
writes nothing."""

from __future__ import annotations

import base64
import hashlib
import json

from msgspec import Struct
from msgspec.structs import asdict, replace

from integrations.errors import Permanent, PreconditionFailed
from integrations.managesieve import Listing, ManageSieve
from integrations.sieve_scripts import MAIN, Ours, copy_was_edited, is_copy, is_copy_name, original_in, ours_in

MOVED = "dovecot.orig"
"""Under this name Pigeonhole keeps a regular file `~/.dovecot.sieve`, which no listing shows, once another script is made
active; what had the name before is lost."""


class Original(Struct, frozen=True):
    """The user's own state. `active` is "" where none is; `content` (base64) what it said when it was seen; `aside` the digest of
    what is called MOVED already, where none is active; `copied`: it can be included as UNCHANGED only, not by its name."""

    active: str
    content: str | None = None
    aside: str = ""
    copied: bool = False

    def snapshot(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def bytes(self) -> bytes | None:
        return None if self.content is None else base64.b64decode(self.content)

    def alike(self, remembered: Original) -> bool:
        """Whether this is the same state; a file that nobody could see may have got its name since."""
        unseen = not remembered.active and self.active == MOVED and _digest(self.bytes()) != remembered.aside
        return self.active == remembered.active or unseen


class Seen(Struct, frozen=True):
    """`ours` is MAIN, where that is there and ours; `beneath` the user's own state."""

    listing: Listing
    ours: Ours | None
    beneath: Original

    @property
    def in_force(self) -> bool:
        return self.ours is not None and self.listing.active == MAIN and not self.ours.idle

    @property
    def switched_off(self) -> bool:
        return self.ours is not None and self.listing.active != MAIN and not self.ours.idle


class Sight:
    """What one connection sees."""

    def __init__(self, client: ManageSieve) -> None:
        self._client = client

    def look(self) -> Seen:
        listing = self._client.listscripts()
        ours = ours_in(self._client.getscript(MAIN)) if MAIN in listing.names else None
        return Seen(listing, ours, self._beneath(listing, ours))

    def _beneath(self, listing: Listing, ours: Ours | None) -> Original:
        remembered = (original_in(Original, ours) if ours else None) or Original("")
        if ours is not None and listing.active == MAIN:
            if remembered.active in listing.names:
                return replace(remembered, content=self._content(remembered.active))
            return self.moved(remembered, listing) or remembered
        if ours is not None and ours.idle and not listing.active:  # the server may have died while it made ours active
            moved = self.moved(remembered, listing)
            if moved is not None:
                return moved
        if listing.active:
            return Original(listing.active, self._content(listing.active), copied="${" in listing.active)
        return Original("", aside=_digest(self._client.getscript(MOVED)) if MOVED in listing.names else "")

    def moved(self, remembered: Original, listing: Listing) -> Original | None:
        """The user's script, where it was a file that no listing showed until ours became active."""
        if remembered.active or MOVED not in listing.names:
            return None
        found = Original(MOVED, self._content(MOVED))
        return found if found.alike(remembered) else None

    def _content(self, name: str) -> str | None:
        content = self._client.getscript(name)
        return None if content is None else base64.b64encode(content).decode("ascii")

    def copies(self, listing: Listing) -> dict[str, bytes]:
        """Ours beside MAIN, by name."""
        found = {name: self._client.getscript(name) or b"" for name in sorted(listing.names) if is_copy_name(name)}
        return {name: content for name, content in found.items() if is_copy(content)}

    def require_untouched(self, seen: Seen, remembered: Original) -> None:
        foreign = {name for name in seen.listing.names if is_copy_name(name)} - self.copies(seen.listing).keys()
        if foreign or (MAIN in seen.listing.names and seen.ours is None):
            name = min(foreign, default=MAIN)
            raise Permanent(f"There is a Sieve script “{name}” that homeward did not write. Give it another name.")
        self.require_unedited(seen)
        self.require_alike(seen, remembered)
        before = original_in(Original, seen.ours) if seen.ours else None
        if seen.switched_off and before is not None and seen.beneath.alike(before):
            raise PreconditionFailed(
                f"homeward's Sieve script was switched off since; it stays off. Delete the script “{MAIN}” if that should end."
            )

    def require_unedited(self, seen: Seen) -> None:
        edited = seen.ours is not None and seen.ours.edited
        if edited or any(copy_was_edited(content) for content in self.copies(seen.listing).values()):
            raise PreconditionFailed("homeward's Sieve script was changed by hand since; it stays as it is.")

    def require_alike(self, seen: Seen, remembered: Original) -> None:
        if not seen.beneath.alike(remembered):
            raise PreconditionFailed("Another Sieve script was made active since; it stays as it is.")


def _digest(content: bytes | None) -> str:
    return hashlib.sha256(content or b"").hexdigest()
