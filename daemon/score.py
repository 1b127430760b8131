"""`make score TITLES=FILE.jsonl`: judges labelled calendar entries one by one and prints how right it was. The last line is one
JSON object: {"act": {"precision", "recall"}, "act_or_ask": {…}, "per_label": {…}, "wrong": [{"id", "expected", "got",
"because"}]}. It reads the file that it is given and nothing else, and changes nothing.

One entry a line: id, summary, location, dtstart, dtend (iCalendar values; without offset they are in the home zone), all_day,
props (raw iCalendar properties, or Google's eventType), calendar (its name), organizer_self, attendees (a number), my_response,
home, label."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from integrations import places
from rules.evidence import judge
from rules.gazetteer import Gazetteer
from rules.model import Attendee, Evidence, Occurrence, OccurrenceKey
from rules.policy import DetectPolicy, Me

_MY_ADDRESS = "me@home.example"
_CLASS_OF = {"trip": "trip", "vacation": "vacation", "family-vacation": "vacation", "leave": "vacation"}
_PARTSTAT = {"needsaction": "NEEDS-ACTION", "accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE"}


class Judged(Struct, frozen=True):
    """One labelled entry with its verdict. `positive` is its class where it says that the leader is away, else ""."""

    id: str
    label: str
    evidence: Evidence

    @property
    def positive(self) -> str:
        return _CLASS_OF.get(self.evidence.verdict, "")

    def counts_at(self, threshold: float) -> bool:
        return bool(self.positive) and self.evidence.confidence >= threshold


def judge_row(row: Mapping[str, Any], gazetteer: Gazetteer) -> Judged:
    """KeyError or ValueError where the row lacks a field or a date is none."""
    me = _me(row, gazetteer)
    evidence = judge(_occurrence(row, me), me, (), gazetteer, DetectPolicy())
    return Judged(str(row.get("id", "")), str(row.get("label", "")), evidence)


def _me(row: Mapping[str, Any], gazetteer: Gazetteer) -> Me:
    home = str(row.get("home") or "")
    place = gazetteer.city(home) if home else None
    return Me(name="", addresses=(_MY_ADDRESS,), home=home, home_zone=place.zone if place else "UTC")


def _occurrence(row: Mapping[str, Any], me: Me) -> Occurrence:
    props = {k.upper(): str(v) for k, v in (row.get("props") or {}).items()}
    zone = ZoneInfo(me.home_zone)
    whole = bool(row.get("all_day"))
    start = _moment(str(row["dtstart"]), zone)
    end = _moment(str(row["dtend"]), zone) if row.get("dtend") else start + timedelta(days=1 if whole else 0)
    return Occurrence(
        key=OccurrenceKey("scored", props.get("UID", str(row.get("id", "")))),
        role="family" if str(row.get("calendar", "")).lower() == "family" else "mine",
        start=start,
        end=end,
        all_day=whole,
        summary=str(row.get("summary") or ""),
        location=str(row.get("location") or ""),
        description=props.get("DESCRIPTION", ""),
        status=props.get("STATUS", ""),
        transparent=props.get("TRANSP", "") == "TRANSPARENT" or props.get("TRANSPARENCY", "") == "transparent",
        private=props.get("CLASS", props.get("VISIBILITY", "")).upper() in ("PRIVATE", "CONFIDENTIAL"),
        organizer=_organizer(row, props),
        attendees=_attendees(row),
        geo=_geo(props.get("GEO", "")),
        event_type=props.get("EVENTTYPE", ""),
        busy_status=props.get("X-MICROSOFT-CDO-BUSYSTATUS", ""),
        calendar_name=str(row.get("calendar") or ""),
        product=props.get("PRODID", ""),
        recurring="RRULE" in props,
    )


def _moment(written: str, zone: ZoneInfo) -> datetime:
    """iCalendar date, date-time, UTC date-time, or date-time with an offset; what has no zone is at home."""
    text = written.strip()
    if len(text) == 8:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=zone)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _organizer(row: Mapping[str, Any], props: Mapping[str, str]) -> Attendee | None:
    if row.get("organizer_self", True):
        return Attendee(_MY_ADDRESS) if row.get("attendees") else None
    name = props.get("ORGANIZER", "").partition("CN=")[2].split(";")[0].split(":")[0].strip('" ')
    return Attendee("organizer@elsewhere.example", name)


def _attendees(row: Mapping[str, Any]) -> tuple[Attendee, ...]:
    response = row.get("my_response")
    mine = (
        (Attendee(_MY_ADDRESS, partstat=_PARTSTAT.get(str(response).replace("-", "").lower(), "NEEDS-ACTION")),)
        if response
        else ()
    )
    others = int(row.get("attendees") or 0) - len(mine)
    return (*mine, *(Attendee(f"guest{n}@elsewhere.example") for n in range(max(others, 0))))


def _geo(written: str) -> tuple[float, float] | None:
    parts = written.split(";")
    return (float(parts[0]), float(parts[1])) if len(parts) == 2 else None


def measure(judged: Iterable[Judged], policy: DetectPolicy) -> dict[str, Any]:
    """The figures of the last line, over all entries."""
    rows = tuple(judged)
    return {
        "act": _figures(rows, policy.act),
        "act_or_ask": _figures(rows, policy.ask),
        "per_label": {label: _of_label(rows, label, policy) for label in sorted({r.label for r in rows})},
        "wrong": [_mistake(r, policy) for r in rows if not _is_right(r, policy.ask)],
    }


def _figures(rows: tuple[Judged, ...], threshold: float) -> dict[str, float]:
    said = [r for r in rows if r.counts_at(threshold)]
    right = sum(r.positive == _CLASS_OF.get(r.label) for r in said)
    there = sum(r.label in _CLASS_OF for r in rows)
    return {"precision": round(right / len(said), 4) if said else 1.0, "recall": round(right / there, 4) if there else 1.0}


def _of_label(rows: tuple[Judged, ...], label: str, policy: DetectPolicy) -> dict[str, int]:
    of = [r for r in rows if r.label == label]
    counted = {"entries": len(of), "right": sum(_is_right(r, policy.ask) for r in of)}
    return counted | {
        "act": sum(r.counts_at(policy.act) for r in of),
        "ask": sum(r.counts_at(policy.ask) and not r.counts_at(policy.act) for r in of),
    }


def _is_right(row: Judged, threshold: float) -> bool:
    expected = _CLASS_OF.get(row.label, "")
    if expected or row.counts_at(threshold):
        return row.counts_at(threshold) and row.positive == expected
    return row.label != "colleague" or row.evidence.verdict == "colleague"


def _mistake(row: Judged, policy: DetectPolicy) -> dict[str, Any]:
    got = f"{row.evidence.verdict} {row.evidence.confidence:.2f}"
    level = "act" if row.counts_at(policy.act) else "ask" if row.counts_at(policy.ask) else "none"
    return {"id": row.id, "expected": row.label, "got": f"{got} ({level})", "because": "; ".join(row.evidence.because)}


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except json.JSONDecodeError as broken:
                raise ValueError(f"{path}, line {number}: no JSON object ({broken.msg})") from broken


def main(arguments: list[str]) -> int:
    """0 done, 1 the file cannot be read, 2 used wrongly."""
    if len(arguments) != 1:
        print("usage: python -m daemon.score FILE.jsonl", file=sys.stderr)
        return 2
    gazetteer = places.load()
    try:
        judged = [judge_row(row, gazetteer) for row in _rows(Path(arguments[0]))]
    except (OSError, ValueError, KeyError) as problem:
        print(f"cannot score {arguments[0]}: {problem}", file=sys.stderr)
        return 1
    result = measure(judged, DetectPolicy())
    print(f"{len(judged)} entries judged, {len(result['wrong'])} not as labelled")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
