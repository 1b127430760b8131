"""Where homeward keeps its things, and that its state cannot be steered elsewhere."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from daemon.paths import home, locate, private_folder
from integrations.errors import OutsideError, Permanent


def test_without_any_wish_the_xdg_places_below_the_home_are_used() -> None:
    paths = locate(None, None, {"HOME": "/home/mia"})
    assert paths.config == Path("/home/mia/.config/homeward/config.toml")
    assert paths.state == Path("/home/mia/.local/state/homeward")
    assert paths.cache == Path("/home/mia/.cache/homeward")


def test_the_xdg_variables_move_them() -> None:
    env = {"HOME": "/home/mia", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/k"}
    paths = locate(None, None, env)
    assert (paths.config, paths.state, paths.cache) == (Path("/c/homeward/config.toml"), Path("/s/homeward"), Path("/k/homeward"))


def test_a_relative_xdg_variable_is_ignored() -> None:
    assert locate(None, None, {"HOME": "/home/mia", "XDG_STATE_HOME": "here"}).state == Path("/home/mia/.local/state/homeward")


def test_the_environment_names_config_and_state_and_the_command_line_wins() -> None:
    env = {"HOME": "/home/mia", "HOMEWARD_CONFIG": "/env.toml", "HOMEWARD_STATE": "/env"}
    assert locate(None, None, env).config == Path("/env.toml")
    assert locate("~/mine.toml", None, env).config == Path("/home/mia/mine.toml")
    assert locate(None, "/asked", env).state == Path("/asked")


def test_whoever_names_the_state_gets_the_cache_inside_it() -> None:
    assert locate(None, "/asked", {"HOME": "/home/mia", "XDG_CACHE_HOME": "/k"}).cache == Path("/asked/cache")


def test_a_relative_path_of_the_command_line_starts_where_the_command_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate("x.toml", None, {"HOME": "/home/mia"}).config == tmp_path / "x.toml"


def test_without_home_in_the_environment_the_system_knows_it() -> None:
    assert home({}).is_absolute()


def test_a_new_state_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "state")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_state_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    private_folder(tmp_path / "state")
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


@pytest.mark.parametrize("there", [True, False])
def test_a_state_folder_that_is_a_symbolic_link_is_refused(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Permanent, match="symbolic link"):
        private_folder(tmp_path / "state")


def test_a_file_in_place_of_the_state_folder_or_above_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(Permanent, match="is a file"):
        private_folder(tmp_path / "state")
    with pytest.raises(Permanent, match="is a file"):
        private_folder(tmp_path / "state" / "deeper")


def test_a_place_where_no_folder_can_be_made_is_told_in_words() -> None:
    with pytest.raises(OutsideError, match="/proc/none"):
        private_folder(Path("/proc/none"))
