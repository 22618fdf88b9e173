"""Conditions that admins write (`segment in ['enterprise'] and mrr > 1000`): read once, then asked very often.

They are read by a parser of ours and never by Python. What is not known of a client fits no comparison, `!=` and
`not in` neither; `not` turns that around.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from core.content.conditions.contradictions import Stranger, impossible, stranger
from core.content.conditions.parser import parse
from core.content.conditions.tree import (
    SIGNS,
    Among,
    Compared,
    Every,
    Kind,
    Not,
    NotAmong,
    Paired,
    Set,
    Sign,
    Some,
    Tree,
    Value,
    folded,
    leaves,
    told,
)
from core.content.conditions.words import BadCondition

__all__ = ["ALWAYS", "BadCondition", "Condition", "Kind", "Value", "both", "parse_condition"]

Facts: TypeAlias = Mapping[str, Value]
_Test: TypeAlias = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read and fits the fields there are. Two are equal when they say the same."""

    source: str = field(compare=False)
    """As it was written; empty for one that always holds."""
    tree: Tree
    _test: _Test = field(repr=False, compare=False)

    def holds(self, facts: Facts) -> bool:
        """Does it hold for what is known? Each fact must be of its field's kind; what is not in `facts` is not known.

        Upper and lower case are the same.
        """
        return self._test(facts)

    @property
    def fields(self) -> frozenset[str]:
        """What it asks about."""
        names = {leaf.field for leaf in leaves(self.tree)}
        return frozenset(names | {leaf.other for leaf in leaves(self.tree) if isinstance(leaf, Paired)})

    def texts_asked(self, name: str) -> frozenset[str]:
        """The texts it compares this field with, as written."""
        found: list[Value] = []
        for leaf in leaves(self.tree):
            if isinstance(leaf, Among | NotAmong) and leaf.field == name:
                found += leaf.values
            elif isinstance(leaf, Compared) and leaf.field == name:
                found.append(leaf.value)
        return frozenset(value for value in found if isinstance(value, str))

    def impossible(self) -> str | None:
        """Why it can never hold, whatever its fields are; None when it may."""
        return impossible(self.tree)

    def stranger(self, known: Mapping[str, Collection[str]]) -> Stranger | None:
        """A text it asks for and no client has. `known`: all texts that a field may be, where they are declared."""
        return stranger(self.tree, known)


def parse_condition(source: str, known: Mapping[str, Kind]) -> Condition:
    """Read a condition over these fields. Raises BadCondition when it is none, says what and where, and how to mend."""
    return _made(source, parse(source, known))


def both(one: Condition, other: Condition) -> Condition:
    """Holds where both do."""
    if ALWAYS in (one, other):
        return other if one == ALWAYS else one
    tree = Every((one.tree, other.tree))
    return _made(told(tree), tree)


def _made(source: str, tree: Tree) -> Condition:
    return Condition(source, tree, _compiled(tree))


def _compiled(tree: Tree) -> _Test:
    """The tree as functions in each other: asked hundreds of thousands of times for a mailing."""
    match tree:
        case Set(name):
            return lambda facts: facts.get(name) is True
        case Not(of):
            inner = _compiled(of)
            return lambda facts: not inner(facts)
        case Every(parts):
            return _every(tuple(map(_compiled, parts)))
        case Some(parts):
            return _some(tuple(map(_compiled, parts)))
        case Paired(name, kind, sign, other):
            return _paired(name, kind, sign, other)
        case Compared(name, kind, sign, value):
            return _compared(name, kind, sign, value)
        case Among(name, kind, values):
            return _among(name, kind, values, wanted=True)
        case NotAmong(name, kind, values):
            return _among(name, kind, values, wanted=False)


def _every(tests: tuple[_Test, ...]) -> _Test:
    if len(tests) < 2:
        return tests[0] if tests else lambda _: True
    first, rest = tests[0], _every(tests[1:])
    return lambda facts: first(facts) and rest(facts)


def _some(tests: tuple[_Test, ...]) -> _Test:
    if len(tests) < 2:
        return tests[0] if tests else lambda _: False
    first, rest = tests[0], _some(tests[1:])
    return lambda facts: first(facts) or rest(facts)


def _compared(name: str, kind: Kind, sign: Sign, value: Value) -> _Test:
    compare, wanted = SIGNS[sign], folded(value)
    if kind == "text":
        return lambda facts: isinstance(text := facts.get(name), str) and compare(text.casefold(), wanted)
    return lambda facts: (fact := facts.get(name)) is not None and compare(fact, wanted)


def _paired(name: str, kind: Kind, sign: Sign, other: str) -> _Test:
    compare = SIGNS[sign]

    def test(facts: Facts) -> bool:
        one, two = facts.get(name), facts.get(other)
        if one is None or two is None:
            return False
        return compare(folded(one), folded(two)) if kind == "text" else compare(one, two)

    return test


def _among(name: str, kind: Kind, values: tuple[Value, ...], *, wanted: bool) -> _Test:
    those = frozenset(map(folded, values))
    if kind == "texts":
        return lambda facts: (
            isinstance(texts := facts.get(name), tuple)
            and texts != ()
            and wanted is not those.isdisjoint(map(str.casefold, texts))
        )
    if kind == "text":
        return lambda facts: isinstance(text := facts.get(name), str) and (text.casefold() in those) is wanted
    return lambda facts: (fact := facts.get(name)) is not None and (fact in those) is wanted


ALWAYS: Final = _made("", Every(()))
"""Of everything that has no condition."""
