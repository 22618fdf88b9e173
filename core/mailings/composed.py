"""What our people filled into the box of a mailing: a draft, or what is wrong with it, field by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from core.content.catalogue import Catalogue, Problem
from core.content.conditions.condition import BadCondition
from core.content.kinds.drafts import LARGEST_MEDIA
from core.content.kinds.mailing_files import read_moment, read_window
from core.content.kinds.mailing_rules import CATEGORIES, MOST_BUTTONS
from core.content.reading.families import look_at_media
from core.content.reading.sheets import Sheet, Text
from core.content.texts.phrases import Voice
from core.content.texts.variables import for_labels
from core.content.texts.wording import LABEL, TEXT, TITLE, Sort, checked, is_web_address
from core.mailings.composing import LONGEST_AUDIENCE, LONGEST_URL, narrowed, portfolio
from core.mailings.drafting import Draft, Press, Written, condition
from core.people.accounts import Colleague

_ANSWER: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made of a filled box, and what is wrong with it."""

    draft: Draft
    errors: Mapping[str, str]
    """By field id, in the person's words; empty: all is well."""


@dataclass(slots=True)
class _Reading:
    """Takes answers out of a filled box and notes what is wrong with each."""

    catalogue: Catalogue
    voice: Voice
    answers: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def word(self, key: str) -> str:
        return self.answers.get(key, "").strip()

    def wrong(self, key: str, what: str, mend: str) -> None:
        self.errors.setdefault(key, self.voice.plain("runs.wrong", what=what, mend=mend))

    def said(self, key: str, value: str, sort: Sort, language: str) -> str:
        """A text for clients, checked as those of files are."""
        problems: list[Problem] = []
        known = for_labels(self.catalogue.rules.fields)
        checked(Sheet(key, problems), Text(1, value, 1), sort, language, known)
        for problem in problems:
            self.wrong(key, problem.what, problem.mend)
        return value

    def expression(self, key: str) -> str:
        written = self.word(key)
        if len(written) > LONGEST_AUDIENCE:
            self.wrong(key, f"{len(written)} > {LONGEST_AUDIENCE}", "…")
            return ""
        try:
            condition(self.catalogue, written)
        except BadCondition as bad:
            self.wrong(key, bad.what, bad.mend)
            return ""
        return written

    def moment(self, key: str) -> datetime | None:
        written = self.word(key)
        found = read_moment(written) if written else None
        if written and found is None:
            self.errors.setdefault(key, self.voice.plain("runs.wrong_moment"))
        return found.replace(tzinfo=ZoneInfo(self.catalogue.rules.timezone)) if found is not None else None

    def number(self, key: str, least: int, most: int, usual: int) -> int:
        written = self.word(key)
        if not written:
            return usual
        if re.fullmatch("[0-9]{1,3}", written) and least <= int(written) <= most:
            return int(written)
        self.errors.setdefault(key, self.voice.plain("runs.wrong_number", shortest=least, longest=most))
        return usual


def read(catalogue: Catalogue, who: Colleague, answers: Mapping[str, str], key: str, now: datetime) -> Filled:
    """A draft of what was filled in. `key`: why it exists, for a new one. What is wrong is told with its field."""
    reading = _Reading(catalogue, who.voice, answers)
    default, *others = catalogue.phrases.languages
    media = _media(reading)
    title = reading.said("title", reading.word("title"), TITLE, default)
    body = reading.said("text", reading.word("text"), TEXT, default)
    for name, value in (("title", title), ("text", body)):
        if not value:
            reading.errors.setdefault(name, who.voice.plain("runs.wrong_empty"))
    presses = _presses(reading, default)
    texts = {default: Written(title, body, presses, media)}
    for language in others:
        other = _translation(reading, language, texts[default])
        if other is not None:
            texts[language] = other
    begins, ends = reading.moment("at"), reading.moment("expires")
    if ends is not None and ends <= max(begins or now, now):
        reading.errors.setdefault("expires", who.voice.plain("runs.wrong_end"))
    window = read_window(reading.word("window")) if reading.word("window") else None
    if reading.word("window") and window is None:
        reading.errors.setdefault("window", who.voice.plain("runs.wrong_window"))
    hour = reading.word("local_hour")
    topic = reading.word("topic")
    within = portfolio(who)
    drafted = Draft(
        key=key,
        name=title[:100],
        title=title,
        texts=texts,
        category=next((one for one in CATEGORIES if one == reading.word("category")), "news"),
        topic=topic if topic in catalogue.rules.topics else "",
        priority=reading.number("priority", 0, 100, 50),
        audience=narrowed(reading.expression("audience"), within),
        but=reading.expression("unless"),
        starts_at=begins,
        local_hour=int(hour) if re.fullmatch("[0-9]{1,2}", hour) and int(hour) < 24 else None,
        window=window,
        expires_at=ends,
        canary=reading.number("canary", 1, 50, 0),
    )
    return Filled(drafted, reading.errors)


