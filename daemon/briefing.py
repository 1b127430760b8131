"""The brief outside the plan: for the command that shows it or sends it at once, and as calendar files that each pass keeps up to
date for the deputies to subscribe to."""

from __future__ import annotations

from pathlib import Path

from daemon.apply import Applied
from daemon.reconcile import Look, applier
from daemon.session import Session
from integrations.errors import Permanent
from rules import brief, page
from rules.brief import Brief
from rules.desired import brief_of
from rules.items import MailItem
from rules.model import Absence
from rules.plan import Change
from rules.policy import Person
from rules.telling import tell


def brief_text(look: Look, absence: Absence, form: str, person: Person | None = None) -> str:
    """`form`: md, html, ics or mail (what the mail says). Of one person's part alone where there is one."""
    composed = brief_of(look.situation, absence)
    shown = brief.of_person(composed, person) if person else composed
    if form == "mail":
        letter = brief.as_mail(shown, "")
        if not isinstance(letter, MailItem):
            return letter.because
        return f"To: {', '.join(letter.to)}\nSubject: {letter.subject}\n\n{letter.body}"
    return {"md": brief.as_markdown, "html": brief.as_html, "ics": brief.as_ics}[form](shown)


def send_brief(session: Session, look: Look, absence: Absence) -> tuple[Applied, ...]:
    """Now, to everybody who has not been told what it says now; empty where all were. Permanent where nothing can send it or
    nobody is to get it."""
    sender = next((mail.id for mail in session.policy.mail if mail.id in session.outside.outboxes), None)
    if sender is None:
        raise Permanent("no way to send mail is configured ([[mail]] outbox or sendmail).")
    first = brief.as_mail(brief_of(look.situation, absence), sender)
    if not isinstance(first, MailItem):
        raise Permanent(f"the brief cannot be sent: {first.because}.")
    standing = session.ledger.standing()
    known = {item.id: item for item in look.desired.items if isinstance(item, MailItem)}
    again = [i for i in known.values() if (i.absence_id, i.purpose) == (absence.id, "brief") and i.id != first.id]
    wanted = [letter for letter in (first, *again) if letter.id not in standing or standing[letter.id].state == "scheduled"]
    changes = [Change("create", None, letter, "you asked for it") for letter in wanted]
    return tuple(applier(session, look).send(c, letter, tell(c, session.zone)) for c, letter in zip(changes, wanted, strict=True))


# --- calendar files ---------------------------------------------------------------------------------------------------


def keep_coverage(session: Session, look: Look) -> tuple[str, ...]:
    """Writes what has changed in the folder of the policy, and says so. Nothing of an absence stands there before the user's yes,
    nor once it is over or taken back. Temporary or Permanent where it cannot be written."""
    from integrations.published import publish

    folder = session.policy.brief.folder
    agreed = {absence_id for absence_id, _, _ in session.ledger.consented()}
    sure = [a for a in look.absences if a.action == "act" and a.span.end > look.seen.now]
    told = [a for a in sure if a.id in agreed or session.policy.service.apply == "auto"]
    files = _files([brief_of(look.situation, absence) for absence in told], session, look)
    written = [name for name, text in files.items() if publish(Path(folder) / name, text)]
    return (f"coverage published: {', '.join(written)}",) if written else ()


def _files(briefs: list[Brief], session: Session, look: Look) -> dict[str, str]:
    """Name → text: the whole, and one for each person who may have a part."""
    people = [person for person in session.policy.person if not person.family]
    parts = {f"for-{p.id}.ics": [e for b in briefs for e in brief.of_person(b, p).entries] for p in people}
    whole = {"coverage.ics": [entry for b in briefs for entry in b.entries]}
    return {name: page.as_ics(entries, look.seen.now) for name, entries in {**whole, **parts}.items()}
