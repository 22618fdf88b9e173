"""Reads a condition that a person wrote: its words, its order and its types, with an answer for every slip."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Final, TypeAlias

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
)
from core.content.conditions.words import BadCondition, Token, tokens

MOST_COMPARISONS: Final = 50
DEEPEST: Final = 20
"""Brackets and `not` in each other."""

LONGEST_NUMBER: Final = 15
"""Digits: as many as both databases compare exactly."""

KEYWORDS: Final = frozenset({"and", "or", "not", "in", "true", "false", "yes", "no"})
_SIGNS: Final[Mapping[str, Sign]] = {sign: sign for sign in SIGNS}
_MIRRORED: Final[Mapping[Sign, Sign]] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WORDS: Final[Mapping[Kind, str]] = {
    "text": "a text",
    "number": "a number",
    "flag": "yes or no",
    "date": "a date",
    "texts": "several texts",
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class _Name:
    at: int
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Fixed:
    at: int
    value: str | Decimal | bool


@dataclass(frozen=True, slots=True)
class _Several:
    at: int
    items: tuple[_Fixed, ...]


_Operand: TypeAlias = _Name | _Fixed | _Several


def parse(source: str, known: Mapping[str, Kind]) -> Tree:
    """The condition's tree. Raises BadCondition for whatever does not read, does not fit or is too much."""
    return _Parser(tokens(source), known).whole()


