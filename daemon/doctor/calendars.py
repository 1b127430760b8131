"""The calendars and the people of the config."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.doctor.finding import Finding, Health, broken
from daemon.observe import horizon_at
from daemon.session import Session
from integrations.errors import OutsideError
from integrations.ports import Calendar


def calendars(session: Session) -> Iterator[Finding]:
    if not session.policy.calendar:
        yield Finding("broken", "no calendar is configured", "add a [[calendar]] to the config")
    for calendar_id, calendar in session.outside.calendars.items():
        try:
            yield from _one(session, calendar)
        except OutsideError as error:
            yield broken(f"calendar {calendar_id}", error, _what_to_correct(session, calendar_id))
    if "family" not in {calendar.role for calendar in session.policy.calendar}:
        yield Finding("remark", "no calendar has the role family: make-up time cannot see when the family is busy")


def _one(session: Session, calendar: Calendar) -> Iterator[Finding]:
    reading = calendar.read(horizon_at(session.clock.now(), session.policy))
    abilities = calendar.capabilities()
    writable = "writable" if abilities.writable else "only free/busy" if abilities.busy_only else "read only"
    health: Health = "ok" if reading.complete else "broken"
    yield Finding(health, f"calendar {calendar.id} ({calendar.role}, {writable}): {len(reading.occurrences)} entries ahead")
    for problem in reading.problems[:10]:
        yield Finding("remark", f"{problem.where}: {problem.because}", "the other entries were read; correct this one there")


def _what_to_correct(session: Session, calendar_id: str) -> str:
    config = next(config for config in session.policy.calendar if config.id == calendar_id)
    if config.collection:
        return "homeward calendars lists what is there"
    return "correct its path or url in the config"


def people(session: Session) -> Iterator[Finding]:
    persons = session.policy.person
    for person in persons:
        if not person.addresses and not person.family:
            yield Finding("remark", f"{person.id} has no address: they can neither be asked nor recognised", 'addresses = ["…"]')
    if not any(person.family for person in persons):
        yield Finding("remark", "nobody is marked as family: none of their mail passes", "family = true for a [[person]]")
    if not session.policy.meeting:
        yield Finding("remark", "no meeting rule: nobody is asked to host your meetings", "add a [[meeting]] to the config")
