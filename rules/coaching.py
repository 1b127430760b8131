"""The coaching reply to a direct report who brings a problem while the leader is away. It invites, never gates: nothing is held
back by it. In doubt it is silent, and every silence has its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from rules.items import MailItem, effect_id
from rules.model import Absence, Envelope
from rules.phrases import PHRASES, contains, every, fill
from rules.plan import Skipped
from rules.policy import Language, Person, Policy
from rules.telling import printable
from rules.threads import is_reply, unquoted

_STALE = timedelta(days=1)  # an answer by a machine that comes later than this only irritates
_WHOLE = 4000  # characters of text that an Envelope holds at most: a longer mail was not read to its end
_MESSAGE_ID = re.compile(r"<?[!-;=?-~]{3,250}>?")  # printable ASCII without brackets inside (RFC 5322 3.6.4, loosely)


class Coached(Struct, frozen=True):
    """A coaching reply that has gone out: to whom (person id), about which first mail (its Message-ID), when."""

    person_id: str
    message_id: str
    at: datetime


def reply(
    envelope: Envelope,
    absence: Absence,
    policy: Policy,
    sent: Sequence[Coached],
    *,
    now: datetime,
    mail_id: str,
    deputies: Sequence[str] = (),
    authserv_id: str = "",
    vouched: bool = False,
) -> MailItem | Skipped:
    """The reply, or why there is none. `deputies` are person ids, best first; the sender is not sent to themselves.
    `authserv_id` is the name under which the user's own server writes Authentication-Results (RFC 8601 2.5); `vouched` says
    that the mail cannot have come from anywhere else."""
    person = policy.person_by_address(envelope.sender)
    reason = _outward_reason(envelope, absence, policy, sent, now, "" if vouched else _unproven(envelope, authserv_id))
    reason = reason or _words_reason(envelope, policy.inbox.urgent_word)
    if reason or person is None:
        return _silent(envelope, absence, reason)
    language = _asked_in(envelope, person, policy)
    if language is None:
        return _silent(envelope, absence, "it does not clearly ask for help or a decision")
    return _mail(envelope, absence, policy, person, language, _deputy(policy, person, deputies), mail_id)


def is_worth_reading(envelope: Envelope, absence: Absence, policy: Policy, sent: Sequence[Coached], now: datetime) -> bool:
    """Whether all but the text of the mail allows a reply; where the text was not kept, it is worth being fetched."""
    return not _outward_reason(envelope, absence, policy, sent, now, _unproven(envelope, policy.coaching.authserv_id))


def _outward_reason(
    envelope: Envelope, absence: Absence, policy: Policy, sent: Sequence[Coached], now: datetime, unproven: str
) -> str:  # fmt: skip
    """What speaks against a reply before the text is read."""
    person = policy.person_by_address(envelope.sender)
    return (
        _policy_reason(envelope, absence, policy, now)
        or _sender_reason(person, policy)
        or _machine_reason(envelope)
        or _addressing_reason(envelope, policy)
        or _thread_reason(envelope, sent)
        or unproven
        or _quota_reason(person, policy, sent, now)
    )


def _silent(envelope: Envelope, absence: Absence, reason: str) -> Skipped:
    return Skipped(f"coaching reply to {printable(envelope.sender)}", reason, absence.id)


# --- the gates: each returns the reason for silence, or "" ------------------------------------------------------------


def _policy_reason(envelope: Envelope, absence: Absence, policy: Policy, now: datetime) -> str:
    if not policy.coaching.enabled:
        return "coaching is switched off"
    if envelope.received not in absence.span or now not in absence.span:
        return "not during the absence"
    return "the mail is older than a day" if now - envelope.received > _STALE else ""


def _sender_reason(person: Person | None, policy: Policy) -> str:
    if person is None or not person.report or person.family:
        return "not from a direct report"
    own = {address.lower() for address in policy.me.addresses}
    return "from an address of your own" if own & {address.lower() for address in person.addresses} else ""


def _machine_reason(envelope: Envelope) -> str:
    """Never an answer to a machine (RFC 3834 2): lists, bulk, autoreplies, our own, calendar answers, bounces."""
    headers = envelope.headers
    if headers.get("auto-submitted", "no").split(";")[0].strip().lower() != "no":
        return "an automatic mail"
    if any(name.startswith(("list-", "x-homeward", "x-auto", "feedback-id", "x-loop")) for name in headers):
        return "a list or an automatic mail"
    if headers.get("precedence", "").strip().lower() in ("bulk", "list", "junk", "auto_reply"):
        return "bulk mail"
    if headers.get("return-path", "").strip() == "<>":
        return "a bounce"
    if headers.get("x-spam-flag", "").strip().lower() == "yes":
        return "marked as spam"
    return _kind_reason(headers.get("content-type", "").strip().lower())


def _kind_reason(content_type: str) -> str:
    if content_type.startswith(("text/calendar", "multipart/report", "multipart/encrypted", "application/")):
        return "no ordinary letter"
    return "a calendar answer" if "method=" in content_type else ""


def _addressing_reason(envelope: Envelope, policy: Policy) -> str:
    own = {address.lower() for address in policy.me.addresses}
    if len(envelope.to) != 1 or envelope.to[0].lower() not in own or envelope.cc:
        return "not to you alone"
    elsewhere = envelope.headers.get("reply-to", "").lower()
    return "answers are wanted at another address" if elsewhere and envelope.sender.lower() not in elsewhere else ""


def _thread_reason(envelope: Envelope, sent: Sequence[Coached]) -> str:
    if not _MESSAGE_ID.fullmatch(envelope.message_id):
        return "it has no proper Message-ID"
    if envelope.headers.get("in-reply-to") or envelope.headers.get("references") or is_reply(envelope.subject):
        return "not the first mail of its thread"
    return "this thread has had its reply" if any(past.message_id == envelope.message_id for past in sent) else ""


def _quota_reason(person: Person | None, policy: Policy, sent: Sequence[Coached], now: datetime) -> str:
    pause = timedelta(days=policy.coaching.days)
    if any(person and past.person_id == person.id and now - past.at < pause for past in sent):
        return f"had one less than {policy.coaching.days} days ago"
    today = sum(now - past.at < timedelta(days=1) for past in sent)
    return "the daily cap is reached" if today >= policy.coaching.daily_cap else ""


def _words_reason(envelope: Envelope, urgent_word: str) -> str:
    if not envelope.text.strip():
        return "its text is not known"
    if len(envelope.text) >= _WHOLE:
        return "too long to be sure what it is about"
    # The whole text counts here, quoted lines too, and every language: what is grave must never meet a machine.
    whole = f"{envelope.subject}\n{envelope.text}"
    if contains(whole, every("sensitive")):
        return "it may be about somebody's health, safety or employment"
    marked = urgent_word.casefold() in envelope.subject.casefold()
    return "it is urgent" if marked or contains(whole, every("urgent")) else ""


# --- who sent it, proved ----------------------------------------------------------------------------------------------


def _unproven(envelope: Envelope, authserv_id: str) -> str:
    if not authserv_id:
        return "it is not known which server vouches for senders"
    return "" if authenticated(envelope, authserv_id) else "its sender is not proved"


def authenticated(envelope: Envelope, authserv_id: str) -> bool:
    """Whether the user's own server vouches for the sender's domain: dmarc=pass for it, or dkim or spf passed in its name
    (RFC 8601 2.2, RFC 7489 3.1). Only the topmost header counts; those beneath may be forged."""
    server, *results = _uncommented(envelope.headers.get("authentication-results", "")).split(";")
    if server.split()[:1] != [authserv_id.lower()]:
        return False
    domain = envelope.sender.rpartition("@")[2].lower()
    return bool(domain) and any(_passed_for(domain, result.split()) for result in results)


def _uncommented(header: str) -> str:
    """Lower case, without comments and quoted strings: anybody can write into those."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', "", header.lower())
    while (shorter := re.sub(r"\([^()]*\)", " ", text)) != text:
        text = shorter
    return text


