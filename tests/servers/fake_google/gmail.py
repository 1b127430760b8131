"""The stateful half of Gmail v1: one mailbox a user with labels, filters, vacation settings and a history. Mail is delivered by
the test or sent by another user; filters and the autoreply act on it as it comes in."""

from __future__ import annotations

import base64
import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import getaddresses
from functools import cache
from typing import Any

from tests.servers.fake_google.discovery import Api, Call
from tests.servers.fake_google.mail_query import Searched, parse
from tests.servers.fake_google.refusal import Refused, invalid, not_found

_SYSTEM = (
    "INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "UNREAD", "STARRED", "IMPORTANT", "CATEGORY_PERSONAL", "CATEGORY_UPDATES",
    "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "CATEGORY_FORUMS",
)  # fmt: skip
_MOST_FILTERS, _MOST_CRITERIA, _MOST_IDS = 1000, 1500, 1000
_AGAIN = timedelta(days=4)
_VACATION = (
    "enableAutoReply", "responseSubject", "responseBodyPlainText", "responseBodyHtml", "restrictToContacts", "restrictToDomain",
    "startTime", "endTime",
)  # fmt: skip


@dataclass(slots=True)
class Stored:
    id: str
    thread: str
    raw: bytes
    received: datetime
    labels: set[str]
    history: int
    seen: Searched | None = None

    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def searched(self) -> Searched:
        if self.seen is None:
            self.seen = self._look()
        return replace(self.seen, labels=frozenset(self.labels), received=self.received)

    def _look(self) -> Searched:
        found = self.message()
        body = found.get_body(("plain",))
        text = body.get_content() if body else ""
        return Searched(
            str(found["From"] or ""), str(found["To"] or ""), str(found["Cc"] or ""), str(found["Subject"] or ""), text,
            str(found["Message-ID"] or ""), frozenset(self.labels), self.received, len(self.raw),
            " ".join(part.get_filename() or "" for part in found.walk()),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AutoReply:
    to: str
    subject: str
    body: str


@dataclass(slots=True)
class Box:
    """One user's mail. `contacts` are addresses; `workspace` is the domain of a Workspace account, "" for a consumer's."""

    user: str
    contacts: set[str] = field(default_factory=set)
    workspace: str = ""
    messages: dict[str, Stored] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    filters: dict[str, dict[str, Any]] = field(default_factory=dict)
    vacation: dict[str, Any] = field(default_factory=lambda: {"enableAutoReply": False})
    replies: list[AutoReply] = field(default_factory=list)
    answered: dict[str, datetime] = field(default_factory=dict)
    history: list[tuple[int, str, str, tuple[str, ...]]] = field(default_factory=list)
    oldest: int = 0
    number: int = 1000


class GmailState:
    """`outgoing` is all that messages.send took: (sender, recipients, raw)."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.boxes: dict[str, Box] = {}
        self.outgoing: list[tuple[str, tuple[str, ...], bytes]] = []
        self._handlers: dict[str, Callable[[Box, Call], Any]] = {
            "gmail.users.getProfile": self._profile,
            "gmail.users.messages.list": self._list,
            "gmail.users.messages.get": self._get,
            "gmail.users.messages.modify": self._modify,
            "gmail.users.messages.batchModify": self._batch_modify,
            "gmail.users.messages.send": self._send,
            "gmail.users.messages.insert": self._insert,
            "gmail.users.history.list": self._history,
            "gmail.users.labels.list": self._labels,
            "gmail.users.labels.get": self._label,
            "gmail.users.labels.create": self._create_label,
            "gmail.users.labels.patch": self._patch_label,
            "gmail.users.labels.delete": self._delete_label,
            "gmail.users.settings.getVacation": self._vacation,
            "gmail.users.settings.updateVacation": self._update_vacation,
            "gmail.users.settings.filters.list": self._filters,
            "gmail.users.settings.filters.get": self._filter,
            "gmail.users.settings.filters.create": self._create_filter,
            "gmail.users.settings.filters.delete": self._delete_filter,
            "gmail.users.threads.get": self._thread,
        }

    # --- for tests --------------------------------------------------------------------------------------------------------

    def add_user(self, user: str) -> Box:
        self.boxes[user] = box = Box(user)
        return box

    def deliver(self, user: str, raw: bytes, at: datetime | None = None, contact: bool = False) -> Stored:
        """Mail that comes in: filters and the autoreply act on it."""
        box = self.boxes[user]
        stored = self._add(box, raw, at or self._clock(), {"INBOX", "UNREAD"})
        for each in box.filters.values():
            if _applies(each["criteria"], stored.searched()):
                action = each["action"]
                stored.labels |= set(action.get("addLabelIds", ()))
                stored.labels -= set(action.get("removeLabelIds", ()))
        self._auto_reply(box, stored)
        return stored

    def label_ids(self, user: str, name: str) -> list[str]:
        """Ids of messages under a label of that name, oldest first."""
        box = self.boxes[user]
        wanted = next((i for i, label in box.labels.items() if label["name"] == name), name)
        found = [m for m in box.messages.values() if wanted in m.labels]
        return [m.id for m in sorted(found, key=lambda m: (m.received, m.id))]

    def expire_history(self, user: str) -> None:
        self.boxes[user].oldest = self.boxes[user].number + 1

    # --- dispatch ---------------------------------------------------------------------------------------------------------

    def handle(self, user: str, call: Call, scopes: frozenset[str]) -> Any:
        handler = self._handlers.get(call.id)
        if handler is None:
            raise Refused(501, "notImplemented", f"{call.id} is not part of this fake.")
        if call.path["userId"] not in ("me", user) or user not in self.boxes:
            raise Refused(403, "forbidden", f"Delegation denied for {user}")
        if "q" in call.query and scopes == {"https://www.googleapis.com/auth/gmail.metadata"}:
            raise Refused(403, "forbidden", "Metadata scope does not support 'q' parameter")
        return handler(self.boxes[user], call)

    # --- messages ---------------------------------------------------------------------------------------------------------

    def _add(self, box: Box, raw: bytes, at: datetime, labels: set[str]) -> Stored:
        box.number += 1
        known = str(email.message_from_bytes(raw, policy=email.policy.default)["References"] or "")
        older = box.messages.values() if known else ()
        parent = next((m for m in older if _id_of(m.raw) and _id_of(m.raw) in known), None)
        handle = f"{0x18F0000000000000 + box.number:016x}"
        stored = Stored(handle, parent.thread if parent else handle, raw, at, labels, box.number)
        box.messages[handle] = stored
        box.history.append((box.number, "messageAdded", handle, ()))
        return stored

    def _change(self, box: Box, stored: Stored, add: set[str], remove: set[str]) -> None:
        gained, lost = add - stored.labels, remove & stored.labels
        stored.labels |= add
        stored.labels -= remove
        for kind, changed in (("labelAdded", gained), ("labelRemoved", lost)):
            if changed:
                box.number += 1
                stored.history = box.number
                box.history.append((box.number, kind, stored.id, tuple(sorted(changed))))

    def _one(self, box: Box, handle: str) -> Stored:
        if not re.fullmatch(r"[0-9a-f]{1,16}", handle):
            raise invalid("Invalid id value", "invalidArgument")
        if handle not in box.messages:
            raise not_found("gmail")
        return box.messages[handle]

    def _profile(self, box: Box, call: Call) -> dict[str, Any]:
        threads = {m.thread for m in box.messages.values()}
        return {
            "emailAddress": box.user, "messagesTotal": len(box.messages), "threadsTotal": len(threads),
            "historyId": str(box.number),
        }  # fmt: skip

    def _list(self, box: Box, call: Call) -> dict[str, Any]:
        test = parse(call.query["q"]) if call.query.get("q") else None
        wanted = set(call.query.get("labelIds", ()))
        hidden = set() if call.query.get("includeSpamTrash") else {"SPAM", "TRASH"} - wanted
        found = [m for m in box.messages.values() if wanted <= m.labels and not hidden & m.labels]
        found = [m for m in found if test is None or test(m.searched())]
        found.sort(key=lambda m: (m.received, m.id), reverse=True)
        begin, size = int(call.query.get("pageToken", "0")), call.query.get("maxResults", 100)
        page: dict[str, Any] = {"resultSizeEstimate": len(found)}
        if shown := found[begin : begin + size]:
            page["messages"] = [{"id": m.id, "threadId": m.thread} for m in shown]
        if begin + size < len(found):
            page["nextPageToken"] = str(begin + size)
        return page

    def _get(self, box: Box, call: Call) -> dict[str, Any]:
        return _shown(self._one(box, call.path["id"]), call.query.get("format", "full"), call.query.get("metadataHeaders"))

    def _thread(self, box: Box, call: Call) -> dict[str, Any]:
        found = [m for m in box.messages.values() if m.thread == call.path["id"]]
        if not found:
            raise not_found("gmail")
        return {"id": call.path["id"], "messages": [_shown(m, call.query.get("format", "full"), None) for m in found]}

    def _modify(self, box: Box, call: Call) -> dict[str, Any]:
        stored = self._one(box, call.path["id"])
        add, remove = self._labels_of(box, call)
        self._change(box, stored, add, remove)
        return _shown(stored, "minimal", None)

    def _batch_modify(self, box: Box, call: Call) -> None:
        ids = call.body.get("ids") or []
        if not ids:
            raise invalid("No message ids specified.", "invalidArgument")
        if len(ids) > _MOST_IDS:
            raise invalid("Too many message ids.", "invalidArgument")
        add, remove = self._labels_of(box, call)
        for handle in ids:
            if handle in box.messages:
                self._change(box, box.messages[handle], add, remove)

    def _labels_of(self, box: Box, call: Call) -> tuple[set[str], set[str]]:
        add, remove = (set(call.body.get(name) or ()) for name in ("addLabelIds", "removeLabelIds"))
        if not add | remove:
            raise invalid("No label add or removes specified", "invalidArgument")
        if add & remove:
            raise invalid("Cannot both add and remove the same label", "invalidArgument")
        for label in add | remove:
            if label not in box.labels and label not in _SYSTEM:
                raise invalid(f"Invalid label: {label}", "invalidArgument")
        if {"SENT", "DRAFT"} & (add | remove):
            raise invalid("Invalid label: SENT", "invalidArgument")
        return add, remove

    def _send(self, box: Box, call: Call) -> dict[str, Any]:
        raw = _raw(call)
        message = email.message_from_bytes(raw, policy=email.policy.default)
        people = tuple(a.lower() for _, a in getaddresses([str(message[n]) for n in ("To", "Cc", "Bcc") if message[n]]) if a)
        if not people:
            raise invalid("Recipient address required", "invalidArgument")
        stored = self._add(box, raw, self._clock(), {"SENT"})
        self.outgoing.append((box.user, people, raw))
        for person in people:
            if person in self.boxes:
                self.deliver(person, raw)
        return _shown(stored, "minimal", None)

    def _insert(self, box: Box, call: Call) -> dict[str, Any]:
        labels = set(call.body.get("labelIds") or ())
        if unknown := labels - set(box.labels) - set(_SYSTEM):
            raise invalid(f"Invalid label: {min(unknown)}", "invalidArgument")
        return _shown(self._add(box, _raw(call), self._clock(), labels), "minimal", None)

    def _history(self, box: Box, call: Call) -> dict[str, Any]:
        if "startHistoryId" not in call.query:
            raise invalid("Missing or invalid startHistoryId", "invalidArgument")
        since = int(call.query["startHistoryId"])
        if since < box.oldest or since > box.number:
            raise not_found("gmail")
        kinds = call.query.get("historyTypes")
        found = [each for each in box.history if each[0] > since and (not kinds or each[1] in kinds)]
        begin, size = int(call.query.get("pageToken", "0")), call.query.get("maxResults", 100)
        page: dict[str, Any] = {"historyId": str(box.number)}
        if shown := found[begin : begin + size]:
            page["history"] = [self._record(box, each) for each in shown]
        if begin + size < len(found):
            page["nextPageToken"] = str(begin + size)
        return page

    def _record(self, box: Box, each: tuple[int, str, str, tuple[str, ...]]) -> dict[str, Any]:
        number, kind, handle, labels = each
        stored = box.messages[handle]
        slim = {"id": handle, "threadId": stored.thread}
        entry: dict[str, Any] = {"message": {**slim, "labelIds": sorted(stored.labels)}}
        if labels:
            entry["labelIds"] = list(labels)
        name = {"messageAdded": "messagesAdded", "labelAdded": "labelsAdded", "labelRemoved": "labelsRemoved"}[kind]
        return {"id": str(number), "messages": [slim], name: [entry]}

    # --- labels -----------------------------------------------------------------------------------------------------------

    def _labels(self, box: Box, call: Call) -> dict[str, Any]:
        system = [{"id": name, "name": name, "type": "system"} for name in _SYSTEM]
        return {"labels": system + list(box.labels.values())}

    def _label(self, box: Box, call: Call) -> dict[str, Any]:
        handle = call.path["id"]
        if handle not in box.labels and handle not in _SYSTEM:
            raise not_found("gmail")
        there = [m for m in box.messages.values() if handle in m.labels]
        counts = {"messagesTotal": len(there), "messagesUnread": sum("UNREAD" in m.labels for m in there)}
        return {**box.labels.get(handle, {"id": handle, "name": handle, "type": "system"}), **counts}

    def _create_label(self, box: Box, call: Call) -> dict[str, Any]:
        name = str(call.body["name"])
        if name.upper() in _SYSTEM or not name.strip() or len(name) > 225:
            raise invalid("Invalid label name", "invalidArgument")
        if any(label["name"].lower() == name.lower() for label in box.labels.values()):
            raise Refused(409, "aborted", "Label name exists or conflicts")
        _check_colour(call.body)
        handle = f"Label_{len(box.labels) + 1 + box.number}"
        box.labels[handle] = {**call.body, "id": handle, "type": "user"}
        return box.labels[handle]

    def _patch_label(self, box: Box, call: Call) -> dict[str, Any]:
        if call.path["id"] not in box.labels:
            raise not_found("gmail")
        _check_colour(call.body)
        box.labels[call.path["id"]] |= call.body
        return box.labels[call.path["id"]]

    def _delete_label(self, box: Box, call: Call) -> None:
        handle = call.path["id"]
        if handle not in box.labels:
            raise not_found("gmail") if handle not in _SYSTEM else invalid("Invalid delete request", "invalidArgument")
        del box.labels[handle]
        for stored in box.messages.values():
            stored.labels.discard(handle)
        box.filters = {i: f for i, f in box.filters.items() if handle not in f["action"].get("addLabelIds", ())}

    # --- settings ---------------------------------------------------------------------------------------------------------

    def _vacation(self, box: Box, call: Call) -> dict[str, Any]:
        return {name: box.vacation[name] for name in _VACATION if name in box.vacation}

    def _update_vacation(self, box: Box, call: Call) -> dict[str, Any]:
        """A whole replacement; what is not said is empty."""
        wanted = {name: value for name, value in call.body.items() if value not in (None, "", False)}
        if call.body.get("enableAutoReply") and not any(
            wanted.get(n) for n in ("responseSubject", "responseBodyPlainText", "responseBodyHtml")
        ):
            raise invalid("Nonempty subject or body required to enable the vacation responder.", "invalidArgument")
        if "startTime" in wanted and "endTime" in wanted and int(wanted["startTime"]) >= int(wanted["endTime"]):
            raise invalid("Start time must precede end time.", "invalidArgument")
        if wanted.get("restrictToDomain") and not box.workspace:
            raise invalid("restrictToDomain is only for Google Workspace.", "invalidArgument")
        box.vacation = {**wanted, "enableAutoReply": bool(wanted.get("enableAutoReply"))}
        box.answered = {}
        return self._vacation(box, call)

    def _auto_reply(self, box: Box, stored: Stored) -> None:
        settings, now = box.vacation, stored.received
        if not settings.get("enableAutoReply"):
            return
        message = stored.message()
        people = [a.lower() for _, a in getaddresses([str(message["From"] or "")])]
        if not people or "SPAM" in stored.labels:
            return
        if any(message[name] for name in ("List-Id", "List-Unsubscribe", "Auto-Submitted", "Precedence")):
            return
        begin, end = (int(settings[n]) / 1000 if n in settings else None for n in ("startTime", "endTime"))
        if (begin is not None and now.timestamp() < begin) or (end is not None and now.timestamp() >= end):
            return
        sender = people[0]
        if settings.get("restrictToContacts") and sender not in box.contacts:
            return
        if settings.get("restrictToDomain") and not sender.endswith(f"@{box.workspace}"):
            return
        if sender in box.answered and now - box.answered[sender] < _AGAIN:
            return
        box.answered[sender] = now
        body = settings.get("responseBodyHtml") or settings.get("responseBodyPlainText", "")
        box.replies.append(AutoReply(sender, settings.get("responseSubject", ""), body))

    def _filters(self, box: Box, call: Call) -> dict[str, Any]:
        return {"filter": list(box.filters.values())} if box.filters else {}

    def _filter(self, box: Box, call: Call) -> dict[str, Any]:
        if call.path["id"] not in box.filters:
            raise not_found("gmail")
        return box.filters[call.path["id"]]

    def _create_filter(self, box: Box, call: Call) -> dict[str, Any]:
        criteria, action = call.body.get("criteria") or {}, call.body.get("action") or {}
        if len(box.filters) >= _MOST_FILTERS:
            raise Refused(400, "failedPrecondition", "Too many filters.")
        if not criteria or not action:
            raise invalid("Filter needs criteria and an action.", "invalidArgument")
        if sum(len(str(value)) for value in criteria.values()) > _MOST_CRITERIA:
            raise invalid("Filter criteria are too long.", "invalidArgument")
        self._check_action(box, action)
        for name in ("query", "negatedQuery"):
            parse(criteria.get(name, ""))
        if any((f["criteria"], f["action"]) == (criteria, action) for f in box.filters.values()):
            raise Refused(400, "failedPrecondition", "Filter already exists")
        box.number += 1
        handle = f"ANe1Bm{box.number}"
        box.filters[handle] = {"id": handle, "criteria": criteria, "action": action}
        return box.filters[handle]

    def _check_action(self, box: Box, action: dict[str, Any]) -> None:
        add, remove = action.get("addLabelIds", []), action.get("removeLabelIds", [])
        if unknown := [label for label in (*add, *remove) if label not in box.labels and label not in _SYSTEM]:
            raise invalid(f"Invalid label: {unknown[0]}", "invalidArgument")
        if len([label for label in add if label in box.labels]) > 1:
            raise invalid("Only one user label can be added by a filter.", "invalidArgument")
        if not set(add) - set(box.labels) <= {"STARRED", "IMPORTANT", "TRASH"} or not set(remove) <= {
            "INBOX",
            "UNREAD",
            "SPAM",
            "IMPORTANT",
        }:
            raise invalid("Invalid label in filter.", "invalidArgument")
        if action.get("forward"):
            raise Refused(403, "forbidden", "Unrecognized forwarding address")

    def _delete_filter(self, box: Box, call: Call) -> None:
        if box.filters.pop(call.path["id"], None) is None:
            raise not_found("gmail")


@cache
def _palette() -> frozenset[str]:
    """The colours that the document of the library names in prose."""
    colour = Api("gmail", "v1").document["schemas"]["LabelColor"]["properties"]["backgroundColor"]["description"]
    return frozenset(re.findall(r"#[0-9a-f]{6}", colour))


def _check_colour(body: dict[str, Any]) -> None:
    colour = body.get("color") or {}
    if len(colour) == 1:
        raise invalid("Both colors of a label have to be given.", "invalidArgument")
    for value in colour.values():
        if value not in _palette():
            raise invalid("Label color is not on the allowed color palette.", "invalidArgument")


def _applies(criteria: dict[str, Any], mail: Searched) -> bool:
    tests = [
        parse(criteria.get("query", "")),
        *(parse(f"{name}:({criteria[name]})") for name in ("from", "to", "subject") if criteria.get(name)),
    ]
    negated = criteria.get("negatedQuery", "")
    return all(test(mail) for test in tests) and not (negated and parse(negated)(mail))


def _id_of(raw: bytes) -> str:
    found = re.search(rb"(?im)^message-id:\s*(<[^>]+>)", raw.partition(b"\n\n")[0][:4000])
    return found[1].decode() if found else ""


def _raw(call: Call) -> bytes:
    text = call.body["raw"].replace("-", "+").replace("_", "/")
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _shown(stored: Stored, form: str, wanted: list[str] | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "id": stored.id, "threadId": stored.thread, "labelIds": sorted(stored.labels), "historyId": str(stored.history),
        "internalDate": str(int(stored.received.astimezone(UTC).timestamp() * 1000)), "sizeEstimate": len(stored.raw),
        "snippet": stored.searched().text[:100],
    }  # fmt: skip
    if form == "raw":
        return {**facts, "raw": base64.urlsafe_b64encode(stored.raw).decode()}
    if form == "minimal":
        return facts
    payload = _part(stored.message(), "", form == "full")
    if wanted:
        names = {name.lower() for name in wanted}
        payload["headers"] = [h for h in payload["headers"] if h["name"].lower() in names]
    return {**facts, "payload": payload}


def _part(message: Any, number: str, whole: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "partId": number, "mimeType": message.get_content_type(), "filename": message.get_filename() or "",
        "headers": [{"name": name, "value": str(value)} for name, value in message.items()],
    }  # fmt: skip
    if not whole:
        return shown
    if message.is_multipart():
        parts = enumerate(message.iter_parts() if hasattr(message, "iter_parts") else message.get_payload())
        return {**shown, "body": {"size": 0}, "parts": [_part(p, f"{number}.{n}".strip("."), True) for n, p in parts]}
    content = message.get_payload(decode=True) or b""
    if shown["filename"]:
        return {**shown, "body": {"attachmentId": f"att{number}", "size": len(content)}}
    return {**shown, "body": {"size": len(content), "data": base64.urlsafe_b64encode(content).decode()}}
