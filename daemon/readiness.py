"""Whether the leader can leave, from one look and from what the ledger remembers: the yes, and the doctor's last look."""

from __future__ import annotations

from datetime import datetime

from daemon.reconcile import Look
from daemon.session import Session
from rules.model import Absence
from rules.ready import Facts, Readiness, readiness

_EXAMINED = "examined"


def readiness_of(session: Session, look: Look, absence: Absence) -> Readiness:
    seen = session.ledger.get(_EXAMINED)
    agreed = session.policy.service.apply == "auto" or any(absence.id == known for known, _, _ in session.ledger.consented())
    return readiness(
        Facts(
            situation=look.situation,
            absence=absence,
            desired=look.desired,
            agreed=agreed,
            examined=datetime.fromisoformat(seen) if seen else None,
        )
    )


def note_examined(session: Session) -> None:
    """The doctor has looked at everything, and nothing was broken."""
    session.ledger.set(_EXAMINED, session.clock.now().isoformat())
