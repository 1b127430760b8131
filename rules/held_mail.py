"""Whom the held mail of an absence was from, in groups: the team, customers and others outside, lists, machines. Counts and
senders alone; nobody's words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from rules.meetings import internal_domains
from rules.model import Envelope
from rules.page import Line
from rules.policy import Policy
from rules.telling import printable
from rules.threads import is_circular

_MACHINE = re.compile(r"^(?:no-?_?\.?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|notifications?|alerts?)\b")
_GROUPS = ("Team", "Customers and others outside", "Lists", "Machines")
_NAMED = 3  # senders of each group


class HeldMail(Struct, frozen=True):
    """One message that was held. `message` is its Message-ID, or its handle where it has none or nobody had looked at it; then
    `sender` is "", too."""

    message: str
    sender: str
    released: bool


def held_lines(held: Sequence[HeldMail], mails: Iterable[Envelope], openings: int, policy: Policy) -> list[Line]:
    """How many were held in all, then each group with those who wrote most. `mails` are what is known of the mailbox."""
    if not held:
        return []
    released = sum(mail.released for mail in held)
    when = f"in {openings} opening{'' if openings == 1 else 's'}" if openings else "on your return"
    lines = [Line(f"{released} held and released", when)]
    if released < len(held):
        lines.append(Line(f"{len(held) - released} still held", "they come with the next opening"))
    known = {name: mail for mail in mails for name in (mail.id, mail.message_id) if name}
    groups: dict[str, list[str]] = {name: [] for name in _GROUPS}
    for each in (_with_sender(mail, known) for mail in held):
        groups[_group(each, known, policy)].append(each.sender)
    return lines + [Line(name, _counted(senders, policy)) for name, senders in groups.items() if senders]


def _with_sender(held: HeldMail, known: Mapping[str, Envelope]) -> HeldMail:
    """Who wrote what was held and given back unseen is known since."""
    there = known.get(held.message)
    return replace(held, sender=there.sender) if there is not None and not held.sender else held


def _group(held: HeldMail, known: Mapping[str, Envelope], policy: Policy) -> str:
    mail = known.get(held.message)
    if mail is not None and is_circular(mail):
        return "Lists"
    automatic = mail is not None and mail.headers.get("auto-submitted", "no").split(";")[0].strip().lower() != "no"
    if automatic or not held.sender or _MACHINE.match(held.sender):
        return "Machines"
    domain = held.sender.rpartition("@")[2]
    inside = any(domain == own or domain.endswith(f".{own}") for own in internal_domains(policy.me))
    return "Team" if inside or policy.person_by_address(held.sender) else "Customers and others outside"


def _counted(senders: Sequence[str], policy: Policy) -> str:
    """ "12, most from Ana (5), Ben (4) and x@y.example (1)"."""
    by = Counter(senders).most_common()
    most = sorted(by, key=lambda pair: (-pair[1], pair[0]))[:_NAMED]
    named = [f"{_name(sender, policy)} ({count})" for sender, count in most]
    return f"{len(senders)}, {'most ' if len(by) > _NAMED else ''}from {', '.join(named)}"


def _name(sender: str, policy: Policy) -> str:
    person = policy.person_by_address(sender)
    return printable(person.name if person else sender or "unknown", 60)
