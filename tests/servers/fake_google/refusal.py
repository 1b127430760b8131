"""The errors that Google gives, in the two shapes that its two generations of servers write them."""

from __future__ import annotations

from typing import Any

_STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip
_DOMAIN = {
    "rateLimitExceeded": "usageLimits", "userRateLimitExceeded": "usageLimits", "quotaExceeded": "usageLimits",
    "dailyLimitExceeded": "usageLimits", "fullSyncRequired": "calendar", "forbiddenForNonOrganizer": "calendar",
    "cannotChangeOrganizerOfInstance": "calendar", "accessNotConfigured": "usageLimits",
}  # fmt: skip


class Refused(Exception):
    """`reason` is the machine-readable one of errors[0]; `headers` go out with the response."""

    def __init__(self, status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message
        self.headers = headers or {}

    def body(self, api: str) -> dict[str, Any]:
        entry = {"message": self.message, "domain": _DOMAIN.get(self.reason, "global"), "reason": self.reason}
        error: dict[str, Any] = {"code": self.status, "message": self.message, "errors": [entry]}
        if api == "gmail":
            error["status"] = _STATUS.get(self.status, "UNKNOWN")
            if self.reason == "insufficientPermissions":
                kind = "type.googleapis.com/google.rpc.ErrorInfo"
                error["details"] = [{"@type": kind, "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domain": "googleapis.com"}]
        return {"error": error}


def invalid(message: str, reason: str = "invalid") -> Refused:
    return Refused(400, reason, message)


def not_found(api: str) -> Refused:
    return Refused(404, "notFound", "Not Found" if api == "calendar" else "Requested entity was not found.")


def unauthorised() -> Refused:
    headers = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    return Refused(401, "authError", "Request had invalid authentication credentials.", headers)


def no_scope() -> Refused:
    headers = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'}
    return Refused(403, "insufficientPermissions", "Request had insufficient authentication scopes.", headers)
