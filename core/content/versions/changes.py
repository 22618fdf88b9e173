"""What a new version of the content changes: the difference of two catalogues, and what to call it in a few words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice
from core.content.versions.outline import ChecklistOutline, Outline, outline

_GUIDES: Final = ("guide", "video")
"""Places of a step's texts that are read behind a button."""


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text that is new, gone or another one."""

    place: str
    """`invite-team.text`, `home.title`; a checklist's own begin with what they are: `intro`, `sections.first.gate`."""
    language: str


@dataclass(frozen=True, slots=True)
class Named:
    """A checklist that came or went."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step that came, went, or goes by another id."""

    id: str
    title: str
    everyone: bool = False
    """Of a new one: it is put ahead of those, too, who are on their way."""
    was: str = ""
    """Of a renamed one: its earlier id. To the hub it is another step: what was done under the old id is not done."""


@dataclass(frozen=True, slots=True)
class ChecklistChange:
    """What changed in a checklist that was there before and still is."""

    id: str
    title: str
    texts: tuple[Text, ...] = ()
    guides: tuple[Text, ...] = ()
    kept: tuple[str, ...] = ()
    """Ids of the steps it had and has."""
    added: tuple[StepChange, ...] = ()
    removed: tuple[StepChange, ...] = ()
    moved: tuple[str, ...] = ()
    """Ids of the steps that stand elsewhere among those kept."""
    renamed: tuple[StepChange, ...] = ()
    """Not among the added and the removed."""
    rules: tuple[str, ...] = ()
    """Ids of kept steps whose rules changed; empty id: the checklist's own."""

    def __bool__(self) -> bool:
        found = (self.texts, self.guides, self.added, self.removed, self.moved, self.renamed, self.rules)
        return any(found)


