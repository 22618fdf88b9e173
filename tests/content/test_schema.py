"""Editors complete and underline what the hub takes and refuses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from core.content.checking import check_content
from core.content.kinds.known import KINDS, FileKind, kind_of
from core.content.reading.shape import Either, Several, Shape, Table
from core.content.schema import FOLDER, editor_line, schema, schemas, write_schemas
from tests.content.editors import loaded, underlined

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "content"
FILES = sorted(path.relative_to(SAMPLE).as_posix() for path in SAMPLE.rglob("[!.]*.yaml"))
LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


def of(path: str) -> Path:
    """The schema the file's first line names."""
    line = LINE.match((SAMPLE / path).read_text("utf-8"))
    assert line, f"{path}: no line for editors"
    return (SAMPLE / path).parent / line[1]


def test_the_schemas_of_the_sample_are_up_to_date() -> None:
    there = {path.name: path.read_text("utf-8") for path in (SAMPLE / FOLDER).glob("*.json")}

    assert there == schemas(), "make them new: hub content schema content"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_schema_is_one(kind: FileKind) -> None:
    Draft7Validator.check_schema(schema(kind))


@pytest.mark.parametrize("path", FILES)
def test_every_sample_file_names_its_schema_and_keeps_it(path: str) -> None:
    text = (SAMPLE / path).read_text("utf-8")

    assert text.startswith(editor_line(path) + "\n")
    assert underlined(of(path), loaded(text)) == []


@pytest.mark.parametrize("path", sorted(path.relative_to(SAMPLE).as_posix() for path in SAMPLE.rglob("*.md")))
def test_the_keys_above_every_sample_text_keep_their_schema(path: str) -> None:
    front = (SAMPLE / path).read_text("utf-8").split("---\n")[1]
    kind = kind_of(path)

    assert kind is not None
    assert underlined(SAMPLE / FOLDER / f"{kind.name}.json", loaded(front)) == []


def untold(shape: Shape, path: str) -> Iterator[str]:
    """The keys of a shape, and of those within it, that say nothing of themselves."""
    for key, entry in shape.fields.items():
        if not entry.about:
            yield f"{path}.{key}"
        kind = entry.kind.of if isinstance(entry.kind, Several | Table) else entry.kind
        inner = kind.shape if isinstance(kind, Either) else kind
        if isinstance(inner, Shape):
            yield from untold(inner, f"{path}.{key}")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name != "phrases"], ids=lambda kind: kind.name)
def test_every_key_tells_the_author_what_it_is(kind: FileKind) -> None:
    assert list(untold(kind.shape, kind.name)) == []


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    assert set(write_schemas(tmp_path)) == set(schemas())
    assert write_schemas(tmp_path) == ()

    (tmp_path / FOLDER / "hub.json").write_text("{}")

    assert write_schemas(tmp_path) == ("hub.json",)
    assert (tmp_path / FOLDER / "hub.json").read_text("utf-8") == schemas()["hub.json"]


def test_the_schemas_are_no_content(content: Path) -> None:
    write_schemas(content)

    assert check_content(content) == ()


def places(document: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all lists and mappings."""
    if isinstance(document, dict):
        yield at
        for key, inner in document.items():
            yield from places(inner, (*at, key))
    elif isinstance(document, list):
        yield at
        for number, inner in enumerate(document):
            yield from places(inner, (*at, number))


PUT = ("titel", "text", "kind", "steps", "options", "needs")
VALUES: tuple[Any, ...] = ("Words", ["a"], {"a": "b"})


def edited(document: Any, at: tuple[str | int, ...], what: str, number: int) -> Any:
    """A copy with one thing put, taken or turned into something else."""
    document = json.loads(json.dumps(document))
    inner = document
    for step in at:
        inner = inner[step]
    keys: list[Any] = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
    if what == "put" and isinstance(inner, dict):
        inner[PUT[number % len(PUT)]] = VALUES[number % len(VALUES)]
    elif keys and what == "take":
        del inner[keys[number % len(keys)]]
    elif keys and what in TURNED:
        inner[keys[number % len(keys)]] = TURNED[what]
    return document


TURNED = {"list": ["a", "b"], "mapping": {"title": "a"}, "word": "Words", "empty": None}
MAIN = [path for path in FILES if "onboarding" in path or path == "hub.yaml"]
STRUCTURAL = re.compile(
    r"\bhas no '|must be |is empty$|is no text|has either|is for kind|^'\w+' is '|is no (?:id|span|weekday|signal)"
)
"""Problems that need no more than the shape: unknown keys, missing ones, wrong kinds of values."""


at_ease = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(at_ease, max_examples=30)
@given(st.data())
def test_editors_underline_what_the_hub_refuses_for_its_structure(content: Path, data: st.DataObject) -> None:
    _underlined_if_refused(content, data)


@pytest.mark.soak
@settings(at_ease, max_examples=1000)
@given(st.data())
def test_editors_underline_it_in_a_thousand_cases(content: Path, data: st.DataObject) -> None:
    _underlined_if_refused(content, data)


def _underlined_if_refused(content: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(MAIN))
    document = loaded((SAMPLE / path).read_text("utf-8"))
    at = data.draw(st.sampled_from(list(places(document))))
    what = data.draw(st.sampled_from(["put", "take", *TURNED]))
    document = edited(document, at, what, data.draw(st.integers(0, 30)))
    for name in MAIN:
        (content / name).write_bytes((SAMPLE / name).read_bytes())
    (content / path).write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")

    problems = [problem.what for problem in check_content(content) if problem.file.endswith(path)]
    refused = [what for what in problems if STRUCTURAL.search(what) and "content/" not in what]

    assert bool(underlined(of(path), document)) or not refused, refused
