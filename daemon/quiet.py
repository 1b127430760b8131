"""The notices of the desktop are off while the user is away, where they want that. Looked at in every pass: what is off is on
again as soon as no absence asks for it. Whoever switches them on or off meanwhile is left with that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from daemon.session import Session
from daemon.tended import Tended
from integrations.errors import OutsideError, Temporary
from integrations.gnome_banners import GnomeBanners
from rules.model import Absence

_KEY = "desktop notices"
_SURE = ("act", "private-only")


class Quiet(Struct, frozen=True):
    """What was done for that absence. They were on before, else nothing is: `theirs`, as the user has set them."""

    absence: str
    state: Literal["intended", "done", "theirs"]


def quiet_of(session: Session) -> Quiet | None:
    """How it is now, where the desktop has a switch that stays as it is set."""
    kept = session.ledger.get(_KEY)
    return msgspec.json.decode(kept, type=Quiet) if kept else None


def wanting(session: Session, absences: Iterable[Absence], now: datetime) -> Absence | None:
    """The absence at `now` that the user has agreed to, and during which notices are to be off."""
    if not session.policy.phone.mute_desktop:
        return None
    agreed = {absence_id for absence_id, _, _ in session.ledger.consented()}
    auto = session.policy.service.apply == "auto"
    return next((a for a in absences if a.action in _SURE and now in a.span and (auto or a.id in agreed)), None)


def tend_desktop(session: Session, absences: Iterable[Absence], now: datetime) -> Tended:
    """Switch them off, or on again."""
    return _tend(session, wanting(session, absences, now), now)


def end_quiet(session: Session, now: datetime) -> Tended:
    """On again, whatever is planned."""
    return _tend(session, None, now)


def _tend(session: Session, wanted: Absence | None, now: datetime) -> Tended:
    kept = quiet_of(session)
    if wanted is None and kept is None:
        return Tended()
    banners = session.outside.banners
    words: list[str] = []
    try:
        if kept is not None and (wanted is None or wanted.id != kept.absence):
            words += _end(session, banners, kept, now)
            kept = None
        if wanted is not None:
            words += _begin(session, banners, wanted, now) if kept is None else _keep(session, banners, kept, now)
    except OutsideError as error:
        return Tended(tuple(words), (error.what,))
    return Tended(tuple(words))


def _begin(session: Session, banners: GnomeBanners, absence: Absence, now: datetime) -> list[str]:
    shown = banners.shown()
    if shown is None:
        return []
    state: Literal["intended", "theirs"] = "intended" if shown else "theirs"
    _note(session, Quiet(absence.id, state))  # first: who dies in between finds it, and has it on again
    return _switch_off(session, banners, absence.id, now) if shown else []


def _switch_off(session: Session, banners: GnomeBanners, absence_id: str, now: datetime) -> list[str]:
    banners.show(False)
    _note(session, Quiet(absence_id, "done"))
    words = "notices of the desktop are off"
    session.ledger.note(now, absence_id, "muted", words)
    return [words]


def _keep(session: Session, banners: GnomeBanners, kept: Quiet, now: datetime) -> list[str]:
    if kept.state == "intended":
        return _switch_off(session, banners, kept.absence, now)
    if kept.state == "done" and banners.shown():
        _note(session, Quiet(kept.absence, "theirs"))
        session.ledger.note(now, kept.absence, "theirs", "you switched the notices of the desktop on; they stay on")
    return []


def _end(session: Session, banners: GnomeBanners, kept: Quiet, now: datetime) -> list[str]:
    shown = banners.shown() if kept.state != "theirs" else True
    if shown is None:
        raise Temporary("notices of the desktop are off, and its settings cannot be reached to switch them on")
    words = []
    if not shown:
        banners.show(True)
        words = ["notices of the desktop are on again"]
        session.ledger.note(now, kept.absence, "unmuted", words[0])
    session.ledger.unset(_KEY)
    return words


def _note(session: Session, quiet: Quiet) -> None:
    session.ledger.set(_KEY, msgspec.json.encode(quiet).decode())
