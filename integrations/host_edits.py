"""A host written on one occurrence, and taken back. The new state is always derived from the original one, which travels in
`before`; what anybody else changed meanwhile stays theirs. Attendee lines of ours carry `X-HOMEWARD=added` or `=changed`, so that
they are known again without the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from msgspec import Struct

from integrations.component_draft import (
    Draft,
    Edited,
    checked_marker,
    content_line,
    dump,
    events_in,
    events_of,
    fingerprint_of,
    key_of,
    load,
    marker_in,
    opened,
    spliced,
    stamp,
    utc,
)
from integrations.errors import Permanent, PreconditionFailed
from integrations.events import Event, Happening, Series, parse_event
from integrations.icalendar_text import (
    Component,
    Document,
    Property,
    Splice,
    Unreadable,
    escape,
    parameter,
    parameters,
    with_parameter,
)
from integrations.icalendar_values import Moment, end_of, written_date, written_time
from integrations.occurrences import NO_UID, person
from integrations.ports import EditHost, RestoreHost
from integrations.recurrence import Budget
from integrations.zones import Zones
from rules.items import HostItem
from rules.model import OccurrenceKey

_ADDRESS = re.compile(r"[^\s\"'<>;:,\\()\[\]@\x00-\x20\x7f]+@[^\s\"'<>;:,\\()\[\]@\x00-\x20\x7f]+\Z")
_SERIES_ONLY = ("RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", "X-HOMEWARD")
_HOST_LINE = "Host: "
_SUFFIX = re.compile(r"(?:^|\s)\(host: [^()]*\)\Z")
_OURS = "X-HOMEWARD"


# --- finding the occurrence -------------------------------------------------------------------------------------------


class _Place(Struct, frozen=True):
    """Where the occurrence is written. `component` is what gets edited: the single event or the override; None where the
    override is yet to be made, out of `happening`."""

    document: Document
    happening: Happening
    component: Component | None
    master: Event | None
    highest: int  # SEQUENCE of all components of the UID

    @property
    def text(self) -> str | None:
        return self.document.text[self.component.start : self.component.end] if self.component else None


def _parsed(document: Document, uid: str, home: tzinfo) -> list[Event]:
    budget = Budget()
    roots = {event.start: root for root in document.roots for event in events_in(root)}
    found: list[Event] = []
    for component in events_of(document, uid):
        root = roots[component.start]
        zones = Zones(document, root if root.name == "VCALENDAR" else None, budget)
        try:
            found.append(parse_event(document, component, zones.find, home, budget))
        except (Unreadable, OverflowError) as reason:
            raise Permanent(f"This event cannot be changed: {reason}.") from None
    return found


def _place(data: bytes | None, key: OccurrenceKey, home: tzinfo) -> _Place | None:
    """None where the occurrence is gone."""
    if key.uid.startswith(NO_UID):
        raise Permanent("This event has no identifier of its own (UID); homeward cannot change it.")
    if data is None:
        return None
    document = opened(data)
    events = _parsed(document, key.uid, home)
    masters = [event for event in events if event.recurrence_id is None]
    if len(masters) > 1:
        raise Permanent("Several events share this identifier; homeward cannot tell which to change.")
    series = Series(masters[0] if masters else None, [e for e in events if e.recurrence_id is not None], home)
    try:
        happening = series.find(key.recurrence_id, Budget()) if events else None
    except (Unreadable, OverflowError) as reason:
        raise Permanent(f"This event cannot be changed: {reason}.") from None
    if happening is None:
        return None
    stands = happening.event.recurrence_id is not None and key.recurrence_id in series.overrides
    if stands and happening.event.this_and_future:
        raise Permanent("This occurrence also says what all later ones are like; homeward cannot change it alone.")
    component = happening.event.component if stands or not key.recurrence_id else None
    return _Place(document, happening, component, series.master, max(event.sequence for event in events))


# --- an override that is not there yet --------------------------------------------------------------------------------


def _written(name: str, like: Property, moment: Moment, home: tzinfo) -> str:
    """A moment in the form in which the series writes its own: same zone, same kind. Where that form is dubious, in UTC."""
    if moment.is_date:
        return f"{name}{like.parameters}:{written_date(moment.wall)}"
    if ":" in like.value:
        return f"{name}:{utc(moment.instant(home))}"
    zulu = "Z" if like.value.strip().upper().endswith("Z") else ""
    return f"{name}{like.parameters}:{written_time(moment.wall)}{zulu}"


def _override(place: _Place, home: tzinfo) -> str:
    """The series' values at that instance's time, as an event of its own: what undo goes back to."""
    happening, master = place.happening, place.master
    if happening.original is None or master is None:
        raise PreconditionFailed("The event is no longer the one that was looked at.")
    event = happening.event
    draft = Draft(place.document, event.component)
    for name in _SERIES_ONLY:
        draft.set(name, [])
    start = event.lines["DTSTART"][0]
    draft.set("DTSTART", [_written("DTSTART", start, happening.start, home)])
    if happening.end != end_of(happening.start, event.length, home):  # a PERIOD of RDATE, with a length of its own
        draft.set("DURATION", [])
        draft.set("DTEND", [f"DTEND:{utc(happening.end)}"])
    elif ends := event.lines.get("DTEND"):
        draft.set("DTEND", [_end(happening, start, ends[0], home)])
    draft.set("RECURRENCE-ID", [_written("RECURRENCE-ID", master.lines["DTSTART"][0], happening.original, home)])
    return draft.render()


def _end(happening: Happening, start: Property, end: Property, home: tzinfo) -> str:
    """DTEND on the clock of DTSTART where the series writes both by one, else in UTC."""
    begin = happening.start
    info = begin.zone.info if begin.zone else home
    same_clock = end.parameters == start.parameters and end.value.strip()[-1:].isdigit() == start.value.strip()[-1:].isdigit()
    if not begin.is_date and not same_clock:
        return f"DTEND:{utc(happening.end)}"
    return _written("DTEND", end, begin.moved(happening.end.astimezone(info).replace(tzinfo=None)), home)


# --- what the lines become --------------------------------------------------------------------------------------------


def _title(current: str, original: str, host: HostItem) -> str:
    """Values are escaped TEXT. What somebody else made of the title stays, with our suffix behind it."""
    ours = current.startswith(original) and (current == original or bool(_SUFFIX.fullmatch(current[len(original) :])))
    base = original if ours else _SUFFIX.sub("", current)
    return base if host.state == "asked" else f"{base} (host: {escape(_one_line(host.host_name))})".strip()


def _one_line(text: str) -> str:
    return " ".join(text.replace("(", " ").replace(")", " ").split())


def _description(current: str, original: str, host: HostItem) -> str:
    base = _without_host_line(current, original)
    if host.state == "asked":
        return base
    words = escape(" ".join(" ".join(line.split()) for line in (f"{_HOST_LINE}{host.host_name}.", *host.lines)))
    return f"{base}\\n{words}" if base else words


def _without_host_line(value: str, original: str) -> str:
    """Wherever in the text the line has got to; a line that was there before us is not ours."""
    was = original.split("\\n")
    return "\\n".join(line for line in value.split("\\n") if not line.startswith(_HOST_LINE) or line in was)


def _mail(address: str) -> str:
    clean = address.strip().lower()
    if not _ADDRESS.match(clean):
        raise Permanent("The address of this host cannot be written into a calendar.")
    return clean


def _set(prop: Property, **values: str | None) -> str:
    written = prop.parameters
    for name, value in values.items():
        written = with_parameter(written, name.replace("_", "-"), value)
    return f"{prop.name}{written}:{prop.value}"


def _mark(prop: Property | None) -> str:
    """ "added" or "changed" where we wrote this attendee's line, else ""."""
    return parameters(prop).get(_OURS, "") if prop else ""


