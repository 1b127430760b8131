"""The digest for the command that shows it: composed by the rules from what one look showed."""

from __future__ import annotations

from msgspec.structs import replace

from daemon.reconcile import Look
from daemon.returning import recollect
from daemon.session import Session
from rules import digest
from rules.desired import digest_of as composed_digest
from rules.model import Absence


def digest_text(session: Session, look: Look, absence: Absence, form: str) -> str:
    """`form`: md or html. Also long after it was sent."""
    known = {absence.id: recollect(session.outside, session.ledger, absence)}
    composed = composed_digest(replace(look.situation, returns=known), absence)
    return digest.as_html(composed) if form == "html" else digest.as_markdown(composed)
