"""What deputies answer: in their calendar, or by a plain yes or no to the request. Nobody's answer is guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from rules.asking import MOST_TURNS, ask_id, host_id
from rules.interval import Interval
from rules.items import HostItem
from rules.meetings import addresses_of
from rules.model import AnswerState, Assignment, Envelope, Occurrence, OccurrenceKey
from rules.phrases import contains, every, fold
from rules.plan import Standing
from rules.policy import Policy
from rules.workdays import Workdays, working_time


class Answer(Struct, frozen=True):
    """A deputy has answered since the assignment was written."""

    absence_id: str
    key: OccurrenceKey
    person_id: str
    state: AnswerState | Literal["silent", "late"]  # accepted, declined; no answer in time; a yes after that
    via: str  # "calendar" or "mail"


def answers(assignments: Sequence[Assignment], occurrences: Sequence[Occurrence], policy: Policy) -> tuple[Answer, ...]:
    """New answers by PARTSTAT. An assignment is recorded only after the request was written (which sets NEEDS-ACTION), so on an
    occurrence that bears its marker ACCEPTED or DECLINED was said since; TENTATIVE is no answer, and without the marker
    a PARTSTAT is older than the question."""
    by_key = {occurrence.key: occurrence for occurrence in occurrences}
    found = []
    for held in assignments:
        occurrence = by_key.get(held.key)
        if occurrence is None or occurrence.marker != _effect_of(held):
            continue
        state = _said_on(occurrence, addresses_of(policy, held.person_id))
        if state and _is_new(held, state):
            found.append(Answer(held.absence_id, held.key, held.person_id, state, "calendar"))
    return tuple(found)


def _effect_of(held: Assignment) -> str:
    return held.effect or host_id(held.absence_id, held.key)


def _said_on(occurrence: Occurrence, addresses: Sequence[str]) -> AnswerState | None:
    own = {address.lower() for address in addresses}
    said = {attendee.partstat for attendee in occurrence.attendees if attendee.address.lower() in own}
    if "DECLINED" in said:
        return "declined"
    return "accepted" if "ACCEPTED" in said else None


def _is_new(held: Assignment, state: AnswerState) -> bool:
    return held.state != "declined" and held.state != state


def mail_answers(assignments: Sequence[Assignment], envelopes: Sequence[Envelope], policy: Policy) -> tuple[Answer, ...]:
    """New answers by mail: the deputy's own reply to our request, whose first line is a plain yes or no. The latest counts; what
    came before the state was last recorded is old. A mail "no" refuses the hosting alone, not the attendance, and gives the turn
    back where they had accepted. A yes of somebody who was passed over comes late."""
    found = []
    for held in assignments:
        for person_id in heard(held):
            replies = sorted((e for e in envelopes if _replies_to(e, held, person_id, policy)), key=lambda e: e.received)
            said = [state for envelope in replies if (state := yes_or_no(envelope.text))]
            if said and (news := _news(held, person_id, said[-1])):
                found.append(Answer(held.absence_id, held.key, person_id, news, "mail"))
    return tuple(found)


def heard(held: Assignment) -> Iterable[str]:
    """Whose mail counts: who is asked or has accepted, and who was passed over."""
    return dict.fromkeys((held.person_id, *held.silent))


def _news(held: Assignment, person_id: str, said: AnswerState) -> AnswerState | Literal["late"] | None:
    if person_id == held.person_id and held.state != "declined":
        return said if _is_new(held, said) else None
    passed_over = person_id in held.silent and person_id not in (*held.declined_by, *held.late)
    return "late" if passed_over and said == "accepted" else None


def _replies_to(envelope: Envelope, held: Assignment, person_id: str, policy: Policy) -> bool:
    threads = f"{envelope.headers.get('in-reply-to', '')} {envelope.headers.get('references', '')}"
    requests = (ask_id(_effect_of(held), person_id, turn) for turn in range(1, MOST_TURNS + 1))
    automatic = envelope.headers.get("auto-submitted", "no").strip().lower() != "no"
    return (
        not automatic
        and any(f"<{request}@" in threads for request in requests)
        and envelope.sender.lower() in {address.lower() for address in addresses_of(policy, person_id)}
        and envelope.received >= held.asked_at
    )


# --- what comes of an answer ------------------------------------------------------------------------------------------


def is_about(answer: Answer, held: Assignment) -> bool:
    """Whether it concerns this turn as it stands."""
    who = answer.person_id in held.silent if answer.state == "late" else answer.person_id == held.person_id
    return who and (answer.absence_id, answer.key) == (held.absence_id, held.key)


def answer_to(held: Assignment, answer: Answer, at: datetime) -> Assignment:
    """The assignment after that answer, given at `at`; who declined is never asked again for it."""
    person = answer.person_id
    if answer.state == "late":
        return replace(held, late=(*held.late, person))
    held = replace(held, silent=without(held.silent, person), late=without(held.late, person))
    if answer.state == "silent":
        return replace(held, state="declined", asked_at=at, silent=(*held.silent, person))
    if answer.state == "declined" and person not in held.declined_by:
        gave_back = (*held.gave_back, person) if held.state == "accepted" else held.gave_back
        declined_by = (*held.declined_by, person)
        return replace(held, state="declined", asked_at=at, declined_by=declined_by, gave_back=gave_back)
    return replace(held, state="accepted", asked_at=at) if answer.state == "accepted" else held


def without(people: tuple[str, ...], person: str) -> tuple[str, ...]:
    """The others, in their order."""
    return tuple(each for each in people if each != person)


# --- until when -------------------------------------------------------------------------------------------------------

_LEAST = timedelta(hours=1)  # nobody has to answer sooner
_STEP = timedelta(minutes=15)  # what is told to people is a time that one can say


def answer_by(
    asked_at: datetime, start: datetime, policy: Policy, holidays: frozenset[date], away: Sequence[Interval]
) -> datetime | None:
    """Until when an answer is waited for: the end of the last of `answer_days` working days, less those on which who was asked is
    `away` themselves, but no later than half the time that was left to the meeting when they were asked, to the next quarter of
    an hour: that leaves time to ask somebody else. None where it is waited for to the end."""
    days = policy.service.answer_days
    if not days:
        return None
    half = max(asked_at + (start - asked_at) / 2, asked_at + _LEAST)
    latest = half + (datetime.min.replace(tzinfo=UTC) - half) % _STEP
    there = (hours.end for hours in _worked(asked_at, latest, policy, holidays) if not any(map(hours.overlaps, away)))
    limit = next(islice(there, days - 1, None), latest)
    return limit if limit < start else None


def _worked(asked_at: datetime, latest: datetime, policy: Policy, holidays: frozenset[date]) -> Iterator[Interval]:
    """The leader's working hours on each day after the one on which they asked, as far as they end before `latest`; on every day
    where none is worked for months."""
    workdays = Workdays.of(policy.me, holidays)
    day = asked_at.astimezone(ZoneInfo(policy.me.home_zone)).date()
    while True:
        following = day + timedelta(days=1)
        day = workdays.find_from(following) or following
        hours = working_time(day, policy.me)
        if hours.end >= latest:
            return
        yield hours


def answer_due(
    item: HostItem,
    held: Assignment | None,
    policy: Policy,
    holidays: frozenset[date],
    away: Mapping[str, Sequence[Interval]],
    now: datetime,
) -> datetime | None:
    """Until when whoever is asked to host can answer before the next is asked; None where they have, or there is no next. `held`
    is what the ledger knows of it: without that they are asked `now`. `away` by person id."""
    if item.state == "accepted" or not item.chain:
        return None
    asked_at = held.asked_at if held is not None and was_asked(item, held) else now
    return answer_by(asked_at, item.span.start, policy, holidays, away.get(item.host, ()))


def was_asked(item: HostItem, held: Assignment) -> bool:
    """Whether it is this host who was asked, and has not answered."""
    return held.state == "asked" and held.person_id == item.host


def silences(
    assignments: Sequence[Assignment],
    standing: Mapping[str, Standing],
    policy: Policy,
    holidays: frozenset[date],
    away: Mapping[str, Sequence[Interval]],
    now: datetime,
    unread: Collection[str],
) -> tuple[Answer, ...]:
    """Who has let the time pass. Only where somebody else can be asked, and not in a calendar that cannot be read now: the answer
    may stand there."""
    found = []
    for held in assignments:
        stands = standing.get(_effect_of(held))
        if stands is None or stands.state != "done" or not isinstance(stands.item, HostItem) or held.state != "asked":
            continue
        limit = answer_due(stands.item, held, policy, holidays, away, now)
        if limit and limit <= now < stands.item.span.start and held.key.calendar_id not in unread:
            found.append(Answer(held.absence_id, held.key, held.person_id, "silent", "in time"))
    return tuple(found)


# --- yes or no --------------------------------------------------------------------------------------------------------

_MOST_WORDS = 12  # a longer first line weighs something up, and that is for the leader to read


def yes_or_no(text: str) -> AnswerState | None:
    """What the first line says, in any of the ten languages. A question, both words at once, or a no that goes on ("no idea") is
    no answer."""
    own = (line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(">"))
    line = fold(next(own, ""))
    if not line or "?" in line or len(line.split()) > _MOST_WORDS:
        return None
    agreed = _starts_with(line, every("yes"), open_end=True)
    rest = line.removeprefix(agreed)
    if agreed and not contains(rest, every("no")):
        return "accepted"
    refused = _starts_with(line, every("no"), open_end=False)
    return "declined" if refused and not agreed and not contains(line.removeprefix(refused), every("yes")) else None


def _starts_with(line: str, words: Iterable[str], *, open_end: bool) -> str:
    """The longest of `words` at the beginning; unless `open_end`, a single word must be followed by a stop or nothing."""
    longest = sorted({fold(word) for word in words}, key=len, reverse=True)
    return next((word for word in longest if line.startswith(word) and _ends_well(line[len(word) :], word, open_end)), "")


def _ends_well(rest: str, word: str, open_end: bool) -> bool:
    if not rest or rest[0] in ".,;:!-–—。、!":
        return True
    if not word.isascii():
        return True
    return rest[0].isspace() and (open_end or " " in word)