def _media(reading: _Reading) -> str:
    """As `Written.media`; a file has to lie below the content folder and be of a size that bots may send."""
    source = reading.word("media")
    if not source:
        return ""
    if "://" in source and not is_web_address(source):
        reading.errors.setdefault("media", reading.voice.plain("runs.wrong_link", link=source[:60]))
        return ""
    size = look_at_media(Path(reading.catalogue.folder), source) if "://" not in source else 0
    if not isinstance(size, int) or size > LARGEST_MEDIA:
        reading.errors.setdefault("media", reading.voice.plain("runs.wrong_file"))
        return ""
    kind = "photo" if source.lower().partition("?")[0].endswith(_PICTURES) else "file"
    return f"{kind}:{source}" if "://" in source else f"{kind}:content:{source}"


def _lines(written: str) -> list[str]:
    return [line.strip() for line in written.splitlines() if line.strip()]


def _presses(reading: _Reading, language: str) -> tuple[Press, ...]:
    """One button a line: `Reserve a seat = https://…`, or `I'll be there = coming` for an answer."""
    lines = _lines(reading.word("buttons"))
    if len(lines) > MOST_BUTTONS:
        reading.errors.setdefault("buttons", reading.voice.plain("runs.wrong_many", longest=MOST_BUTTONS))
    found: list[Press] = []
    for number, line in enumerate(lines[:MOST_BUTTONS], 1):
        label, sign, meant = (part.strip() for part in line.partition("="))
        label = reading.said("buttons", label, LABEL, language)
        if not label or (sign and not meant):
            reading.errors.setdefault("buttons", reading.voice.plain("runs.wrong_button", line=line[:60]))
        elif is_web_address(meant) and len(meant) <= LONGEST_URL:
            found.append(Press(label, url=meant))
        elif not sign or (_ANSWER.fullmatch(meant) and len(meant) <= 32):
            found.append(Press(label, answer=meant or f"answer-{number}"))
        else:
            reading.errors.setdefault("buttons", reading.voice.plain("runs.wrong_button", line=line[:60]))
    answers = [one.answer for one in found if one.answer]
    if len(answers) != len(set(answers)):
        reading.errors.setdefault("buttons", reading.voice.plain("runs.wrong_twice"))
    return tuple(found)


def _translation(reading: _Reading, language: str, main: Written) -> Written | None:
    """The same in another language; None: it is not written in it."""
    title, body = reading.word(f"title:{language}"), reading.word(f"text:{language}")
    labels = _lines(reading.word(f"buttons:{language}"))
    if not title and not body and not labels:
        return None
    for key, value, sort in (("title", title, TITLE), ("text", body, TEXT)):
        if value:
            reading.said(f"{key}:{language}", value, sort, language)
        else:
            reading.errors.setdefault(f"{key}:{language}", reading.voice.plain("runs.wrong_empty"))
    if labels and len(labels) != len(main.buttons):
        wrong = reading.voice.plain("runs.wrong_labels", count=len(labels), total=len(main.buttons))
        reading.errors.setdefault(f"buttons:{language}", wrong)
        labels = []
    for label in labels:
        reading.said(f"buttons:{language}", label, LABEL, language)
    said = labels or [one.label for one in main.buttons]
    presses = tuple(Press(label, one.url, one.answer) for label, one in zip(said, main.buttons, strict=False))
    return Written(title, body, presses, main.media)


def reworded(
    catalogue: Catalogue, who: Colleague, answers: Mapping[str, str], said: Mapping[str, Written]
) -> tuple[Mapping[str, Written], Mapping[str, str]]:
    """`said` with the titles and texts of a box whose fields are `title:<language>` and `text:<language>`.

    Also what is wrong with them, by field. A language whose fields were left empty keeps what it says.
    """
    reading, after = _Reading(catalogue, who.voice, answers), {}
    for language, was in said.items():
        title = reading.said(f"title:{language}", reading.word(f"title:{language}"), TITLE, language)
        body = reading.said(f"text:{language}", reading.word(f"text:{language}"), TEXT, language)
        after[language] = replace(was, title=title or was.title, body=body or was.body)
    return after, reading.errors
