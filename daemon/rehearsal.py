"""A plan for a calendar that somebody handed over: with a mailbox and a calendar that exist in memory only, so that it can show
what homeward would do. Nothing that is written here lands anywhere."""

from __future__ import annotations

from msgspec.structs import replace

from daemon.outside import Outside
from daemon.session import Session
from integrations.memory_calendar import MemoryCalendar
from integrations.memory_mail import MemoryMailbox, MemoryOutbox, MemoryResponder
from rules.policy import CalendarConfig, MailConfig

_CALENDAR, _MAIL = "yours", "mail"


def rehearsal(session: Session) -> Session:
    """The same stateless session, as if it had a calendar that can be written and mail."""
    policy = session.policy
    imagined = CalendarConfig(id=_CALENDAR, path=_CALENDAR)
    policy = replace(policy, calendar=(*policy.calendar, imagined), mail=(*policy.mail, MailConfig(id=_MAIL)))
    imagining = Session(session.paths, session.clock, policy)
    now = session.clock.now
    imagining.outside = Outside(
        places=session.outside.places,
        calendars={**session.outside.calendars, _CALENDAR: MemoryCalendar(_CALENDAR, "mine", policy.me.home_zone, now)},
        mailboxes={_MAIL: MemoryMailbox(_MAIL)},
        responders={_MAIL: MemoryResponder(now)},
        outboxes={_MAIL: MemoryOutbox()},
    )
    return imagining
