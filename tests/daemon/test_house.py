"""The rules of the house, where a machine can tell: layers, the clock, first lines, names of files, a unit that systemd takes."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("rules", "integrations", "daemon")
MODULES = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def parsed(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def pyproject() -> dict[str, object]:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert isinstance(found, dict)
    return found


def test_every_package_is_shipped() -> None:
    ours = {
        str(path.parent.relative_to(ROOT)).replace("/", ".") for package in PACKAGES for path in (ROOT / package).rglob("*.py")
    }
    assert set(pyproject()["packages"]) == ours  # type: ignore[call-overload]


def test_no_file_of_ours_is_a_file_of_a_dependency() -> None:
    ours = {str(module) for module in MODULES}
    taken = {
        f"{distribution.name}: {file}"
        for distribution in importlib.metadata.distributions()
        if distribution.name != "homeward"
        for file in distribution.files or ()
        if str(file) in ours or str(file) in {f"{package}.py" for package in PACKAGES}
    }
    assert taken == set()


def test_no_file_of_ours_hides_one_of_the_standard_library() -> None:
    assert not set(PACKAGES) & sys.stdlib_module_names


@pytest.mark.slow
def test_the_layers_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_opens_by_saying_what_it_is_for(module: Path) -> None:
    assert len(ast.get_docstring(parsed(module)) or "") > 30


ASKS_THE_TIME = {"now", "utcnow", "today"}


def asks_the_time(module: Path) -> list[int]:
    """Lines with datetime.now, datetime.utcnow, date.today, time.time and their like."""
    found = [
        node.lineno
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (
            (node.attr in ASKS_THE_TIME and ast.unparse(node.value).rpartition(".")[2] in ("datetime", "date"))
            or (node.attr in ("time", "time_ns", "localtime", "gmtime") and ast.unparse(node.value) == "time")
        )
    ]
    return sorted(found)


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    clock = Path("daemon/clock.py")
    assert asks_the_time(clock)
    assert {str(module): asks_the_time(module) for module in MODULES if module != clock and asks_the_time(module)} == {}


def top_level_imports(module: Path) -> set[str]:
    nodes = [node for node in parsed(module).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {
        name.partition(".")[0] for name in [*names, *(node.module or "" for node in nodes if isinstance(node, ast.ImportFrom))]
    }


def test_heavy_libraries_are_imported_only_where_they_are_used() -> None:
    heavy = {"rich", "googleapiclient", "keyring", "holidays", "airportsdata", "tzfpy"}
    assert {str(module): top_level_imports(module) & heavy for module in MODULES if top_level_imports(module) & heavy} == {}


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("no git checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    places = re.compile(rb"(?<![\w.~*/-])/(?:work|root)/")
    assert [str(path.relative_to(ROOT)) for path in tracked() if places.search(path.read_bytes())] == []


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    for path in (ROOT / "systemd").iterdir():
        # The command is installed into the user's home, which is empty here.
        (tmp_path / path.name).write_text(path.read_text().replace("%h/.local/bin/homeward", shutil.which("true") or "/bin/true"))
    command = ["systemd-analyze", "verify", "--user", "--man=no", str(tmp_path / "homeward.service")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_runs_a_command_that_there_is() -> None:
    words = re.findall(r"^ExecStart=%h/\.local/bin/homeward (\w+)", (ROOT / "systemd/homeward.service").read_text(), re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-m", "daemon", *words, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert words and done.returncode == 0, done.stderr


def test_make_knows_what_it_promises() -> None:
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "run", "check", "test", "test-long", "fmt", "score"} <= rules


@pytest.mark.parametrize("kind", ["run", "dev"])
def test_set_up_without_a_python_says_what_to_install(kind: str, tmp_path: Path) -> None:
    """A machine with nothing but a shell and the base tools, and not root: it stops, says so, and makes nothing."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname", "mktemp", "touch", "cat", "rm"):
        (tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    (tools / "id").write_text("#!/bin/sh\necho 1000\n")
    (tools / "id").chmod(0o755)
    (tmp_path / "house/.ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/setup", tmp_path / "house/.ci/setup")
    command = [str(tools / "sh"), str(tmp_path / "house/.ci/setup"), kind]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": str(tools)})
    assert (done.returncode, "sudo apt-get install python3" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "house/.venv").exists()
