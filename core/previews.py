"""What an admin sees before it is real: every card a content file leads to, for one reader, and nothing is written.

A new kind of content gets a function `(catalogue, file, viewer, now) -> Iterable[Preview]` and a line in `SORTS`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from core.content.catalogue import Catalogue
from core.mailings.content_previews import mailing_previews
from core.nudges.previews import nudge_previews
from core.onboarding.previews import Preview, Viewer, checklist_previews, guide_previews, home_previews
from core.phrase_previews import phrase_previews
from core.updates.previews import update_previews

Draw: TypeAlias = Callable[[Catalogue, PurePosixPath, Viewer, datetime], Iterable[Preview]]

SORTS: Final[Mapping[str, Draw]] = {
    "hub.yaml": home_previews,
    "onboarding": checklist_previews,
    "guides": guide_previews,
    "mailings": mailing_previews,
    "nudges": nudge_previews,
    "phrases": phrase_previews,
    "updates": update_previews,
}
"""By the first part of a file's path below the content folder."""


class NothingToShow(Exception):
    """No card comes of this file."""


def previews(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, now: datetime) -> tuple[Preview, ...]:
    """Every card of this file, in the order a client meets them. `file`: its path below the content folder.

    Raises NothingToShow for a file the hub makes no cards of.
    """
    draw = SORTS.get(file.parts[0]) if file.parts else None
    drawn = tuple(draw(catalogue, file, viewer, now)) if draw is not None else ()
    if not drawn:
        raise NothingToShow(str(file))
    return drawn


def language_of(file: PurePosixPath) -> str | None:
    """The language a file's own name tells: `quickstart.ru.yaml`, `phrases/de.yaml`. None: the default one."""
    name = file.stem
    if file.parts[:1] == ("phrases",):
        return name
    _, dot, language = name.rpartition(".")
    return language if dot and len(language) == 2 else None
