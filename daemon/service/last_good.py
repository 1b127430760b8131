"""The last config that could be used, for the service to go on with when an edit makes a mistake. As private as the config."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from daemon.mistakes import ConfigError
from daemon.session import Session
from integrations.disk import replace_whole
from rules.policy import Policy

_FILE = "last-good-config.json"


class _Kept(Struct, frozen=True):
    config: str
    policy: Policy


def settle(session: Session) -> str:
    """Give the session the config or, where that cannot be used, the last good one. Returns the mistakes, "" where there are
    none; ConfigError where there never was a good one."""
    try:
        policy = session.policy
    except ConfigError as error:
        return fall_back(session, error)
    _keep(session, policy)
    return ""


def fall_back(session: Session, error: ConfigError) -> str:
    """The same for a config whose mistakes are known. Raises `error` where no good one is kept."""
    kept = _find(session)
    if kept is None or kept.config != str(session.paths.config):
        raise error
    session.use(kept.policy)
    return str(error)


def _find(session: Session) -> _Kept | None:
    with suppress(OSError, ValueError, RecursionError):
        return msgspec.json.decode((session.paths.state / _FILE).read_bytes(), type=_Kept)
    return None


def _keep(session: Session, policy: Policy) -> None:
    kept = _Kept(str(session.paths.config), policy)
    if _find(session) != kept:
        with suppress(OSError):  # a full disk: the one before is kept
            replace_whole(Path(session.paths.state) / _FILE, msgspec.json.encode(kept))
