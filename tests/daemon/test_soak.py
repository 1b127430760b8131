"""Passes for months in one process: nothing piles up."""

from __future__ import annotations

import gc
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.daemon.world import World
from tests.servers.killing import quick_folder

_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Bytes of this process in memory (proc(5), statm)."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def grown(home: Path, warm: int, then: int) -> int:
    """How many bytes `then` passes add to those that `warm` ones needed. A trip is prepared, lived through and come home from."""
    with quick_folder() as folder:
        return _grown(World(shutil.copytree(home, folder / "home", symlinks=True)), warm, then)


def _grown(world: World, warm: int, then: int) -> int:
    at_rest = 0
    for number in range(warm + then):
        if number == warm:
            at_rest = resident()
        world.now += timedelta(minutes=15)
        if number == 2:
            world.accept()
        world.make_pass()
    return resident() - at_rest


@pytest.mark.timeout(400)
def test_hundreds_of_passes_need_no_more_memory(home: Path) -> None:
    assert grown(home, 100, 300) < 2_000_000


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_thousand_passes_need_no_more_memory(home: Path) -> None:
    """The first thousands fill caches that have a bound, and break up memory."""
    growth = grown(home, 5_000, 5_000)
    print(f"the second 5,000 passes added {growth / 1000:.0f} kB")
    assert growth < 1_000_000
