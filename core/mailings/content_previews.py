"""A mailing's file as its readers will get it, for a real contact or somebody made up; nothing is written."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from core.content.catalogue import Catalogue
from core.content.kinds.mailing_rules import MailingFile
from core.mailings.drafting import of_file
from core.mailings.filling import BadWords, fill
from core.mailings.previewing import unsaved
from core.onboarding.previews import Preview, Viewer
from core.people.facts import facts


def mailing_previews(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, now: datetime) -> Iterator[Preview]:
    """A translation's file shows the mailing it belongs to."""
    found = mailing_of(catalogue, file)
    if found is None:
        return
    drafted = of_file(catalogue, found, f"preview:{found.id}")
    try:
        card = fill(catalogue, unsaved(drafted, now), drafted.texts, viewer.who, 0)
    except BadWords:  # the files were checked: only what somebody's facts lack is left, and then they are left out
        return
    yield Preview("mailing", card, found.id, card.title)


def mailing_of(catalogue: Catalogue, file: PurePosixPath) -> MailingFile | None:
    """The mailing a file is about, by its name."""
    return catalogue.mailings.get(file.name.partition(".")[0]) if file.parts[:1] == ("mailings",) else None


def is_sent_to(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, now: datetime) -> bool:
    """Is the viewer of this mailing's audience? True of every other file, and for somebody made up."""
    found = mailing_of(catalogue, file)
    if found is None or viewer.facts is None:
        return True
    known = facts(catalogue, viewer.who, now)
    return found.when.holds(known) and not (found.unless is not None and found.unless.holds(known))
