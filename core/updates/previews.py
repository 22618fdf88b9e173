"""An update as its readers meet it: told, asked for again, opened; for a real contact or somebody made up."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from core.content.catalogue import Catalogue, Update
from core.onboarding.previews import Preview, Viewer
from core.people.facts import facts
from core.updates.cards import announcement_card, update_card

_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-(.+)")


def update_previews(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, _now: datetime) -> Iterator[Preview]:
    """A translation's file shows the update it belongs to."""
    update = update_of(catalogue, file)
    if update is None:
        return
    reader, about = viewer.reader(catalogue), viewer.reader(catalogue).label(update.title)
    yield Preview("announcement", announcement_card(reader, update), update.id, about)
    if update.importance == "mandatory":
        yield Preview("again", announcement_card(reader, update, again=True), update.id, about)
    yield Preview("update", update_card(reader, update, None), update.id, about)


def update_of(catalogue: Catalogue, file: PurePosixPath) -> Update | None:
    """The update a file is about, by its name."""
    match = _DATED.fullmatch(file.name.partition(".")[0])
    return catalogue.updates.get(match[1]) if match is not None else None


def is_for_them(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, now: datetime) -> bool:
    """Does the update of this file reach the viewer? True of every other file, and for somebody made up."""
    update = update_of(catalogue, file) if file.parts[:1] == ("updates",) else None
    return update is None or viewer.facts is None or update.when.holds(facts(catalogue, viewer.who, now))
