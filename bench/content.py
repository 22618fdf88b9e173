"""What content costs: reading a large folder, reading it again after a save, and filling in its texts."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

from jinja2 import Environment
from pydantic import SecretStr
from watchfiles import awatch

from bench.hub_process import CONTENT
from bench.library import write_library
from bench.measure import RUNS, Result, Wanted
from bench.processes import PLACE, free_port
from core.content.checking import read_catalogue
from core.content.texts.phrases import Words
from core.content.texts.variables import Group
from hub.running import running
from hub.settings import Settings
from hub.wiring import Hub

FILES = 2000
"""Of checklists, in four languages."""

TEXT = """\
Good morning **{{ contact.first_name }}**,

{{ client.name }} has come far:
- {{ progress.done }} of {{ progress.total }} steps are done
- {{ progress.left | plural('step is', 'steps are') }} to go

{% if client.region %}Your region is *{{ client.region }}*.{% endif %}

{{ csm.first_name }} helps you with the rest, here and by [mail](mailto:help@relay.example).
"""
BARE = TEXT.replace("{{ progress.left | plural('step is', 'steps are') }}", "{{ progress.left }} steps are")
FILLED = 2000
"""Times that a text is filled in for one figure."""


def content(runs: int = RUNS, files: int = FILES) -> list[Result]:
    """Seconds, memory and compiled templates, beside what a bare parser, watcher and template engine take."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "content"
        folder.mkdir()
        write_library(folder, files)
        read = [_read(folder) for _ in range(runs)]
        saved = [asyncio.run(_saved(folder)) for _ in range(runs)]
    filled = [_filled() for _ in range(runs)]
    full, bare, again = ([one[name] for one in read] for name in ("full", "bare", "again"))
    what = f"Content of {files:,} files in 4 languages"
    return [
        Result(f"{what}, read", "s", full, bare, "PyYAML with libyaml, same bytes", Wanted(2, "most", "ours")),
        Result("… read again after a save", "s", again, full, "reading all of it", Wanted(0.2, "most", "ours")),
        Result(
            "… memory", "MB", [one["memory"] for one in read], [one["size"] for one in read],
            "the files on the disk", Wanted(100, "most", "ours"),
        ),
        Result(
            "… from a save until it is in force", "s", [one[0] for one in saved], [one[1] for one in saved],
            "bare watchfiles tells of it", Wanted(2, "most", "ours"),
        ),
        Result(
            "A text of ten lines filled in", "µs", [one[0] for one in filled], [one[1] for one in filled],
            "bare Jinja2, compiled, unescaped", Wanted(100, "most", "ours"),
        ),
        Result(
            "… templates compiled for so many", "", [one[2] for one in filled], [FILLED] * runs,
            "texts filled in", Wanted(1, "most", "ours"),
        ),
    ]  # fmt: skip


def _read(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.reading_process", str(folder)]
    done = subprocess.run(command, cwd=PLACE, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


async def _saved(folder: Path) -> tuple[float, float]:
    """Seconds from a save until a running hub speaks by it, and until a bare watcher with its defaults tells of it."""
    with tempfile.TemporaryDirectory() as place:
        url = SecretStr(f"sqlite:///{place}/hub.db")
        settings = Settings(_env_file=None, database_url=url, hub_content=folder, hub_http_port=free_port())
        async with running(settings) as hub:
            await asyncio.sleep(3)  # until it has come to rest
            ours = await _in_force(hub, folder)
    changes, told = awatch(folder), asyncio.Event()
    listening = asyncio.create_task(_hear(anext(changes), told))
    await asyncio.sleep(1)
    begun = _save(folder)
    await asyncio.wait_for(told.wait(), 30)
    theirs = time.perf_counter() - begun
    await listening
    await changes.aclose()
    return ours, theirs


async def _in_force(hub: Hub, folder: Path) -> float:
    before, begun = hub.catalogue.version, _save(folder)
    async with asyncio.timeout(30):
        while hub.catalogue.version == before:  # noqa: ASYNC110 - the hub rings for nobody outside
            await asyncio.sleep(0.01)
    return time.perf_counter() - begun


async def _hear(change: Awaitable[object], told: asyncio.Event) -> None:
    await change
    told.set()


def _save(folder: Path) -> float:
    path = next(iter(sorted((folder / "onboarding").iterdir())))
    path.write_text(f"{path.read_text('utf-8')}# {time.time_ns()}\n", "utf-8")
    return time.perf_counter()


def _filled() -> tuple[float, float, float]:
    """Microseconds to fill in a text, ours and bare Jinja2's, and how many templates that made."""
    catalogue, words = read_catalogue(CONTENT), Words({"en": TEXT}, "en")
    voice, tongue = catalogue.voice("en"), catalogue.phrases.tongue("en")
    groups = [_values(number) for number in range(FILLED)]
    compiled = tongue.compile.cache_info().misses
    values = [{name: Group(inner) for name, inner in one.items()} for one in groups]
    voice.words(words, values[0])
    begun = time.perf_counter()
    for one in values:
        voice.words(words, one)
    ours = time.perf_counter() - begun
    template = Environment().from_string(BARE)
    begun = time.perf_counter()
    for other in groups:
        template.render(other)
    theirs = time.perf_counter() - begun
    return ours / FILLED * 1e6, theirs / FILLED * 1e6, tongue.compile.cache_info().misses - compiled


def _values(number: int) -> dict[str, dict[str, str | int]]:
    return {
        "client": {"name": f"Client *{number}*", "region": "DACH"},
        "contact": {"first_name": f"Dana {number}"},
        "csm": {"first_name": "Ann"},
        "progress": {"done": number % 8, "total": 8, "left": 8 - number % 8},
    }
