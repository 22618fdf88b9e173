"""What turning the clock costs: ninety days of a hundred clients, beside the wall time a person waits at most."""

import time
from datetime import UTC, datetime

from bench.hub_process import CONTENT
from bench.measure import RUNS, Result, Wanted
from core.content.checking import read_catalogue
from hub.simulation.run import Wish, play

CLIENTS, DAYS = 100, 90
SINCE = datetime(2026, 11, 2, tzinfo=UTC)


def simulating(runs: int = RUNS, clients: int = CLIENTS, days: int = DAYS) -> list[Result]:
    """Seconds for made-up clients with three people each, and for a tenth of them, which costs about a tenth."""
    catalogue = read_catalogue(CONTENT)

    def seconds(number: int) -> float:
        begun = time.perf_counter()
        play(catalogue, Wish(since=SINCE, days=days, clients=number))
        return time.perf_counter() - begun

    pairs = [(seconds(clients), seconds(max(1, clients // 10))) for _ in range(runs)]
    whole, tenth = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    what = f"`hub simulate`, {days} days of {clients} clients and {clients * 3} people"
    return [Result(what, "s", whole, tenth, "a tenth of the clients", Wanted(60, "most", "ours"))]
