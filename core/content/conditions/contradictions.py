"""Finds conditions that nobody can ever fit: a rule that never fires looks like one that works."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from core.content.conditions.tree import (
    SIGNS,
    Among,
    Compared,
    Every,
    Leaf,
    Not,
    NotAmong,
    Paired,
    Set,
    Some,
    Tree,
    Value,
    folded,
    leaves,
    told,
)

MOST_WAYS: Final = 500
"""Combinations looked at: a condition with more of them is taken for possible."""

_Asked = tuple[Leaf, bool]
"""A comparison, and whether it has to hold or must not."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A text that a condition asks for and no client has."""

    field: str
    text: str
    """As written."""
    needed: bool
    """Nobody can fit without it; else the rest of the condition may still hold."""


def impossible(tree: Tree) -> str | None:
    """Why nobody fits; None when somebody may."""
    ways = _ways(tree, wanted=True)
    reasons = [_contradiction(way) for way in ways or ()]
    return next((reason for reason in reasons if reason), None) if reasons and all(reasons) else None


def stranger(tree: Tree, known: Mapping[str, Collection[str]]) -> Stranger | None:
    """The first text asked for that is not among those declared. `known`: all texts that a field may be."""
    for leaf in leaves(tree):
        for value in _undeclared(leaf, known):
            return Stranger(leaf.field, value, _is_needed(tree, known))
    return None


def _undeclared(leaf: Leaf, known: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    if leaf.field not in known or not isinstance(leaf, Compared | Among | NotAmong):
        return ()
    declared = {text.casefold() for text in known[leaf.field]}
    values = (leaf.value,) if isinstance(leaf, Compared) else leaf.values
    return tuple(value for value in values if isinstance(value, str) and value.casefold() not in declared)


def _is_needed(tree: Tree, known: Mapping[str, Collection[str]]) -> bool:
    """Does every way to fit the tree ask for a text that nobody has?"""

    def never(asked: _Asked) -> bool:
        leaf, wanted = asked
        if isinstance(leaf, Compared):
            return wanted and leaf.sign == "==" and bool(_undeclared(leaf, known))
        return wanted and isinstance(leaf, Among) and len(_undeclared(leaf, known)) == len(leaf.values)

    ways = _ways(tree, wanted=True)
    return bool(ways) and all(any(map(never, way)) or _contradiction(way) is not None for way in ways or ())


def _ways(tree: Tree, *, wanted: bool) -> list[tuple[_Asked, ...]] | None:
    """All combinations of comparisons that make the tree hold; None when there are too many to look at."""
    match tree:
        case Not(of):
            return _ways(of, wanted=not wanted)
        case Every(parts) | Some(parts):
            ways = [_ways(part, wanted=wanted) for part in parts]
            return _together(ways) if isinstance(tree, Every) is wanted else _either(ways)
        case _:
            return [((tree, wanted),)]


def _together(parts: Iterable[list[tuple[_Asked, ...]] | None]) -> list[tuple[_Asked, ...]] | None:
    found: list[tuple[_Asked, ...]] = [()]
    for ways in parts:
        if ways is None or len(found) * len(ways) > MOST_WAYS:
            return None
        found = [one + other for one in found for other in ways]
    return found


def _either(parts: Iterable[list[tuple[_Asked, ...]] | None]) -> list[tuple[_Asked, ...]] | None:
    found: list[tuple[_Asked, ...]] = []
    for ways in parts:
        if ways is None or len(found) + len(ways) > MOST_WAYS:
            return None
        found += ways
    return found


def _contradiction(way: tuple[_Asked, ...]) -> str | None:
    """The comparisons of one field that cannot all be so; None when they can."""
    by_field: dict[str, list[_Asked]] = {}
    for leaf, wanted in way:
        by_field.setdefault(leaf.field, []).append((leaf, wanted))
    for asked in by_field.values():
        needed = any(wanted for _, wanted in asked)  # else the field may be unknown, which fits every denial
        fixed = [one for one in asked if not isinstance(one[0], Paired)]
        if needed and not _fits(fixed):
            return "nobody fits " + " and ".join(_asked_told(leaf, wanted) for leaf, wanted in asked)
    return None


def _asked_told(leaf: Leaf, wanted: bool) -> str:
    return told(leaf) if wanted else told(Not(leaf))


def _fits(asked: list[_Asked]) -> bool:
    """Is there a value of the field for which each comparison is as asked?"""
    if not asked:
        return True
    kind = "flag" if isinstance(asked[0][0], Set) else asked[0][0].kind
    if kind == "texts":
        return _texts_fit(asked)
    tried = [True, False] if kind == "flag" else _candidates(asked)
    return any(all(_is(leaf, value) is wanted for leaf, wanted in asked) for value in tried)


def _candidates(asked: list[_Asked]) -> list[Value]:
    """Every value named, what lies beside and between them, and one that nobody named: if none fits, nothing does."""
    named: list[Value] = []
    for leaf, _ in asked:
        match leaf:
            case Compared(_, _, _, value):
                named.append(value)
            case Among(_, _, values) | NotAmong(_, _, values):
                named += values
            case _:
                pass
    days = sorted({value for value in named if isinstance(value, date)})
    numbers = sorted({value for value in named if isinstance(value, Decimal)})
    texts = [value.casefold() for value in named if isinstance(value, str)]
    last = date.max.toordinal()
    ordinals = {min(max(day.toordinal() + by, 1), last) for day in days for by in (-1, 0, 1)}
    beside = [date.fromordinal(ordinal) for ordinal in sorted(ordinals)]
    between = [(one + two) / 2 for one, two in pairwise(numbers)]
    around = [numbers[0] - 1, numbers[-1] + 1] if numbers else []
    other = ["".join(texts) + "·"] if texts else []
    return [*beside, *numbers, *between, *around, *texts, *other]


def _is(leaf: Leaf, value: Value) -> bool:
    match leaf:
        case Set():
            return value is True
        case Paired():
            return True
        case Among(_, _, values):
            return value in [folded(one) for one in values]
        case NotAmong(_, _, values):
            return value not in [folded(one) for one in values]
        case Compared(_, _, sign, fixed):
            return SIGNS[sign](value, folded(fixed))


def _texts_fit(asked: list[_Asked]) -> bool:
    """Several texts fit when each list asked for has one left that no other list forbids."""
    wanted: list[set[Value]] = []
    forbidden: set[Value] = set()
    for leaf, holds in asked:
        if isinstance(leaf, Among | NotAmong):
            values = {folded(value) for value in leaf.values}
            if isinstance(leaf, Among) is holds:
                wanted.append(values)
            else:
                forbidden |= values
    return all(values - forbidden for values in wanted)
