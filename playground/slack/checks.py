"""Small checks that say what is wrong with a piece of JSON, in Slack's words and with its JSON pointers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
"""One JSON object as it travels over Slack's wires."""


@dataclass(frozen=True, slots=True)
class Problem:
    where: str
    """A JSON pointer, `/blocks/0/text/text`."""
    what: str

    def __str__(self) -> str:
        return f"{self.what} [json-pointer:{self.where}]"


Check = Callable[[object, str], list[Problem]]


def string(most: int, least: int = 1) -> Check:
    """A string of `least` to `most` characters (code points)."""

    def check(value: object, where: str) -> list[Problem]:
        if not isinstance(value, str):
            return [Problem(where, "must provide a string")]
        if len(value) > most:
            return [Problem(where, f"must be less than {most + 1} characters")]
        if len(value) < least:
            return [Problem(where, f"must be more than {least - 1} characters")]
        return []

    return check


def choice(*values: str) -> Check:
    def check(value: object, where: str) -> list[Problem]:
        return [] if value in values else [Problem(where, f"must be one of the following values: {', '.join(values)}")]

    return check


def boolean(value: object, where: str) -> list[Problem]:
    return [] if isinstance(value, bool) else [Problem(where, "must provide a boolean")]


def number(value: object, where: str) -> list[Problem]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [] if is_number else [Problem(where, "must provide a number")]


def anything(value: object, where: str) -> list[Problem]:
    """For what Slack hands through and people never see."""
    del value, where
    return []


def array(item: Check, most: int, least: int = 1) -> Check:
    def check(value: object, where: str) -> list[Problem]:
        if not isinstance(value, list):
            return [Problem(where, "must provide an array")]
        found = [problem for index, one in enumerate(value) for problem in item(one, f"{where}/{index}")]
        if len(value) > most:
            return [Problem(where, f"no more than {most} items allowed"), *found]
        if len(value) < least:
            return [Problem(where, f"must provide at least {least} items"), *found]
        return found

    return check


def record(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    *more: Callable[[Json, str], list[Problem]],
) -> Check:
    """An object with these fields and no others; `more` are rules across fields, asked when each field is fine."""
    known = {**(optional or {}), **required}

    def check(value: object, where: str) -> list[Problem]:
        if not isinstance(value, dict):
            return [Problem(where, "must provide an object")]
        found = [Problem(where, f"missing required field: {name}") for name in required if name not in value]
        for name, field in value.items():
            if name in known:
                found += known[name](field, f"{where}/{name}")
            else:
                found.append(Problem(where, f"invalid additional property: {name}"))
        return found or [problem for rule in more for problem in rule(value, where)]

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` names which of these checks it must pass."""

    def check(value: object, where: str) -> list[Problem]:
        if not isinstance(value, dict):
            return [Problem(where, "must provide an object")]
        kind = value.get("type")
        if not isinstance(kind, str):
            return [Problem(where, "missing required field: type")]
        if kind not in kinds:
            return [Problem(f"{where}/type", f"unsupported type: {kind}")]
        return kinds[kind](value, where)

    return check


def exactly_one(*names: str) -> Callable[[Json, str], list[Problem]]:
    def rule(value: Json, where: str) -> list[Problem]:
        given = [name for name in names if name in value]
        return [] if len(given) == 1 else [Problem(where, f"must provide exactly one of: {', '.join(names)}")]

    return rule


def at_least_one(*names: str) -> Callable[[Json, str], list[Problem]]:
    def rule(value: Json, where: str) -> list[Problem]:
        has = any(name in value for name in names)
        return [] if has else [Problem(where, f"must provide at least one of: {', '.join(names)}")]

    return rule
