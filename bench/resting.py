"""What the hub costs while nobody speaks, and how soon it answers after it was started."""

import tempfile
import time
from pathlib import Path

import psutil

from bench.hub_process import APP_TOKEN, CONTENT, SLACK_TOKEN, TELEGRAM_TOKEN, settle_in
from bench.measure import RUNS, Result, Wanted
from bench.processes import bot, free_port, moment, wire


def resting(runs: int = RUNS, seconds: float = 10.0, settled: float = 3.0) -> list[Result]:
    """`hub run` with both messengers: seconds from the start of its process to the first reply, then at rest.

    A python-telegram-bot echo starts and rests beside it. `settled`: seconds it is left alone before rest is measured.
    """
    figures: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ("start", "core", "memory")}
    for _ in range(runs):
        for name, pair in zip(("start", "core", "memory"), _once(seconds, settled), strict=True):
            for kept, figure in zip(figures[name], pair, strict=True):
                kept.append(figure)
    beside = "bare python-telegram-bot echo"
    return [
        Result("`hub run` to the first reply", "s", *figures["start"], beside, Wanted(2, "most", "ours")),
        Result("Both messengers idle", "% of a core", *figures["core"], beside, Wanted(1, "most", "ours")),
        Result("… resident memory", "MB", *figures["memory"], beside, Wanted(150, "most", "ours")),
    ]


def _once(seconds: float, settled: float) -> tuple[tuple[float, float], ...]:
    one = ("--chats", "1", "--total", "1", "--stay")
    with (
        tempfile.TemporaryDirectory() as folder,
        wire("telegram", *one) as telegram,
        wire("slack", *one) as slack,
        wire("telegram", *one) as other,
    ):
        env = _settings(Path(folder), telegram.url, slack.url)
        settle_in(env["DATABASE_URL"], 1)
        begun = moment()
        with bot("hub", "run", env=env, cwd=Path(folder)) as ours:
            started = max(telegram.figures()["last"], slack.figures()["last"]) - begun
            begun = moment()
            with bot("bench.rivals.ptb_echo", other.url) as theirs:
                echoed = other.figures()["last"] - begun
                time.sleep(settled)
                processes = [psutil.Process(process.pid) for process in (ours, theirs)]
                before = [_spent(process) for process in processes]
                time.sleep(seconds)
                shares = [
                    (_spent(process) - was) / seconds * 100 for process, was in zip(processes, before, strict=True)
                ]
                memory = [process.memory_info().rss / 1e6 for process in processes]
    return (started, echoed), (shares[0], shares[1]), (memory[0], memory[1])


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _settings(folder: Path, telegram: str, slack: str) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_API_URL": telegram,
        "SLACK_BOT_TOKEN": SLACK_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": f"{slack}/api",
        "DATABASE_URL": f"sqlite:///{folder}/hub.db",
        "HUB_CONTENT": str(CONTENT),
        "HUB_HTTP_PORT": str(free_port()),
    }
