"""Whatever becomes of good files: nothing crashes, nothing broken is taken, and each problem has its place."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.content.catalogue import BrokenContent, Catalogue, Problem
from core.content.checking import Reader

ROOT = Path(__file__).parents[2]
SPARE = ("phrases/de.yaml", "phrases/es.yaml")
"""Left out, to be quick."""

WORDS = (
    "{{ ", " }}", "{% if x %}", "---", "\n---\n", "'", '"', ": ", "- ", "# ", "|", ">", "&a ", "*a", "!!int ", "\t",
    "\r", "\r\n", "\x00", "\x85", "\u2028", "\ufeff", "ё", "😀", "[", "]", "{", "}", "steps:", "id: welcome\n",
    "when: mrr > 1\n", "file: create-workspace", "needs: [dns]\n", "](x)", "9" * 30,
)  # fmt: skip


def _lines(data: bytes, luck: random.Random, change: Callable[[list[bytes], int, int], None]) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    change(lines, luck.randrange(len(lines)), luck.randrange(len(lines)))
    return b"".join(lines)


def _swapped(lines: list[bytes], one: int, other: int) -> None:
    lines[one], lines[other] = lines[other], lines[one]


def _doubled(lines: list[bytes], one: int, other: int) -> None:
    lines.insert(other, lines[one])


def _indented(lines: list[bytes], one: int, other: int) -> None:
    lines[one] = b"  " + lines[one] if other % 2 else lines[one][1:]


def edited(data: bytes, what: str, luck: random.Random) -> bytes:
    """The file after one edit."""
    at = luck.randrange(len(data) + 1)
    end = min(len(data), at + luck.choice((1, 1, 3, 40, 400)))
    match what:
        case "insert":
            return data[:at] + luck.choice(WORDS).encode() + data[at:]
        case "replace":
            return data[:at] + luck.choice(WORDS).encode() + data[end:]
        case "delete":
            return data[:at] + data[end:]
        case "duplicate":
            return data[:end] + data[at:]
        case "byte":
            return data[:at] + bytes([luck.randrange(256)]) + data[at + 1 :]
        case "truncate":
            return data[:at]
        case "line ends":
            return data.replace(b"\n", luck.choice((b"\r\n", b"\r")))
        case "encoding":
            return data.decode("utf-8", "replace").encode(luck.choice(("cp1251", "utf-16", "utf-8-sig")), "replace")
        case "swap lines":
            return _lines(data, luck, _swapped)
        case "double a line":
            return _lines(data, luck, _doubled)
        case _:
            return _lines(data, luck, _indented)


EDITS = (
    "insert", "replace", "delete", "duplicate", "byte", "truncate", "line ends", "encoding", "swap lines",
    "double a line", "indent",
)  # fmt: skip
FILES = sorted(
    path.relative_to(ROOT / "content").as_posix()
    for path in (ROOT / "content").rglob("*.*")
    if path.suffix in (".yaml", ".md") and not path.name.startswith(".")
)
FILES = [name for name in FILES if name not in SPARE and not name.endswith((".de.md", ".es.md"))]

edits = st.tuples(st.sampled_from(FILES), st.sampled_from((*EDITS, "remove", "mend", "copy")), st.integers(0, 2**32))
saves = st.lists(st.lists(edits, min_size=1, max_size=3), min_size=1, max_size=4)


def apply(content: Path, name: str, what: str, luck: random.Random) -> None:
    path, whole = content / name, (ROOT / "content" / name).read_bytes()
    if what == "remove":
        path.unlink(missing_ok=True)
    elif what == "copy":
        path.write_bytes((ROOT / "content" / luck.choice(FILES)).read_bytes())
    elif what == "mend":
        path.write_bytes(whole)
    else:
        path.write_bytes(edited(path.read_bytes() if path.exists() else whole, what, luck))


def outcome(reader: Reader) -> Catalogue | tuple[Problem, ...]:
    try:
        return reader.read()
    except BrokenContent as broken:
        return broken.problems


def check_place(problem: Problem) -> None:
    """It names a line of a file there is; or line 1 of one that is missing."""
    path = Path(problem.file)
    data = path.read_bytes() if path.is_file() else b""
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    assert 1 <= problem.line <= lines, problem
    assert problem.what
    assert problem.mend


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "content"


at_ease = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(at_ease, max_examples=15)
@given(saves)
def test_whatever_is_saved_the_reader_with_memory_says_what_a_new_one_says(
    folder: Path, history: list[list[tuple[str, str, int]]]
) -> None:
    _say_the_same(folder, history)


@pytest.mark.soak
@settings(at_ease, max_examples=500)
@given(saves)
def test_both_readers_say_the_same_in_five_hundred_histories(
    folder: Path, history: list[list[tuple[str, str, int]]]
) -> None:
    _say_the_same(folder, history)


def _say_the_same(folder: Path, history: list[list[tuple[str, str, int]]]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "content", folder, ignore=shutil.ignore_patterns("de.yaml", "es.yaml", "*.de.md", "*.es.md"))
    reader = Reader(folder)
    before = outcome(reader)
    assert isinstance(before, Catalogue)

    for save in history:
        for name, what, seed in save:
            apply(folder, name, what, random.Random(seed))
        found, fresh = outcome(reader), outcome(Reader(folder))

        if isinstance(fresh, Catalogue):
            assert isinstance(found, Catalogue), found
            assert (found.version, found.rules, found.checklists) == (fresh.version, fresh.rules, fresh.checklists)
            assert (found.phrases.texts, found.guides) == (fresh.phrases.texts, fresh.guides)
        else:
            assert fresh
            assert found == fresh
            for problem in fresh:
                check_place(problem)
