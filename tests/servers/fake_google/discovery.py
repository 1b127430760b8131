"""The validator: what the discovery documents of the client library say about methods, parameters, bodies and scopes. Whatever
does not follow them is refused as Google refuses it. It knows nothing of what events or messages mean."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import googleapiclient

from tests.servers.fake_google.refusal import Refused, invalid, no_scope, not_found

_DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
_INTEGERS = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}
_LONG = {"int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1)}
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z")
_NAIVE = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?\Z")

# Values that Calendar's document only tells in prose, by schema and property.
_PROSE_ENUMS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Event", "status"): ("confirmed", "tentative", "cancelled"),
    ("Event", "visibility"): ("default", "public", "private", "confidential"),
    ("Event", "transparency"): ("opaque", "transparent"),
    ("Event", "eventType"): ("birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"),
    ("EventAttendee", "responseStatus"): ("needsAction", "declined", "tentative", "accepted"),
    ("EventReminder", "method"): ("email", "popup"),
    ("EventOutOfOfficeProperties", "autoDeclineMode"): (
        "declineNone", "declineAllConflictingInvitations", "declineOnlyNewConflictingInvitations",
    ),
}  # fmt: skip
# Here a time without offset is taken, since the object has a timeZone beside it.
_MAY_BE_NAIVE = {("EventDateTime", "dateTime")}
# Limits that stand in prose, too.
_MOST = {
    ("calendar.events.list", "maxResults"): 2500, ("calendar.events.instances", "maxResults"): 2500,
    ("calendar.calendarList.list", "maxResults"): 250, ("gmail.users.messages.list", "maxResults"): 500,
    ("gmail.users.history.list", "maxResults"): 500, ("gmail.users.threads.list", "maxResults"): 500,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A request that the documents allow. `query` has typed values, repeated ones as lists."""

    id: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: dict[str, Any]


