"""What the code says, what the vocabulary lists and what the phrase files hold are the same."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from core.content.texts.vocabulary import NAMES, SAID

pytestmark = pytest.mark.xdist_group("vocabulary")

ROOT = Path(__file__).parents[2]
GROUPS = {key.partition(".")[0] for key in SAID}
BUILT: dict[str, tuple[str, ...]] = {
    "checklist": ("checklist.intro", "checklist.finish"),
    "button": (),
    "list": tuple(key for key in SAID if key.startswith("list.")),
    "command": tuple(key for key in SAID if key.startswith("command.")),
    "updates": tuple(key for key in SAID if key.startswith("updates.announce_")),
    "desk.why": tuple(key for key in SAID if key.startswith("desk.why.")),
    "question": tuple(key for key in SAID if key.startswith("question.how_")),
    "changes": tuple(key for key in SAID if key.startswith("changes.")),
    "csm.gate": tuple(key for key in SAID if key.startswith("csm.gate.")),
    "csm.left_out": tuple(key for key in SAID if key.startswith("csm.left_out.")),
    "csm.outcome": tuple(key for key in SAID if key.startswith("csm.outcome.")),
    "why": ("why.nudge", "why.update", "why.digest", "why.other"),
    "runs": tuple(key for key in SAID if key.startswith("runs.")),
    "campaigns": tuple(
        f"campaigns.{state}" for state in ("scheduled", "sending", "paused", "done", "failed", "cancelled")
    ),
    **{
        f"campaigns.{group}": tuple(key for key in SAID if key.startswith(f"campaigns.{group}."))
        for group in ("short", "fate", "channel", "turn", "reason", "advice")
    },
    "misfit": tuple(key for key in SAID if key.startswith("misfit.")),
}
"""Keys that the code puts together."""


@cache
def code() -> dict[str, list[ast.AST]]:
    """By file, whatever of it can hold a key. All of it takes seconds to read, so one worker does, and once."""
    return {
        str(path.relative_to(ROOT)): [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call | ast.JoinedStr)
            or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        ]
        for part in ("core", "bots", "scheduler", "hub")
        for path in sorted((ROOT / part).rglob("*.py"))
    }


def calls() -> Iterator[tuple[str, str, frozenset[str]]]:
    """(where, key, names of the values) of every phrase that is named where it is said."""
    for path, nodes in code().items():
        for node in nodes:
            if isinstance(node, ast.Call):
                names = frozenset(keyword.arg or "**" for keyword in node.keywords)
                for key in keys_of(node):
                    yield f"{path}:{node.lineno}", key, names


def keys_of(call: ast.Call) -> Iterator[str]:
    match call:
        case ast.Call(func=ast.Attribute(attr="say" | "plain"), args=[first, *_]):
            yield from constants(first)
        case ast.Call(func=ast.Name(id="button"), args=[_, second, *_]):
            yield from (f"button.{name}" for name in constants(second))


def constants(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from constants(node.body)
            yield from constants(node.orelse)


def words_like_keys() -> Iterator[str]:
    """Every string in the code that could be a phrase's key, wherever it stands."""
    for nodes in code().values():
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def written(language: str) -> set[str]:
    def flat(node: dict[str, object], prefix: str) -> Iterator[str]:
        for name, inner in node.items():
            if isinstance(inner, dict):
                yield from flat(inner, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"

    return set(flat(yaml.safe_load((ROOT / "content/phrases" / f"{language}.yaml").read_text()), ""))


def test_every_phrase_that_is_said_is_in_the_vocabulary() -> None:
    assert sorted({(where, key) for where, key, _ in calls() if key not in SAID}) == []


def test_every_call_gives_all_the_values_its_phrase_may_use() -> None:
    missing = []
    for where, key, names in calls():
        if "**" not in names and not set(SAID.get(key, "").split()) <= names:
            missing.append((where, key))

    assert missing == []


def test_the_vocabulary_lists_nothing_that_is_never_said() -> None:
    said = {key for _, key, _ in calls()} | set(words_like_keys()) | {key for keys in BUILT.values() for key in keys}

    assert sorted(SAID.keys() - said) == []


def test_no_key_of_a_phrase_is_put_together_in_a_way_nobody_knows_of() -> None:
    built = set()
    for nodes in code().values():
        for node in nodes:
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = re.match(r"([a-z]+(?:\.[a-z]+)*)\.[a-z_]*$", str(node.values[0].value))
                if start and start[1].partition(".")[0] in GROUPS:
                    built.add(start[1])

    assert sorted(built - BUILT.keys()) == []


@pytest.mark.parametrize("language", ["en", "ru", "de", "es"])
def test_the_phrases_we_ship_are_those_the_hub_says(language: str) -> None:
    named = {key for key in written(language) if key.startswith(NAMES)}
    assert sorted((written(language) - named) ^ SAID.keys()) == []
