"""Brief and digest for the commands that show them: composed by the rules from what one look showed."""

from __future__ import annotations

from daemon.apply import Applied
from daemon.reconcile import Look, applier
from daemon.session import Session
from integrations.errors import Permanent
from rules import brief, digest
from rules.desired import brief_of as composed_brief
from rules.desired import digest_of as composed_digest
from rules.items import MailItem
from rules.model import Absence
from rules.plan import Change
from rules.telling import tell


def brief_text(look: Look, absence: Absence, form: str) -> str:
    """`form`: md, html, ics or mail (what the mail says)."""
    composed = composed_brief(look.situation, absence)
    if form == "mail":
        letter = brief.as_mail(composed, "")
        if not isinstance(letter, MailItem):
            return letter.because
        return f"To: {', '.join(letter.to)}\nSubject: {letter.subject}\n\n{letter.body}"
    return {"md": brief.as_markdown, "html": brief.as_html, "ics": brief.as_ics}[form](composed)


def send_brief(session: Session, look: Look, absence: Absence) -> Applied | None:
    """Now, once: None where it went out before. Permanent where nothing can send it or nobody is to get it."""
    sender = next((mail.id for mail in session.policy.mail if mail.id in session.outside.outboxes), None)
    if sender is None:
        raise Permanent("no way to send mail is configured ([[mail]] outbox or sendmail).")
    letter = brief.as_mail(composed_brief(look.situation, absence), sender)
    if not isinstance(letter, MailItem):
        raise Permanent(f"the brief cannot be sent: {letter.because}.")
    stands = session.ledger.standing().get(letter.id)
    if stands is not None and stands.state == "done":
        return None
    change = Change("create", None, letter, "you asked for it")
    return applier(session, look).send(change, letter, tell(change, session.zone))


def digest_text(look: Look, absence: Absence, form: str) -> str:
    """`form`: md or html."""
    composed = composed_digest(look.situation, absence)
    return digest.as_html(composed) if form == "html" else digest.as_markdown(composed)
