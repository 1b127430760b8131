"""Builds the messages that homeward sends (RFC 5322, RFC 2045, RFC 3834) from MailItems: the same item, sender and date give
the same bytes. Text from outside goes into headers as one line of words, so that it can start no header. Sends nothing."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime

from integrations.errors import Permanent
from rules.interval import require_aware
from rules.items import MailItem

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_ITEM_ID = re.compile(r"[A-Za-z0-9.-]+")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@]+@[^\s<>,;:\"()\[\]\\@]+")
_REFERENCE = re.compile(r"<[^\s<>]{1,900}>")
_METHOD = re.compile(r"^METHOD:([A-Z-]{1,20})\s*$", re.MULTILINE | re.IGNORECASE)
# LF, since a Maildir and sendmail take lines of this machine; 7 bits, since every relay takes those.
_POLICY = policy.EmailPolicy(linesep="\n", cte_type="7bit", utf8=False, max_line_length=78)


def message_id(item_id: str, domain: str) -> str:
    """`<item_id@domain>`: the same at every attempt, so that a message is known by it. ValueError for anything else than
    [A-Za-z0-9.-]."""
    if not _ITEM_ID.fullmatch(item_id) or not _DOMAIN.fullmatch(domain):
        raise ValueError(f"no Message-ID can be made of {item_id!r} and {domain!r}")
    return f"<{item_id}@{domain}>"


def build_message(item: MailItem, sender: str, sender_name: str, date: datetime) -> bytes:
    """The whole message with LF line ends. Its domain is that of `sender`. Permanent where an address is none."""
    require_aware(date, "date")
    message = EmailMessage(policy=_POLICY)
    from_address = _address(sender, sender_name)
    message["From"] = from_address
    message["To"] = [_address(each) for each in item.to]
    message["Subject"] = _one_line(item.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id(item.id, from_address.domain)
    _thread(message, item.in_reply_to)
    _automation(message, item)
    _content(message, item)
    _fix_boundaries(message, item.id)
    return message.as_bytes()


def _one_line(text: str) -> str:
    return _LONE_SURROGATE.sub("�", _BREAKS.sub(" ", text)).strip()


def _address(raw: str, name: str = "") -> Address:
    if not _ADDRESS.fullmatch(raw) or not raw.isprintable():
        raise Permanent(f"“{_one_line(raw)[:80]}” is not a mail address.")
    try:
        return Address(display_name=_one_line(name), addr_spec=raw)
    except (MessageError, ValueError, IndexError) as error:
        raise Permanent(f"“{raw[:80]}” is not a mail address.") from error


def _thread(message: EmailMessage, in_reply_to: str) -> None:
    reference = _REFERENCE.search(in_reply_to)
    if reference:
        message["In-Reply-To"] = reference.group()
        message["References"] = reference.group()


def _automation(message: EmailMessage, item: MailItem) -> None:
    """RFC 3834 5: nobody's responder answers a machine. X-HOMEWARD is also what tells our own mail from others'."""
    message["X-HOMEWARD"] = item.id
    message["Auto-Submitted"] = "auto-replied" if item.purpose == "coaching" else "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"


def _content(message: EmailMessage, item: MailItem) -> None:
    message.set_content(_clean(item.body), charset="utf-8")
    if item.html:
        message.add_alternative(_clean(item.html), subtype="html", charset="utf-8")
    if item.calendar:
        method = _METHOD.search(item.calendar)
        params = {"method": method.group(1).upper()} if method else {}
        message.add_attachment(
            _clean(item.calendar), subtype="calendar", charset="utf-8", filename="homeward.ics", params=params
        )  # fmt: skip


def _clean(text: str) -> str:
    return _LONE_SURROGATE.sub("�", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))


def _fix_boundaries(message: MIMEPart, item_id: str) -> None:
    """Boundaries are random unless given. One made of a hash of the item's id can't be foreseen by whoever wrote a title."""
    for count, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=-{hashlib.sha256(f'{item_id}/{count}'.encode()).hexdigest()[:40]}")
