"""Reads one checklist with its translations, as `core/content/checking.py` asks for it."""

from dataclasses import dataclass
from typing import Final

from core.content.catalogue import Checklist
from core.content.checklist_files import read_checklist, read_translation
from core.content.drafts import Draft
from core.content.families import Family, Shelf
from core.content.known_fields import checklist_fields
from core.content.order import check_steps


@dataclass(frozen=True, slots=True)
class Outline:
    """What one family of files says; the checklist is None when the main file holds nothing to look at."""

    draft: Draft
    checklist: Checklist | None


def read_outline(family: Family) -> Outline:
    """Every problem that can be seen without the other checklists is noted."""
    around, sheet = family.around, family.main.sheet
    draft = Draft(family.id, sheet, around.language, family.media.folder, around.labels, around.texts)
    node = family.main.node()
    checklist = None
    if node is not None:
        defaults = {key: around.usual[f"checklist.{key}"] for key in ("intro", "finish")}
        checklist = read_checklist(draft, node, defaults, checklist_fields(around.fields))
    for language, leaf in family.translations:
        translated = leaf.node()
        if checklist is not None and translated is not None:
            read_translation(draft, leaf.sheet, translated, language)
    for slot, sources in draft.slots.items():
        for source in sources.values() if slot[-1] == "source" else ():
            if "://" not in source:
                family.media.look(source)
    return Outline(draft, None if checklist is None else check_steps(checklist, draft))


CHECKLISTS: Final = Shelf("onboarding", "yaml", "quickstart", read_outline)
