"""Reads the files of one checklist: its structure and texts, and the translations that lie beside it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from core.content.catalogue import Asked, Checklist, Section, Step, Video
from core.content.conditions.condition import Kind
from core.content.kinds.drafts import Draft, Slot
from core.content.reading.fields import Fields, keys
from core.content.reading.shape import Either, Media, Said, Several, Shape
from core.content.reading.shapes import (
    CHECKLIST,
    LONGEST_ID,
    SECTION,
    SECTION_TEXTS,
    STEP,
    STEP_TEXTS,
    TRANSLATION,
    VIDEO,
)
from core.content.reading.sheets import Node, Sheet, closest
from core.content.texts.phrases import Words

_KINDS: Mapping[str, Literal["text", "choice", "file", "date"]] = {
    "text": "text",
    "choice": "choice",
    "file": "file",
    "date": "date",
}


def read_checklist(draft: Draft, node: Node, defaults: Mapping[str, Words], known: Mapping[str, Kind]) -> Checklist:
    """Read the main file. `defaults` has `intro` and `finish` for those who write none; `known` is what it may ask.

    What it returns is whole, but holds stand-ins where problems were noted. Its texts gain languages as the
    translations are read.
    """
    sheet = draft.sheet
    fields = Fields(sheet, node, CHECKLIST)
    for key in ("title", "intro", "finish"):
        draft.take(fields, (), key)
    parts = [_section(draft, item, known) for item in fields.listed("sections")]
    if "steps" in fields:
        parts.append((Section("main", draft.words("title")), _steps(draft, fields, "main", known)))
    for key in ("after", "when"):
        draft.lines[key,] = fields.line_of(key)
    return Checklist(
        id=draft.id,
        title=draft.words("title"),
        intro=draft.words("intro") if "intro" in fields else defaults["intro"],
        finish=draft.words("finish") if "finish" in fields else defaults["finish"],
        sections=tuple(section for section, _ in parts),
        steps=tuple(step for _, steps in parts for step in steps),
        when=fields.condition("when", known),
        after=fields.name("after"),
        due_days=fields.number("due_days"),
    )


def _section(draft: Draft, node: Node, known: Mapping[str, Kind]) -> tuple[Section, list[Step]]:
    fields = Fields(draft.sheet, node, SECTION)
    section_id = _claimed(draft, fields, "sections")
    for key in ("title", "gate"):
        draft.take(fields, ("sections", section_id), key)
    section = Section(
        id=section_id,
        title=draft.words("sections", section_id, "title"),
        after=fields.ids("after"),
        gate=draft.words("sections", section_id, "gate") if "gate" in fields else None,
    )
    draft.lines["sections", section_id, "after"] = fields.line_of("after")
    if "gate" in fields and not section.after:
        fields.sheet.problem(fields.line_of("gate"), "a gate, but nothing before it", "add `after:`, or delete it")
    return section, _steps(draft, fields, section_id, known)


def _steps(draft: Draft, fields: Fields, section: str, known: Mapping[str, Kind]) -> list[Step]:
    return [_step(draft, item, section, known) for item in fields.listed("steps")]


def _claimed(draft: Draft, fields: Fields, kind: Literal["sections", "steps"]) -> str:
    """The id of a section or step, made of its title when it has none, unlike all others of the file."""
    title = fields.scalar("title")
    own = fields.name("id") or (_slug(title.value) if title is not None else "")
    line = fields.line_of("id")
    if not own:
        own = f"{kind}-{fields.line}"
        if title is not None and "id" not in fields:
            fields.sheet.problem(line, f"{fields.what} needs an id: its title has no Latin letters", "add `id:`")
    if (kind, own) in draft.lines:
        first = draft.lines[kind, own]
        fields.sheet.problem(line, f"the id {own!r} is taken by line {first}", "give this one an id of its own")
        own = f"{own[:20]}-{fields.line}"
    draft.lines[kind, own] = line
    return own


def _slug(title: str) -> str:
    words = re.sub(r"\{[{%].*?[}%]\}", "", title)
    latin = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:LONGEST_ID].strip("-")


def _step(draft: Draft, node: Node, section: str, known: Mapping[str, Kind]) -> Step:
    fields = Fields(draft.sheet, node, STEP)
    step_id = _claimed(draft, fields, "steps")
    slot = ("steps", step_id)
    for key in ("title", "text"):
        draft.take(fields, slot, key)
    guide = _guide(draft, fields, slot)
    video = _video(draft, fields, slot)
    asks = _asked(draft, fields, slot)
    draft.take_several(fields, slot, "skip_reasons")
    ours = fields.choice("owner") == "us"
    for key in ("needs", "when"):
        draft.lines["steps", step_id, key] = fields.line_of(key)
    step = Step(
        id=step_id,
        section=section,
        title=draft.words(*slot, "title"),
        text=draft.words(*slot, "text"),
        guide=guide,
        video=video,
        owner="us" if ours else "client",
        due_days=fields.number("due_days"),
        due_from="checklist" if fields.choice("due_from") == "checklist" else "step",
        role=fields.name("role"),
        needs=fields.ids("needs"),
        asks=asks,
        signal=fields.name("signal"),
        skippable=fields.flag("skippable", default=not ours),
        skip_reasons=draft.several(*slot, "skip_reasons"),
        first_value=fields.flag("first_value", default=False),
        when=fields.condition("when", known),
        applies_to="everyone" if fields.choice("applies_to") == "everyone" else "newcomers",
    )
    _check_sense(fields, step)
    return step


def _check_sense(fields: Fields, step: Step) -> None:
    """Fields that are right each by itself but not together."""
    ours, most = step.owner == "us", fields.kind("skip_reasons", Several).most
    for wrong, key, what, mend in (
        ("due_from" in fields and step.due_days is None, "due_from", "it has no day", "add `due_days`, or delete it"),
        (ours and step.asks is not None, "asks", "a step of ours asks the client nothing", "delete `asks` or `owner`"),
        (ours and "skippable" in fields and step.skippable, "skippable", "a step of ours", "delete `skippable`"),
        (ours and step.role, "role", "a step of ours is nobody else's", "delete `role`"),
        (step.skip_reasons and not step.skippable, "skip_reasons", "the step cannot be skipped", "delete one of them"),
        (len(step.skip_reasons) > most, "skip_reasons", f"more than {most} reasons", "keep those people really have"),
    ):
        if wrong:
            fields.sheet.problem(fields.line_of(key), f"{key!r}: {what}", mend)


def _guide(draft: Draft, fields: Fields, slot: Slot) -> Words | None:
    """The guide that stands in the step; one of a file is put in when all files are read."""
    inner = fields.inner("guide")
    if inner is None:
        return None
    draft.take(inner, (*slot, "guide"), "text")
    if "file" in inner:
        draft.guides[slot[1]] = (inner.name("file"), inner.line_of("file"))
        return None
    return draft.words(*slot, "guide", "text")


def _video(draft: Draft, fields: Fields, slot: Slot) -> Video | None:
    inner = fields.inner("video")
    if inner is None:
        return None
    for key in VIDEO.fields:
        draft.take(inner, (*slot, "video"), key)
    label = draft.words(*slot, "video", "label") if "label" in inner else None
    return Video(draft.words(*slot, "video", "source"), label)


def _asked(draft: Draft, fields: Fields, slot: Slot) -> Asked | None:
    inner = fields.inner("asks")
    if inner is None:
        return None
    kind = inner.choice("kind")
    for key in ("question", "hint"):
        draft.take(inner, (*slot, "asks"), key)
    options, fit = draft.take_several(inner, (*slot, "asks"), "options"), inner.kind("options", Several)
    if kind == "choice" and "options" in inner and not fit.least <= options <= fit.most:
        what, mend = f"a choice of {options}", f"give {fit.least} to {fit.most} options"
        inner.sheet.problem(inner.line_of("options"), what, mend)
    shortest, longest = inner.number("shortest"), inner.number("longest")
    if (shortest or 1) > (longest or 1000):
        inner.sheet.problem(inner.line_of("shortest"), "'shortest' is more than 'longest'", "swap them")
    return Asked(
        kind=_KINDS.get(kind or "", "text"),
        question=draft.words(*slot, "asks", "question"),
        options=draft.several(*slot, "asks", "options"),
        shortest=shortest or 1,
        longest=longest or 1000,
        pattern=_pattern(inner),
        hint=draft.words(*slot, "asks", "hint") if "hint" in inner else None,
        not_before_today=inner.flag("not_before_today", default=False),
    )


def _pattern(fields: Fields) -> str:
    text = fields.scalar("pattern")
    if text is None:
        return ""
    try:
        re.compile(text.value)
    except (re.error, OverflowError, RecursionError) as error:
        fields.sheet.problem(text.line, f"the pattern is no regular expression: {error}", "try it on some answers")
        return ""
    if len(text.value) > 200 or _RUNAWAY.search(text.value):
        what = "the pattern could take for ever on some answers"
        fields.sheet.problem(text.line, what, "repeat single characters only, no groups: [a-z]+, not ([a-z]+)+")
        return ""
    if "hint" not in fields:
        fields.sheet.problem(text.line, "a pattern without a hint", "add `hint:` that says what is expected")
    return text.value


_RUNAWAY = re.compile(r"[+*}]\)[+*{]|\)[+*{]")
"""Repeated groups: where Python's backtracking explodes."""


