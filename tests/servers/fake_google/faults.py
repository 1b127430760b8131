"""Failures on demand, by method: what Google answers on a bad day, connections that break before or after the work is done, and
answers that take long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.fake_google.refusal import Refused, unauthorised

Way = Literal["refuse", "cut-before", "cut-after", "slow"]


@dataclass(frozen=True, slots=True)
class Fault:
    """`cut-before` closes the connection before anything is done, `cut-after` when it is done and the answer is lost."""

    way: Way
    refused: Refused | None = None
    seconds: float = 0.0


def _refuse(status: int, reason: str, message: str, retry_after: str = "") -> Fault:
    return Fault("refuse", Refused(status, reason, message, {"Retry-After": retry_after} if retry_after else {}))


FAULTS: dict[str, Fault] = {
    "401": Fault("refuse", unauthorised()),
    "403 rate": _refuse(403, "rateLimitExceeded", "Rate Limit Exceeded"),
    "403 user rate": _refuse(403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
    "403 quota": _refuse(403, "quotaExceeded", "Calendar usage limits exceeded."),
    "403 scope": _refuse(403, "insufficientPermissions", "Request had insufficient authentication scopes."),
    "403 access": _refuse(403, "accessNotConfigured", "The API has not been used in project 1 before or it is disabled."),
    "403 organizer": _refuse(403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer."),
    "404": _refuse(404, "notFound", "Not Found"),
    "409": _refuse(409, "duplicate", "The requested identifier already exists."),
    "410": _refuse(410, "deleted", "Resource has been deleted"),
    "412": _refuse(412, "conditionNotMet", "Precondition Failed"),
    "429": _refuse(429, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'.", "1"),
    "429 long": _refuse(429, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'.", "900"),
    "500": _refuse(500, "backendError", "Backend Error"),
    "503": _refuse(503, "backendError", "The service is currently unavailable."),
    "cut before": Fault("cut-before"),
    "cut after": Fault("cut-after"),
    "slow": Fault("slow", seconds=1.5),
}


@dataclass(slots=True)
class Faults:
    """What is to go wrong: by method id, or "*" for any, "batch" for the whole of a batch."""

    _planned: list[tuple[str, Fault, int]] = field(default_factory=list)

    def add(self, method: str, name: str, times: int = 1, after: int = 0) -> None:
        """The next `times` calls after `after` others fail; a negative number means all."""
        self._planned.append((method, Fault("slow"), after)) if after else None
        self._planned.append((method, FAULTS[name], times))

    def clear(self) -> None:
        self._planned.clear()

    def next(self, methods: Iterable[str]) -> Fault | None:
        wanted = set(methods)
        for place, (method, fault, times) in enumerate(self._planned):
            if method in wanted or (method == "*" and "batch" not in wanted):
                if times == 1:
                    del self._planned[place]
                else:
                    self._planned[place] = (method, fault, times - 1 if times > 0 else times)
                return fault
        return None
