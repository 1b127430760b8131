"""The autoreply of a Gmail mailbox, and the filters that hold mail there. Gmail keeps no mark of ours in either, so what was
written, and what was there before, lies in a record of ours, written first. Gmail ends the reply by itself at the end of the
absence; a filter has no end, so it stands only while mail is to be held at that very moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from integrations.disk import replace_whole, told
from integrations.errors import OutsideError, Permanent, PreconditionFailed, Temporary
from integrations.google_client import GoogleApi
from integrations.google_errors import NotThere
from integrations.google_filters import Criteria, hold_filters
from integrations.google_mailbox import INBOX, find_label, make_label
from integrations.outbox import record_name
from integrations.ports import Lease, ResponderReading
from rules.items import ResponderItem, ResponderText

LEASE_ONLY = "hold"
"""Marker where homeward holds mail and answers none."""

Settings = dict[str, Any]
_EMPTY: Settings = {
    "enableAutoReply": False, "responseSubject": "", "responseBodyPlainText": "", "responseBodyHtml": "",
    "restrictToContacts": False, "restrictToDomain": False, "startTime": "", "endTime": "",
}  # fmt: skip
_BY_HAND = "Your reply was changed by hand since; it stays as it is."
_ANOTHER = "Another reply was set since; it stays as it is."
State = Literal["theirs", "ours", "edited", "replaced"]


class GoogleResponder:
    """`records` is a private folder of ours that outlives the cache. `server_hold`: leases become filters. A lease is followed as
    of now, so `write` has to be called when one begins, when a window opens or closes, and when it ends."""

    def __init__(
        self,
        mail_id: str,
        api: GoogleApi,
        account: str,
        clock: Callable[[], datetime],
        records: Path,
        *,
        held_label: str = "Held",
        server_hold: bool = False,
    ) -> None:
        self._mail_id, self._api, self._clock = mail_id, api, clock
        self._held_label, self._server_hold = held_label, server_hold
        self._path = records / f"responder-{record_name(f'{account} {mail_id}')}.json"

    # --- looking ----------------------------------------------------------------------------------------------------------

    def read(self) -> ResponderReading:
        settings, filters = self._look()
        return self._reading(settings, filters)

    def _look(self) -> tuple[Settings, list[dict[str, Any]]]:
        """The settings and all filters, in one request; no filters where none can be ours."""
        users = self._api.resource("gmail.users.settings")
        if not self._server_hold and not self._record().get("label"):
            return self._api.read(users.getVacation(userId="me")), []
        settings, filters = self._api.read_all("gmail", [users.getVacation(userId="me"), users.filters().list(userId="me")])
        for answer in (settings, filters):
            if isinstance(answer, OutsideError):
                raise answer
        assert isinstance(settings, dict) and isinstance(filters, dict)
        return settings, list(filters.get("filter", ()))

    def _reading(self, settings: Settings, filters: list[dict[str, Any]]) -> ResponderReading:
        record, normal = self._record(), _normal(settings)
        state = _state(normal, record)
        ours = state in ("ours", "edited")
        original = record["original"] if ours else settings
        snapshot = json.dumps({"v": 1, "vacation": original}, sort_keys=True)
        holding = bool(self._our_filters(filters)) or bool(record.get("lease"))
        if not ours:
            words, enabled = self._words_of_theirs(normal), _is_on(normal, self._clock())
            marker = LEASE_ONLY if holding else ""
            return ResponderReading(marker, _fingerprint(normal), snapshot, enabled, words)
        ends = datetime.fromisoformat(record["ends"])
        words = "homeward's reply was changed by hand; it stays so" if state == "edited" else "homeward's reply is set"
        enabled = bool(normal["enableAutoReply"]) and ends > self._clock()
        return ResponderReading(record["marker"], _fingerprint(normal, record["marker"]), snapshot, enabled, words, ends)

    def _words_of_theirs(self, normal: Settings) -> str:
        if _is_on(normal, self._clock()):
            return "your own reply is on"
        return "your own reply is off" if normal["responseSubject"] or normal["responseBodyPlainText"] else "no reply is set"

    # --- writing ----------------------------------------------------------------------------------------------------------

    def write(self, item: ResponderItem | None, lease: Lease | None, original: str) -> ResponderReading:
        if item is None and lease is None:
            return self.restore(original, self._clock())
        before, wanted = _parsed(original), self._filters_for(lease)
        settings, filters = self._look()
        filters = self._drop_filters(filters, wanted)
        if item is not None:
            self._set(item, lease, before, settings)
        else:
            self._give_back(lease, before, settings)
        self._add_filters(filters, wanted)
        return self.read()

    def _set(self, item: ResponderItem, lease: Lease | None, before: Settings, settings: Settings) -> None:
        self._require_untouched(settings, before)
        sent = _settings_for(item)
        facts = {"marker": item.id, "sent": sent, "ends": item.span.end.astimezone(UTC).isoformat(), "original": before}
        stored = self._record().get("stored") if self._record().get("sent") == sent else None
        ours = _state(_normal(settings), self._record()) == "ours"  # a crash may leave the one before in force
        self._keep(facts | {"stored": stored, "former": settings if ours else None, **_lease_facts(lease)})
        if _normal(settings) not in (_normal(sent), _normal(stored or sent)):
            self._keep(facts | {"stored": self._put(sent), **_lease_facts(lease)})

    def _give_back(self, lease: Lease | None, before: Settings, settings: Settings) -> None:
        """Only the hold is wanted: the user's own reply, where ours stands in its place. What they changed stays."""
        if _state(_normal(settings), self._record()) == "ours":
            self._put(self._as_due(before, self._clock()))
        self._keep(_lease_facts(lease))

    def restore(self, original: str, now: datetime) -> ResponderReading:
        """A reply of the user's whose own end has passed meanwhile is given back switched off."""
        before = _parsed(original)
        settings, filters = self._look()
        self._drop_filters(filters, [])
        state = _state(_normal(settings), self._record())
        if state != "ours":
            self._keep({**self._record(), "lease": None})
            self._require_untouched(settings, before)
        elif _normal(settings) != _normal(before):
            self._put(self._as_due(before, now))
        with told("forget what was written at Gmail"):
            self._path.unlink(missing_ok=True)
        return self.read()

    def _as_due(self, before: Settings, now: datetime) -> Settings:
        ends = _moment(before.get("endTime"))
        return {**before, "enableAutoReply": False} if ends is not None and ends <= now else before

    def _require_untouched(self, settings: Settings, before: Settings) -> None:
        state = _state(_normal(settings), self._record())
        if state == "edited":
            raise PreconditionFailed(_BY_HAND)
        if state != "ours" and _normal(settings) not in (_normal(before), _normal(self._as_due(before, self._clock()))):
            raise PreconditionFailed(_ANOTHER)

    def _put(self, wanted: Settings) -> Settings:
        """Settings as Gmail keeps them, read back: it takes them whole and knows no versions."""
        users = self._api.resource("gmail.users.settings")
        body = {name: value for name, value in wanted.items() if name in _EMPTY and value not in ("", None)}
        self._api.settle(users.updateVacation(userId="me", body=body))
        stored = self._api.read(users.getVacation(userId="me"))
        there, sent = _normal(stored), _normal(wanted)
        if any(there[name] != sent[name] for name in ("enableAutoReply", "responseSubject", "startTime", "endTime")):
            raise Temporary("Your reply at Gmail was changed by somebody else while it was written; looking again.")
        return stored

    # --- the filters ------------------------------------------------------------------------------------------------------

    def _filters_for(self, lease: Lease | None) -> list[Criteria]:
        """Those that ought to stand at this moment."""
        now = self._clock()
        if not self._server_hold or lease is None or not lease.starts <= now < lease.ends:
            return []
        return [] if any(now in opening.span for opening in lease.openings) else hold_filters(lease).criteria()

    def _our_filters(self, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Known by what they do: nobody else's take mail out of the inbox into a label that homeward made."""
        label = self._record().get("label", "")
        return [each for each in filters if label and each.get("action") == _action(label)]

    def _drop_filters(self, filters: list[dict[str, Any]], wanted: list[Criteria]) -> list[dict[str, Any]]:
        """Away with those of ours that are no longer wanted; the others are returned."""
        if self._server_hold and filters:
            self._remember_label(find_label(self._api, self._held_label))
        ours = self._our_filters(filters)
        stale = [each for each in ours if each.get("criteria") not in wanted]
        missed = {each["id"] for each in stale if not self._dropped(each)}
        if missed and any(each["id"] in missed for each in self._look()[1]):
            raise Temporary("Gmail still lists a filter of which it says that it is not there; looking again.")
        return [each for each in ours if each not in stale]

    def _dropped(self, each: dict[str, Any]) -> bool:
        """False where Gmail knows no such filter. One that it lists all the same would hold mail for ever."""
        try:
            self._api.settle(self._api.resource("gmail.users.settings.filters").delete(userId="me", id=each["id"]))
        except NotThere:
            return False
        return True

    def _remember_label(self, found: tuple[str, bool]) -> None:
        """A record that was lost is no reason to forget a filter: the label tells."""
        label, ours = found
        if label and ours and self._record().get("label") != label:
            self._keep({**self._record(), "label": label})

    def _add_filters(self, there: list[dict[str, Any]], wanted: list[Criteria]) -> None:
        missing = [criteria for criteria in wanted if criteria not in [each.get("criteria") for each in there]]
        if not missing:
            return
        label, ours = find_label(self._api, self._held_label)
        if label and not ours:
            raise Permanent(
                f"You have a label “{self._held_label}” of your own; homeward does not let a filter sort mail into it. "
                "Name another one as held_folder."
            )
        label = label or make_label(self._api, self._held_label)
        self._keep({**self._record(), "label": label})
        create = self._api.resource("gmail.users.settings.filters").create
        for criteria in missing:
            self._api.write(create(userId="me", body={"criteria": criteria, "action": _action(label)}))

    # --- the record -------------------------------------------------------------------------------------------------------

    def _record(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) and found.get("v") == 1 else {}

    def _keep(self, facts: dict[str, Any]) -> None:
        """Before anything is written at Gmail, so that a crash leaves a record too many, never one too few."""
        label = self._record().get("label", "")
        text = json.dumps({"label": label, **facts, "v": 1}, sort_keys=True).encode()
        with told("record what is written at Gmail"):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._path.exists() or self._path.read_bytes() != text:
                replace_whole(self._path, text)


def standing_filters(api: GoogleApi, held_label: str) -> int:
    """How many filters of homeward's hold mail at this moment."""
    label, ours = find_label(api, held_label)
    if not ours:
        return 0
    found = api.read(api.resource("gmail.users.settings.filters").list(userId="me")).get("filter", ())
    return sum(each.get("action") == _action(label) for each in found)


def _action(label: str) -> dict[str, list[str]]:
    return {"addLabelIds": [label], "removeLabelIds": [INBOX]}


def _lease_facts(lease: Lease | None) -> dict[str, Any]:
    return {"lease": lease.ends.astimezone(UTC).isoformat() if lease else None}


def _normal(settings: Settings) -> Settings:
    """What is not said is empty, and line ends count as one."""
    said = {name: settings.get(name) or empty for name, empty in _EMPTY.items()}
    return {name: value.replace("\r\n", "\n").strip() if isinstance(value, str) else value for name, value in said.items()}


def _fingerprint(normal: Settings, marker: str = "") -> str:
    return hashlib.sha256(json.dumps([marker, normal], sort_keys=True).encode()).hexdigest()


def _state(normal: Settings, record: dict[str, Any]) -> State:
    """Whose settings these are. Edited: still recognisably ours; replaced: others stand in the place of ours."""
    if not record.get("marker"):
        return "theirs"
    if any(normal == _normal(each) for each in (record["sent"], record.get("stored"), record.get("former")) if each):
        return "ours"
    if normal == _normal(record["original"]):
        return "theirs"
    sent = _normal(record["sent"])
    times = (normal["startTime"], normal["endTime"]) == (sent["startTime"], sent["endTime"])
    words = (
        normal["responseSubject"] == sent["responseSubject"] and normal["responseBodyPlainText"] == sent["responseBodyPlainText"]
    )
    return "edited" if times or words else "replaced"


def _is_on(normal: Settings, now: datetime) -> bool:
    ends = _moment(normal["endTime"])
    return bool(normal["enableAutoReply"]) and (ends is None or ends > now)


def _moment(milliseconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(original: str) -> Settings:
    try:
        found = json.loads(original)["vacation"]
        return {name: found[name] for name in _EMPTY if name in found}
    except (ValueError, KeyError, TypeError):
        raise Permanent("What was remembered of your reply at Gmail cannot be read; nothing was touched.") from None


def _settings_for(item: ResponderItem) -> Settings:
    """Gmail has one text: the safest of those that are wanted, and it goes to nobody whom it is not meant for."""
    text, switches = _one_text(item)
    begins, ends = (str(int(moment.timestamp() * 1000)) for moment in (item.span.start, item.span.end))
    if int(begins) >= int(ends) or not (text.subject.strip() or text.body.strip()):
        raise Permanent("This reply has no text or no time; Gmail cannot be given it.")
    said = {"enableAutoReply": True, "responseSubject": text.subject, "responseBodyPlainText": text.body}
    return {**said, **switches, "startTime": begins, "endTime": ends}


def _one_text(item: ResponderItem) -> tuple[ResponderText, Settings]:
    found = {text.audience: text for text in reversed(item.texts)}
    if "unknown" in found:
        return found["unknown"], {}
    if "known" in found:
        return found["known"], {"restrictToContacts": True}
    if "internal" in found:
        return found["internal"], {"restrictToDomain": True}
    raise Permanent("This reply has no text; Gmail cannot be given it.")
