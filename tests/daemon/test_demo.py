"""The demonstration runs to its end, puts every byte back, and is what the README shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def told() -> str:
    done = subprocess.run(
        [sys.executable, "-m", "daemon.demo"], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout


def test_the_demonstration_ends_as_it_began(told: str) -> None:
    assert told.rstrip().endswith("none, every byte is as before. Mail still held: 0.")


def test_the_story_holds_mail_lets_the_family_through_and_moves_on_after_a_no(told: str) -> None:
    assert "Ask Carla Conti instead of Ana Silva" in told
    assert "Held: ['Question about the offer', 'Ten tips for leaders']" in told or "Held: ['Ten tips for leaders'" in told
    assert "(Europe/Lisbon) opened" in told


def test_the_plan_in_the_readme_is_the_plan_of_the_demonstration(told: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(readme) if line.startswith("    Trip to Lisbon"))
    block = [line[4:] for line in readme[start:] if line.startswith("    ")][: readme[start:].index("")]
    assert len(block) > 15
    assert [line for line in block if line not in told.splitlines()] == []