class Api:
    """One document. `name` is "calendar" or "gmail"."""

    def __init__(self, name: str, version: str) -> None:
        self.name = name
        self.document: dict[str, Any] = json.loads((_DOCUMENTS / f"{name}.{version}.json").read_text())
        self._schemas: dict[str, Any] = self.document["schemas"]
        self._common: dict[str, Any] = self.document["parameters"]
        self._methods = [(self._pattern(m), m) for m in _methods(self.document)]

    @property
    def prefix(self) -> str:
        """Where its paths begin, without the host."""
        return "/" + self.document["servicePath"]

    def _pattern(self, method: dict[str, Any]) -> re.Pattern[str]:
        path = self.prefix + method["path"]
        parts = re.split(r"\{\+?(\w+)\}", path)
        names = "".join(re.escape(part) if n % 2 == 0 else f"(?P<{part}>[^/]+)" for n, part in enumerate(parts))
        return re.compile(names + r"\Z")

    def method_for(self, verb: str, path: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The method and its path parameters. Refused 404 for a path, 405 for a verb that no method has."""
        here = [(method, found) for pattern, method in self._methods if (found := pattern.match(path))]
        for method, found in here:
            if method["httpMethod"] == verb:
                return method, {name: unquote(value) for name, value in found.groupdict().items()}
        if here:
            raise Refused(405, "httpMethodNotAllowed", f"The method {verb} is not allowed here.")
        raise not_found(self.name)

    def check(
        self, method: dict[str, Any], path: Mapping[str, str], query: list[tuple[str, str]], body: bytes, scopes: frozenset[str]
    ) -> Call:
        if not scopes & set(method["scopes"]):
            raise no_scope()
        return Call(method["id"], path, self._query(method, query), self._body(method, body))

    # --- query ------------------------------------------------------------------------------------------------------------

    def _query(self, method: dict[str, Any], query: list[tuple[str, str]]) -> dict[str, Any]:
        known = {n: p for n, p in method.get("parameters", {}).items() if p["location"] == "query"}
        found: dict[str, Any] = {}
        for name, text in query:
            spec = known.get(name) or self._common.get(name)
            if spec is None:
                raise invalid(f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.')
            value = _query_value(method["id"], name, spec, text)
            if spec.get("repeated"):
                found.setdefault(name, []).append(value)
            elif name in found:
                raise invalid(f"The parameter {name} was given twice.", "invalidParameter")
            else:
                found[name] = value
        for name, spec in known.items():
            if spec.get("required") and name not in found:
                raise invalid(f"Missing required parameter: {name}", "required")
        return found

    # --- body -------------------------------------------------------------------------------------------------------------

    def _body(self, method: dict[str, Any], body: bytes) -> dict[str, Any]:
        if "request" not in method:
            if body.strip():
                raise invalid("This method takes no body.", "badRequest")
            return {}
        try:
            value = json.loads(body or b"{}")
        except ValueError:
            raise invalid("Parse Error", "parseError") from None
        if not isinstance(value, dict):
            raise invalid("Parse Error", "parseError")
        schema = method["request"]["$ref"]
        self._object(schema, self._schemas[schema], value, method, schema.lower())
        self._require(schema, value, method)
        return value

    def _require(self, schema: str, value: dict[str, Any], method: dict[str, Any]) -> None:
        for name, spec in self._schemas[schema].get("properties", {}).items():
            if method["id"] in spec.get("annotations", {}).get("required", ()) and value.get(name) in (None, ""):
                raise invalid(f"Missing {name}.", "required")

    def _object(self, schema: str, spec: dict[str, Any], value: Any, method: dict[str, Any], where: str) -> None:
        if not isinstance(value, dict):
            raise invalid(f"Invalid value at '{where}': an object was expected.")
        properties, others = spec.get("properties", {}), spec.get("additionalProperties")
        for name, each in value.items():
            if name in properties:
                self._value(schema, name, properties[name], each, method, f"{where}.{name}")
            elif others is not None:
                self._value(schema, name, others, each, method, f"{where}.{name}")
            else:
                message = f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field."
                raise invalid(message, "badRequest")

    def _value(self, schema: str, name: str, spec: dict[str, Any], value: Any, method: dict[str, Any], where: str) -> None:
        if value is None:
            return  # a patch deletes with null
        if "$ref" in spec:
            self._object(spec["$ref"], self._schemas[spec["$ref"]], value, method, where)
        elif spec["type"] == "object":
            self._object(schema, spec, value, method, where)
        elif spec["type"] == "array":
            if not isinstance(value, list):
                raise invalid(f"Invalid value at '{where}': a list was expected.")
            for number, each in enumerate(value):
                self._value(schema, name, spec["items"], each, method, f"{where}[{number}]")
        elif spec["type"] != "any":
            self._scalar(schema, name, spec, value, where)

    def _scalar(self, schema: str, name: str, spec: dict[str, Any], value: Any, where: str) -> None:
        naive = (schema, name) in _MAY_BE_NAIVE and isinstance(value, str) and _NAIVE.match(value)
        if not naive and not _is(spec, value):
            wanted = spec.get("format") or spec["type"]
            raise invalid(f"Invalid value at '{where}' ({wanted}): {str(value)[:80]!r}")
        allowed = spec.get("enum") or _PROSE_ENUMS.get((schema, name))
        if allowed and value not in allowed:
            raise invalid(f"Invalid value at '{where}': {value!r} is none of {', '.join(allowed)}")


def _methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for child in resource.get("resources", {}).values():
        yield from _methods(child)


def _query_value(method: str, name: str, spec: dict[str, Any], text: str) -> Any:
    kind = spec.get("type")
    value: Any = text
    if kind == "integer" and re.fullmatch(r"-?\d{1,12}", text):
        value = int(text)
    elif kind == "boolean" and text in ("true", "false"):
        value = text == "true"
    bad = invalid(f"Invalid value for {name}: {text[:80]!r}", "invalidParameter")
    if not _is(spec, value) or ("enum" in spec and value not in spec["enum"]):
        raise bad
    if kind == "integer":
        low = int(spec.get("minimum", 1 if name == "maxResults" else 0))
        high = int(spec.get("maximum", _MOST.get((method, name), 2**31)))
        if not low <= value <= high:
            raise bad
    return value


def _is(spec: dict[str, Any], value: Any) -> bool:
    kind, form = spec.get("type"), spec.get("format", "")
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        low, high = _INTEGERS.get(form, (-(2**31), 2**32))
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str) and _is_text(form, value)


def _is_text(form: str, value: str) -> bool:
    if form in _LONG:
        low, high = _LONG[form]
        return re.fullmatch(r"-?\d{1,20}", value) is not None and low <= int(value) <= high
    if form == "date-time":
        return _DATE_TIME.match(value) is not None and _parses(datetime.fromisoformat, value.upper())
    if form == "date":
        return _parses(date.fromisoformat, value)
    if form == "byte":
        try:
            base64.b64decode(value.replace("-", "+").replace("_", "/") + "==", validate=False)
        except (binascii.Error, ValueError):
            return False
        return re.fullmatch(r"[A-Za-z0-9+/_-]*={0,2}", value) is not None
    return True


def _parses(read: Any, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
