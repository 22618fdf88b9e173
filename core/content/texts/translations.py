"""Which texts are translated, and of which the words changed since: told by short hashes kept beside the content.

The hashes stand in one hidden file, so that what admins write stays theirs alone. `hub content translated FILE` keeps
them; a text without one was never said to be up to date, and nobody can tell whether it is.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from core.content.catalogue import Problem, Rules
from core.content.conditions.known_fields import checklist_fields
from core.content.kinds.checklist_files import read_checklist
from core.content.kinds.drafts import Draft
from core.content.kinds.hub_file import is_language, read_rules
from core.content.kinds.known import KINDS
from core.content.linting.pages import Page, read_pages
from core.content.reading.files import Files
from core.content.reading.shape import Said
from core.content.reading.sheets import Mapped, Sheet, Text
from core.content.texts.phrases import Words

MARKS: Final = ".translations.yaml"
_HEADER: Final = "# What each translation was made of, as short hashes: `hub content translated FILE` writes them.\n"
_PHRASES_FILE: Final = re.compile(r"phrases/([a-z]{2})\.yaml")
_KIND_NAMES: Final = frozenset(kind.name for kind in KINDS)
_NAMED: Final = 4
"""Missing texts that one warning names."""


@dataclass(frozen=True, slots=True)
class Translation:
    """One file in a language other than the default, held against what it translates."""

    name: str
    """From the content folder on. There need not be such a file yet."""
    shown: str
    """As problems call it."""
    language: str
    sources: Mapping[str, str]
    """By slot (`home.title`, `steps.welcome.text`): what is to be translated, in the default language."""
    lines: Mapping[str, int]
    """Where the slots that are translated stand in the file."""
    marks: Mapping[str, str]
    """The hash of the words each was made of, as far as somebody said so."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Said in the next language of the reader that has them, until they are translated."""
        return tuple(slot for slot in self.sources if slot not in self.lines)

    @property
    def stale(self) -> tuple[str, ...]:
        """Made of words that have changed since."""
        now = ((slot, hashed(self.sources[slot])) for slot in self._kept)
        return tuple(slot for slot, mark in now if self.marks.get(slot, mark) != mark)

    @property
    def unmarked(self) -> tuple[str, ...]:
        return tuple(slot for slot in self._kept if slot not in self.marks)

    @property
    def _kept(self) -> Iterator[str]:
        return (slot for slot in self.lines if slot in self.sources)


