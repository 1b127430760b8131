"""Whether Google Calendar is to show an absence as out of office, and to decline invitations by itself."""

from __future__ import annotations

from rules.desired.situation import Gathered, Situation
from rules.items import OutOfOfficeItem, effect_id
from rules.model import Absence
from rules.plan import Skipped
from rules.policy import CalendarConfig, Policy

_TITLE = "Out of office"  # no place, no reason: everybody who may see the calendar reads it


def want_out_of_office(s: Situation, absence: Absence, gathered: Gathered) -> None:
    policy = s.policy.out_of_office
    if not policy.enabled or absence.kind not in policy.kinds:
        return
    calendar = next((each for each in s.policy.calendar if each.id in s.writable and is_primary(each, s.policy)), None)
    if calendar is None:
        because = "you have no primary calendar at Google to write it on"
        gathered.skipped.append(Skipped("out-of-office entry", because, absence.id))
        return
    gathered.items.append(
        OutOfOfficeItem(
            id=effect_id(absence.id, "out-of-office", calendar.id),
            absence_id=absence.id,
            calendar_id=calendar.id,
            purpose="out-of-office",
            ordinal="1",
            span=absence.span,
            zone=s.policy.me.home_zone,
            summary=_TITLE,
            declines=policy.declines,
        )
    )


def is_primary(calendar: CalendarConfig, policy: Policy) -> bool:
    """Google takes such entries on the calendar of the account itself alone."""
    account = next((each for each in policy.account if each.id == calendar.account and each.kind == "google"), None)
    if account is None or calendar.role != "mine" or calendar.read_only:
        return False
    owner = account.subject or account.user
    own = (owner,) if owner else policy.me.addresses
    return calendar.collection.lower() in ("primary", *(address.lower() for address in own))
