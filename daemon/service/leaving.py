"""What is put back before the service is taken away: nothing may stay held, and no autoreply on, when nobody is left to end it.
Hosts and blocks are the user's to keep. Uses what `undo` and the passes use."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from daemon.leases import tend_leases, watch_responders
from daemon.quiet import end_quiet
from daemon.reconcile import look, record, undo_one
from daemon.session import Session
from daemon.tend import tend_inbox
from integrations.errors import OutsideError
from rules.items import BlockItem, HoldItem, HostItem, ResponderItem

Kind = type[HostItem] | type[BlockItem] | type[HoldItem] | type[ResponderItem]


class PutBack(Struct, frozen=True):
    """What was done, and what could not be."""

    words: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def standing(session: Session, kind: Kind) -> list[str]:
    """Ids of what is out there of that kind and not over."""
    now = session.clock.now()
    found = session.ledger.standing().values()
    out_there = [s.item for s in found if isinstance(s.item, kind) and s.state in ("intended", "done", "neutralised")]
    return [item.id for item in out_there if isinstance(item, HoldItem | ResponderItem) or item.span.end > now]


def take_back(session: Session, ids: Collection[str]) -> PutBack:
    """Each of these, and it stays away until `homeward apply --again`."""
    done, failed = 0, []
    for effect_id in ids:
        applied = undo_one(session, effect_id)
        if applied is not None and applied.outcome == "failed":
            failed.append(applied.words)
        else:
            done += 1
    return PutBack((f"{done} taken back",) if done else (), tuple(failed))


def open_everything(session: Session) -> PutBack:
    """End every hold and autoreply, release what is held, and put the user's own script back."""
    taken = take_back(session, [*standing(session, HoldItem), *standing(session, ResponderItem)])
    seen = look(session)
    record(session, seen)
    tended = [
        tend_leases(session, seen), tend_inbox(session, seen.absences, session.clock.now()), watch_responders(session, seen),
        end_quiet(session, session.clock.now()),
    ]  # fmt: skip
    words = tuple(word for one in tended for word in one.words)
    failed = (*taken.failed, *(word for one in tended for word in one.failed), *_still_held(session))
    return PutBack(words, tuple(dict.fromkeys(failed)))


def _still_held(session: Session) -> list[str]:
    """Mail of ours that is in a held folder all the same, or that cannot be looked for."""
    left = []
    for mail_id, mailbox in session.outside.mailboxes.items():
        try:
            names = session.ledger.held_now(mail_id)
            ours = [m for m in mailbox.held() if mailbox.owns_held() or (m.message_id or m.id) in names]
        except OutsideError as error:
            left.append(error.what)
            continue
        if ours:
            left.append(f"{len(ours)} messages are still held in {mail_id}")
    return left