def _newcomer(host: HostItem, address: str) -> Property:
    written = f";CN={parameter(host.host_name)};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT"
    return Property("ATTENDEE", written, f"mailto:{address}", 0, 0)


def _deputy(draft: Draft, original: Draft, host: HostItem) -> str:
    """Asked: to be answered, and nothing else. Who has been asked already keeps the answer given since. Accepted: the chair."""
    address = _mail(host.host_address)
    current, before = draft.attendee(address), original.attendee(address)
    known = current or before
    mark = _mark(current) or ("changed" if known else "added")
    if host.state == "accepted":
        return _set(known or _newcomer(host, address), RSVP=None, ROLE="CHAIR", PARTSTAT="ACCEPTED", X_HOMEWARD=mark)
    if current and _mark(current) and person(current).role != "CHAIR":
        return content_line(current)
    base = before or (current if current and not _mark(current) else None) or _newcomer(host, address)
    return _set(base, PARTSTAT="NEEDS-ACTION", RSVP="TRUE", X_HOMEWARD=mark)


def _leader(draft: Draft, host: HostItem) -> str | None:
    """The leader's line on acceptance; None where they are on no list and need not be."""
    if not host.leader_address or host.state != "accepted":
        return None
    address = _mail(host.leader_address)
    prop = draft.attendee(address)
    declined = "DECLINED" if host.decline_leader else None
    if prop is None:
        written = f";ROLE=OPT-PARTICIPANT;PARTSTAT=DECLINED;{_OURS}=added"
        return f"ATTENDEE{written}:mailto:{address}" if declined else None
    partstat = {"PARTSTAT": "DECLINED"} if declined else {}
    return _set(prop, ROLE="OPT-PARTICIPANT", X_HOMEWARD=_mark(prop) or "changed", **partstat)


