"""Reads `guides/*.md`: longer explanations, each in a file of its own, that any step may name."""

from typing import Final

from core.content.catalogue import Guide
from core.content.conditions.condition import ALWAYS
from core.content.conditions.known_fields import checklist_fields
from core.content.reading.families import Around, Family, Leaf, Shelf
from core.content.reading.fields import Fields
from core.content.reading.prose import read_prose
from core.content.reading.shape import Shape
from core.content.reading.shapes import GUIDE_FILE, GUIDE_TRANSLATION
from core.content.texts.phrases import Words
from core.content.texts.wording import GUIDE, checked


def read_guide(family: Family) -> Guide:
    """One guide in every language it is written in; with stand-ins where there is nothing to look at."""
    around = family.around
    texts: dict[str, dict[str, str]] = {"title": {}, "summary": {}, "text": {}}
    front = _read(family.main, around, around.language, GUIDE_FILE, texts)
    for language, leaf in family.translations:
        translated = _read(leaf, around, language, GUIDE_TRANSLATION, texts)
        if translated is not None and front is not None and "summary" in translated and "summary" not in front:
            what = f"{family.main.sheet.short} has no such 'summary'"
            leaf.sheet.problem(translated.line_of("summary"), what, "write it there first, or delete it here")
    return Guide(
        id=family.id,
        title=_words(texts["title"], around.language),
        text=_words(texts["text"], around.language),
        summary=_words(texts["summary"], around.language) if texts["summary"] else None,
        when=front.condition("when", checklist_fields(around.fields)) if front is not None else ALWAYS,
    )


def _read(leaf: Leaf, around: Around, language: str, shape: Shape, texts: dict[str, dict[str, str]]) -> Fields | None:
    """Put the texts of one file to those of the others. Returns its keys; None when there is nothing to look at."""
    prose = read_prose(leaf.sheet, leaf.data) if leaf.data is not None else None
    if prose is None:
        return None
    front = Fields(leaf.sheet, prose.front, shape)
    for key in ("title", "summary"):
        text = front.scalar(key)
        if text is not None:
            texts[key][language] = checked(leaf.sheet, text, front.sort(key), language, around.labels)
    texts["text"][language] = checked(leaf.sheet, prose.body, GUIDE, language, around.texts)
    return front


def _words(texts: dict[str, str], language: str) -> Words:
    """A stand-in where there is none, which was noted."""
    return Words(texts if language in texts else {language: "…"}, language)


GUIDES: Final = Shelf("guides", "md", "first-campaign", read_guide, optional=True)
