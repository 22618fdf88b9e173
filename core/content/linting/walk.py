"""Walks over a content file by its shape: every value with its line, its path and what it is declared to be."""

from dataclasses import dataclass
from typing import TypeAlias

from core.content.reading.shape import Either, Kind, Several, Shape, Table
from core.content.reading.sheets import Listed, Mapped, Node, Text

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    path: Path
    """Keys, and numbers from 0 in lists: `("steps", "0", "title")`."""
    kind: Kind
    node: Node


def walk(kind: Kind, node: Node) -> tuple[Place, ...]:
    """Each mapping before what is in it. What does not fit its shape is passed over: others tell that."""
    found: list[Place] = []
    _walk(kind, node, (), found)
    return tuple(found)


def _walk(kind: Kind, node: Node, path: Path, found: list[Place]) -> None:
    """Adds to `found`: one list for all, because generators in each other cost more the deeper they are."""
    match kind:
        case Shape(fields=fields):
            if isinstance(node, Mapped):
                found.append(Place(path, kind, node))
                for key, inner in node.entries.items():
                    if key in fields:
                        _walk(fields[key].kind, inner, (*path, key), found)
        case Several(of=of):
            for number, inner in enumerate(node.items if isinstance(node, Listed) else ()):
                _walk(of, inner, (*path, str(number)), found)
        case Table(of=of):
            for key, inner in node.entries.items() if isinstance(node, Mapped) else ():
                _walk(of, inner, (*path, key), found)
        case Either(key=key, shape=shape):
            short = isinstance(node, Text)
            _walk(shape.fields[key].kind if short else shape, node, (*path, key) if short else path, found)
        case _:
            if isinstance(node, Text) and node.value.strip():
                found.append(Place(path, kind, node))
