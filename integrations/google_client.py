"""Google's own client library, made to behave: static discovery documents with addresses that can be set, one place where
requests are carried out, counted, retried and refused in our words. The only file that imports the library, and only when it is
used."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct, field

from integrations.errors import OutsideError, Permanent, Temporary
from integrations.google_budget import DailyBudget
from integrations.google_errors import UsedUp, is_rate_limit, retry_after, trouble
from integrations.google_http import SignedWire, Tokens, Wire, checked

_MOST_IN_BATCH = 50  # Gmail takes 100, and then slows down
_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 20.0  # seconds; a longer Retry-After is left to the next pass
_PATIENCE = 60.0  # seconds lost to failures in a row before nothing is tried again
_REST = 30.0  # seconds for which nothing is asked once it has run out
# Quota units of Gmail (since May 2026: 6,000 a minute and user); a call of Calendar counts 1 of 600 a minute.
UNITS = {
    "gmail.users.messages.list": 5, "gmail.users.messages.get": 20, "gmail.users.messages.modify": 5,
    "gmail.users.messages.batchModify": 50, "gmail.users.messages.insert": 25, "gmail.users.messages.send": 100,
    "gmail.users.history.list": 2, "gmail.users.settings.filters.create": 5, "gmail.users.settings.filters.delete": 5,
    "gmail.users.labels.create": 5, "gmail.users.labels.delete": 5,
}  # fmt: skip


class Endpoints(Struct, frozen=True):
    """Where Google is. Permanent unless each is https, or http on this machine. The first two end with a slash."""

    calendar: str = "https://www.googleapis.com/"
    gmail: str = "https://gmail.googleapis.com/"
    token: str = "https://oauth2.googleapis.com/token"
    auth: str = "https://accounts.google.com/o/oauth2/v2/auth"

    def __post_init__(self) -> None:
        for address in (self.calendar, self.gmail, self.token, self.auth):
            checked(address)
        if not (self.calendar.endswith("/") and self.gmail.endswith("/")):
            raise Permanent("The root addresses of Google Calendar and Gmail have to end with a slash.")


GOOGLE = Endpoints()


class Meter(Struct):
    """What one pass has cost: `requests` on the wire (a batch is one), `calls` by method, and Google's quota units."""

    requests: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def units(self) -> int:
        return sum(UNITS.get(name, 1) * count for name, count in self.calls.items())

    def words(self) -> str:
        """For `pass --verbose`."""
        return f"{self.requests} request{'' if self.requests == 1 else 's'} to Google, {self.units} quota units"


