"""Markdown files say what they say, and every mistake in them has its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.content.catalogue import Problem
from core.content.reading.prose import Prose, read_prose
from core.content.reading.sheets import Mapped, Sheet, Text

GOOD = "---\ntitle: Hello\nsummary: In short\n---\n\nFirst line.\n\n---\nLast {{ client.name }}.\n\n"


def read(text: str | bytes) -> tuple[Prose | None, list[Problem]]:
    problems: list[Problem] = []
    data = text if isinstance(text, bytes) else text.encode()
    return read_prose(Sheet("guide.md", problems), data), problems


def keys(prose: Prose | None) -> dict[str, tuple[int, str]]:
    assert prose is not None
    assert isinstance(prose.front, Mapped)
    return {key: (node.line, node.value) for key, node in prose.front.entries.items() if isinstance(node, Text)}


def test_keys_and_text_are_read_with_the_lines_of_the_file() -> None:
    prose, problems = read(GOOD)

    assert problems == []
    assert keys(prose) == {"title": (2, "Hello"), "summary": (3, "In short")}
    assert prose is not None
    assert prose.body.value == "First line.\n\n---\nLast {{ client.name }}."
    assert (prose.body.line, prose.body.line_of(4)) == (6, 9)


def test_windows_line_ends_change_nothing() -> None:
    assert read(GOOD.replace("\n", "\r\n")) == read(GOOD)


def test_tabs_are_allowed_in_the_text_but_not_before_keys() -> None:
    prose, problems = read("---\ntitle: A\n---\n- one\n\t- two\n")
    _, told = read("---\ntitle: A\n\tsummary: B\n---\ntext\n")

    assert (prose is not None, problems) == (True, [])
    assert [(problem.line, problem.what) for problem in told] == [(3, "a tab in the indentation")]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "the file is empty"),
        ("\n \n", 1, "the file is empty"),
        ("# Hello\n\nText.\n", 1, "does not begin with its keys"),
        ("\n---\ntitle: A\n---\ntext\n", 1, "does not begin with its keys"),
        ("---\ntitle: A\ntext\n", 1, "have no end"),
        ("---\n---\ntext\n", 1, "there are no keys"),
        ("---\n# title: A\n---\ntext\n", 1, "there are no keys"),
        ("---\ntitle: A\n---\n\n", 3, "there is no text"),
        ("---\ntitle: A\ntitle: B\n---\ntext\n", 3, "'title' stands here twice"),
        ("---\ntitle: 'A\n---\ntext\n", 2, "this is no YAML"),
        ("---\ntitle: &a A\n---\ntext\n", 2, "an anchor"),
        ("---\ntitle: !!python/name:os.system A\n---\ntext\n", 2, "a tag"),
        ("\ufeff---\ntitle: A\n---\ntext\n", 1, "byte order mark"),
        ("---\ntitle: A\n---\none\ntwo\x07\n", 5, "cannot be seen"),
        ("---\ntitle: A\n---\none\u2028two\n", 4, "cannot be seen"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, what: str) -> None:
    prose, problems = read(text)

    assert [(problem.line, what in problem.what) for problem in problems] == [(line, True)], problems
    assert prose is None or "twice" in what


def test_another_encoding_is_told_with_its_line() -> None:
    _, problems = read("---\ntitle: A\n---\none\nПривет\n".encode("cp1251"))

    assert [(problem.line, problem.what) for problem in problems] == [
        (5, "the file is not UTF-8 (Windows-1251 perhaps)")
    ]


pieces = st.lists(
    st.sampled_from(["---\n", "title: A\n", "\r\n", "text {{ x }}\n", "\t", "'", "# a", "&b ", "я", "\x00"])
)


@given(pieces.map("".join) | st.text(max_size=60))
def test_nothing_crashes_the_reader_and_every_problem_is_on_a_line_there_is(text: str) -> None:
    prose, problems = read(text.encode("utf-8", "surrogatepass"))

    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert prose is not None or problems
    assert all(1 <= problem.line <= lines for problem in problems)