def read_translation(draft: Draft, sheet: Sheet, node: Node, language: str) -> None:
    """Read the texts of `<id>.<language>.yaml` into the draft, noting what the main file has no place for."""
    fields = Fields(sheet, node, TRANSLATION)
    for key in ("title", "intro", "finish"):
        draft.take(fields, (), key, language)
    for kind, shape in (("sections", SECTION_TEXTS), ("steps", STEP_TEXTS)):
        part = fields.node(kind)
        if part is None:
            continue
        ids = [slot[1] for slot in draft.lines if slot[0] == kind and len(slot) == 2]
        strays = [own for own in keys(part) if own not in ids]
        among = Shape.of(
            f"{draft.sheet.short}, among its {kind},", keys(part) if not draft.sheet.is_sound else ids, shape
        )
        among = replace(among, former={own: _gone(own, ids, draft.sheet.short) for own in strays})
        for own, _, texts in Fields(sheet, part, among).entries():
            if own in ids:
                called = replace(shape, what=f"the translation of {own!r}")
                _translate(draft, Fields(sheet, texts, called), (kind, own), language)


def _gone(own: str, ids: Sequence[str], main: str) -> str:
    close = closest(own, ids)
    if close:
        return f"did you mean {close!r}? Call it as {main} does, or delete it here, too"
    return f"delete it here, too, or call it as {main} does"


def _translate(draft: Draft, fields: Fields, slot: Slot, language: str) -> None:
    for key, entry in fields.shape.fields.items():
        match entry.kind:
            case Said() | Media():
                draft.take(fields, slot, key, language)
            case Several():
                draft.take_several(fields, slot, key, language)
            case Either() | Shape():
                inner = fields.inner(key)
                if inner is not None:
                    _translate(draft, inner, (*slot, key), language)
            case _:
                pass
