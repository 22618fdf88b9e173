"""Who of those that had work in hand is dead: found out on one machine, left to leases between machines."""

import os
import socket
import subprocess
import sys
import time

from hub.wiring import died_here, holder_name


def test_this_process_lives() -> None:
    assert not died_here(holder_name())


def test_a_process_that_ended_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()

    assert died_here(f"{socket.gethostname()}:{child.pid}:{time.time_ns()}")


def test_a_number_that_another_process_has_now_is_dead() -> None:
    """In a container the hub has the same number after every restart."""
    assert died_here(f"{socket.gethostname()}:{os.getpid()}:{time.time_ns() - 3_600_000_000_000}")


def test_nobody_is_declared_dead_on_another_machine() -> None:
    assert not died_here(f"another.example:{os.getpid()}:{time.time_ns()}")
    assert not died_here("nonsense")
