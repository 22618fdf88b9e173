"""A folder that somebody edits is read again once it stands still, whatever its file system tells."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.content.checking import Reader
from hub.content.watching import Watch
from hub.crew import Crew

ROOT = Path(__file__).parents[2]
SOON = 20
"""Seconds after which a test gives up waiting."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    return tmp_path / "content"


@pytest.fixture
async def crew() -> AsyncIterator[Crew]:
    crew = Crew()
    yield crew
    crew.stopping.set()


async def told(changes: AsyncIterator[None]) -> None:
    async with asyncio.timeout(SOON):
        await anext(changes)


def save(folder: Path, times: int = 1) -> None:
    for number in range(times):
        with (folder / "hub.yaml").open("a") as file:
            file.write(f"# {number}\n")


def move(old: Path, new: Path) -> None:
    old.rename(new)


@pytest.mark.parametrize("polling", [False, True])
async def test_a_save_is_told_of(folder: Path, crew: Crew, polling: bool) -> None:
    changes = Watch(folder, crew, polling=polling).changes()
    await told(changes)

    save(folder)

    await told(changes)


async def test_twenty_saves_at_once_are_told_of_once(folder: Path, crew: Crew) -> None:
    reader, versions = Reader(folder), []
    changes = Watch(folder, crew).changes()
    await told(changes)

    for _ in range(2):
        save(folder, times=20)
        await told(changes)
        versions.append(reader.read().version)

    assert len(set(versions)) == 2


async def test_what_could_not_be_taken_is_told_of_again(folder: Path, crew: Crew) -> None:
    watch = Watch(folder, crew)
    changes = watch.changes()
    await told(changes)

    watch.again()

    await told(changes)


async def test_a_folder_that_was_gone_for_a_moment_is_watched_as_before(folder: Path, crew: Crew) -> None:
    changes = Watch(folder, crew).changes()
    await told(changes)

    move(folder, folder.parent / "away")
    await told(changes)
    move(folder.parent / "away", folder)
    await told(changes)
    save(folder)

    await told(changes)


async def test_another_folder_in_its_place_is_watched_too(folder: Path, crew: Crew) -> None:
    changes = Watch(folder, crew).changes()
    await told(changes)
    shutil.copytree(folder, folder.parent / "new")
    save(folder.parent / "new")

    move(folder, folder.parent / "old")
    move(folder.parent / "new", folder)
    await told(changes)
    save(folder)

    await told(changes)


async def test_a_folder_that_does_not_exist_yet_is_waited_for(tmp_path: Path, crew: Crew) -> None:
    changes = Watch(tmp_path / "content", crew).changes()
    await told(changes)

    shutil.copytree(ROOT / "content", tmp_path / "content")

    await told(changes)


async def test_it_ends_when_the_hub_stops(folder: Path, crew: Crew) -> None:
    changes = Watch(folder, crew).changes()
    await told(changes)

    crew.stopping.set()

    with pytest.raises(StopAsyncIteration):
        await told(changes)


async def test_what_git_does_beside_the_files_is_no_change(folder: Path, crew: Crew) -> None:
    (folder / ".git").mkdir()
    changes = Watch(folder, crew, polling=True).changes()
    await told(changes)

    (folder / ".git" / "index").write_text("…")
    waiting = asyncio.ensure_future(anext(changes, "ended"))
    done, _ = await asyncio.wait([waiting], timeout=1.5)
    crew.stopping.set()

    assert not done
    assert await waiting == "ended"
