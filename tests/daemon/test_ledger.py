"""What homeward remembers: written once, never lost, one writer at a time, and never guessed at."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from daemon.ledger import SCHEMA, Busy, Ledger, LedgerError
from rules.coaching import Coached
from rules.interval import Interval
from rules.items import BlockItem, MailItem
from rules.model import Absence, Assignment, Declared, Evidence, EvidenceKind, Occurrence, OccurrenceKey, Opening, Said, Turn
from rules.plan import Standing

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPAN = Interval(NOW + 24 * HOUR, NOW + 120 * HOUR)
KEY = OccurrenceKey("work", "uid@example.org", "20261207T090000Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    opened = Ledger(path)
    yield opened
    opened.close()


def block(ordinal: str = "1", **more: Any) -> BlockItem:
    item = BlockItem(f"hw-lisbon.make-up.{ordinal}", "lisbon", "work", "make-up", ordinal, SPAN, "Europe/Berlin", "Busy")
    return replace(item, **more)


def mail(**more: Any) -> MailItem:
    return replace(MailItem("hw-lisbon.brief.1", "lisbon", "mail", "brief", ("ana@example.org",), "s", "b"), **more)


def absence(**more: Any) -> Absence:
    evidence = Evidence(KEY, "Flight to Lisbon", SPAN, False, "trip", 0.95, ("flight",), EvidenceKind.FLIGHT, identity="abc")
    nameless = replace(evidence, key=replace(KEY, uid="other"), identity="")
    made = Absence("lisbon", "trip", SPAN, 4, 0.95, "act", "Lisbon", ("a flight",), evidence=(evidence, nameless))
    return replace(made, **more)


def contents(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


# --- other processes --------------------------------------------------------------------------------------------------

PRELUDE = """
import sys
from pathlib import Path
from datetime import UTC, datetime, timedelta
from daemon.ledger import Ledger
from rules.interval import Interval
from rules.items import BlockItem
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
SPAN = Interval(NOW, NOW + timedelta(hours=2))
def block(n):
    return BlockItem(f"hw-lisbon.make-up.{n}", "lisbon", "work", "make-up", str(n), SPAN, "Europe/Berlin", "Busy")
def ready():
    print("ready", flush=True)
