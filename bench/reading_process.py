"""Reads one content folder in a process of its own, so that memory and first times are its own; tells the figures."""

import gc
import json
import sys
import time
from pathlib import Path

import psutil
import yaml

from core.content.checking import Reader

SAVES = 5
"""Of which the quickest counts."""


def main() -> None:
    folder = Path(sys.argv[1])
    # What every hub has loaded anyway is no cost of this folder.
    data = [path.read_bytes() for path in folder.rglob("*.yaml")]
    began_with = _memory()
    reader = Reader(folder)
    begun = time.perf_counter()
    catalogue = reader.read()
    full = time.perf_counter() - begun
    kept = _memory() - began_with
    begun = time.perf_counter()
    for one in data:
        yaml.load(one, Loader=yaml.CSafeLoader)
    bare = time.perf_counter() - begun
    reader.read()
    changed = next(iter(sorted((folder / "onboarding").iterdir())))
    again = []
    for number in range(SAVES):
        changed.write_text(f"{changed.read_text('utf-8')}# {number}\n", "utf-8")
        begun = time.perf_counter()
        assert reader.read().version != catalogue.version
        again.append(time.perf_counter() - begun)
    size = sum(map(len, data)) / 1e6
    print(json.dumps({"full": full, "bare": bare, "again": min(again), "memory": kept, "size": size}))


def _memory() -> float:
    """Resident, in MB."""
    gc.collect()
    return float(psutil.Process().memory_info().rss / 1e6)


if __name__ == "__main__":
    main()
