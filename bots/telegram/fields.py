"""Reads JSON from the wire without trusting it: what is absent or of another shape is simply not there."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = Mapping[str, object]
"""An object of the wire; its values are whatever was there."""

_NOTHING: Json = {}


def part(source: Json, name: str) -> Json:
    """The object under `name`; empty when there is none."""
    value = source.get(name)
    return value if isinstance(value, dict) else _NOTHING


def parts(source: Json, name: str) -> Sequence[Json]:
    """The objects in the list under `name`."""
    value = source.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else ()


def words(source: Json, name: str) -> str:
    """The string under `name`; "" when there is none."""
    value = source.get(name)
    return value if isinstance(value, str) else ""


def number(source: Json, name: str) -> int | None:
    """The whole number under `name`; None when there is none (true and false are no numbers)."""
    value = source.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
