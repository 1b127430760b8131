"""The digest, composed by the rules from what one look showed and what the ledger and the mailboxes remember at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from daemon.returning import recollect
from daemon.session import Session
from rules import digest
from rules.desired import digest_of
from rules.digest import Digest
from rules.items import MailItem
from rules.model import Absence

if TYPE_CHECKING:
    from daemon.reconcile import Look


def digest_text(session: Session, look: Look, absence: Absence, form: str) -> str:
    """`form`: md or html. Also long after it was sent."""
    composed = _composed(session, look, absence)
    return digest.as_html(composed) if form == "html" else digest.as_markdown(composed)


def with_its_words(session: Session, look: Look, letter: MailItem) -> MailItem:
    """As it reads at this moment. A digest tells of the mail that was held and is composed once that has been given back; any
    other letter is as the plan has it."""
    absence = next((a for a in look.absences if a.id == letter.absence_id), None)
    if letter.purpose != "digest" or absence is None:
        return letter
    told = digest.as_mail(_composed(session, look, absence), letter.mail_id)
    return replace(letter, subject=told.subject, body=told.body, html=told.html)


def _composed(session: Session, look: Look, absence: Absence) -> Digest:
    return digest_of(look.situation, absence, recollect(session, absence))
