"""Reads `updates/*.md`: what is new, each in a file whose name begins with the day it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.content.catalogue import Importance, Update, Video
from core.content.conditions.condition import ALWAYS, Condition, both, parse_condition
from core.content.conditions.known_fields import person_fields
from core.content.conditions.tree import Among, told
from core.content.kinds.drafts import check_media
from core.content.reading.families import Around, Family, Leaf, Shelf
from core.content.reading.fields import Fields
from core.content.reading.prose import read_prose
from core.content.reading.shape import Shape
from core.content.reading.shapes import DAY, IMPORTANCES, LONGEST_ID, UPDATE, UPDATE_TRANSLATION
from core.content.reading.sheets import Sheet, meant
from core.content.texts.phrases import Words
from core.content.texts.wording import GUIDE, LABEL, checked

_DATE: Final = len("2026-11-03-")
_TEXTS: Final = ("title", "summary", "text", "picture", "source", "label")
_NO_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Told:
    """What one family of files says."""

    update: Update
    sheet: Sheet


def read_update(family: Family) -> Told:
    """One update in every language it is written in; with stand-ins where there is nothing to look at."""
    around, sheet = family.around, family.main.sheet
    texts: dict[str, dict[str, str]] = {key: {} for key in _TEXTS}
    front = _read(family, family.main, around.language, UPDATE, texts)
    for language, leaf in family.translations:
        had = {key for key in _TEXTS if texts[key]}
        translated = _read(family, leaf, language, UPDATE_TRANSLATION, texts)
        for key in ("picture", "video"):
            if (
                translated is not None
                and front is not None
                and key in translated
                and ("source" if key == "video" else key) not in had
            ):
                what = f"{sheet.name} has no such {key!r}"
                leaf.sheet.problem(translated.line_of(key), what, "write it there first, or delete it here")
    update = Update(
        id=family.id[_DATE:] or family.id,
        published=_published(family.id, sheet),
        title=_words(texts["title"], around.language),
        summary=_words(texts["summary"], around.language),
        text=_words(texts["text"], around.language),
        topic=_topic(front, around) if front is not None else "",
        importance=_importance(front) if front is not None else "normal",
        when=_audience(front, around) if front is not None else ALWAYS,
        valid_until=_last_day(front) if front is not None else None,
        picture=_words(texts["picture"], around.language) if texts["picture"] else None,
        video=_video(texts, around.language),
    )
    if update.valid_until is not None and update.valid_until < update.published and front is not None:
        sheet.problem(front.line_of("valid_until"), "it ends before it begins", "give a later day")
    return Told(update, sheet)


def _read(family: Family, leaf: Leaf, language: str, shape: Shape, texts: dict[str, dict[str, str]]) -> Fields | None:
    """Put the texts of one file to those of the others. Returns its keys; None when there is nothing to look at."""
    prose = read_prose(leaf.sheet, leaf.data) if leaf.data is not None else None
    if prose is None:
        return None
    front, around = Fields(leaf.sheet, prose.front, shape), family.around
    for key in ("title", "summary"):
        text = front.scalar(key)
        if text is not None:
            texts[key][language] = checked(leaf.sheet, text, front.sort(key), language, around.labels)
    texts["text"][language] = checked(leaf.sheet, prose.body, GUIDE, language, around.labels)
    _take_media(family, leaf, front, "picture", language, texts)
    video = front.inner("video")
    if video is not None:
        _take_media(family, leaf, video, "source", language, texts)
        label = video.scalar("label")
        if label is not None:
            texts["label"][language] = checked(leaf.sheet, label, LABEL, language, around.labels)
    return front


def _take_media(
    family: Family, leaf: Leaf, fields: Fields, key: str, language: str, texts: dict[str, dict[str, str]]
) -> None:
    text = fields.scalar(key)
    if text is None:
        return
    texts[key][language] = checked(leaf.sheet, text, fields.sort(key), language, frozenset())
    check_media(leaf.sheet, text, family.media.folder, "video" if key == "source" else key)
    if "://" not in text.value:
        family.media.look(text.value)


def _published(name: str, sheet: Sheet) -> date:
    """The day the file's name begins with; a stand-in for one that there is not, which is noted."""
    try:
        day = date.fromisoformat(name[: _DATE - 1])
    except ValueError:
        day = None
    if day is not None and DAY.fits(name[: _DATE - 1]) and len(name) > _DATE and name[_DATE - 1] == "-":
        return day
    sheet.problem(1, "the file's name does not begin with a day", "name it as 2026-11-03-bulk-export.md")
    return _NO_DAY


def _topic(front: Fields, around: Around) -> str:
    topic = front.name("topic")
    if topic and topic not in around.topics:
        mend = (
            meant(topic, around.topics) if around.topics else f"add it under `topics` in hub.yaml: `{topic}: instant`"
        )
        front.sheet.problem(front.line_of("topic"), f"hub.yaml has no topic {topic!r}", mend)
    return topic or next(iter(around.topics), "")


def _audience(front: Fields, around: Around) -> Condition:
    """Whom it is for, by its condition and its product."""
    known, product = person_fields(around.fields), front.name("product")
    bought = parse_condition(told(Among("product", "texts", (product,))), known) if product else ALWAYS
    return both(front.condition("when", known), bought)


def _importance(front: Fields) -> Importance:
    chosen = front.choice("importance")
    return next((one for one in IMPORTANCES if one == chosen), "normal")


def _last_day(front: Fields) -> date | None:
    written = front.name("valid_until")
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        front.sheet.problem(front.line_of("valid_until"), f"there is no {written}", DAY.mend)
        return None


def _video(texts: dict[str, dict[str, str]], language: str) -> Video | None:
    if not texts["source"]:
        return None
    return Video(_words(texts["source"], language), _words(texts["label"], language) if texts["label"] else None)


def _words(texts: dict[str, str], language: str) -> Words:
    """A stand-in where there is none, which was noted."""
    return Words(texts if language in texts else {language: "…", **texts}, language)


def in_order(updates: Sequence[tuple[Update, Sheet]]) -> dict[str, Update]:
    """By id, the newest first, after noting ids that two of them have."""
    found: dict[str, Update] = {}
    for update, sheet in sorted(updates, key=lambda one: (one[0].published, one[0].id), reverse=True):
        if update.id in found:
            what = f"{update.id!r} is told already, on {found[update.id].published}"
            sheet.problem(1, what, "give it another name behind the day")
        found[update.id] = update
    return found


UPDATES: Final = Shelf(
    "updates", "md", "2026-11-03-bulk-export", read_update, optional=True, longest=LONGEST_ID + _DATE
)
"""The id is what stands behind the day."""
