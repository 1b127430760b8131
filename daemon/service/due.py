"""When something changes by itself: the next moment at which a pass would do what it would not do now. A pure function of what is
known; that it names a moment too many costs a pass, and one too few would be made up for by the regular look."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from rules.items import HoldItem, MailItem, ResponderItem
from rules.model import Absence, Opening
from rules.plan import Standing
from rules.policy import InboxPolicy


def following(
    now: datetime,
    inbox: InboxPolicy,
    absences: Sequence[Absence],
    openings: Sequence[Opening],
    standing: Collection[Standing],
    leases: Mapping[str, datetime],
    synchronised: datetime | None,
    answers: Iterable[datetime] = (),
) -> datetime | None:
    """The first such moment after `now`, None where none is known. `leases`: when each server-side hold was last written;
    `synchronised`: when the user's mail was last fetched by their command; `answers`: until when deputies are waited for."""
    moments = (
        *_edges(openings),
        *(edge for a in absences if a.action in ("act", "private-only") for edge in (a.span.start, a.span.end)),
        *_of_items(standing, inbox),
        *(at + timedelta(hours=inbox.renew_hours) for at in leases.values()),
        *_fetches(now, inbox, openings, synchronised),
        *answers,
    )
    return min((moment for moment in moments if moment > now), default=None)


def _edges(openings: Iterable[Opening]) -> Iterator[datetime]:
    for opening in openings:
        yield opening.span.start
        yield opening.span.end


def _of_items(standing: Iterable[Standing], inbox: InboxPolicy) -> Iterator[datetime]:
    for stands in standing:
        item = stands.item
        if isinstance(item, MailItem) and stands.state == "scheduled" and item.due is not None:
            yield item.due
        if isinstance(item, HoldItem | ResponderItem) and stands.state == "done":
            yield item.span.start
            yield item.span.end
        if isinstance(item, HoldItem) and item.mode == "server":
            yield item.span.start - timedelta(hours=inbox.lease_hours)


def _fetches(
    now: datetime, inbox: InboxPolicy, openings: Iterable[Opening], synchronised: datetime | None
) -> Iterator[datetime]:  # fmt: skip
    """While a window is open the user's mail is fetched again and again."""
    if inbox.mode == "sync" and synchronised is not None and any(now in opening.span for opening in openings):
        yield synchronised + timedelta(minutes=inbox.sync_every_minutes)
