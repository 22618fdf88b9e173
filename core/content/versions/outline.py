"""What remains of a catalogue to compare the next one with: which texts and rules there were, each as a short hash."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from hashlib import blake2b
from typing import Any, Final

from core.content.catalogue import Catalogue, Checklist, Section, Step, Update
from core.content.conditions.condition import Condition
from core.content.texts.phrases import Words

_SHAPE: Final = 2
"""Of the JSON; an outline in another shape is not read: what it described is then taken as unknown."""

_PLAIN: Final = (str, int, float, date, time, timedelta)

_HISTORY: Final = frozenset({"there"})
"""Fields that tell of earlier versions, not of this one."""


@dataclass(frozen=True, slots=True)
class StepOutline:
    """A step of one version."""

    title: str
    """In the default language, as it was written."""
    section: str
    texts: Mapping[str, str] = field(default_factory=dict)
    """By place and language (`text.ru`, `asks.options.0.en`): the text's hash."""
    rules: str = ""
    """Hash of everything else about it but its id and its place."""
    everyone: bool = False
    """It is for those, too, who began before it came."""


@dataclass(frozen=True, slots=True)
class ChecklistOutline:
    """A checklist of one version."""

    title: str
    texts: Mapping[str, str] = field(default_factory=dict)
    """Its own and its sections'."""
    rules: str = ""
    sections: tuple[str, ...] = ()
    steps: Mapping[str, StepOutline] = field(default_factory=dict)
    """By id, in the order shown."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole catalogue."""

    version: str = ""
    checklists: Mapping[str, ChecklistOutline] = field(default_factory=dict)
    phrases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language, by key: the phrase's hash."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """What holds for everything: by key of `hub.yaml`, its hash."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Every other file with its translations, by its path without the ending: `updates/2026-10-27-bulk-export`."""


def outline(catalogue: Catalogue) -> Outline:
    """Pure. Takes some ten microseconds for each text."""
    rules = {one.name: _hash(_rules(getattr(catalogue.rules, one.name))) for one in dataclasses.fields(catalogue.rules)}
    known = {"rules", "phrases", "checklists", "folder", "version"}
    files: dict[str, str] = {}
    for other in dataclasses.fields(catalogue):
        value = getattr(catalogue, other.name)
        if other.name in known:
            continue
        if isinstance(value, Mapping):
            files |= {
                _path(other.name, name, one): _hash((dict(_texts(one)), _rules(one))) for name, one in value.items()
            }
        else:
            rules[other.name] = _hash((dict(_texts(value)), _rules(value)))
    phrases = {
        language: {key: _hash(text) for key, text in texts.items()}
        for language, texts in catalogue.phrases.texts.items()
    }
    checklists = {name: _checklist(one) for name, one in catalogue.checklists.items()}
    return Outline(catalogue.version, checklists, phrases, rules, files)


def _path(folder: str, name: object, value: object) -> str:
    return f"{folder}/{value.published}-{name}" if isinstance(value, Update) else f"{folder}/{name}"


def _checklist(one: Checklist) -> ChecklistOutline:
    frame = dataclasses.replace(one, steps=())
    return ChecklistOutline(
        title=_title(one.title),
        texts=dict(_texts(frame)),
        rules=_hash(_rules(frame)),
        sections=tuple(section.id for section in one.sections),
        steps={step.id: _step(step) for step in one.steps},
    )


def _step(step: Step) -> StepOutline:
    return StepOutline(
        title=_title(step.title),
        section=step.section,
        texts=dict(_texts(step)),
        rules=_hash([rule for rule in _rules(step) if rule[0] not in ("id", "section")]),
        everyone=step.applies_to == "everyone",
    )


def _title(words: Words) -> str:
    return words.by_language[words.default]


def _parts(value: object) -> Iterable[tuple[str, object]]:
    """The named parts of a value that has parts."""
    if isinstance(value, Mapping):
        return [(str(key), part) for key, part in value.items()]
    if isinstance(value, tuple | list):
        return [(part.id if isinstance(part, Section) else str(at), part) for at, part in enumerate(value)]
    return [(name, getattr(value, name)) for name in _names(value) if name not in _HISTORY]


def _names(value: object) -> Iterable[str]:
    """Of the fields of a dataclass; of anything else none. Asked for every text, so it must cost nothing."""
    fields: Mapping[str, object] = getattr(value, "__dataclass_fields__", {})
    return fields


def _texts(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text within a value: place and language, and its hash."""
    if value is None or isinstance(value, _PLAIN):
        return
    if isinstance(value, Words):
        for language, text in value.by_language.items():
            yield f"{place}.{language}", _hash(text)
        return
    for name, part in _parts(value):
        yield from _texts(part, f"{place}.{name}" if place else name)


def _rules(value: object, place: str = "") -> list[tuple[str, str]]:
    """Everything within a value that is no text: place, and how Python writes it. What is left out is no rule."""
    if value is None or isinstance(value, Words):
        return []
    if isinstance(value, _PLAIN):
        return [(place, repr(value))]
    if isinstance(value, Condition):
        return [(place, value.source)]
    if isinstance(value, Set):
        return [(place, repr(sorted(map(str, value))))]
    if isinstance(value, Mapping | tuple | list) or _names(value):
        return [rule for name, part in _parts(value) for rule in _rules(part, f"{place}.{name}" if place else name)]
    return [(place, repr(value))]


def _hash(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def write_outline(one: Outline) -> str:
    """As compact JSON."""
    checklists = {name: _written(checklist, steps=_steps(checklist)) for name, checklist in one.checklists.items()}
    out = {
        "shape": _SHAPE,
        "version": one.version,
        "checklists": checklists,
        "phrases": one.phrases,
        "rules": one.rules,
        "files": one.files,
    }
    return json.dumps(out, ensure_ascii=False, separators=(",", ":"))


def _steps(checklist: ChecklistOutline) -> dict[str, object]:
    return {name: _written(step) for name, step in checklist.steps.items()}


def _written(value: object, **instead: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in _names(value)} | instead


def read_outline(text: str | None) -> Outline | None:
    """What `write_outline` wrote; None for nothing, or for what another release of the hub wrote."""
    read: dict[str, Any] = json.loads(text) if text else {}
    if read.get("shape") != _SHAPE:
        return None
    checklists = {
        name: ChecklistOutline(
            title=one["title"],
            texts=one["texts"],
            rules=one["rules"],
            sections=tuple(one["sections"]),
            steps={step: StepOutline(**told) for step, told in one["steps"].items()},
        )
        for name, one in read["checklists"].items()
    }
    return Outline(read["version"], checklists, read["phrases"], read["rules"], read["files"])
