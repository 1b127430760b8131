"""The one escaping layer between hostile text and a page: HTML, Markdown, plain text and iCalendar of the same sections. What a
section says is decided elsewhere; nothing here adds a word, and no text can become markup, a link, a script or a property."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from rules.interval import Interval
from rules.telling import printable

_LONGEST = 500  # characters of one text on a page: more than any honest title, less than a nuisance
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff;"
    "overflow-wrap:anywhere}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #ddd}li{margin:.4rem 0}"
    "a{color:inherit}svg{max-width:100%;height:auto}figure{margin:1.5rem 0}"
    "@media screen and (prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}}"
    "@media print{body{max-width:none;margin:0;padding:0;color:#000;background:#fff;font-size:11pt}nav{display:none}"
    "h2{break-after:avoid}li,figure{break-inside:avoid}}"
)
# CommonMark lets a backslash escape any ASCII punctuation; these are the ones that can mean something inside a line. "@" and
# the colon of "://" would be turned into links by GitHub's dialect, "$" into mathematics.
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~&@$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_MARKDOWN_START = re.compile(r"^(?:([-+=>])|(\d+)([.)]))")


class Line(Struct, frozen=True):
    """One entry: `lead` stands out, `rest` explains. Plain text, escaped when rendered."""

    lead: str
    rest: str = ""


class Section(Struct, frozen=True):
    """`anchor` ([a-z0-9-] only, "" for none) is where a link of the same page leads to."""

    heading: str
    lines: tuple[Line, ...]
    anchor: str = ""


class Entry(Struct, frozen=True):
    """One event of a published calendar (RFC 5545 3.6.1). `uid` is [A-Za-z0-9.-] only."""

    uid: str
    span: Interval
    summary: str
    description: str = ""


def filled(heading: str, lines: Iterable[Line]) -> tuple[Section, ...]:
    """The section, or nothing where it has no lines."""
    kept = tuple(lines)
    return (Section(heading, kept),) if kept else ()


# --- HTML -------------------------------------------------------------------------------------------------------------


def escape_html(text: str) -> str:
    return html.escape(printable(text, _LONGEST), quote=True)


def as_html(title: str, intro: str, sections: Sequence[Section], figure: str = "", last: str = "") -> str:
    """A self-contained page, ready to be printed. Its policy allows one style, named by hash, and nothing else: no script, no
    image, no request. `figure`, at the top, and `last`, at the end, are inline SVG whose text is escaped already
    (`escape_html`), without style attributes."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = [*_html_figure(figure), *_html_links(sections), *map(_html_section, sections), *_html_figure(last)]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape_html(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{escape_html(title)}</h1>\n<p>{escape_html(intro)}</p>\n"
        f"{body}\n</body>\n</html>\n"
    )


def _html_figure(drawn: str) -> list[str]:
    return [f"<figure>{drawn}</figure>"] if drawn else []


def _html_links(sections: Sequence[Section]) -> list[str]:
    """To the sections that can be gone to."""
    links = [f'<a href="#{section.anchor}">{escape_html(section.heading)}</a>' for section in sections if section.anchor]
    return [f"<nav>{' · '.join(links)}</nav>"] if links else []


def _html_section(section: Section) -> str:
    anchor = f' id="{section.anchor}"' if section.anchor else ""
    items = "\n".join(f"<li>{_html_line(line)}</li>" for line in section.lines)
    return f"<h2{anchor}>{escape_html(section.heading)}</h2>\n<ul>\n{items}\n</ul>"


def _html_line(line: Line) -> str:
    lead = f"<strong>{escape_html(line.lead)}</strong>"
    return f"{lead}: {escape_html(line.rest)}" if line.rest else lead


# --- Markdown and plain text ------------------------------------------------------------------------------------------


def escape_markdown(text: str) -> str:
    """Text that any Markdown dialect shows as it is, also at the beginning of a line."""
    escaped = _MARKDOWN.sub(lambda m: "\\" + m[0], printable(text, _LONGEST))
    return _MARKDOWN_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", escaped)


def as_markdown(title: str, intro: str, sections: Sequence[Section]) -> str:
    blocks = [f"# {escape_markdown(title)}", escape_markdown(intro)]
    for section in sections:
        blocks.append(f"## {escape_markdown(section.heading)}")
        blocks.append("\n".join(f"- {_markdown_line(line)}" for line in section.lines))
    return "\n\n".join(blocks) + "\n"


def _markdown_line(line: Line) -> str:
    lead = f"**{escape_markdown(line.lead)}**"
    return f"{lead}: {escape_markdown(line.rest)}" if line.rest else lead


def as_text(title: str, intro: str, sections: Sequence[Section]) -> str:
    """For the body of a mail."""
    blocks = [printable(title, _LONGEST), printable(intro, _LONGEST)]
    for section in sections:
        lines = [f"- {_text_line(line)}" for line in section.lines]
        blocks.append("\n".join([f"{printable(section.heading, _LONGEST)}:", *lines]))
    return "\n\n".join(blocks) + "\n"


def _text_line(line: Line) -> str:
    parts = [printable(line.lead, _LONGEST), printable(line.rest, _LONGEST)]
    return ": ".join(part for part in parts if part)


# --- iCalendar --------------------------------------------------------------------------------------------------------


def escape_ics(text: str) -> str:
    """A TEXT value (RFC 5545 3.3.11) of one line."""
    return re.sub(r"([\\;,])", r"\\\1", printable(text, _LONGEST))


def as_ics(entries: Sequence[Entry], stamp: datetime) -> str:
    """A published calendar (METHOD:PUBLISH, RFC 5546 3.2.1) without attendees or alarms; every entry leaves its reader free."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//homeward//brief//EN", "METHOD:PUBLISH"]
    for entry in entries:
        lines += _ics_entry(entry, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _ics_entry(entry: Entry, stamp: datetime) -> list[str]:
    described = [f"DESCRIPTION:{escape_ics(entry.description)}"] if entry.description else []
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART:{_utc(entry.span.start)}",
        f"DTEND:{_utc(entry.span.end)}",
        f"SUMMARY:{escape_ics(entry.summary)}",
        *described,
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> str:
    """At most 75 octets a line, never inside a character (RFC 5545 3.1)."""
    pieces, size, current = [], 0, ""
    for character in line:
        width = len(character.encode())
        if size + width > 74:  # a continuation begins with a space, which counts
            pieces.append(current)
            size, current = 0, ""
        size, current = size + width, current + character
    return "\r\n ".join([*pieces, current])
