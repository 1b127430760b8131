"""What Google's refusals mean for the caller's next move. A refusal's reason decides, not its status alone: 403 may mean no
right, no rate left, or not the organizer. What is told is our own words; of Google's only a short, harmless piece."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime

from integrations.errors import AuthExpired, OutsideError, Permanent, PreconditionFailed, Temporary, TokenExpired


class NotThere(Permanent):
    """404: no such event, label, message or calendar (or none that this account may see)."""


class Taken(PreconditionFailed):
    """409: the identifier or the name is in use, perhaps by something deleted."""


class Gone(PreconditionFailed):
    """410: it has been deleted."""


class Malformed(Permanent):
    """400: Google does not take what was written."""


class UsedUp(Temporary):
    """403: the limit of this day is reached."""


class Unclear(Temporary):
    """A write was sent and no clear answer came: it may have been carried out."""


_RATES = ("rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED")
_QUOTAS = ("quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg")
_LONGEST_WAIT = timedelta(days=1)
_SCOPES = (
    "Google says that homeward was not given this right. Run `homeward auth google` and tick all the boxes that it asks for."
)
_SWITCHED_OFF = (
    "The Google project of your client file has this API switched off. Switch on the Google Calendar API and the Gmail API there "
    "(APIs & Services, Library)."
)


def is_rate_limit(status: int, body: bytes) -> bool:
    """A refusal that says nothing was done, and that the same may be asked again soon."""
    return status == 429 or (status == 403 and _reason(body)[0] in _RATES)


def retry_after(headers: dict[str, str]) -> timedelta | None:
    """Retry-After (RFC 9110 10.2.3): seconds, or a date by the server's own clock; None where there is none or it is nonsense."""
    text = headers.get("retry-after", "").strip()
    try:
        if text.isdecimal():
            wait = timedelta(seconds=int(text))
        else:
            wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), _LONGEST_WAIT)


def trouble(status: int, headers: dict[str, str], body: bytes, *, writing: bool) -> OutsideError:
    """`headers` have lower-case names."""
    reason, message = _reason(body)
    wait = retry_after(headers)
    if status == 401:
        return AuthExpired("The sign-in at Google has ended. Run `homeward auth google`.")
    if is_rate_limit(status, body):
        return Temporary("Google asks us to slow down.", wait or timedelta(minutes=1))
    if status == 403:
        return _forbidden(reason, message, wait)
    if status >= 500:
        said = f"Google has a problem of its own (status {status})."
        return (
            Unclear(f"{said} It is not known whether the change was made.")
            if writing
            else Temporary(said, wait or timedelta(minutes=1))
        )
    return _by_status(status, reason, message)


def _by_status(status: int, reason: str, message: str) -> OutsideError:
    if status == 404:
        return NotThere("Google does not have this any more, or not for this account.")
    if status == 409:
        return Taken("This name or identifier is in use at Google.")
    if status == 410 and reason in ("fullSyncRequired", "updatedMinTooLongAgo"):
        return TokenExpired("Google wants to be read from the beginning.")
    if status == 410:
        return Gone("It has been deleted at Google.")
    if status == 412:
        return PreconditionFailed("It was changed at Google meanwhile; looking again.")
    refused = f"Google refused (status {status}): {message or 'it does not say why'}."
    return Malformed(refused) if status == 400 else Permanent(refused)


def _forbidden(reason: str, message: str, wait: timedelta | None) -> OutsideError:
    if reason in _QUOTAS:
        return UsedUp("The daily limit of Google's API is used up.", wait or timedelta(hours=1))
    if reason in ("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"):
        return Permanent(_SCOPES)
    if reason in ("accessNotConfigured", "SERVICE_DISABLED"):
        return Permanent(_SWITCHED_OFF)
    if reason == "forbiddenForNonOrganizer":
        return Permanent("Google lets only the organizer change this meeting.")
    if reason == "requiredAccessLevel":
        return Permanent("This Google calendar may be read but not changed by your account.")
    return Permanent(f"Google does not allow it: {message or 'it does not say why'}.")


def _reason(body: bytes) -> tuple[str, str]:
    """The machine-readable reason and Google's words, bounded and on one line; both "" where the body has none."""
    try:
        error = json.loads(body[:65536])["error"]
        reason = next((str(e["reason"]) for e in [*error.get("errors", ()), *error.get("details", ())] if "reason" in e), "")
        message = str(error.get("message", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""
    clean = " ".join("".join(c if c.isprintable() else " " for c in message[:400]).split())
    return (reason or str(error.get("status", ""))), clean[:160].rstrip(".")
