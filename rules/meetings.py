"""Which meetings are the leader's own, which rule speaks for them, and who of those invited is whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate

from rules.model import Attendee, Occurrence
from rules.phrases import contains, fold
from rules.policy import Me, MeetingRule, Policy

_HOST_SUFFIX = re.compile(r"\s*\(host: (?:(?!\(host: ).)*\)$")

# Anybody can have an address there, so sharing one makes nobody a colleague.
_PUBLIC_MAIL = frozenset((
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "yahoo.de", "yahoo.fr",
    "yahoo.co.uk", "yahoo.co.jp", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch",
    "gmx.com", "web.de", "t-online.de", "freenet.de", "mail.de", "posteo.de", "mailbox.org", "proton.me", "protonmail.com",
    "pm.me", "fastmail.com", "zoho.com", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "sfr.fr", "libero.it",
    "virgilio.it", "tiscali.it", "hetnet.nl", "ziggo.nl", "kpnmail.nl", "telia.com", "wp.pl", "o2.pl", "onet.pl", "interia.pl",
    "sapo.pt", "uol.com.br", "docomo.ne.jp", "ezweb.ne.jp", "qq.com", "163.com", "naver.com", "mail.ru", "yandex.ru",
    "yandex.com",
))  # fmt: skip


def internal_domains(me: Me) -> tuple[str, ...]:
    """Domains of the leader's company: as configured, else those of their addresses, without the public mail providers."""
    named = me.internal_domains or tuple(address.rpartition("@")[2] for address in me.addresses)
    lowered = dict.fromkeys(domain.lower().lstrip("@") for domain in named)
    return tuple(lowered) if me.internal_domains else tuple(d for d in lowered if d not in _PUBLIC_MAIL)


def bare_title(occurrence: Occurrence) -> str:
    """The title without the "(host: NAME)" that an accepted host adds; what nobody of ours touched is left as it is."""
    return _HOST_SUFFIX.sub("", occurrence.summary) if occurrence.marker else occurrence.summary


def matching_rule(occurrence: Occurrence, rules: Sequence[MeetingRule]) -> MeetingRule | None:
    """The first rule that names it: by UID, by whole words of the title, or by a glob on the whole title."""
    return next((rule for rule in rules if _matches(rule, occurrence)), None)


def _matches(rule: MeetingRule, occurrence: Occurrence) -> bool:
    if rule.uid and rule.uid == occurrence.key.uid:
        return True
    title = bare_title(occurrence)
    return any(_glob(pattern, title) if set(pattern) & set("*?[") else contains(title, (pattern,)) for pattern in rule.match)


def _glob(pattern: str, title: str) -> bool:
    return re.match(translate(fold(pattern)), fold(title)) is not None


def led_by_me(occurrence: Occurrence, me: Me) -> bool:
    """Whether it is a meeting at all (somebody else is invited) and the leader organizes it."""
    somebody = any(a.kind not in ("RESOURCE", "ROOM") and not is_mine(a.address, me) for a in occurrence.attendees)
    if occurrence.role != "mine" or occurrence.status == "CANCELLED" or not somebody:
        return False
    return occurrence.organizer is None or is_mine(occurrence.organizer.address, me)


def is_mine(address: str, me: Me) -> bool:
    return address.lower() in {own.lower() for own in me.addresses}


def others(occurrence: Occurrence, policy: Policy, added: Iterable[str] = ()) -> tuple[Attendee, ...]:
    """The people invited besides the leader: no rooms, and nobody whom homeward itself put on the list."""
    ours = {address.lower() for person_id in added for address in addresses_of(policy, person_id)}
    return tuple(
        attendee
        for attendee in occurrence.attendees
        if attendee.kind not in ("RESOURCE", "ROOM")
        and not is_mine(attendee.address, policy.me)
        and attendee.address.lower() not in ours
    )


def addresses_of(policy: Policy, person_id: str) -> tuple[str, ...]:
    return next((person.addresses for person in policy.person if person.id == person_id), ())


def is_one_to_one(occurrence: Occurrence, policy: Policy, added: Iterable[str] = ()) -> bool:
    there = others(occurrence, policy, added)
    return len(there) == 1 and there[0].kind != "GROUP"


def has_outsiders(occurrence: Occurrence, policy: Policy) -> bool:
    """Somebody is invited who is neither of an internal domain nor named in the config."""
    inside = internal_domains(policy.me)
    return any(
        attendee.address.rpartition("@")[2].lower() not in inside and policy.person_by_address(attendee.address) is None
        for attendee in others(occurrence, policy)
    )


def unspoken(occurrence: Occurrence, rule: MeetingRule, policy: Policy, added: Iterable[str]) -> str:
    """Why the rule may not speak for this meeting, or ""."""
    if occurrence.private and not rule.private:
        return f'private, and the rule "{rule.id}" does not say private = true'
    if is_one_to_one(occurrence, policy, added) and not rule.one_to_one:
        return f'one-to-one, and the rule "{rule.id}" does not say one_to_one = true'
    if has_outsiders(occurrence, policy) and not rule.outside:
        return f'people from outside are invited, and the rule "{rule.id}" does not say outside = true'
    return ""
