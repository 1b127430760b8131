"""What can go wrong outside, classed by the caller's next move. Backends raise nothing else on purpose."""

from __future__ import annotations

from datetime import timedelta


class OutsideError(Exception):
    """Something outside failed. `what` is a sentence for the user; it never carries a secret."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Temporary(OutsideError):
    """Try again after `retry_after`."""

    def __init__(self, what: str, retry_after: timedelta = timedelta(minutes=1)) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class AuthExpired(OutsideError):
    """The user has to sign in again. `account` is its id from the config, "" where whoever raised it does not know."""

    def __init__(self, what: str, account: str = "") -> None:
        super().__init__(what)
        self.account = account


class PreconditionFailed(OutsideError):
    """Somebody else changed it since we looked: observe again."""


class TokenExpired(OutsideError):
    """The sync token is no longer good: read everything."""


class Permanent(OutsideError):
    """Trying again changes nothing: tell the user."""


class Unsupported(Permanent):
    """The place does not take such a thing at all: do not offer it again."""
