"""Files that are replaced as a whole: what a death in between leaves behind, and who takes it away."""

from __future__ import annotations

import os
from pathlib import Path

from integrations.disk import draft_beside, replace_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def dead_process() -> int:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def test_a_draft_of_a_dead_process_is_taken_away_by_the_next_one(tmp_path: Path) -> None:
    for process in (dead_process(), os.getpid()):
        (tmp_path / f".a.ics.homeward-{process}.tmp").write_bytes(b"half")
    replace_whole(tmp_path / "a.ics", b"whole")
    assert names(tmp_path) == ["a.ics"]


def test_drafts_of_others_stay(tmp_path: Path) -> None:
    others = [
        f".a.ics.homeward-{os.getppid()}.tmp",
        ".a.ics.homeward-x.tmp",
        f".b.ics.homeward-{dead_process()}.tmp",
        "a.ics.tmp",
    ]
    for name in [*others, f".a.ics.homeward-{10**30}.tmp"]:
        (tmp_path / name).write_bytes(b"half")
    before = names(tmp_path)
    assert draft_beside(tmp_path / "a.ics").name not in before
    assert names(tmp_path) == before
