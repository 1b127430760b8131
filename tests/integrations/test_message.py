"""The messages that homeward writes, read back by the standard parser."""

from __future__ import annotations

from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import Permanent
from integrations.message import build_message, message_id
from rules.items import MailItem

DATE = datetime(2026, 11, 9, 8, tzinfo=ZoneInfo("Europe/Berlin"))


def item(**changes: object) -> MailItem:
    values: dict[str, object] = {
        "id": "hw-a.ask.1", "absence_id": "a", "mail_id": "main", "purpose": "ask", "to": ("ana@home.example",),
        "subject": "Would you host?", "body": "Dear Ana,\nGrüße\n",
    }  # fmt: skip
    return MailItem(**{**values, **changes})  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def built(letter: MailItem, name: str = "Lee Müller") -> EmailMessage:
    return read(build_message(letter, "me@home.example", name, DATE))


def test_the_same_item_gives_the_same_bytes() -> None:
    letter = item(html="<p>x</p>", calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    assert build_message(letter, "me@home.example", "Lee", DATE) == build_message(letter, "me@home.example", "Lee", DATE)


def test_headers_say_who_when_and_what() -> None:
    message = built(item(to=("ana@home.example", "bo@home.example")))
    assert message["Message-ID"] == "<hw-a.ask.1@home.example>" and message["X-HOMEWARD"] == "hw-a.ask.1"
    assert message["From"] == "Lee Müller <me@home.example>" and message["To"] == "ana@home.example, bo@home.example"
    assert message["Date"] == "Mon, 09 Nov 2026 08:00:00 +0100"
    assert message.get_content() == "Dear Ana,\nGrüße\n"


@pytest.mark.parametrize("purpose, said", [("ask", "auto-generated"), ("digest", "auto-generated"), ("coaching", "auto-replied")])
def test_machines_are_told_not_to_answer(purpose: str, said: str) -> None:
    message = built(item(purpose=purpose))
    assert message["Auto-Submitted"] == said and message["X-Auto-Response-Suppress"] == "All"


def test_an_answer_is_put_into_its_thread() -> None:
    message = built(item(in_reply_to="<1.2@client.example>"))
    assert message["In-Reply-To"] == message["References"] == "<1.2@client.example>"


def test_a_thread_id_that_is_none_is_left_out() -> None:
    assert built(item(in_reply_to="no id\r\nBcc: evil@x.example"))["In-Reply-To"] is None


def test_html_and_calendar_come_with_the_text() -> None:
    message = built(item(html="<p>Grüße</p>", calendar="BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nX-A:ü\r\nEND:VCALENDAR\r\n"))
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and page is not None
    assert plain.get_content() == "Dear Ana,\nGrüße\n" and page.get_content() == "<p>Grüße</p>\n"
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "text/calendar" and attached.get_param("method") == "PUBLISH"
    assert attached.get_filename() == "homeward.ics" and "X-A:ü" in attached.get_content()


def test_lines_fit_any_relay() -> None:
    raw = build_message(item(subject="ä" * 500, body="x" * 5_000 + "出" * 3_000), "me@home.example", "Lee", DATE)
    assert raw.isascii() and max(map(len, raw.split(b"\n"))) <= 998


EXPECTED = {
    "From", "To", "Subject", "Date", "Message-ID", "X-HOMEWARD", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version",
    "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip


@pytest.mark.parametrize(
    "nasty", ["x\r\nBcc: evil@x.example", "x\nBcc: e@x.example\n\nbody", "x\u2028Bcc: y", "x\x00\x0b\x0cBcc: y"]
)
def test_no_title_becomes_a_header(nasty: str) -> None:
    message = built(item(subject=nasty), name=nasty)
    assert set(message.keys()) <= EXPECTED and message.get_all("To") == ["ana@home.example"]


@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=200))
def test_whatever_the_words_the_headers_are_ours(subject: str, name: str, body: str) -> None:
    message = built(item(subject=subject, body=body), name=name)
    assert set(message.keys()) <= EXPECTED and message["To"] == "ana@home.example"
    assert message["Message-ID"] == "<hw-a.ask.1@home.example>"


@pytest.mark.parametrize("address", ["", "ana", "a@b, c@d", "a@b\nBcc: c@d", "<a@b>", "a@b@c", "a b@c", "ana@home.example\u200b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Permanent, match="address"):
        built(item(to=(address,)))


@pytest.mark.parametrize(
    "item_id, domain", [("a b", "x.example"), ("a>", "x.example"), ("a", ""), ("a", "x\n.example"), ("", "x")]
)
def test_a_message_id_has_no_room_for_anything_else(item_id: str, domain: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        message_id(item_id, domain)


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        build_message(item(), "me@home.example", "Lee", DATE.replace(tzinfo=None))