"""


@contextlib.contextmanager
def process(code: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another Python that runs `code` with its ledger's path in argv."""
    with subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def line_of(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None and child.stderr is not None
    return child.stdout.readline().strip() or child.stderr.read()


HOLD_THE_LOCK = """
ledger = Ledger(Path(sys.argv[1]))
with ledger.writing():
    ledger.intend(block(1), None, "words", NOW)
    ready()
    sys.stdin.readline()
"""


def test_when_people_are_away_is_written_only_where_it_differs(ledger: Ledger) -> None:
    assert ledger.away() == {}
    later = Interval(SPAN.end, SPAN.end + HOUR)
    ledger.keep_away({"carla": (later, SPAN), "ana": (SPAN,)})
    assert ledger.away() == {"ana": (SPAN,), "carla": (SPAN, later)}
    written = ledger.db.total_changes
    ledger.keep_away({"ana": (SPAN, SPAN), "carla": (SPAN, later)})
    assert ledger.db.total_changes == written
    ledger.keep_away({})
    assert ledger.away() == {}


def test_a_second_writer_is_refused_and_told_who_the_first_is(ledger: Ledger, path: Path) -> None:
    with process(HOLD_THE_LOCK, path) as child:
        assert line_of(child) == "ready"
        with (
            pytest.raises(Busy, match=rf"another homeward \(pid {child.pid}\) is at work. Nothing was changed"),
            ledger.writing(),
        ):
            pytest.fail("two writers at once")


def test_a_reader_works_while_a_writer_holds_the_lock(ledger: Ledger, path: Path) -> None:
    with process(HOLD_THE_LOCK, path) as child:
        assert line_of(child) == "ready"
        assert list(ledger.effects()) == ["hw-lisbon.make-up.1"]
        assert [entry.step for entry in Ledger(path).journal()] == ["intent"]


def test_the_lock_is_free_when_its_holder_is_done_and_when_it_is_killed(ledger: Ledger, path: Path) -> None:
    with process(HOLD_THE_LOCK, path) as child:
        assert line_of(child) == "ready"
        child.communicate("go on\n")
    with ledger.writing():
        pass
    with process(HOLD_THE_LOCK, path) as child:
        assert line_of(child) == "ready"
        child.send_signal(signal.SIGKILL)
        child.wait()
    with ledger.writing():
        assert path.with_suffix(".lock").read_text() == str(os.getpid())


def test_the_lock_is_free_after_an_error_inside(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.writing():
        _ = 1 / 0
    with ledger.writing():
        pass


def test_a_symbolic_link_in_place_of_the_lock_is_not_followed(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    path.with_suffix(".lock").symlink_to(precious)
    with pytest.raises(OSError), ledger.writing():
        pytest.fail("followed a link")
    assert precious.read_text() == "mine"


# Bound as the last value of a transaction's second statement: the first has been carried out, nothing is committed.
STOP_IN_A_TRANSACTION = """
class Words:
    def __conform__(self, protocol):
        ready()
        sys.stdin.readline()
        return "words"
ledger = Ledger(Path(sys.argv[1]))
ledger.intend(block(1), "before", "first", NOW)
ledger.intend(block(1), "before", Words(), NOW + timedelta(hours=1))
"""


def test_a_process_killed_inside_a_transaction_leaves_what_was_before_it(path: Path) -> None:
    with process(STOP_IN_A_TRANSACTION, path) as child:
        assert line_of(child) == "ready"
        child.send_signal(signal.SIGKILL)
        child.wait()
    ledger = Ledger(path)
    assert [(effect.state, effect.intended_at) for effect in ledger.effects().values()] == [("intended", NOW)]
    assert [entry.words for entry in ledger.journal()] == ["first"]
    ledger.settle(block(), "done", "goes on", NOW)
    assert ledger.standing() == {block().id: Standing(block(), "done")}


WRITE_WITHOUT_END = """
ledger = Ledger(Path(sys.argv[1]))
for n in range(1_000_000):
    ledger.intend(block(n), f"before {n}", "words", NOW)
    print(n, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_process_killed_at_any_moment_loses_nothing_and_doubles_nothing(path: Path, after: int) -> None:
    with process(WRITE_WITHOUT_END, path) as child:
        promised = [int(line_of(child)) for _ in range(after)]
        child.send_signal(signal.SIGKILL)
        child.wait()
    ledger = Ledger(path)
    effects = ledger.effects()
    assert {f"hw-lisbon.make-up.{n}" for n in promised} <= set(effects)
    assert sorted(entry.effect_id for entry in ledger.journal(most=10**6)) == sorted(effects)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


OPEN_ON_A_WORD = """
ready()
sys.stdin.readline()
Ledger(Path(sys.argv[1])).note(NOW, "", "opened", "words")
ready()
"""


def test_several_first_runs_at_once_make_one_ledger(path: Path) -> None:
    with contextlib.ExitStack() as stack:
        children = [stack.enter_context(process(OPEN_ON_A_WORD, path)) for _ in range(4)]
        assert [line_of(child) for child in children] == ["ready"] * 4
        for child in children:
            assert child.stdin is not None
            child.stdin.write("now\n")
            child.stdin.flush()
        assert [line_of(child) for child in children] == ["ready"] * 4
    assert len(Ledger(path).journal()) == 4


FILL_THE_DISK = """
import resource, signal, sqlite3
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = Ledger(Path(sys.argv[1]))
ledger.intend(block(1), None, "before", NOW)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    ledger.intend(block(2), "x" * 1_000_000, "too much", NOW)
except sqlite3.OperationalError as error:
    from daemon.advice import explain_failure
    print(explain_failure(error).text.replace(chr(10), " "))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
ledger.intend(block(3), None, "after", NOW)
print(*(entry.words for entry in ledger.journal()))
"""


def test_a_full_disk_loses_only_what_it_had_no_room_for(path: Path) -> None:
    with process(FILL_THE_DISK, path) as child:
        assert line_of(child).startswith("the ledger cannot be written or read: ")
        assert line_of(child) == "before after"
    assert list(Ledger(path).effects()) == ["hw-lisbon.make-up.1", "hw-lisbon.make-up.3"]


# --- the file ---------------------------------------------------------------------------------------------------------


def test_only_its_owner_can_read_it(ledger: Ledger, path: Path) -> None:
    mask = os.umask(0)
    try:
        again = Ledger(path.with_name("other.db"))
        with again.writing():
            again.note(NOW, "", "step", "words")
            modes = {file.name: oct(stat.S_IMODE(file.stat().st_mode)) for file in path.parent.iterdir()}
    finally:
        os.umask(mask)
    assert {"other.db", "other.db-wal", "other.lock"} <= set(modes)
    assert set(modes.values()) == {"0o600"}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_ledger_of_a_newer_homeward_is_refused_in_words_and_nothing_is_changed(path: Path) -> None:
    Ledger(path).close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute(f"PRAGMA user_version={SCHEMA + 1}")
    before = contents(path.parent)
    with pytest.raises(
        LedgerError, match=rf"newer homeward \(its version {SCHEMA + 1}, ours {SCHEMA}\).*Nothing was read or changed"
    ):
        Ledger(path)
    assert contents(path.parent) == before


@pytest.mark.parametrize("content", [b"Dear diary,\n" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_ledger_is_refused_in_words_and_nothing_is_changed(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=r"ledger\.db cannot be used as a ledger \(.*\)\. Nothing was changed\."):
        Ledger(path)
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_refused_in_words(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(LedgerError, match="cannot be used as a ledger"):
        Ledger(path)


@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_in_its_place_is_refused(path: Path, tmp_path: Path, there: bool) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    if there:
        Ledger(elsewhere).close()
    before = contents(tmp_path)
    path.parent.mkdir()
    path.symlink_to(elsewhere)
    with pytest.raises(LedgerError, match="is a symbolic link"):
        Ledger(path)
    path.unlink()
    path.parent.rmdir()
    assert contents(tmp_path) == before


def test_an_empty_file_left_by_a_crash_becomes_a_ledger(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o600)
    assert Ledger(path).effects() == {}


def test_every_table_is_strict_and_every_write_is_synced(ledger: Ledger, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        tables = db.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema='main' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        assert tables and all(strict for _, strict in tables)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)


# --- effects ----------------------------------------------------------------------------------------------------------


def test_an_intent_stands_before_its_outcome(ledger: Ledger) -> None:
    ledger.intend(block(), "what was there", "Block family time", NOW)
    effect = ledger.effects()[block().id]
    assert (effect.item, effect.state, effect.before, effect.after) == (block(), "intended", "what was there", None)
    assert effect.intended_at == NOW


def test_an_outcome_is_recorded_with_its_inverse(ledger: Ledger) -> None:
    ledger.intend(block(), "what was there", "Block family time", NOW)
    ledger.settle(block(), "done", "Block family time", NOW + HOUR, after="written", fingerprint="f1")
    effect = ledger.effects()[block().id]
    assert (effect.state, effect.before, effect.after, effect.fingerprint) == ("done", "what was there", "written", "f1")
    assert [(e.step, e.at) for e in ledger.journal("lisbon")] == [("intent", NOW), ("done", NOW + HOUR)]


def test_what_was_there_before_is_written_once_and_never_overwritten(ledger: Ledger) -> None:
    ledger.intend(block(), "first", "words", NOW)
    ledger.intend(block(summary="Other"), "second", "words", NOW)
    ledger.settle(block(), "done", "words", NOW, after="written")
    ledger.intend(block(), None, "words", NOW)
    effect = ledger.effects()[block().id]
    assert (effect.before, effect.after) == ("first", "written")


def test_a_crash_before_the_first_outcome_does_not_lose_what_was_there(ledger: Ledger) -> None:
    ledger.intend(block(), None, "words", NOW)
    ledger.intend(block(), "found now", "words", NOW)
    assert ledger.effects()[block().id].before == "found now"


def test_after_an_undo_the_next_life_starts_afresh(ledger: Ledger) -> None:
    ledger.intend(block(), "first", "words", NOW)
    ledger.settle(block(), "done", "words", NOW, after="written")
    ledger.settle(block(), "undone", "words", NOW)
    assert ledger.effects() == {}
    ledger.intend(block(), "second", "words", NOW)
    effect = ledger.effects()[block().id]
    assert (effect.state, effect.before, effect.after) == ("intended", "second", None)


def test_a_promise_can_be_changed_until_its_day(ledger: Ledger) -> None:
    ledger.schedule(mail(due=NOW + HOUR), "Send brief", NOW)
    ledger.schedule(mail(due=NOW + 2 * HOUR), "Send brief", NOW)
    assert ledger.standing() == {mail().id: Standing(mail(due=NOW + 2 * HOUR), "scheduled")}
    assert [entry.step for entry in ledger.journal()] == ["scheduled", "scheduled"]


@pytest.mark.parametrize("state", ["intended", "done", "unknown"])
def test_what_has_gone_out_or_may_have_is_not_promised_again(ledger: Ledger, state: Any) -> None:
    ledger.intend(mail(), None, "Send brief", NOW)
    if state != "intended":
        ledger.settle(mail(), state, "Send brief", NOW)
    lines = len(ledger.journal())
    ledger.schedule(mail(due=NOW + HOUR), "Send brief", NOW)
    assert ledger.standing() == {mail().id: Standing(mail(), state)}
    assert len(ledger.journal()) == lines


def test_a_withdrawn_promise_can_be_made_again(ledger: Ledger) -> None:
    ledger.schedule(mail(due=NOW + HOUR), "Send brief", NOW)
    ledger.settle(mail(due=NOW + HOUR), "undone", "Do not send the brief", NOW)
    ledger.schedule(mail(due=NOW + HOUR), "Send brief", NOW)
    assert ledger.standing()[mail().id].state == "scheduled"


def test_what_the_user_brings_back_is_no_longer_kept_away(ledger: Ledger) -> None:
    for ordinal, state in (("1", "tombstone"), ("2", "adopted"), ("3", "done")):
        ledger.intend(block(ordinal), f"before {ordinal}", "words", NOW)
        ledger.settle(block(ordinal), state, "words", NOW, after="written")
    assert ledger.revive("oslo") == 0
    assert ledger.revive("lisbon") == 2
    assert {i: s.state for i, s in ledger.standing().items()} == {
        "hw-lisbon.make-up.2": "intended",
        "hw-lisbon.make-up.3": "done",
    }


def test_what_was_there_before_outlives_an_adoption_that_is_brought_back(ledger: Ledger) -> None:
    ledger.intend(block(), "the user's own", "words", NOW)
    ledger.settle(block(), "adopted", "words", NOW, after="written")
    ledger.revive("lisbon")
    ledger.intend(block(), "ours, edited by somebody", "words", NOW)
    assert ledger.effects()[block().id].before == "the user's own"


def test_an_outcome_that_cannot_be_recorded_leaves_no_line_and_the_ledger_usable(ledger: Ledger) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        ledger.intend(block(), None, None, NOW)  # type: ignore[arg-type]
    assert ledger.effects() == {}
    ledger.intend(block(), None, "words", NOW)
    assert len(ledger.journal()) == 1


def test_the_journal_is_told_oldest_first_and_can_be_cut(ledger: Ledger) -> None:
    for n in range(5):
        ledger.note(NOW + n * HOUR, "lisbon" if n % 2 else "", f"step {n}", "words")
    assert [entry.step for entry in ledger.journal()] == [f"step {n}" for n in range(5)]
    assert [entry.step for entry in ledger.journal(most=2)] == ["step 3", "step 4"]
    assert [entry.step for entry in ledger.journal("lisbon")] == ["step 1", "step 3"]


# --- absences and what the user said ----------------------------------------------------------------------------------


def test_an_absence_keeps_the_moment_it_was_first_seen(ledger: Ledger) -> None:
    ledger.remember(absence(), NOW)
    ledger.remember(absence(title="Lisbon, longer"), NOW + HOUR)
    assert [a.title for a in ledger.absences()] == ["Lisbon, longer"]
    known = ledger.known_absences()[0]
    assert known.minted == NOW
    assert (known.id, known.span) == ("lisbon", SPAN)


def test_an_absence_is_recognised_by_its_evidence(ledger: Ledger) -> None:
    ledger.remember(absence(), NOW)
    known = ledger.known_absences()[0]
    assert sorted(known.keys) == sorted((KEY, replace(KEY, uid="other")))
    assert "abc" in known.identities
    assert known.evidence == absence().evidence


def test_absences_come_by_their_start_and_can_be_forgotten(ledger: Ledger) -> None:
    ledger.remember(absence(id="later", span=Interval(SPAN.start + HOUR, SPAN.end)), NOW)
    ledger.remember(absence(id="sooner"), NOW)
    assert [a.id for a in ledger.absences()] == ["sooner", "later"]
    ledger.forget("sooner")
    assert [a.id for a in ledger.absences()] == ["later"]


def test_what_the_user_announced_and_said_is_kept_in_order(ledger: Ledger) -> None:
    first = Declared("oslo", "Oslo", date(2026, 12, 1), date(2026, 12, 5))
    ledger.declare(first, NOW)
    ledger.declare(replace(first, title="Oslo again"), NOW)
    assert [d.title for d in ledger.declared()] == ["Oslo again"]
    sayings = [Said("lisbon", "confirm", NOW), Said("lisbon", "back", NOW, SPAN.end - HOUR, ("abc",))]
    for said in sayings:
        ledger.say(said)
    assert ledger.said() == tuple(sayings)


# --- hosts ------------------------------------------------------------------------------------------------------------


def test_an_assignment_follows_its_meeting_to_a_new_uid(ledger: Ledger) -> None:
    asked = Assignment("lisbon", KEY, "ana", "asked", NOW)
    ledger.assign(asked, "hw-lisbon.host.1", "team meeting")
    ledger.assign(replace(asked, state="accepted"), "hw-lisbon.host.1", "team meeting")
    new = replace(KEY, uid="new@example.org")
    ledger.rekey_assignment(replace(asked, state="accepted"), new)
    assert ledger.assignments() == (Assignment("lisbon", new, "ana", "accepted", NOW),)
    assert ledger.assignment_identities() == {("lisbon", new): ("team meeting", "hw-lisbon.host.1")}
    ledger.unassign("lisbon", new)
    assert ledger.assignments() == ()


def test_a_turn_counts_once_and_turns_come_in_order(ledger: Ledger) -> None:
    late, early = Turn("ana", "team", NOW), Turn("ben", "team", NOW - HOUR)
    assert ledger.record_turn(late, "lisbon", KEY)
    assert not ledger.record_turn(replace(late, person_id="ben"), "lisbon", KEY)
    assert ledger.record_turn(early, "lisbon", replace(KEY, recurrence_id="20261214T090000Z"))
    assert ledger.turns() == (early, late)


# --- what was there before --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["my own reply", ""])
def test_a_previous_state_is_kept_once(ledger: Ledger, first: str) -> None:
    assert ledger.previous("responder/mail") is None
    assert ledger.keep_previous("responder/mail", first, NOW) == first
    assert ledger.keep_previous("responder/mail", "homeward's reply", NOW + HOUR) == first
    assert ledger.previous("responder/mail") == first


def test_after_it_was_restored_the_next_previous_state_is_another(ledger: Ledger, path: Path) -> None:
    ledger.keep_previous("responder/mail", "spring", NOW)
    ledger.keep_previous("responder/other", "other", NOW)
    ledger.previous_restored("responder/mail", NOW + HOUR)
    assert ledger.previous("responder/mail") is None
    assert ledger.keep_previous("responder/mail", "autumn", NOW + 2 * HOUR) == "autumn"
    assert ledger.previous("responder/other") == "other"
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT value FROM previous ORDER BY seq").fetchall() == [("spring",), ("other",), ("autumn",)]


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_a_window_that_opened_is_news_once(ledger: Ledger) -> None:
    opening = Opening("lisbon", date(2026, 12, 7), 0, Interval(NOW, NOW + HOUR), "Europe/Lisbon")
    earlier = replace(opening, index=1, span=Interval(NOW - 5 * HOUR, NOW - 4 * HOUR))
    assert ledger.opened(opening)
    assert not ledger.opened(opening)
    assert ledger.opened(earlier)
    assert ledger.opened(replace(opening, absence_id="oslo"))
    assert ledger.openings("lisbon") == (earlier, opening)
    assert len(ledger.openings()) == 3


def test_a_yes_holds_for_the_kind_and_for_each_recipient_until_it_is_withdrawn(ledger: Ledger) -> None:
    ledger.consent("lisbon", "host", ["ana@example.org"], NOW)
    ledger.consent("lisbon", "host", ["ben@example.org"], NOW)
    ledger.consent("oslo", "hold", [], NOW)
    assert ledger.consented() == {
        ("lisbon", "host", ""),
        ("lisbon", "host", "ana@example.org"),
        ("lisbon", "host", "ben@example.org"),
        ("oslo", "hold", ""),
    }
    ledger.withdraw_consent("lisbon")
    assert ledger.consented() == {("oslo", "hold", "")}


def test_the_last_good_reading_is_kept_without_descriptions(ledger: Ledger) -> None:
    seen = Occurrence(KEY, "mine", NOW, NOW + HOUR, summary="Half a pair \ud800", description="long and private")
    assert ledger.last_reading("work") is None
    ledger.keep_reading("work", 12, [seen], NOW)
    ledger.keep_reading("work", 13, [seen], NOW + HOUR)
    last = ledger.last_reading("work")
    assert last is not None
    assert (last.at, last.entries, last.occurrences) == (NOW + HOUR, 13, (replace(seen, description=""),))


def test_the_users_word_about_a_block_stands_against_ours(ledger: Ledger) -> None:
    ledger.block_kept(block().id, "lisbon", True, False, NOW)
    assert ledger.block_outcomes() == {block().id: True}
    ledger.block_kept(block().id, "lisbon", False, True, NOW)
    ledger.block_kept(block().id, "lisbon", True, False, NOW)
    assert ledger.block_outcomes() == {block().id: False}


def test_a_debt_is_kept_by_absence_and_can_be_forgiven(ledger: Ledger) -> None:
    ledger.owe("lisbon", 4.0, "Lisbon", NOW)
    ledger.owe("lisbon", 6.0, "Lisbon, longer", NOW + HOUR)
    assert [(k, d.hours, d.title, d.at) for k, d in ledger.owed().items()] == [("lisbon", 6.0, "Lisbon, longer", NOW)]
    ledger.owe_nothing("lisbon")
    assert ledger.owed() == {}


def test_small_things_are_kept_by_key(ledger: Ledger) -> None:
    assert ledger.get("answer") is None
    ledger.set("answer", "1")
    ledger.set("answer", "2")
    assert ledger.get("answer") == "2"
    ledger.unset("answer")
    assert ledger.get("answer") is None


def test_a_ledger_read_again_says_the_same(path: Path) -> None:
    first = Ledger(path)
    first.intend(block(), "before", "words", NOW)
    first.remember(absence(), NOW)
    said = (first.effects(), first.absences(), first.journal())
    first.close()
    again = Ledger(path)
    assert (again.effects(), again.absences(), again.journal()) == said


def test_a_lease_is_kept_until_there_is_none(ledger: Ledger) -> None:
    assert ledger.lease("mail") is None
    ledger.keep_lease("mail", NOW, "08:00, 12:30")
    assert ledger.lease("mail") == (NOW, "08:00, 12:30")
    ledger.keep_lease("mail", NOW, None)
    assert ledger.lease("mail") is None


def test_a_coaching_reply_is_remembered_in_order(ledger: Ledger) -> None:
    assert ledger.coached() == ()
    late, early = Coached("ana", "<2@x>", NOW), Coached("ben", "<1@x>", NOW - HOUR)
    ledger.coach(late)
    ledger.coach(early)
    ledger.coach(late)
    assert ledger.coached() == (early, late)


def test_mentors_are_kept_by_absence(ledger: Ledger) -> None:
    ledger.keep_mentors("lisbon", {"jan": "ana"})
    ledger.keep_mentors("lisbon", {})
    assert ledger.mentors("lisbon") == {"jan": "ana"}
    assert ledger.mentors("oslo") == {}


def test_held_messages_are_counted_once_and_told_apart_from_those_released(ledger: Ledger) -> None:
    ledger.held_messages("mail", "lisbon", {"<1@x>": "a@x", "<2@x>": "b@x"}, NOW)
    ledger.held_messages("mail", "lisbon", {"<2@x>": "b@x"}, NOW)
    assert ledger.held_counts("lisbon") == (0, 2)
    ledger.released_messages("mail", NOW)
    ledger.held_messages("mail", "lisbon", {"<3@x>": "c@x"}, NOW)
    assert ledger.held_counts("lisbon") == (2, 1)
    assert ledger.held_counts("oslo") == (0, 0)


def test_the_last_pass_says_what_nobody_covers_and_what_could_not_be_read(ledger: Ledger) -> None:
    assert (ledger.gaps(), ledger.unavailable()) == ((), ())
    ledger.note_pass(NOW, ["Budget review"], ["the calendar “work”"])
    assert (ledger.gaps(), ledger.unavailable()) == (("Budget review",), ("the calendar “work”",))
    ledger.note_pass(NOW, [], [])
    assert (ledger.gaps(), ledger.unavailable()) == ((), ())


def test_an_opening_can_be_closed_early_and_a_fingerprint_renewed(ledger: Ledger) -> None:
    opening = Opening("lisbon", date(2026, 12, 7), 0, Interval(NOW, NOW + HOUR), "Europe/Lisbon")
    ledger.opened(opening)
    closed = replace(opening, span=Interval(NOW, NOW + HOUR / 2))
    ledger.reopened(closed)
    assert ledger.openings() == (closed,)
    ledger.intend(block(), None, "words", NOW)
    ledger.refresh_fingerprint(block().id, "f2")
    assert ledger.effects()[block().id].fingerprint == "f2"
