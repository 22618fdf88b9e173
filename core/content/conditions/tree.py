"""What a condition says, as a value: the form the parser makes, the evaluator follows and a query is built of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "number", "flag", "date", "texts"]
"""Of a field. `texts` is several texts in no order, each once."""

Value: TypeAlias = str | int | Decimal | bool | date | tuple[str, ...]
"""Of a field: text, number (int or Decimal), flag, date or texts, as its kind says."""

Sign: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]

SIGNS: Final[Mapping[Sign, Callable[..., bool]]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
"""What each means for two values of one kind."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A field against a fixed value of its kind."""

    field: str
    kind: Kind
    sign: Sign
    value: Value


@dataclass(frozen=True, slots=True)
class Paired:
    """A field against another of the same kind."""

    field: str
    kind: Kind
    sign: Sign
    other: str


@dataclass(frozen=True, slots=True)
class Among:
    """A field is one of the values; of `texts`: at least one of its texts is."""

    field: str
    kind: Kind
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class NotAmong:
    """A known field is none of the values; of `texts`: none of its texts is."""

    field: str
    kind: Kind
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Set:
    """A flag that is known and true."""

    field: str


@dataclass(frozen=True, slots=True)
class Not:
    of: "Tree"


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; with none of them it always holds."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One part holds at least."""

    parts: tuple["Tree", ...]


Leaf: TypeAlias = Compared | Paired | Among | NotAmong | Set
Tree: TypeAlias = Leaf | Not | Every | Some


def told(tree: Tree) -> str:
    """The condition in its written form, with no bracket more than needed; parsing it gives the same tree."""
    match tree:
        case Compared(field, _, sign, value):
            return f"{field} {sign} {value_told(value)}"
        case Paired(field, _, sign, other):
            return f"{field} {sign} {other}"
        case Among(field, _, values):
            return f"{field} in [{', '.join(map(value_told, values))}]"
        case NotAmong(field, _, values):
            return f"{field} not in [{', '.join(map(value_told, values))}]"
        case Set(field):
            return field
        case Not(of):
            return f"not ({told(of)})" if isinstance(of, Every | Some) else f"not {told(of)}"
        case Every(parts):
            return " and ".join(f"({told(part)})" if isinstance(part, Some | Every) else told(part) for part in parts)
        case Some(parts):
            return " or ".join(f"({told(part)})" if isinstance(part, Some) else told(part) for part in parts)


def value_told(value: Value) -> str:
    """A fixed value as it is written in a condition."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return f"{value:f}"
        case date():
            return f"'{value.isoformat()}'"
        case str():
            return f'"{value}"' if "'" in value else f"'{value}'"
        case tuple():
            return f"[{', '.join(map(value_told, value))}]"


def folded(value: Value) -> Value:
    """A text without the difference between upper and lower case."""
    return value.casefold() if isinstance(value, str) else value


def leaves(tree: Tree) -> tuple[Leaf, ...]:
    """Every comparison and flag in it, in the order written."""
    match tree:
        case Not(of):
            return leaves(of)
        case Every(parts) | Some(parts):
            return tuple(leaf for part in parts for leaf in leaves(part))
        case _:
            return (tree,)
