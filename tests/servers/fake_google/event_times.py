"""When an event of Calendar happens, worked out with dateutil and not with homeward's own engine: a check that shares nothing
with what it checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

from tests.servers.fake_google.refusal import invalid

Event = dict[str, Any]


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise invalid(f"Invalid time zone definition: {name[:60]}") from None


def instant(when: dict[str, Any], home: str) -> datetime:
    """An EventDateTime as an instant. A date begins at midnight of the calendar's zone."""
    if "date" in when:
        return datetime.combine(date.fromisoformat(when["date"]), time(), zone_of(home))
    moment = datetime.fromisoformat(when["dateTime"].upper())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_of(when.get("timeZone") or home))
    return moment


def span(event: Event, home: str) -> tuple[datetime, datetime]:
    return instant(event["start"], home), instant(event["end"], home)


def check_times(event: Event, home: str) -> None:
    for name in ("start", "end"):
        when = event.get(name) or {}
        given = [key for key in ("date", "dateTime") if when.get(key)]
        if not given:
            raise invalid(f"Missing {name} time.", "required")
        if len(given) > 1:
            raise invalid(f"Invalid {name} time.")
        if when.get("timeZone"):
            zone_of(when["timeZone"])
        if event.get("recurrence") and "dateTime" in when and not when.get("timeZone"):
            raise invalid(f"Missing time zone definition for {name} time.", "required")
    if ("date" in event["start"]) != ("date" in event["end"]):
        raise invalid("The start and end times must either both be date or both be dateTime.")
    begin, end = span(event, home)
    if end < begin or ("date" in event["start"] and end == begin):
        raise invalid("The specified time range is empty.", "timeRangeEmpty")


def suffix(original: dict[str, Any], home: str) -> str:
    """What an instance's id ends with."""
    if "date" in original:
        return str(original["date"]).replace("-", "")
    return f"{instant(original, home).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def starts(master: Event, home: str, until: datetime) -> Iterator[dict[str, Any]]:
    """originalStartTime of every instance that begins before `until`."""
    whole_day = "date" in master["start"]
    zone = ZoneInfo(master["start"].get("timeZone") or home)
    first = instant(master["start"], home).astimezone(zone).replace(tzinfo=None)
    if whole_day:
        first = datetime.combine(date.fromisoformat(master["start"]["date"]), time())
    last = until.astimezone(zone).replace(tzinfo=None)
    for wall in _rules(master["recurrence"], first, zone):
        if wall > last:
            return
        if whole_day:
            yield {"date": wall.date().isoformat()}
        else:
            yield {"dateTime": wall.replace(tzinfo=zone).isoformat(), "timeZone": zone.key}


def _rules(lines: list[str], first: datetime, zone: ZoneInfo) -> rruleset:
    found = rruleset()
    for line in lines:
        name, _, value = line.partition(":")
        kind = name.partition(";")[0].upper()
        if kind in ("RRULE", "EXRULE"):
            rule = rrulestr(_local_until(value, zone), dtstart=first)
            found.rrule(rule) if kind == "RRULE" else found.exrule(rule)
        elif kind in ("RDATE", "EXDATE"):
            for each in value.split(","):
                moment = _wall(each, name, zone, first)
                found.rdate(moment) if kind == "RDATE" else found.exdate(moment)
        else:
            raise invalid("Invalid recurrence rule.")
    if any(line.upper().startswith("RDATE") for line in lines):
        found.rdate(first)
    return found


def _local_until(rule: str, zone: ZoneInfo) -> str:
    def local(found: re.Match[str]) -> str:
        moment = datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return f"UNTIL={moment.astimezone(zone):%Y%m%dT%H%M%S}"

    return re.sub(r"UNTIL=(\d{8}T\d{6}Z)", local, rule)


def _wall(text: str, name: str, zone: ZoneInfo, first: datetime) -> datetime:
    text = text.partition("/")[0]
    if "T" not in text:
        return datetime.combine(date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}"), first.time())
    moment = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007  the zone follows
    if text.endswith("Z"):
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    named = re.search(r"TZID=([^;:]+)", name)
    return moment.replace(tzinfo=ZoneInfo(named[1])).astimezone(zone).replace(tzinfo=None) if named else moment


def check_recurrence(event: Event) -> None:
    lines = event.get("recurrence") or []
    for line in lines:
        if not re.match(r"(?i)(RRULE|EXRULE|RDATE|EXDATE)[;:]", line) or "\n" in line:
            raise invalid("Invalid recurrence rule.")
    if not lines:
        return
    try:
        next(iter(_rules(lines, datetime(2026, 1, 1), ZoneInfo("UTC"))), None)  # noqa: DTZ001  a probe
    except (ValueError, TypeError, KeyError):
        raise invalid("Invalid recurrence rule.") from None


def instance_of(master: Event, original: dict[str, Any], home: str) -> Event:
    """An instance as the series makes it."""
    begin, end = span(master, home)
    if "date" in original:
        last = date.fromisoformat(original["date"]) + (end.date() - begin.date())
        times = {"start": original, "end": {"date": last.isoformat()}}
    else:
        start = instant(original, home)
        finish = (start.astimezone(UTC) + (end - begin)).astimezone(ZoneInfo(master["end"].get("timeZone") or home))
        times = {"start": original, "end": {"dateTime": finish.isoformat(), "timeZone": finish.tzinfo.key}}  # type: ignore[union-attr]
    copied = {name: value for name, value in master.items() if name not in ("recurrence", "start", "end")}
    return {
        **copied, **times, "id": f"{master['id']}_{suffix(original, home)}", "recurringEventId": master["id"],
        "originalStartTime": original,
    }  # fmt: skip


def overlaps(event: Event, home: str, low: datetime | None, high: datetime | None) -> bool:
    """timeMin is compared with the end and timeMax with the start, both excluded."""
    begin, end = span(event, home)
    return (low is None or end > low) and (high is None or begin < high)


FAR = timedelta(days=730)
