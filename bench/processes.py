"""Starts a wire and a bot in processes of their own, as they are in life, and reads what the wire saw."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLACE = Path(__file__).parent.parent
HUB = ("bench.hub_process", "--port", "PORT")


class Silent(Exception):
    """The bot did not answer everything in time."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A running wire. `url`: where it listens."""

    process: subprocess.Popen[str]
    url: str

    def figures(self) -> dict[str, float]:
        """Waits until everything was answered. Raises Silent when it was not."""
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        found: dict[str, float] = json.loads(told)
        wanted = int(self.process.args[self.process.args.index("--total") + 1])  # type: ignore[index,union-attr,arg-type]  # Popen keeps the list it was given
        if found["answered"] != wanted:
            raise Silent(f"{found['answered']} of {wanted} answered")
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def wire(name: str, *arguments: str) -> Iterator[Wire]:
    """`name`: telegram or slack. The arguments are those of bench.wires.crowd; `--total` has to be among them."""
    command = [sys.executable, "-m", f"bench.wires.{name}", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PLACE) as process:
        try:
            assert process.stdout is not None
            yield Wire(process, f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()


@contextmanager
def bot(*command: str, env: Mapping[str, str] | None = None, cwd: Path = PLACE) -> Iterator[subprocess.Popen[bytes]]:
    """A module with its arguments; the word PORT is a free port. It is killed at the end."""
    words = [str(free_port()) if word == "PORT" else word for word in command]
    path = {"PYTHONPATH": str(PLACE)}
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **path, **(env or {})},
        cwd=cwd,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def talk(messenger: str, command: Sequence[str], *, total: int, chats: int = 100, **more: float) -> dict[str, float]:
    """One run: what the wire saw when this bot talked with its people. URL in the command is the wire's address.

    `more`: the wire's `latency`, `rate`, `within`.
    """
    asked = [word for name, value in more.items() for word in (f"--{name}", str(value))]
    with (
        wire(messenger, "--chats", str(chats), "--total", str(total), *asked) as server,
        bot(*(word.replace("URL", server.url) for word in command)),
    ):
        return server.figures()


def moment() -> float:
    """Seconds of the clock that all processes of this machine share."""
    return time.monotonic()