@dataclass(frozen=True, slots=True, order=True)
class FileChange:
    """A file of another kind, in any of its languages."""

    name: str
    """Its path without the ending: `updates/2026-10-27-bulk-export`."""
    what: Literal["new", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that changed between two versions."""

    checklists: tuple[ChecklistChange, ...] = ()
    new: tuple[Named, ...] = ()
    retired: tuple[Named, ...] = ()
    phrases: tuple[Text, ...] = ()
    """In languages that were there before and still are."""
    languages: tuple[str, ...] = ()
    """Of phrases, that came."""
    languages_gone: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """What changed in `hub.yaml`: its keys."""
    files: tuple[FileChange, ...] = ()
    """Other files that came, changed or went: updates, nudges, guides …"""

    @property
    def touched(self) -> tuple[str, ...]:
        """Ids of the checklists that are another than before, came or went."""
        return (*(one.id for one in self.checklists), *(one.id for one in self.new), *(one.id for one in self.retired))

    def __bool__(self) -> bool:
        return bool(self.touched or self.phrases or self.languages or self.languages_gone or self.rules or self.files)


def difference(before: Catalogue, after: Catalogue) -> Changes:
    """What changed between two catalogues."""
    return compare(outline(before), outline(after))


def compare(before: Outline, after: Outline) -> Changes:
    """The same of their outlines."""
    kept = [name for name in after.checklists if name in before.checklists]
    changed = (_checklist(name, before.checklists[name], after.checklists[name]) for name in kept)
    spoken = [language for language in after.phrases if language in before.phrases]
    return Changes(
        checklists=tuple(one for one in changed if one),
        new=_only(after.checklists, before.checklists),
        retired=_only(before.checklists, after.checklists),
        phrases=tuple(
            Text(key, language)
            for language in spoken
            for key in sorted(_differing(before.phrases[language], after.phrases[language]))
        ),
        languages=tuple(sorted(after.phrases.keys() - before.phrases.keys())),
        languages_gone=tuple(sorted(before.phrases.keys() - after.phrases.keys())),
        rules=tuple(sorted(_differing(before.rules, after.rules))),
        files=tuple(_filed(name, before, after) for name in sorted(_differing(before.files, after.files))),
    )


def _filed(name: str, before: Outline, after: Outline) -> FileChange:
    return FileChange(name, "new" if name not in before.files else "changed" if name in after.files else "gone")


def _only(here: Mapping[str, ChecklistOutline], not_there: Mapping[str, ChecklistOutline]) -> tuple[Named, ...]:
    return tuple(Named(name, one.title) for name, one in here.items() if name not in not_there)


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _checklist(name: str, before: ChecklistOutline, after: ChecklistOutline) -> ChecklistChange:
    kept = tuple(step for step in after.steps if step in before.steps)
    renamed = tuple(_renamed(before, after))
    known = {one.id for one in renamed} | {one.was for one in renamed}
    texts = [_text(place) for place in _differing(before.texts, after.texts)]
    for step in kept:
        differing = _differing(before.steps[step].texts, after.steps[step].texts)
        texts += [_text(f"{step}.{place}") for place in differing]
    for one in renamed:
        differing = _differing(before.steps[one.was].texts, after.steps[one.id].texts)
        texts += [_text(f"{one.id}.{place}") for place in differing]
    rules = [step for step in kept if before.steps[step].rules != after.steps[step].rules]
    if before.rules != after.rules:
        rules.insert(0, "")
    return ChecklistChange(
        id=name,
        title=after.title,
        texts=tuple(sorted(text for text in texts if not _is_guide(text))),
        guides=tuple(sorted(text for text in texts if _is_guide(text))),
        kept=kept,
        added=tuple(
            StepChange(step, one.title, one.everyone)
            for step, one in after.steps.items()
            if step not in before.steps and step not in known
        ),
        removed=tuple(
            StepChange(step, one.title)
            for step, one in before.steps.items()
            if step not in after.steps and step not in known
        ),
        moved=_moved(before, after, kept),
        renamed=renamed,
        rules=tuple(rules),
    )


def _text(place: str) -> Text:
    where, _, language = place.rpartition(".")
    return Text(where, language)


def _is_guide(text: Text) -> bool:
    _, _, rest = text.place.partition(".")
    return rest.partition(".")[0] in _GUIDES


def _renamed(before: ChecklistOutline, after: ChecklistOutline) -> Iterator[StepChange]:
    """Steps that went and came with the very same title or text: most likely somebody only changed the id."""
    gone = [step for step in before.steps if step not in after.steps]
    for step, one in after.steps.items():
        if step in before.steps:
            continue
        was = next((old for old in gone if _alike(before.steps[old].texts, one.texts)), None)
        if was is not None:
            gone.remove(was)
            yield StepChange(step, one.title, one.everyone, was)


def _alike(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return any(
        before.get(place) == digest for place, digest in after.items() if place.partition(".")[0] in ("title", "text")
    )


def _moved(before: ChecklistOutline, after: ChecklistOutline, kept: tuple[str, ...]) -> tuple[str, ...]:
    """Steps of another section, and the fewest that explain the new order."""
    earlier = [step for step in before.steps if step in after.steps]
    blocks = SequenceMatcher(None, earlier, kept, autojunk=False).get_matching_blocks()
    in_order = {step for block in blocks for step in kept[block.b : block.b + block.size]}
    return tuple(
        step for step in kept if step not in in_order or before.steps[step].section != after.steps[step].section
    )


def summary(changes: Changes, voice: Voice) -> str:
    """In a few words, as Markdown: `2 texts, 1 new step`."""
    own = [summary_of(one) for one in changes.checklists]
    counts: dict[str, int] = {}
    for one in own:
        for part, count in one.items():
            counts[part] = counts.get(part, 0) + count
    counts |= {
        "phrases": len(changes.phrases),
        "new_checklists": len(changes.new),
        "retired_checklists": len(changes.retired),
        "languages": len(changes.languages),
        "languages_gone": len(changes.languages_gone),
        "settings": len(changes.rules),
        "files": len(changes.files),
    }
    return in_words(counts, voice)


def summary_of(change: ChecklistChange) -> dict[str, int]:
    """How many of each kind of change there are in one checklist."""
    return {
        "texts": len(change.texts),
        "guides": len(change.guides),
        "new_steps": len(change.added),
        "removed_steps": len(change.removed),
        "moved_steps": len(change.moved),
        "renamed_steps": len(change.renamed),
        "rules": len(change.rules),
    }


def in_words(counts: Mapping[str, int], voice: Voice) -> str:
    """The phrases `changes.<kind>` of those that are not zero, as Markdown."""
    found = [voice.say(f"changes.{part}", count=count) for part, count in counts.items() if count]
    return ", ".join(found) or voice.say("changes.nothing")