def _former(prop: Property, original: Draft) -> list[str]:
    """An attendee line of ours given back. Who has declined the meeting in their calendar stays declined."""
    before = original.attendee(person(prop).address)
    if _mark(prop) == "added":
        return []
    if before is None:
        return [_set(prop, X_HOMEWARD=None)]
    declined = person(prop).partstat == "DECLINED" != person(before).partstat
    # Some calendars list a person twice.
    return [_set(before, PARTSTAT="DECLINED")] if declined else original.by_key()[key_of(before)]


def _give_back(draft: Draft, original: Draft, keep: frozenset[str] = frozenset()) -> None:
    for prop in list(draft.properties()):
        if prop.name == "ATTENDEE" and _mark(prop) and person(prop).address not in keep:
            draft.set(key_of(prop), _former(prop, original))


def _write_host(draft: Draft, original: Draft, host: HostItem) -> None:
    deputy = _mail(host.host_address)
    keep = {deputy, host.leader_address.strip().lower()} if host.state == "accepted" else {deputy}
    _give_back(draft, original, frozenset(keep))
    draft.set(f"ATTENDEE {deputy}", [_deputy(draft, original, host)])
    leader = _leader(draft, host)
    if leader:
        draft.set(f"ATTENDEE {_mail(host.leader_address)}", [leader])
    _write_text(draft, original, "SUMMARY", lambda current, before: _title(current, before, host))
    _write_text(draft, original, "DESCRIPTION", lambda current, before: _description(current, before, host))
    draft.put("X-HOMEWARD", checked_marker(host.id))


def _write_text(draft: Draft, original: Draft, name: str, derive: Any) -> None:
    now, before = draft.first(name), original.first(name)
    value = derive(now.value if now else "", before.value if before else "")
    like = now or before
    draft.set(name, [f"{name}{like.parameters if like else ''}:{value}"] if value or before else [])


# --- the two edits ----------------------------------------------------------------------------------------------------


def edit_host(data: bytes | None, edit: EditHost, now: datetime, home: tzinfo) -> Edited:
    host = edit.host
    place = _place(data, host.key, home)
    if place is None or data is None:
        raise PreconditionFailed(f"“{host.summary[:60]}” is no longer there at that time.")
    before = _before(place, edit.before, host, home)
    start = place.text if place.text is not None else before["base"]
    draft = Draft.of(start)
    _write_host(draft, Draft.of(before["base"]), host)
    after = _after(_alone(before["base"], host))
    if place.component is not None and draft.render() == start:
        return Edited(data, dump(**before), after, fingerprint_of(start), done=True)
    stamp(draft, now, place.highest + 1)
    text = draft.render()
    return Edited(_with(place, text), dump(**before), after, fingerprint_of(text))


def _alone(base: str, host: HostItem) -> str:
    """What we write, on what was there before anybody else edited it: whatever differs from this is not ours."""
    draft = Draft.of(base)
    _write_host(draft, Draft.of(base), host)
    return draft.render()


