"""What could be better in content that works: warnings, which never keep anything from taking effect."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from core.content.catalogue import Problem, Rules
from core.content.conditions.condition import BadCondition, parse_condition
from core.content.conditions.known_fields import known_fields
from core.content.kinds.hub_file import is_language
from core.content.kinds.known import KINDS, kind_of
from core.content.linting.pages import Page, content_files
from core.content.linting.tone import tone
from core.content.reading.files import OURS, Files, is_about_files
from core.content.reading.shape import Expression, Media, Said
from core.content.reading.shapes import STEP
from core.content.reading.sheets import Mapped, Node, Text, meant
from core.content.texts.unfinished import NAME, unfinished
from core.content.texts.vocabulary import TOPICS
from core.content.texts.wording import GUIDE, TEXT

_SHORTEST_TEXT: Final = 12
"""Letters: less tells nobody what to do."""

_LONG_ENOUGH: Final = 60
"""Characters from which on two equal texts are a slip rather than a phrase."""

_DOES: Final = ("asks", "signal", "guide", "video")
"""What gives a step something to do, or to look at, besides its text."""


def lint(folder: Path, pages: Sequence[Page], rules: Rules | None) -> tuple[Problem, ...]:
    """Warnings, sorted by file and line. `pages`: of the folder; `rules`: of its hub.yaml, None when it is broken."""
    found: set[Problem] = {*_unread(folder, pages, sure=rules is not None)}
    for page in pages:
        found.update(_tone(page), _idle_steps(page), _twins(page))
        if rules is not None:
            found.update(_never(page, rules))
    if rules is not None:
        found.update(_unnamed(pages), _topics(pages, rules), _drafts(pages, rules), _deaf(pages, rules))
    return tuple(sorted(found))


def _deaf(pages: Sequence[Page], rules: Rules) -> Iterator[Problem]:
    """Nobody who would hear of a broken save, or of a client without a CSM."""
    for page in pages:
        if page.kind.name == "hub" and not rules.admins:
            mend = "name one of you, as in `admins: [ida@relay.example]`"
            yield page.warning(1, "nobody hears when a save is broken", mend)


def _topics(pages: Sequence[Page], rules: Rules) -> Iterator[Problem]:
    """Topics that people would read as ids, and names of topics there are not."""
    called = set()
    for page in pages:
        for place in page.places if page.kind.name == "phrases" else ():
            group, topic = place.path if len(place.path) == 2 else ("", "")
            if f"{group}." != TOPICS:
                continue
            called.add((PurePosixPath(page.name).stem, topic))
            if topic not in rules.topics:
                what = f"hub.yaml has no topic {topic!r}"
                yield page.warning(place.node.line, what, meant(topic, tuple(rules.topics)))
    for page in pages:
        for place in page.places if page.kind.name == "hub" else ():
            if place.path[:1] == ("topics",) and len(place.path) == 2 and (rules.language, place.path[1]) not in called:
                mend = f"add it under `topics` in phrases/{rules.language}.yaml"
                yield page.warning(place.node.line, f"nobody knows what the topic {place.path[1]!r} is called", mend)


def _drafts(pages: Sequence[Page], rules: Rules) -> Iterator[Problem]:
    """Languages nobody can choose yet."""
    files = {PurePosixPath(page.name).stem: page for page in pages if page.kind.name == "phrases"}
    spoken = {language: page for language, page in files.items() if is_language(language)}
    names = {
        language: place.node
        for language, page in spoken.items()
        for place in page.places
        if ".".join(place.path) == NAME and isinstance(place.node, Text)
    }
    called = {language: names[language].value if language in names else "" for language in spoken}
    for language, (what, mend) in unfinished(called, rules.language).items():
        line = names[language].line if language in names else 1
        yield spoken[language].warning(line, what, mend)


def _tone(page: Page) -> Iterator[Problem]:
    for place in page.places:
        if isinstance(place.kind, Said) and isinstance(place.node, Text):
            for what, mend in tone(place.node.value, place.kind.sort):
                yield page.warning(place.node.line, what, mend)


def _idle_steps(page: Page) -> Iterator[Problem]:
    """Steps that give nothing to do."""
    for place in page.places:
        if place.kind is not STEP or not isinstance(place.node, Mapped):
            continue
        entries = place.node.entries
        title, text, owner = (_value(entries.get(key)) for key in ("title", "text", "owner"))
        if owner == "us" or any(key in entries for key in _DOES) or not text:
            continue
        line = place.node.lines["text"]
        if text.casefold() == title.casefold():
            yield page.warning(line, "the text says what the title says", "say how it is done, or where")
        elif sum(map(str.isalpha, text)) < _SHORTEST_TEXT and "](" not in text:
            yield page.warning(line, "a step without anything to do", "say how it is done, or where")


def _value(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Text) else ""


def _twins(page: Page) -> Iterator[Problem]:
    """Long texts that stand twice in a file, and steps called the same."""
    texts: dict[str, int] = {}
    titles: dict[str, int] = {}
    for place in page.places:
        if not isinstance(place.kind, Said) or not isinstance(place.node, Text):
            continue
        value, line = " ".join(place.node.value.split()).casefold(), place.node.line
        if place.kind.sort in (TEXT, GUIDE) and len(value) >= _LONG_ENOUGH:
            first = texts.setdefault(value, line)
            if first != line:
                yield page.warning(line, f"the same text as in line {first}", "was it copied? Say what is different")
        if place.path[-1:] == ("title",) and "steps" in place.path:
            first = titles.setdefault(value, line)
            if first != line:
                what = f"a step is called so already, in line {first}"
                yield page.warning(line, what, "give each a title of its own: people choose by it")


def _never(page: Page, rules: Rules) -> Iterator[Problem]:
    """Rules that can never fire, or name what there is not."""
    for place in page.places:
        if isinstance(place.kind, Expression) and isinstance(place.node, Text):
            try:
                condition = parse_condition(place.node.value, known_fields(rules))
            except BadCondition:
                continue  # an error, told where the file is read
            key, line = place.path[-1], place.node.line
            why, stranger = condition.impossible(), condition.stranger(rules.values)
            if why is not None:
                yield page.warning(line, f"{key!r} never holds: {why}", "change it, or delete what it is for")
            elif stranger is not None:
                never = " never holds" if stranger.needed else ""
                what = f"{key!r}{never}: no {stranger.field} is called {stranger.text!r}"
                yield page.warning(line, what, meant(stranger.text, tuple(rules.values[stranger.field])))


def _unnamed(pages: Sequence[Page]) -> Iterator[Problem]:
    """Guides that no step names: nobody ever reads them."""
    named = {
        place.node.value
        for page in pages
        for place in page.places
        if place.path[-2:] == ("guide", "file") and isinstance(place.node, Text)
    }
    for page in pages:
        own = PurePosixPath(page.name).stem
        if page.kind.name == "guide" and own not in named:
            mend = f"write `guide: {{file: {own}}}` where it belongs, or delete it"
            yield page.warning(1, "no step names this guide", mend)


def _unread(folder: Path, pages: Sequence[Page], *, sure: bool) -> Iterator[Problem]:
    """Files the hub makes nothing of: folders with a slip in their name, films that no step shows.

    `sure`: all files were read well; else the one that shows the film may be broken.
    """
    used = {
        PurePosixPath(place.node.value).as_posix()
        for page in pages
        for place in page.places
        if isinstance(place.kind, Media) and isinstance(place.node, Text)
    }
    parts = sorted({kind.part for kind in KINDS} - {""})
    files = Files(folder)
    for name in content_files(folder):
        part = PurePosixPath(name).parts[0]
        ours, within = name.endswith(OURS), part in parts and name.count("/") == 1
        if name in used or kind_of(name) is not None or is_about_files(PurePosixPath(name).name) or (ours and within):
            continue  # (a file of ours with a slip in its name is an error)
        what, mend = "the hub does not read this file", "move it out of this folder"
        if ours:
            mend = meant(part, parts) if "/" in name else "move it into the folder of its kind, or out of the content"
        elif not within:
            what, mend = "no text shows this file", "name it where it belongs, or delete it"
        if ours or within or sure:
            yield Problem(files.shown(name), 1, what, mend, "warning")
