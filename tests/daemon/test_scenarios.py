"""Every folder of tests/scenarios is a small world: config.toml (its first line says the time), calendars, and what `plan`
shows for them. For each: the plan reads as expected, a second plan after applying is empty, and undo leaves every byte as it was.
HOMEWARD_ACCEPT=1 writes what is shown into expect.txt, to be read before it is committed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from daemon.__main__ import main

SCENARIOS = sorted(p.parent for p in (Path(__file__).parents[1] / "scenarios").glob("*/config.toml"))


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file() and "state" not in p.parts}


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    source: Path = request.param
    root = tmp_path / "world"
    shutil.copytree(source, root)
    now = (root / "config.toml").read_text("utf-8").splitlines()[0].removeprefix("# now: ").strip()
    monkeypatch.setenv("HOME", str(root))
    monkeypatch.setenv("HOMEWARD_CONFIG", str(root / "config.toml"))
    monkeypatch.setenv("HOMEWARD_STATE", str(root / "state"))
    monkeypatch.setenv("HOMEWARD_NOW", now)
    return root


@pytest.mark.parametrize("world", SCENARIOS, indirect=True, ids=[p.name for p in SCENARIOS])
def test_a_scenario_plans_as_expected_settles_and_is_undone(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(world)
    assert main(["plan"]) == 0
    shown = capsys.readouterr()
    told = (shown.out + shown.err).replace(str(world), "~")
    expected = next(p for p in SCENARIOS if p.name in os.environ["PYTEST_CURRENT_TEST"]) / "expect.txt"
    if os.environ.get("HOMEWARD_ACCEPT"):
        expected.write_text(told, "utf-8")
    assert told == expected.read_text("utf-8")
    assert files(world) == before, "plan touched something"
    assert main(["apply", "--yes"]) == 0
    assert main(["plan", "--detailed-exitcode"]) == 0, "a second plan is not empty: " + capsys.readouterr().out
    assert main(["pass"]) == 0
    assert main(["undo", "--all", "--past"]) == 0
    assert files(world) == before, capsys.readouterr().out
