"""Reads one checklist with its translations, as `core/content/checking.py` asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.content.catalogue import Checklist, Guide, Step
from core.content.conditions.known_fields import checklist_fields
from core.content.kinds.checklist_files import read_checklist, read_translation
from core.content.kinds.drafts import Draft
from core.content.kinds.order import check_steps
from core.content.reading.families import Family, Shelf
from core.content.reading.sheets import meant


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


def with_guides(checklist: Checklist, draft: Draft, guides: Mapping[str, Guide]) -> Checklist:
    """The checklist with the guides its steps name, after noting those there are none of."""
    if not draft.guides:
        return checklist
    for name, line in draft.guides.values():
        if name and name not in guides:
            draft.sheet.problem(line, f"there is no guide {name!r}", meant(name, sorted(guides)))
    named = {step: guides[name] for step, (name, _) in draft.guides.items() if name in guides}
    return replace(checklist, steps=tuple(_with_guide(step, named.get(step.id)) for step in checklist.steps))


def _with_guide(step: Step, guide: Guide | None) -> Step:
    if guide is None:
        return step
    return replace(step, guide=guide.text, guide_title=guide.title, guide_when=guide.when)


CHECKLISTS: Final = Shelf("onboarding", "yaml", "quickstart", read_outline)
