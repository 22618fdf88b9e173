"""Runs a wire and a bot against it, several times in turn with its rival, and prints medians with their spread."""

import json
import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

RUNS = int(os.environ.get("BENCH_RUNS", "5"))


@dataclass(frozen=True, slots=True)
class Contest:
    """What is compared: our command against a rival's, on the same wire. Commands get the wire's address last."""

    name: str
    wire: tuple[str, ...]
    ours: tuple[str, ...]
    rival: tuple[str, ...]
    figure: str = "per_second"
    higher_is_better: bool = True
    wanted: float = 1.0
    """The ratio ours / rival that we promise: at least, or where lower is better at most."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_once(wire: Sequence[str], bot: Sequence[str], figure: str) -> float:
    """One figure of one run. Raises RuntimeError when the bot did not answer everything."""
    python = sys.executable
    with subprocess.Popen([python, "-m", *wire], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        words = [word.replace("URL", url).replace("PORT", str(free_port())) for word in bot]
        with subprocess.Popen([python, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            figures = json.loads(server.stdout.readline())
            process.kill()
    wanted = int(wire[wire.index("--total") + 1])
    if figures["answered"] != wanted:
        raise RuntimeError(f"{bot[0]} answered {figures['answered']} of {wanted}")
    return float(figures[figure])


def compare(contest: Contest) -> float:
    """The median ratio ours / rival, pair by pair; printed with both medians and the spread."""
    ours, rivals = [], []
    for _ in range(RUNS):
        rivals.append(run_once(contest.wire, contest.rival, contest.figure))
        ours.append(run_once(contest.wire, contest.ours, contest.figure))
    ratios = sorted(mine / theirs for mine, theirs in zip(ours, rivals, strict=True))
    ratio = statistics.median(ratios)
    kept = ratio >= contest.wanted if contest.higher_is_better else ratio <= contest.wanted
    sign = "≥" if contest.higher_is_better else "≤"
    print(
        f"{contest.name:<44} {statistics.median(ours):>9.1f} {statistics.median(rivals):>9.1f} "
        f"{ratio:>6.2f}  ({ratios[0]:.2f}–{ratios[-1]:.2f})  {sign} {contest.wanted}  {'kept' if kept else 'MISSED'}",
        flush=True,
    )
    return ratio


def head() -> None:
    print(f"{'what':<44} {'ours':>9} {'rival':>9} {'ratio':>6}  (lowest–highest of {RUNS})  wanted")