def _passed_for(domain: str, result: Sequence[str]) -> bool:
    named = dict(part.partition("=")[::2] for part in result if "=" in part)
    if named.get("dmarc") == "pass":
        return named.get("header.from", "") == domain
    if named.get("dkim") == "pass":
        return domain in (named.get("header.d", ""), named.get("header.i", "").rpartition("@")[2])
    return named.get("spf") == "pass" and named.get("smtp.mailfrom", "").rpartition("@")[2] == domain


# --- the text ---------------------------------------------------------------------------------------------------------


def _asked_in(envelope: Envelope, person: Person, policy: Policy) -> Language | None:
    """The language in which the mail asks for help or a decision, in words of its own (not quoted), or None."""
    own = unquoted(envelope.text)
    spoken: list[Language] = [person.language] if person.language else [*policy.me.languages]
    return next((lang for lang in dict.fromkeys(spoken) if contains(f"{envelope.subject}\n{own}", PHRASES[lang].asks)), None)


def _deputy(policy: Policy, sender: Person, deputies: Sequence[str]) -> Person | None:
    named = [p for wanted in (*deputies, policy.responder.deputy) for p in policy.person if p.id == wanted]
    return next((p for p in named if p.id != sender.id and p.addresses), None)


def _mail(
    envelope: Envelope, absence: Absence, policy: Policy, person: Person, language: Language, deputy: Person | None, mail_id: str
) -> MailItem:
    values = {
        "person": person.name.split()[0] if person.name.split() else person.id,
        "name": policy.me.name,
        "deputy": deputy.name if deputy else "",
        "deputy_address": deputy.addresses[0] if deputy else "",
        "urgent": policy.inbox.urgent_word,
    }
    return MailItem(
        id=effect_id(absence.id, "coaching", envelope.message_id),
        absence_id=absence.id,
        mail_id=mail_id,
        purpose="coaching",
        to=(envelope.sender.lower(),),
        subject=f"Re: {printable(envelope.subject, 200)}".strip(),
        body=fill(PHRASES[language].coaching, values),
        in_reply_to=envelope.message_id,
    )
