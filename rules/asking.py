"""What a deputy is told: how far they may decide, the request, the note that takes it back, and what they need to do it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from rules.interval import Interval
from rules.items import HostItem, MailItem, absence_of, effect_id
from rules.model import Occurrence, OccurrenceKey
from rules.phrases import PHRASES, at_moment, at_time, fill, language_for
from rules.policy import LEVEL_WORDS, DecisionLevel, MeetingRule, Person, Policy
from rules.telling import printable


class Right(Struct, frozen=True):
    """Something a deputy must be allowed to do before the meeting."""

    person_id: str
    name: str
    summary: str
    span: Interval
    what: str


# --- how far they may decide -------------------------------------------------------------------------------------------


def effective_level(rule_level: DecisionLevel, person: Person) -> DecisionLevel:
    """What the meeting allows, but never more than the person may decide."""
    return min(rule_level, person.level)


def escalation(escalate: str, deciding: Sequence[Person], policy: Policy) -> str:
    """A person's name where `escalate` is an id, else the line as written; "" where it only leads those who are `deciding` to
    themselves. Without phone numbers: guests may read it."""
    person = policy.find_person(escalate)
    if person is None:
        return escalate
    return person.name if any(other.id != person.id for other in deciding) else ""


def scope_lines(rule: MeetingRule, person: Person, policy: Policy) -> tuple[str, ...]:
    level = effective_level(rule.decide, person)
    lines = [f"Decision level {level}: {LEVEL_WORDS[level]}"]
    if rule.do_not_decide:
        lines.append(f"Not to be decided: {', '.join(rule.do_not_decide)}")
    if stuck := escalation(rule.escalate, (person,), policy):
        lines.append(f"If it gets stuck: {stuck}")
    return tuple(printable(line, 300) for line in lines)


# --- what is said to them ----------------------------------------------------------------------------------------------


def host_id(absence_id: str, key: OccurrenceKey) -> str:
    return effect_id(absence_id, "host", key.calendar_id, key.uid, key.recurrence_id)


MOST_TURNS = 9  # requests to one person for one meeting; nobody changes their mind that often


def ask_id(host: str, person_id: str, turn: int = 1) -> str:
    """Id of the request mail, and so the left side of its Message-ID. `host` is the id of the HostItem. Who was told that they
    are no longer needed, and then is, gets a new request: `turn` counts."""
    return effect_id(absence_of(host) or "", "ask", host, person_id, *_counted(turn))


def withdrawn_id(host: str, person_id: str, turn: int = 1) -> str:
    """Id of the mail that takes the request of that turn back."""
    return effect_id(absence_of(host) or "", "withdrawn", host, person_id, *_counted(turn))


def _counted(turn: int) -> tuple[str, ...]:
    return (str(turn),) if turn > 1 else ()


def ask_mail(item: HostItem, policy: Policy, mail_id: str, turn: int = 1, until: datetime | None = None) -> MailItem:
    """The request, complete for somebody who has never heard of homeward: what, when, what they may decide, how to answer, and
    `until` when; None: their answer is waited for to the end."""
    person = policy.person_by_id(item.host)
    language = language_for(person, policy.me)
    rule = next((rule for rule in policy.meeting if rule.id == item.meeting_id), None)
    words = PHRASES[language]
    level = effective_level(rule.decide, person) if rule else person.level
    values = _said(item, policy, person) | {
        "level": words.levels[level - 1],
        "limits": ", ".join(rule.do_not_decide) if rule else "",
        "escalate": escalation(rule.escalate, (person,), policy) if rule else "",
        "pair": item.paired_with,
        "until": at_moment(until, policy.me.home_zone, language) if until else "",
    }
    subject, body = fill(words.ask_subject, values), fill(words.ask, values)
    key = ask_id(item.id, item.host, turn)
    return MailItem(key, item.absence_id, mail_id, "ask", (item.host_address,), subject, body)


def withdrawn_mail(item: HostItem, policy: Policy, mail_id: str, turn: int = 1) -> MailItem:
    """For somebody who was asked and is no longer needed."""
    person = policy.find_person(item.host)
    words = PHRASES[language_for(person, policy.me)]
    values = _said(item, policy, person)
    effect = withdrawn_id(item.id, item.host, turn)
    subject, body = fill(words.withdrawn_subject, values), fill(words.withdrawn, values)
    return MailItem(effect, item.absence_id, mail_id, "withdrawn", (item.host_address,), subject, body)


def instead_of(person_id: str, item: HostItem) -> str:
    """What the leader types so that this person hosts it, and not who was asked or has accepted."""
    title = shlex.quote(printable(item.summary, 60).removesuffix("…"))
    return f"homeward accept {person_id} {title} --instead-of {item.host}"


def _said(item: HostItem, policy: Policy, person: Person | None) -> dict[str, str]:
    language = language_for(person, policy.me)
    return {
        "deputy": item.host_name,
        "title": printable(item.summary) or "–",
        "when": at_time(item.span, policy.me.home_zone, language),
        "name": policy.me.name,
    }


# --- what they need ---------------------------------------------------------------------------------------------------

_CALLS = (
    (re.compile(r"\bzoom\.us/", re.IGNORECASE), "start the Zoom call: make them alternative host"),
    (re.compile(r"\bteams\.(?:microsoft|live)\.com/", re.IGNORECASE), "start the Teams call: make them co-organizer"),
    (re.compile(r"\bmeet\.google\.com/", re.IGNORECASE), "let people into the Google Meet call: make them co-host"),
    (re.compile(r"\.webex\.com/", re.IGNORECASE), "start the Webex call: make them alternate host"),
    (re.compile(r"\b(?:gotomeeting\.com|meet\.goto\.com)/", re.IGNORECASE), "start the GoTo call: make them co-organizer"),
    (re.compile(r"\b(?:meet\.jit\.si|whereby\.com)/", re.IGNORECASE), "start the video call: give them the moderator's link"),
)


def rights(items: Sequence[HostItem], occurrences: Sequence[Occurrence]) -> tuple[Right, ...]:
    """Which deputy must be able to start which call. The service is named; its link, which may hold a password, is not."""
    by_key = {occurrence.key: occurrence for occurrence in occurrences}
    return tuple(
        Right(item.host, item.host_name, item.summary, item.span, what)
        for item in items
        if (occurrence := by_key.get(item.key))
        for pattern, what in _CALLS
        if pattern.search(f"{occurrence.location} {occurrence.description}")
    )
