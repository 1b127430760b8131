"""The leader's picture: on the terminal, and as a page in a real browser, with titles that would like to be more than text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from shell import Told, type_
from world import World

from tests.servers.browser import document, screenshot

WIDE, HIGH = 1000, 420
HOSTILE = (
    "</svg></title><script>document.title='broken'</script>",
    "<img src=x onerror=document.title='broken'>",
    "\u202egnp.exe " + "x" * 500,
    "🎉 ]]> --> {{7*7}} שלום & <b>",
)


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


@pytest.fixture
def hostile(world: World) -> World:
    """Meetings that the rules hand over, with such titles."""
    for number, title in enumerate(HOSTILE):
        hours = f"20261202T{9 + number:02}"
        world.meeting(f"bad{number}", f"Team meeting {title}", f"{hours}0000", f"{hours}3000", "ana", "carla")
    return world


def typed(world: World, *words: str) -> Told:
    return type_(world.root, "plan", *words, now=world.now.isoformat())


class _Elements(HTMLParser):
    """What the browser found in the page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.titles: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data
        if self.lasttag == "title":
            self.titles.append(data)


def only_drawn_and_written(seen: _Elements) -> None:
    """Nothing in it runs, loads or leads anywhere."""
    assert seen.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "strong", "figure",
        "svg", "desc", "defs", "pattern", "path", "rect", "circle", "text", "g",
    }  # fmt: skip
    assert not {name for name in seen.attributes if name.startswith("on") or name in ("style", "href", "src")}


def test_the_picture_stands_above_the_plan_and_fits_the_terminal(world: World) -> None:
    told = typed(world, "--picture")
    assert told.code == 0
    picture, plan = told.out.split("One character is half an hour", 1)
    assert "Mon 30 Nov" in picture and "07:00–10:45  Berlin → Lisbon" in picture and "13:00–16:00  Family time" in picture
    assert max(map(len, picture.splitlines())) <= 80
    assert "to create" in plan


def test_hostile_titles_stay_text_in_the_browser(hostile: World, tmp_path: Path) -> None:
    out = tmp_path / "plan.html"
    assert "It is for you alone." in typed(hostile, "--html", str(out)).out
    seen = _Elements(document(out))
    only_drawn_and_written(seen)
    assert seen.titles[0] == "What homeward would do"  # no script has changed it
    assert "<script>document.title='broken'</script>" in seen.words and "🎉 ]]> --> {{7*7}} שלום & <b>" in seen.words
    assert "\u202e" not in seen.words and "x" * 130 not in seen.words


def test_the_page_is_drawn_inside_its_margins_and_in_its_own_style(hostile: World, tmp_path: Path) -> None:
    """The style is named by hash: were it refused, the words would begin at the very edge."""
    out = tmp_path / "plan.html"
    typed(hostile, "--html", str(out))
    rows = screenshot(out, tmp_path / "plan.png", WIDE, HIGH)
    assert len(rows) == HIGH and len(rows[0]) == 3 * WIDE
    white = b"\xff\xff\xff"
    drawn = [x for x in range(WIDE) if any(row[3 * x : 3 * x + 3] != white for row in rows)]
    assert 150 <= drawn[0] <= 190 and 760 <= drawn[-1] <= 850
    assert any(row[3 * x : 3 * x + 3] == b"\x22\x22\x22" for row in rows for x in range(300, 420))  # a way, filled


def balance(world: World, out: Path) -> str:
    told = type_(world.root, "balance", "--html", str(out), now=world.now.isoformat())
    assert (told.code, "It is for you alone." in told.out) == (0, True), told.all
    return out.read_text()


@pytest.fixture
def indebted(world: World) -> World:
    """A trip whose time for the family was kept in part and broken in part, and trips with such titles."""
    world.add_to_config('[makeup]\non_conflict = "stand"')
    world.accept()
    world.event(
        "work/crisis.ics", "crisis@example.org", "DTSTART;TZID=Europe/Berlin:20261208T130000",
        "DTEND;TZID=Europe/Berlin:20261208T140000", "SUMMARY:Crisis",
    )  # fmt: skip
    world.at("2026-12-08 15:00")
    world.make_pass()
    with world.ledger() as ledger, ledger.writing():
        for number, title in enumerate(HOSTILE):
            ledger.owe(f"hostile{number}", 2.0 + number, title, world.now)
    return world


def test_the_balance_is_drawn_for_a_printer_without_colours_and_hostile_titles_stay_text(indebted: World, tmp_path: Path) -> None:
    out = tmp_path / "balance.html"
    text = balance(indebted, out)
    assert "default-src 'none'" in text and "script" not in text.replace("&lt;script&gt;", "").replace("&lt;/script&gt;", "")
    seen = _Elements(document(out))
    only_drawn_and_written(seen)
    assert seen.titles[0] == "Family time 2026" and {"kept: 3 h", "broken by a meeting: 1 h"} <= set(seen.titles)
    assert "<img src=x onerror=" in seen.words and "\u202e" not in seen.words and "x" * 130 not in seen.words
    rows = screenshot(out, tmp_path / "balance.png", WIDE, HIGH)
    white = b"\xff\xff\xff"
    drawn = [x for x in range(WIDE) if any(row[3 * x : 3 * x + 3] != white for row in rows)]
    assert 150 <= drawn[0] <= 190 and 760 <= drawn[-1] <= 850
    kept = max(sum(row[3 * x : 3 * x + 3] == b"\x22\x22\x22" for x in range(400, 850)) for row in rows)
    assert kept > 20  # hours kept are filled, in the colour of the letters


def test_the_digests_page_ends_with_the_familys_time_and_nobody_elses_page_has_it(indebted: World) -> None:
    told = type_(indebted.root, "digest", "--format", "html", now=indebted.now.isoformat()).out
    assert told.rstrip().endswith("</svg></figure>\n</body>\n</html>") and told.count("kept: 3 h") == 2
    assert "All of 2026" in told and "onerror" not in told.replace("&lt;img src=x onerror", "")
    assert "Family time" not in type_(indebted.root, "brief", "--format", "html", now=indebted.now.isoformat()).out


def test_a_page_that_cannot_be_written_is_said(world: World, tmp_path: Path) -> None:
    told = typed(world, "--html", str(tmp_path / "nowhere" / "plan.html"))
    assert told.code == 2 and "cannot be written: No such file or directory" in told.err
    told = type_(world.root, "balance", "--html", str(tmp_path / "nowhere" / "b.html"), now=world.now.isoformat())
    assert told.code == 2 and "cannot be written: No such file or directory" in told.err


def test_what_if_is_drawn_as_well(world: World) -> None:
    out = world.root / "if.html"
    assert typed(world, "--if", "back 2026-12-03 18:00", "--html", str(out)).code == 0
    assert "Trip to Lisbon, 30 Nov – 3 Dec (3 nights)" in out.read_text()
    assert "home 18:00" in typed(world, "--if", "back 2026-12-03 18:00", "--picture").out
