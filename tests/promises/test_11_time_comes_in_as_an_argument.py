"""Nobody calls the clock but `hub/wiring.py` and the clock it hands out, so anybody may turn it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.town import ROOT

CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "ctime"),
}  # fmt: skip
MONOTONIC = {("time", "monotonic"), ("time", "monotonic_ns"), ("time", "perf_counter")}
"""Count seconds between two moments and cannot tell what time it is: for pacing and patience alone."""

MAY_CALL = {"hub/wiring.py", "hub/clock.py"}
FOLDERS = ("core", "storage", "scheduler", "bots", "hub")


def files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py") if "versions" not in file.parts)


def calls(file: Path, wanted: set[tuple[str, str]]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if (owner, node.attr) in wanted:
                yield f"{file.relative_to(ROOT)}:{node.lineno} {owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (
                f"{file.relative_to(ROOT)}:{node.lineno} from time import {name.name}"
                for name in node.names
                if ("time", name.name) in wanted
            )


def test_nobody_asks_what_time_it_is() -> None:
    found = [
        call for file in files(*FOLDERS) if str(file.relative_to(ROOT)) not in MAY_CALL for call in calls(file, CLOCKS)
    ]

    assert found == []


def test_the_rules_do_not_even_count_seconds() -> None:
    assert [call for file in files("core", "storage") for call in calls(file, CLOCKS | MONOTONIC)] == []


@pytest.mark.parametrize("source", ["datetime.now(UTC)", "datetime.datetime.utcnow()", "time.time()"])
def test_the_search_finds_what_it_is_for(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.promises.test_11_time_comes_in_as_an_argument.ROOT", tmp_path)
    file = tmp_path / "sly.py"
    file.write_text(f"import datetime, time\nnow = {source}\n")

    assert list(calls(file, CLOCKS)) != []