def _before(place: _Place, known: str | None, host: HostItem, home: tzinfo) -> dict[str, Any]:
    """What was there before our first edit: `component` (None: no override) and `base`, what undo goes back to."""
    if known is not None:
        facts = _renamed(load(known), host.key.uid)
        facts.pop("v")
        strange = place.component is not None and not marker_in(place.document, place.component)
        if facts["component"] is not None or not strange:
            return {"component": facts["component"], "base": facts["base"]}
    text = place.text
    return {"component": text, "base": _override(place, home) if text is None else text}


def _after(text: str) -> str:
    return dump(component=text)


def _with(place: _Place, text: str) -> bytes:
    """The document with the occurrence's component replaced, or put right behind its series."""
    document, component = place.document, place.component
    behind = place.happening.event.component.end
    start, end = (component.start, component.end) if component else (behind, behind)
    if document.text[start - 1 : start] not in ("\n", "\r"):
        raise Permanent("This file is not a whole calendar (no VCALENDAR); homeward does not write into it.")
    return spliced(document, Splice(start, end, text))


def restore_host(data: bytes | None, edit: RestoreHost, now: datetime, home: tzinfo) -> Edited:
    facts, written = load(edit.before), load(edit.after)
    place = _place(data, edit.key, home)
    facts, written = _renamed(facts, edit.key.uid), _renamed(written, edit.key.uid)
    if place is None and data is not None and not edit.key.recurrence_id and _still_marked(data, edit.key.uid):
        raise PreconditionFailed("The event has been made into a series meanwhile; it is left as it is.")
    if place is None or place.component is None or place.text is None or not marker_in(place.document, place.component):
        return Edited(data, edit.before, done=True)  # nothing of ours is there, or no longer: what differs is theirs
    draft, original = Draft.of(place.text), Draft.of(facts["base"])
    theirs = _restore_lines(draft, original, Draft.of(written["component"] or facts["base"]).by_key())
    if facts["component"] is not None and not theirs and draft.children() != original.children():
        theirs = ("VALARM",)
    if edit.phase == "remove" and not theirs:
        return _put_back(place, facts["component"], edit)
    if edit.phase == "remove":
        draft.set("X-HOMEWARD", [])
    after = _after(facts["base"])  # of what stands now no more than that is ours: what is theirs stays so in the second phase
    if draft.render() == place.text:
        return Edited(data, edit.before, after, fingerprint_of(place.text), done=True, theirs=theirs)
    stamp(draft, now, place.highest + 1)
    text = draft.render()
    return Edited(_with(place, text), edit.before, after, fingerprint_of(text), theirs=theirs)


def _renamed(facts: dict[str, Any], uid: str) -> dict[str, Any]:
    """What was recorded of an event whose calendar has given it a new UID since."""
    return {name: _under(uid, text) if name in ("base", "component") and text else text for name, text in facts.items()}


def _under(uid: str, text: str) -> str:
    draft = Draft.of(text)
    known = draft.first("UID")
    if known is None or known.value.strip() == uid:
        return text
    draft.put("UID", uid, known.parameters)
    return draft.render()


def _still_marked(data: bytes, uid: str) -> bool:
    document = opened(data)
    return any(marker_in(document, component) for component in events_of(document, uid))


def _put_back(place: _Place, component: str | None, edit: RestoreHost) -> Edited:
    """The bytes that were there, or no override where there was none."""
    data = _with(place, component or "")
    if component is None:
        return Edited(data, edit.before, dump(component=None))
    return Edited(data, edit.before, _after(component), fingerprint_of(component), done=component == place.text)


def _restore_lines(draft: Draft, original: Draft, ours: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Each line whose value is still ours goes back to the original's. Returns the names of those that are not."""
    _give_back(draft, original)
    was, now = original.by_key(), draft.by_key()
    theirs: list[str] = []
    for key in {**was, **ours, **now}:
        if key == "X-HOMEWARD" or now.get(key) == was.get(key):
            continue
        if now.get(key) == ours.get(key):
            draft.set(key, was.get(key, []))
        else:
            theirs.append(key)
    for name, without in (("SUMMARY", _without_suffix), ("DESCRIPTION", _without_host_line)):
        if name in theirs:
            _write_text(draft, original, name, without)
    return tuple(theirs)


def _without_suffix(value: str, original: str) -> str:
    return value if value == original else _SUFFIX.sub("", value)