def hashed(text: str) -> str:
    """Eight characters for the words of a text; how its lines are wrapped makes no difference."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def translations(folder: Path, read: Iterable[Page] | None = None) -> tuple[Translation, ...]:
    """Every pair of a file and a language it could be in, by name. What cannot be read is passed over.

    `read`: the pages of the folder, where they have been read already.
    """
    pages = {page.name: page for page in (read_pages(folder) if read is None else read)}
    default = _default_language(pages.get("hub.yaml"))
    spoken = [language for language in map(_language_of_phrases, pages) if language and language != default]
    marks = read_marks(folder)
    return tuple(sorted(_all(folder, pages, default, spoken, marks), key=lambda one: one.name))


def _all(
    folder: Path, pages: Mapping[str, Page], default: str, spoken: list[str], marks: Mapping[str, Mapping[str, str]]
) -> Iterator[Translation]:
    files = Files(folder)
    for name, page in pages.items():
        path = PurePosixPath(name)
        if name == f"phrases/{default}.yaml":
            sources = {slot: text.value for slot, text in _texts(page).items()}
            others = {language: f"phrases/{language}.yaml" for language in spoken}
        elif f"{page.kind.name}-translation" in _KIND_NAMES:
            whole = {slot: text.value for slot, text in _texts(page).items()}
            sources = _sources(page, folder, default) if page.kind.name == "checklist" else whole
            others = {language: str(path.with_name(f"{path.stem}.{language}{path.suffix}")) for language in spoken}
        else:
            continue
        for language, other in others.items():
            lines = {slot: text.line for slot, text in _texts(pages[other]).items()} if other in pages else {}
            yield Translation(other, files.shown(other), language, sources, lines, marks.get(other, {}))


def _texts(page: Page) -> dict[str, Text]:
    """Every text for people by its slot: what is keyed by ids in a translation is so here."""
    return {
        ".".join(place.path): place.node
        for place in page.places
        if isinstance(place.kind, Said) and isinstance(place.node, Text)
    }


def _sources(page: Page, folder: Path, default: str) -> dict[str, str]:
    draft = Draft(PurePosixPath(page.name).stem, Sheet(page.shown, []), default, folder)
    stand_in = Words({default: "…"}, default)
    read_checklist(draft, page.node, {"intro": stand_in, "finish": stand_in}, checklist_fields({}))
    return {".".join(slot): texts[default] for slot, texts in draft.slots.items() if slot[-1] != "source"}


def _default_language(page: Page | None) -> str:
    return Rules("").language if page is None else read_rules(Sheet(page.shown, []), page.node).rules.language


def _language_of_phrases(name: str) -> str:
    match = _PHRASES_FILE.fullmatch(name)
    return match[1] if match is not None and is_language(match[1]) else ""


def read_marks(folder: Path) -> dict[str, dict[str, str]]:
    """By file, by slot: the hash of the words a translation was made of. Nothing when there is no readable file."""
    try:
        node = Sheet(MARKS, []).node((folder / MARKS).read_bytes())
    except OSError:
        return {}
    files = node.entries if isinstance(node, Mapped) else {}
    return {
        name: {slot: mark.value for slot, mark in marks.entries.items() if isinstance(mark, Text)}
        for name, marks in files.items()
        if isinstance(marks, Mapped)
    }


def keep_marks(folder: Path, done: Iterable[Translation]) -> None:
    """Note of these files that each text in them says what its source says now. Raises OSError."""
    marks = read_marks(folder)
    for one in done:
        marks[one.name] = {slot: hashed(one.sources[slot]) for slot in one.sources if slot in one.lines}
    lines = [_HEADER]
    for name in sorted(name for name in marks if marks[name] and (folder / name).is_file()):
        lines.append(f"{name}:\n")
        lines += [f"  {slot}: '{mark}'\n" for slot, mark in marks[name].items()]
    descriptor, path = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines)
        Path(path).chmod(0o644)
        Path(path).replace(folder / MARKS)
    except OSError:
        with contextlib.suppress(OSError):
            Path(path).unlink()
        raise


def warnings(folder: Path, pages: Iterable[Page] | None = None) -> tuple[Problem, ...]:
    """What `hub content check` says of translations: every stale text, what is missing, and files nobody ever marked.

    A checklist without any file in a language is no slip: it is said in the default language.
    """
    read = tuple(read_pages(folder) if pages is None else pages)
    found = [problem for one in translations(folder, read) if one.lines for problem in _warnings(one)]
    return (*found, *_unspoken(read))


def _unspoken(pages: Iterable[Page]) -> Iterator[Problem]:
    """Regions whose language has no phrases."""
    named = {page.name: page for page in pages}
    hub = named.get("hub.yaml")
    regions = hub.node.entries.get("region_languages") if hub is not None and isinstance(hub.node, Mapped) else None
    for region, language in regions.entries.items() if isinstance(regions, Mapped) else ():
        if hub is not None and isinstance(language, Text) and f"phrases/{language.value}.yaml" not in named:
            what = f"there are no phrases in {language.value!r}, the language of {region!r}"
            mend = f"add phrases/{language.value}.yaml; until then its readers get the default language"
            yield Problem(hub.shown, language.line, what, mend, "warning")


def _warnings(one: Translation) -> Iterator[Problem]:
    for slot in one.stale:
        what = f"the text {slot!r} was translated from words that have changed since"
        mend = f"bring it up to date, then: hub content translated {one.name}"
        yield Problem(one.shown, one.lines[slot], what, mend, "warning")
    if one.missing:
        named = ", ".join(one.missing[:_NAMED]) + (" …" if len(one.missing) > _NAMED else "")
        what = f"{len(one.missing)} of {len(one.sources)} texts are not translated: {named}"
        mend = "add them; until then readers get the next language there is"
        yield Problem(one.shown, 1, what, mend, "warning")
    if not one.marks:
        what = "nobody noted which words this was translated from"
        mend = f"when it is up to date: hub content translated {one.name}"
        yield Problem(one.shown, 1, what, mend, "warning")
