"""What the kernel tells of its routes, in a network of its own; and that no bytes do harm."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.service.network import NetworkWatch, leads_out

_STEPS = """
import select, subprocess, sys
from daemon.service.network import NetworkWatch

watch = NetworkWatch()

def after(command):
    subprocess.run(["ip", *command.split()], check=True)
    found = []
    while select.select([watch.fileno()], [], [], 0.3)[0]:
        found += watch.events()
    print(",".join(found) or "nothing")

after("link set lo up")
after("route add 10.1.0.0/16 dev lo")
after("route add default dev lo")
after("route add default dev lo table 77")
after("route del default dev lo")
after("-6 route add default dev lo")
"""


def test_a_new_way_out_is_heard_and_no_other_route() -> None:
    """Whoever may make no network of their own hears the same; only root is asked to prove it."""
    unshare = shutil.which("unshare")
    assert unshare and shutil.which("ip"), "the Debian packages util-linux and iproute2 are needed"
    command = [unshare, "--user", "--map-root-user", "--net", sys.executable, "-c", _STEPS]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=root)
    if "unshare" in done.stderr:
        pytest.skip(f"this machine lets no user have a network: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["nothing", "nothing", "network", "nothing", "nothing", "network"]


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data: bytes) -> None:
    assert leads_out(data) in (True, False)
    assert not leads_out(data[:27])  # less than one whole message


def test_nothing_is_heard_where_nothing_happens() -> None:
    watch = NetworkWatch()
    assert list(watch.events()) in ([], ["network"]) and list(watch.events()) == []
    watch.close()