class _Parser:
    """Goes through the tokens once, from left to right: `or` binds least, then `and`, then `not`."""

    def __init__(self, words: Sequence[Token], known: Mapping[str, Kind]) -> None:
        self._tokens = words
        self._known = known
        self._next = 0
        self._comparisons = 0

    def whole(self) -> Tree:
        if self._token.kind == "end":
            raise BadCondition("the condition is empty", "write one, as segment == 'enterprise', or delete the key")
        tree = self._some(0)
        if self._token.kind != "end":
            raise self._unexpected("and, or, or nothing more")
        return tree

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def _took(self, *texts: str) -> bool:
        """Take the next tokens, when they are these words or marks."""
        following = self._tokens[self._next : self._next + len(texts)]
        if tuple(token.text for token in following if token.kind != "quoted") != texts:
            return False
        self._next += len(texts)
        return True

    def _some(self, depth: int) -> Tree:
        parts = [self._every(depth)]
        while self._took("or"):
            parts.append(self._every(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _every(self, depth: int) -> Tree:
        parts = [self._not(depth)]
        while self._took("and"):
            parts.append(self._not(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _not(self, depth: int) -> Tree:
        if depth > DEEPEST:
            what = f"more than {DEEPEST} brackets in each other at character {self._token.at}"
            raise BadCondition(what, "write it flatter")
        if self._took("not"):
            return Not(self._not(depth + 1))
        if not self._took("("):
            return self._comparison()
        tree = self._some(depth + 1)
        if not self._took(")"):
            raise self._unexpected("the closing )")
        return tree

    def _comparison(self) -> Tree:
        self._comparisons += 1
        if self._comparisons > MOST_COMPARISONS:
            raise BadCondition(f"more than {MOST_COMPARISONS} comparisons", "split it, or declare a field for it")
        left = self._operand()
        sign = _SIGNS.get(self._token.text) if self._token.kind == "sign" else None
        if sign is not None:
            tree: Tree = _compare(left, sign, self._after_sign())
        elif self._took("in"):
            tree = _among(left, self._operand(), negated=False)
        elif self._took("not", "in"):
            tree = _among(left, self._operand(), negated=True)
        else:
            return self._bare(left)
        if self._token.kind == "sign" or self._token.text == "in":
            what = f"a second comparison in one at character {self._token.at}"
            raise BadCondition(what, "write both, with `and` between them: mrr > 100 and mrr < 500")
        return tree

    def _after_sign(self) -> _Operand:
        self._take()
        return self._operand()

    def _bare(self, left: _Operand) -> Tree:
        if isinstance(left, _Name) and left.kind == "flag":
            return Set(left.name)
        if not isinstance(left, _Name):
            raise self._unexpected("a comparison, as segment == 'enterprise'")
        what = f"{left.name!r} at character {left.at} is {_WORDS[left.kind]}, not a yes or no"
        raise BadCondition(what, f"compare it with something: {_sample(left)}")

    def _operand(self) -> _Operand:
        token = self._token
        if token.kind == "word" and (token.text not in KEYWORDS or token.text in ("true", "false", "yes", "no")):
            self._take()
            if token.text in KEYWORDS:
                return _Fixed(token.at, token.text in ("true", "yes"))
            return self._name(token)
        if token.kind in ("quoted", "number"):
            return self._fixed()
        if self._took("["):
            return _Several(token.at, self._items(token))
        raise self._unexpected("a field or a value")

    def _items(self, bracket: Token) -> tuple[_Fixed, ...]:
        items: list[_Fixed] = []
        while not self._took("]"):
            if items and not self._took(","):
                raise self._unexpected("a comma or the closing ]")
            if items and self._took("]"):  # a comma after the last item hurts nobody
                break
            items.append(self._fixed())
        if not items:
            raise BadCondition(f"an empty list at character {bracket.at}", "write what it may be: ['enterprise']")
        return tuple(items)

    def _fixed(self) -> _Fixed:
        token = self._token
        if token.kind == "word" and token.text in ("true", "false", "yes", "no"):
            return _Fixed(self._take().at, token.text in ("true", "yes"))
        if token.kind == "word" and token.text not in KEYWORDS:
            raise BadCondition(
                f"{token.text!r} at character {token.at} has no quotes", f"write a text in quotes: '{token.text}'"
            )
        if token.kind == "number":
            if sum(char.isdigit() for char in token.text) > LONGEST_NUMBER:
                raise BadCondition(f"a number of more than {LONGEST_NUMBER} digits at character {token.at}", "round it")
            return _Fixed(self._take().at, Decimal(token.text))
        if token.kind == "quoted":
            text = token.text[1:-1].strip()
            if not text:
                what = f"an empty text at character {token.at} fits nobody"
                raise BadCondition(what, "say what it may be; what is not known fits no comparison anyway")
            return _Fixed(self._take().at, text)
        raise self._unexpected("a text in quotes or a number")

    def _name(self, token: Token) -> _Name:
        kind = self._known.get(token.text)
        if kind is not None:
            return _Name(token.at, token.text, kind)
        what = f"no field is called {_short(token.text)} (character {token.at})"
        last = token.text.rpartition(".")[2]
        if last in self._known:
            raise BadCondition(what, f"write {last} alone")
        if token.text.lower() in KEYWORDS | self._known.keys():
            raise BadCondition(what, f"write it small: {token.text.lower()}")
        close = get_close_matches(token.text.lower(), self._known, n=1, cutoff=0.6)
        if close:
            raise BadCondition(what, f"did you mean {close[0]!r}?")
        before = self._tokens[self._next - 2].kind if self._next > 1 else ""
        if before == "sign":
            raise BadCondition(what, f"put a text in quotes: '{token.text[:40]}'")
        raise BadCondition(what, f"use one of: {', '.join(sorted(self._known))}")

    def _unexpected(self, wanted: str) -> BadCondition:
        token = self._token
        if token.kind == "end":
            return BadCondition("the condition stops in the middle", f"what is missing at its end: {wanted}")
        what = f"{_short(token.text)} at character {token.at} does not fit there"
        slip = {"AND", "OR", "NOT", "IN"} & {token.text.upper()} if token.text not in KEYWORDS else set()
        mend = f"write it small: {token.text.lower()}" if slip else f"expected is {wanted}"
        return BadCondition(what, mend)


def _compare(left: _Operand, sign: Sign, right: _Operand) -> Tree:
    if not isinstance(left, _Name):
        if isinstance(right, _Name):
            return _compare(right, _MIRRORED[sign], left)
        raise BadCondition(
            f"two fixed values are compared at character {left.at}", "compare a field, as segment == 'enterprise'"
        )
    if isinstance(right, _Several):
        raise BadCondition(
            f"{sign} with a list at character {right.at}", f"write in: {left.name} in ['enterprise', 'smb']"
        )
    if left.kind == "texts":
        mend = f"write in: {left.name} in ['one']"
        raise BadCondition(f"{left.name!r} at character {left.at} may be several texts", mend)
    if left.kind in ("text", "flag") and sign not in ("==", "!="):
        what = f"{left.name!r} at character {left.at} is {_WORDS[left.kind]}: {sign} means nothing for it"
        raise BadCondition(what, f"compare with == or !=: {_sample(left)}")
    if isinstance(right, _Fixed):
        return Compared(left.name, left.kind, sign, _fitting(left, right))
    if right.kind != left.kind:
        what = f"{left.name!r} is {_WORDS[left.kind]}, {right.name!r} at character {right.at} is {_WORDS[right.kind]}"
        raise BadCondition(what, "compare fields of one kind")
    return Paired(left.name, left.kind, sign, right.name)


def _among(left: _Operand, right: _Operand, *, negated: bool) -> Tree:
    form = NotAmong if negated else Among
    if isinstance(left, _Fixed) and isinstance(right, _Name) and right.kind == "texts":  # 'mobile' in product
        return form(right.name, right.kind, (_fitting(right, left),))
    if not isinstance(left, _Name):
        what = f"what is looked for at character {left.at} is no field"
        raise BadCondition(what, "begin with a field: segment in ['enterprise', 'smb']")
    if not isinstance(right, _Several):
        what = f"after in at character {right.at} there is no list"
        raise BadCondition(what, f"put what it may be into [ ]: {_sample(left, listed=True)}")
    return form(left.name, left.kind, tuple(_fitting(left, item) for item in right.items))


def _fitting(field: _Name, fixed: _Fixed) -> Value:
    """The fixed value as one of the field's kind."""
    value = fixed.value
    if field.kind == "date" and isinstance(value, str):
        day = day_of(value)
        if day is None:
            what = f"{_short(value)} at character {fixed.at} is no date, {field.name!r} is one"
            raise BadCondition(what, "write it as '2026-11-03'")
        return day
    wanted = {"text": str, "texts": str, "number": Decimal, "flag": bool, "date": date}[field.kind]
    if isinstance(value, wanted):
        return value
    what = f"{field.name!r} is {_WORDS[field.kind]}, but is compared with {_told(value)} at character {fixed.at}"
    raise BadCondition(what, f"write it as {_sample(field)}")


def day_of(text: str) -> date | None:
    """A date written as 2026-11-03; None for everything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _told(value: str | Decimal | bool) -> str:
    if isinstance(value, bool):
        return "yes or no"
    return f"the text {_short(value)}" if isinstance(value, str) else f"the number {value:f}"


def _sample(field: _Name, *, listed: bool = False) -> str:
    value = {"text": "'enterprise'", "texts": "'one'", "number": "1000", "flag": "yes", "date": "'2026-11-03'"}[
        field.kind
    ]
    return f"{field.name} in [{value}]" if listed or field.kind == "texts" else f"{field.name} == {value}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")
