"""Every kind of file in the content folder: which files they are, and the shape they have."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from core.content.kinds.mailing_shapes import MAILING, MAILING_TRANSLATION
from core.content.kinds.nudge_shapes import NUDGE, NUDGE_TRANSLATION
from core.content.reading.shape import Field, Said, Shape, Table
from core.content.reading.shapes import (
    CHECKLIST,
    GUIDE_FILE,
    GUIDE_TRANSLATION,
    RULES,
    TRANSLATION,
    UPDATE,
    UPDATE_TRANSLATION,
)
from core.content.texts.vocabulary import IN_DIALOGS, NAMES, ROLES, SAID, TOPICS
from core.content.texts.wording import DIALOG, LABEL, TEXT, Sort


@dataclass(frozen=True, slots=True)
class FileKind:
    name: str
    """Also of its JSON Schema: `checklist`."""
    path: re.Pattern[str]
    """Of the whole path from the content folder on, with slashes."""
    shape: Shape
    """Of a YAML file, or of the keys above a text in Markdown."""
    about: str

    @property
    def prose(self) -> bool:
        """Markdown below a few keys, instead of YAML."""
        return self.path.pattern.endswith("md")

    @property
    def part(self) -> str:
        """The folder its files lie in, from the content folder on; empty: the content folder itself."""
        return self.path.pattern.rpartition("/")[0]


def phrase_sort(key: str) -> Sort:
    """Where the phrase is shown, by its key with dots: in a dialog, on a button, in a message."""
    if key in IN_DIALOGS:
        return DIALOG
    return LABEL if key.startswith(("button.", *NAMES)) else TEXT


def phrases_shape(said: Mapping[str, str], what: str = "a phrase file", prefix: str = "") -> Shape:
    """The groups of phrases, nested as their keys' dots say. `said`: by key, the values it may use."""
    return Shape(what, dict(_groups(said, prefix)))


def _groups(said: Mapping[str, str], prefix: str) -> Iterator[tuple[str, Field]]:
    names = dict.fromkeys(key.removeprefix(prefix).split(".")[0] for key in said if key.startswith(prefix))
    for name in names:
        key = f"{prefix}{name}"
        if key in said:
            places = " ".join(f"{{{{ {value} }}}}" for value in said[key].split())
            yield name, Field(Said(phrase_sort(key)), f"May use {places}." if places else "")
        else:
            yield name, Field(phrases_shape(said, f"the group {key!r}", f"{key}."), "")
    if not prefix:
        about = "What clients' roles are called, by the role in the import."
        yield ROLES.removesuffix("."), Field(Table(Said(LABEL)), about)
        about = "What topics are called, by the id under `topics` in hub.yaml."
        yield TOPICS.removesuffix("."), Field(Table(Said(LABEL)), about)


_NAME: Final = "[a-z0-9]+(?:-[a-z0-9]+)*"

_DATED: Final = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}-{_NAME}"

KINDS: Final = (
    FileKind("hub", re.compile(r"hub\.yaml"), RULES, "What holds for everything the hub does."),
    FileKind("phrases", re.compile(r"phrases/[a-z]{2}\.yaml"), phrases_shape(SAID), "What the bots say in a language."),
    FileKind("checklist", re.compile(rf"onboarding/{_NAME}\.yaml"), CHECKLIST, "A checklist clients walk through."),
    FileKind(
        "checklist-translation",
        re.compile(rf"onboarding/{_NAME}\.[a-z]{{2}}\.yaml"),
        TRANSLATION,
        "The texts of a checklist in another language.",
    ),
    FileKind("guide", re.compile(rf"guides/{_NAME}\.md"), GUIDE_FILE, "A longer explanation that steps name."),
    FileKind(
        "guide-translation",
        re.compile(rf"guides/{_NAME}\.[a-z]{{2}}\.md"),
        GUIDE_TRANSLATION,
        "The same in another language.",
    ),
    FileKind("update", re.compile(rf"updates/{_DATED}\.md"), UPDATE, "Something new that clients may want to know."),
    FileKind(
        "update-translation",
        re.compile(rf"updates/{_DATED}\.[a-z]{{2}}\.md"),
        UPDATE_TRANSLATION,
        "The same in another language.",
    ),
    FileKind("nudge", re.compile(rf"nudges/{_NAME}\.yaml"), NUDGE, "When to speak unasked, and what to say."),
    FileKind(
        "nudge-translation",
        re.compile(rf"nudges/{_NAME}\.[a-z]{{2}}\.yaml"),
        NUDGE_TRANSLATION,
        "Its texts in another language.",
    ),
    FileKind("mailing", re.compile(rf"mailings/{_NAME}\.md"), MAILING, "What may be sent to many, and to whom."),
    FileKind(
        "mailing-translation",
        re.compile(rf"mailings/{_NAME}\.[a-z]{{2}}\.md"),
        MAILING_TRANSLATION,
        "The same in another language.",
    ),
)


def kind_of(path: str) -> FileKind | None:
    """What a file is, by its path from the content folder on; None: nothing the hub reads."""
    return next((kind for kind in KINDS if kind.path.fullmatch(path)), None)
