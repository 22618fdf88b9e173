"""Everything that can be said of a content folder: its errors, and what could be better."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from core.content.catalogue import BrokenContent, Catalogue, Problem, causes_first
from core.content.checking import Reader
from core.content.linting.lint import lint
from core.content.linting.pages import read_pages
from core.content.texts import translations
from hub.content.links import dead_links, links_in
from hub.terminal import count


@dataclass(frozen=True, slots=True)
class Checked:
    problems: tuple[Problem, ...]
    """Sorted by file and line, errors and warnings together."""
    checklists: int | None
    """How many there are; None when the content is broken."""

    @property
    def errors(self) -> int:
        return sum(problem.level == "error" for problem in self.problems)

    @property
    def told(self) -> str:
        """`2 errors, 1 warning`."""
        warnings = len(self.problems) - self.errors
        parts = [count(self.errors, "error")] * bool(self.errors) + [count(warnings, "warning")] * bool(warnings)
        return ", ".join(parts) or "nothing wrong"


def checked(folder: Path, *, links: bool = False) -> Checked:
    """`links`: ask them whether they answer, which takes a while."""
    reader = Reader(folder)
    catalogue, errors = _read(reader)
    pages = tuple(read_pages(folder))
    warnings = (
        *lint(folder, pages, None if catalogue is None else catalogue.rules),
        *translations.warnings(folder, pages),
        *(_of_drafts(folder, errors) if reader.drafts else ()),
        *(asyncio.run(dead_links(links_in(pages))) if links else ()),
    )
    problems = causes_first((*errors, *warnings))
    return Checked(problems, None if catalogue is None else len(catalogue.checklists))


def _read(reader: Reader) -> tuple[Catalogue | None, tuple[Problem, ...]]:
    try:
        return reader.read(), ()
    except BrokenContent as broken:
        return None, broken.problems


def _of_drafts(folder: Path, errors: Iterable[Problem]) -> Iterable[Problem]:
    """What is to be mended before languages that are drafts can be spoken: it stops nobody as yet."""
    _, problems = _read(Reader(folder, drafts=True))
    return [replace(problem, level="warning") for problem in problems if problem not in errors]


def report(problems: Iterable[Problem]) -> list[dict[str, str | int]]:
    """For other programs; the keys stay as they are."""
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "level": problem.level,
            "what": problem.what,
            "mend": problem.mend,
        }
        for problem in problems
    ]
