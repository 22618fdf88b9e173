"""Runs the benchmarks that are named (none: all) and prints one table. BENCH_RUNS is how often each pair is run."""

import os
import platform
import sys
import time

from bench.claiming import claiming
from bench.content import content
from bench.digests import badges, digests, publishing
from bench.feed import feed
from bench.importing import importing
from bench.mailings import beside, mailings, pace, sending
from bench.measure import RUNS, Result, table
from bench.nudges import nudges
from bench.rendering import rendering
from bench.resting import resting
from bench.simulating import simulating
from bench.talking import distance, latency, slack, telegram
from bench.ticking import ticking
from bench.updates import unseen

BENCHES = (
    telegram,
    distance,
    slack,
    latency,
    resting,
    claiming,
    rendering,
    importing,
    content,
    ticking,
    nudges,
    digests,
    publishing,
    badges,
    unseen,
    simulating,
    feed,
    mailings,
    pace,
    beside,
    sending,
)
ALL = {bench.__name__: bench for bench in BENCHES}


def main() -> None:
    names = sys.argv[1:] or list(ALL)
    if unknown := [name for name in names if name not in ALL]:
        sys.exit(f"There is no benchmark {unknown[0]}; there are {', '.join(ALL)}.")
    results: list[Result] = []
    begun = time.monotonic()
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        results += ALL[name]()
    spent = time.monotonic() - begun
    print(f"Medians of {RUNS} runs (lowest–highest), taken in {spent / 60:.1f} minutes on loopback,")
    print(f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}.\n")
    print(table(results))


if __name__ == "__main__":
    main()
