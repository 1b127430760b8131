"""What homeward asks of Google: requests on the wire and quota units of whole passes, counted by a local Google with which the
real client library speaks. They are the same on every machine.

Usage: python benchmarks/google_costs.py"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.daemon.at_google import AtGoogle, furnish, move, sign_in
from tests.daemon.google_economy import EVENTS, MESSAGES, of_a_great_window, over_a_great_calendar
from tests.homes import demo_home
from tests.servers.fake_google.server import FakeGoogle, Seen
from tests.servers.fake_google.worlds import Clock


@contextmanager
def leader(hold: str) -> Iterator[AtGoogle]:
    """Calendar and mail at Google, signed in."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, FakeGoogle(clock) as google:
        home = demo_home(Path(folder) / "home")
        furnish(google)
        move(home, google, hold=hold)
        sign_in(home, google)
        yield AtGoogle(home, google, clock)


def show(hold: str, names: Iterable[str], counted: Callable[[AtGoogle], Iterable[Seen]]) -> None:
    with leader(hold) as world:
        for name, seen in zip(names, counted(world), strict=True):
            calls = ", ".join(f"{method.removeprefix('gmail.users.')} {count}" for method, count in sorted(seen.calls.items()))
            print(f"{hold:7} {name:50} {seen.http:4} requests {seen.units:6} units   {calls}", flush=True)


def main() -> None:
    for hold in ("client", "server"):
        calendar = (f"first pass over {EVENTS} events", "a pass without news", "a pass after one change")
        show(hold, calendar, over_a_great_calendar)
    for looked_at, how in ((True, "looked at before"), (False, "held while this machine slept")):
        names = (f"window, {MESSAGES} {how}", "the pass after it")
        show("server", names, lambda world: of_a_great_window(world, looked_at=looked_at))  # noqa: B023


if __name__ == "__main__":
    main()
