"""Reads `mailings/*.md`: what may be sent to many, to whom and when."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Final

from core.content.conditions.condition import ALWAYS
from core.content.conditions.known_fields import person_fields
from core.content.kinds.drafts import check_media
from core.content.kinds.mailing_rules import (
    APPROVALS,
    CATEGORIES,
    MOST_BUTTONS,
    MailingButton,
    MailingFile,
    MailingRules,
)
from core.content.kinds.mailing_shapes import BUTTON_TEXTS, MAILING, MAILING_BUTTON, MAILING_TRANSLATION, MOMENT, WINDOW
from core.content.reading.families import Around, Family, Leaf, Shelf
from core.content.reading.fields import Fields
from core.content.reading.prose import read_prose
from core.content.reading.shape import Shape
from core.content.reading.shapes import LONGEST_ID
from core.content.reading.sheets import Mapped, Node, Sheet, Text, meant
from core.content.texts.phrases import Words
from core.content.texts.wording import GUIDE, LABEL, checked, is_web_address

_MEDIA: Final = ("picture", "file")


class _Texts:
    """What the files of one mailing say, by language."""

    def __init__(self) -> None:
        self.title: dict[str, str] = {}
        self.text: dict[str, str] = {}
        self.media: dict[str, dict[str, str]] = {key: {} for key in _MEDIA}
        self.labels: list[dict[str, str]] = []
        self.urls: list[dict[str, str]] = []
        self.answers: list[str] = []


def read_mailing(family: Family) -> MailingFile:
    """One mailing in every language it is written in; with stand-ins where there is nothing to look at."""
    around, sheet, texts = family.around, family.main.sheet, _Texts()
    front = _read(family, family.main, around.language, MAILING, texts)
    for language, leaf in family.translations:
        _read(family, leaf, language, MAILING_TRANSLATION, texts)
    media = {key: _words(by_language, around.language) for key, by_language in texts.media.items() if by_language}
    buttons = tuple(
        MailingButton(_words(label, around.language), _words(url, around.language) if url else None, answer)
        for label, url, answer in zip(texts.labels, texts.urls, texts.answers, strict=True)
    )
    title, text = _words(texts.title, around.language), _words(texts.text, around.language)
    if front is None:
        return MailingFile(family.id, title, text)
    if len(media) == len(_MEDIA):
        sheet.problem(front.line_of("file"), "a picture and a file in one message", "delete one of them")
    chosen, priority = front.choice("category"), front.number("priority")
    known = person_fields(around.fields)
    begins, ends = moment_of(front, "at"), moment_of(front, "expires")
    if begins is not None and ends is not None and ends <= begins:
        sheet.problem(front.line_of("expires"), "it ends before it begins", "give a later moment")
    unless = front.condition("unless", known)
    return MailingFile(
        id=family.id,
        title=title,
        text=text,
        when=front.condition("when", known),
        unless=unless if unless != ALWAYS else None,
        topic=_topic(front, around),
        category=next((one for one in CATEGORIES if one == chosen), "news"),
        priority=50 if priority is None else priority,
        at=begins,
        local_hour=front.number("local_hour"),
        window=_window(front),
        expires=ends,
        canary=front.number("canary") or 0,
        buttons=buttons,
        picture=media.get("picture"),
        file=media.get("file"),
    )


def _read(family: Family, leaf: Leaf, language: str, shape: Shape, texts: _Texts) -> Fields | None:
    """Put the texts of one file to those of the others. Returns its keys; None when there is nothing to look at."""
    prose = read_prose(leaf.sheet, leaf.data) if leaf.data is not None else None
    if prose is None:
        return None
    front, around, main = Fields(leaf.sheet, prose.front, shape), family.around, shape is MAILING
    title = front.scalar("title")
    if title is not None:
        texts.title[language] = checked(leaf.sheet, title, front.sort("title"), language, around.labels)
    texts.text[language] = checked(leaf.sheet, prose.body, GUIDE, language, around.labels)
    for key in _MEDIA:
        source = front.scalar(key)
        if source is None:
            continue
        if not main and not texts.media[key]:
            what = f"{family.main.sheet.name} has no such {key!r}"
            leaf.sheet.problem(front.line_of(key), what, "write it there first, or delete it here")
            continue
        texts.media[key][language] = checked(leaf.sheet, source, front.sort(key), language, frozenset())
        check_media(leaf.sheet, source, family.media.folder, key)
        if "://" not in source.value:
            family.media.look(source.value)
    if main:
        _take_buttons(front, language, around, texts)
    else:
        _translate_buttons(front, language, family, texts)
    return front


def _take_buttons(front: Fields, language: str, around: Around, texts: _Texts) -> None:
    for node in front.listed("buttons"):
        button = Fields(front.sheet, node, MAILING_BUTTON)
        label, url, answer = button.scalar("label"), button.scalar("url"), button.name("answer")
        said = checked(front.sheet, label, LABEL, language, around.labels) if label is not None else "…"
        if url is not None:
            _check_address(front.sheet, url)
        if answer and answer in texts.answers:
            front.sheet.problem(button.line_of("answer"), f"{answer!r} is an answer already", "give it another id")
        texts.labels.append({language: said})
        texts.urls.append({language: url.value} if url is not None else {})
        texts.answers.append(answer)
    if "buttons" in front:
        _count(front, len(texts.labels))


def _translate_buttons(front: Fields, language: str, family: Family, texts: _Texts) -> None:
    nodes = front.listed("buttons")
    if "buttons" in front and len(nodes) != len(texts.labels):
        what = f"{len(nodes)} buttons where {family.main.sheet.name} has {len(texts.labels)}"
        front.sheet.problem(front.line_of("buttons"), what, "translate each of them, in the same order")
    for number, node in enumerate(nodes[: len(texts.labels)]):
        button = Fields(front.sheet, _whole(node), BUTTON_TEXTS)
        label, url = button.scalar("label"), button.scalar("url")
        if label is not None:
            texts.labels[number][language] = checked(front.sheet, label, LABEL, language, family.around.labels)
        if url is None:
            continue
        if not texts.urls[number]:
            what = f"{family.main.sheet.name} has no such 'url'"
            front.sheet.problem(url.line, what, "write it there first, or delete it here")
            continue
        _check_address(front.sheet, url)
        texts.urls[number][language] = url.value


def _whole(node: Node) -> Node:
    """A lone label stands for the button that says it."""
    return Mapped(node.line, {"label": node}, {"label": node.line}) if isinstance(node, Text) else node


def _count(front: Fields, found: int) -> None:
    if found > MOST_BUTTONS:
        what = f"{found} buttons where {MOST_BUTTONS} fit"
        front.sheet.problem(front.line_of("buttons"), what, "keep the most important ones")


def _check_address(sheet: Sheet, url: Text) -> None:
    if not is_web_address(url.value):
        sheet.problem(url.line, f"the button's link {url.value!r} leads nowhere", "write it as https://…")


def _topic(front: Fields, around: Around) -> str:
    topic = front.name("topic")
    if topic and topic not in around.topics:
        line = f"add `{topic}: instant` under `topics` in hub.yaml"
        mend = meant(topic, around.topics) if around.topics else line
        front.sheet.problem(front.line_of("topic"), f"hub.yaml has no topic {topic!r}", mend)
    return topic


def moment_of(fields: Fields, key: str) -> datetime | None:
    """A day, or a day and an hour, without a zone. None when it is absent, or none (which is noted)."""
    written = fields.name(key)
    if not written:
        return None
    found = read_moment(written)
    if found is None:
        fields.sheet.problem(fields.line_of(key), f"there is no {written}", MOMENT.mend)
    return found


def read_moment(written: str) -> datetime | None:
    """`2026-12-01 10:00`, or `2026-12-01` for its first minute; None: there is no such moment."""
    if not MOMENT.fits(written):
        return None
    day, _, hour = written.replace("T", " ").partition(" ")
    try:
        return datetime.fromisoformat(f"{day} {hour.rjust(5, '0')}" if hour else f"{day} 00:00")
    except ValueError:
        return None


def read_window(written: str) -> tuple[time, time] | None:
    """`10:00-18:00`; None: it is no window, or ends when it begins. It may go over midnight."""
    if not WINDOW.fits(written):
        return None
    begins, ends = (_clock(one.strip()) for one in written.replace("–", "-").split("-"))
    return None if begins == ends else (begins, ends)


def _clock(written: str) -> time:
    hours, minutes = written.split(":")
    return time(int(hours), int(minutes))


def _window(front: Fields) -> tuple[time, time] | None:
    written = front.name("window")
    if not written:
        return None
    found = read_window(written)
    if found is None:
        front.sheet.problem(front.line_of("window"), "the window ends when it begins", "give a later end")
    return found


def read_mailing_rules(fields: Fields | None) -> MailingRules:
    """`mailings:` of hub.yaml, with the usual values where it says nothing."""
    usual = MailingRules()
    if fields is None:
        return usual
    chosen = fields.choice("approval")
    numbers: Mapping[str, int | None] = {
        key: fields.number(key)
        for key in ("cancel_minutes", "failures_in_a_row", "canary_minutes", "canary_failures", "canary_dislikes")
    }

    def said(key: str, otherwise: int) -> int:
        number = numbers[key]
        return otherwise if number is None else number

    return MailingRules(
        approval=next((one for one in APPROVALS if one == chosen), usual.approval),
        cancel_minutes=said("cancel_minutes", usual.cancel_minutes),
        failures_in_a_row=said("failures_in_a_row", usual.failures_in_a_row),
        canary_minutes=said("canary_minutes", usual.canary_minutes),
        canary_failures=said("canary_failures", usual.canary_failures),
        canary_dislikes=said("canary_dislikes", usual.canary_dislikes),
    )


def _words(texts: dict[str, str], language: str) -> Words:
    """A stand-in where there is none, which was noted."""
    return Words(texts if language in texts else {language: "…", **texts}, language)


MAILINGS: Final = Shelf("mailings", "md", "autumn-prices", read_mailing, optional=True, longest=LONGEST_ID)