class GoogleApi:
    """One account. Safe to share between threads. `pause` waits that many seconds; `budget` hears of what is spent."""

    def __init__(
        self,
        tokens: Tokens,
        endpoints: Endpoints = GOOGLE,
        *,
        ca_file: str = "",
        budget: DailyBudget | None = None,
        timeout: float = 30.0,
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoints = endpoints
        self.meter = Meter()
        self._budget = budget
        self._http = SignedWire(Wire(ca_file, timeout, self._count), tokens)
        self._pause, self._jitter, self._ticks = pause, jitter, ticks
        self._patience = _PATIENCE
        self._resting: tuple[float, OutsideError] | None = None
        self._services: dict[str, Any] = {}
        self._resources: dict[str, Any] = {}
        self._lock = threading.Lock()

    def begin_pass(self) -> Meter:
        """Counts anew; returns what was counted before."""
        with self._lock:
            seen, self.meter = self.meter, Meter()
        return seen

    @property
    def calendar(self) -> Any:
        """The library's `calendar.v3`. Each attribute of it is made anew at every use, which takes its time: see `resource`."""
        return self._service("calendar", "v3", self.endpoints.calendar)

    @property
    def gmail(self) -> Any:
        """The library's `gmail.v1`."""
        return self._service("gmail", "v1", self.endpoints.gmail)

    def resource(self, path: str) -> Any:
        """What has the methods, by its place: `calendar.events`, `gmail.users.messages`."""
        api, *names = path.split(".")
        found = self._resources.get(path)
        if found is None:
            found = self.calendar if api == "calendar" else self.gmail
            for name in names:
                found = getattr(found, name)()
            self._resources[path] = found
        return found

    def _service(self, name: str, version: str, root: str) -> Any:
        with self._lock:
            if name not in self._services:
                self._services[name] = _built(name, version, root, self._http)
            return self._services[name]

    def _count(self) -> None:
        self.meter.requests += 1

    def _charge(self, requests: Iterable[Any]) -> None:
        units = 0
        for request in requests:
            self.meter.calls[request.methodId] += 1
            units += UNITS.get(request.methodId, 1)
        if self._budget:
            self._budget.spend(units)

    def _told(self, refusal: _HttpRefusal, writing: bool) -> OutsideError:
        error = refusal.told(writing)
        if self._budget and isinstance(error, UsedUp):
            self._budget.refused()
        return error

    # --- one request ------------------------------------------------------------------------------------------------------

    def read(self, request: Any) -> dict[str, Any]:
        """Carried out, and tried again with growing pauses while Google is busy or cannot be reached. One of our errors where
        that does not help."""
        return self._carried_out(request, writing=False)

    def write(self, request: Any, etag: str = "") -> dict[str, Any]:
        """Carried out once; again only after a refusal that says that nothing was done. `etag` goes into If-Match. Unclear where
        it may have been carried out."""
        if etag:
            request.headers["If-Match"] = etag
        return self._carried_out(request, writing=True)

    def settle(self, request: Any) -> dict[str, Any]:
        """A write that leaves the same however often it is carried out (a label on a message): tried again like a read."""
        return self._carried_out(request, writing=False)

    def _carried_out(self, request: Any, *, writing: bool) -> dict[str, Any]:
        for attempt in range(_TRIES):
            self._require_awake()
            began = self._ticks()
            self._charge([request])
            try:
                value = _executed(request, self._http)
                self._patience = _PATIENCE
                return value if isinstance(value, dict) else {}
            except _HttpRefusal as refusal:
                error = self._told(refusal, writing)
                again = refusal.limited or (not writing and refusal.status >= 500)
            except Temporary as broken:
                error, again = broken, not writing
            if isinstance(error, Temporary):
                self._lose(self._ticks() - began, error)
            if not again or attempt == _TRIES - 1 or not self._waited(error, attempt):
                raise error
        raise AssertionError("unreachable")

    def _require_awake(self) -> None:
        """Where Google has long been out of reach, each of many calls would wait for nothing."""
        if self._resting and self._ticks() < self._resting[0]:
            raise self._resting[1]

    def _lose(self, seconds: float, error: OutsideError) -> None:
        self._patience -= seconds
        if self._patience <= 0:
            self._resting = (self._ticks() + _REST, error)
            self._patience = _PATIENCE / 2

    def _waited(self, error: OutsideError, attempt: int) -> bool:
        """Pauses before the next attempt; False where Google wants to be left alone for longer than one waits within a pass."""
        if self._resting and self._ticks() < self._resting[0]:
            return False
        wanted = _FIRST_WAIT * 2**attempt * (0.5 + self._jitter())
        told = error.retry_after.total_seconds() if isinstance(error, _Waiting) else 0.0
        if told > _LONGEST_WAIT:
            return False
        seconds = min(max(wanted, told), _LONGEST_WAIT)
        self._pause(seconds)
        self._patience -= seconds
        return True

    # --- many -------------------------------------------------------------------------------------------------------------

    def read_all(self, api: str, requests: Sequence[Any]) -> list[dict[str, Any] | OutsideError]:
        """Reads that belong together, in as few requests on the wire as allowed. Each gives its answer or its error; what was
        refused for the rate alone is asked again."""
        found: list[dict[str, Any] | OutsideError] = []
        for begin in range(0, len(requests), _MOST_IN_BATCH):
            found += self._batch(api, list(requests[begin : begin + _MOST_IN_BATCH]))
        return found

    def _batch(self, api: str, requests: list[Any]) -> list[dict[str, Any] | OutsideError]:
        answers: dict[int, dict[str, Any] | OutsideError] = {}
        left = list(range(len(requests)))
        for attempt in range(_TRIES):
            refused = self._batch_once(api, {n: requests[n] for n in left}, answers)
            left = [n for n in left if n in refused]
            if not left or attempt == _TRIES - 1 or not self._waited(refused[left[0]], attempt):
                break
        return [answers[n] for n in range(len(requests))]

    def _batch_once(
        self, api: str, requests: dict[int, Any], answers: dict[int, dict[str, Any] | OutsideError]
    ) -> dict[int, OutsideError]:
        """Fills `answers`; returns those that may be asked again."""
        again: dict[int, OutsideError] = {}

        def keep(number: str, response: Any, exception: Any) -> None:
            if exception is None:
                answers[int(number)] = response if isinstance(response, dict) else {}
                return
            refusal = _refusal(exception)
            answers[int(number)] = error = self._told(refusal, writing=False)
            if refusal.limited or refusal.status >= 500:
                again[int(number)] = error

        if self._resting and self._ticks() < self._resting[0]:
            answers.update(dict.fromkeys(requests, self._resting[1]))
            return {}
        began, service = self._ticks(), self.calendar if api == "calendar" else self.gmail
        batch = service.new_batch_http_request(callback=keep)
        self._charge(requests.values())
        for number, request in requests.items():
            batch.add(request, request_id=str(number))
        try:
            _executed(batch, self._http)
        except _HttpRefusal as refusal:
            error = self._told(refusal, writing=False)
            if not (refusal.limited or refusal.status >= 500):
                raise error from None
            return self._all_again(requests, answers, error)
        except Temporary as broken:  # a batch is a POST, but ours only read
            self._lose(self._ticks() - began, broken)
            return self._all_again(requests, answers, Temporary(broken.what))
        return again

    def _all_again(
        self, requests: dict[int, Any], answers: dict[int, dict[str, Any] | OutsideError], error: OutsideError
    ) -> dict[int, OutsideError]:
        answers.update(dict.fromkeys(requests, error))
        return dict.fromkeys(requests, error)


class _Waiting(Temporary):
    """Google itself said how long to wait."""


class _HttpRefusal(Exception):
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__(str(status))
        self.status, self._headers, self._body = status, headers, body

    @property
    def limited(self) -> bool:
        return is_rate_limit(self.status, self._body)

    def told(self, writing: bool) -> OutsideError:
        error = trouble(self.status, self._headers, self._body, writing=writing)
        wait = retry_after(self._headers)
        return _Waiting(error.what, wait) if type(error) is Temporary and wait is not None else error


def _refusal(error: Any) -> _HttpRefusal:
    """Of an exception that the library gives for one part of a batch."""
    from googleapiclient.errors import HttpError

    if not isinstance(error, HttpError):
        return _HttpRefusal(500, {}, b"")
    return _HttpRefusal(int(error.resp.status), {str(k).lower(): str(v) for k, v in error.resp.items()}, error.content or b"")


def _executed(request: Any, http: SignedWire) -> Any:
    """The library's answer; its errors as _HttpRefusal."""
    from googleapiclient.errors import BatchError, Error, HttpError

    try:
        return request.execute(http=http)
    except BatchError:
        raise Temporary("Google's answer to several questions at once could not be read.") from None
    except HttpError as error:
        raise _refusal(error) from None
    except (Error, ValueError):
        raise Temporary("Google's answer could not be read.") from None


def _built(name: str, version: str, root: str, http: SignedWire) -> Any:
    """From the document that ships with the library: nothing is fetched, and batches go where the rest goes."""
    import json

    from googleapiclient.discovery import build_from_document
    from googleapiclient.discovery_cache import get_static_doc

    text = get_static_doc(name, version)
    if text is None:
        raise Permanent(f"The Google client library here has no description of {name} {version}. Install homeward again.")
    document = json.loads(text)
    document |= {"rootUrl": root, "baseUrl": root + document["servicePath"]}
    document.pop("mtlsRootUrl", None)
    return build_from_document(document, http=http)
