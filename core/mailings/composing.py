"""The box in which our people write a mailing: what it asks, and what is made of the answers or wrong with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from core.actions import CountAudience, SaveMailing, pack
from core.cards import Field, Form
from core.content.catalogue import Catalogue, Problem
from core.content.conditions.condition import BadCondition
from core.content.conditions.tree import Among, told
from core.content.kinds.drafts import LARGEST_MEDIA
from core.content.kinds.mailing_files import read_moment, read_window
from core.content.kinds.mailing_rules import CATEGORIES, MOST_BUTTONS
from core.content.reading.families import look_at_media
from core.content.reading.sheets import Sheet, Text
from core.content.texts.phrases import Voice
from core.content.texts.variables import for_labels
from core.content.texts.wording import LABEL, TEXT, TITLE, Sort, checked, is_web_address
from core.mailings.drafting import Draft, Press, Written, condition
from core.people.accounts import Colleague, local
from storage.tables import Mailing

LONGEST_AUDIENCE: Final = 1000
LONGEST_BUTTONS: Final = 1500
LONGEST_URL: Final = 2000
"""Characters (Slack: plain_text_input takes 3000)."""

Typed: TypeAlias = Literal["text", "multiline"]

_ANSWER: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made of a filled box, and what is wrong with it."""

    draft: Draft
    errors: Mapping[str, str]
    """By field id, in the person's words; empty: all is well."""


def portfolio(who: Colleague) -> str:
    """What a CSM's own audiences are held to, as an expression; empty: an admin's, who may write to all."""
    return "" if who.csm.role == "admin" else told(Among("csm", "text", (who.csm.email,)))


def narrowed(expression: str, within: str) -> str:
    """The expression for those alone who are `within`. Both have been read before: brackets in them are closed."""
    expression = expression.strip()
    if not within:
        return expression
    return f"({expression}) and {within}" if expression else within


def widened(audience: str, within: str) -> str:
    """What `narrowed` was made of, for the person to go on with."""
    if within and audience == within:
        return ""
    inner = audience.removesuffix(f" and {within}") if within else audience
    return inner[1:-1] if inner != audience else audience


def form(
    catalogue: Catalogue,
    who: Colleague,
    number: int,
    given: Mapping[str, str],
    note: str = "",
) -> Form:
    """The box. `number`: of the mailing that is changed, 0 for a new one; `given`: what stands in it; `note`: whom it
    reaches, once that was counted."""
    voice, rules = who.voice, catalogue.rules

    def text(key: str, kind: Typed, *, required: bool = False, longest: int = 100, label: str = "") -> Field:
        said = label or voice.plain(f"runs.field_{key}")
        hint = voice.plain(f"runs.hint_{key}") if key in _HINTED else ""
        return Field(key, said, kind, given.get(key, ""), required=required, hint=hint, longest=longest)

    def select(key: str, options: tuple[tuple[str, str], ...], *, required: bool = False) -> Field:
        label = voice.plain(f"runs.field_{key}")
        return Field(key, label, "select", given.get(key, ""), options, required)

    others = catalogue.phrases.languages[1:]
    hours = tuple((str(hour), f"{hour:02}:00") for hour in range(24))
    fields = [
        text("title", "text", required=True, longest=TITLE.longest),
        text("text", "multiline", required=True, longest=TEXT.longest),
        text("audience", "text", longest=LONGEST_AUDIENCE),
        Field("count", voice.plain("button.run_count"), "press", pack(CountAudience(number))),
        *([Field("counted", "…", "note", note)] if note else []),
        text("unless", "text", longest=LONGEST_AUDIENCE),
        text("buttons", "multiline", longest=LONGEST_BUTTONS),
        text("media", "text", longest=LONGEST_URL),
        select("category", tuple((one, voice.plain(f"runs.category_{one}")) for one in CATEGORIES), required=True),
        *([select("topic", tuple((one, voice.topic(one)) for one in rules.topics))] if rules.topics else []),
        text("at", "text", longest=16),
        select("local_hour", hours),
        text("window", "text", longest=15),
        text("expires", "text", longest=16),
        text("priority", "text", longest=3),
        text("canary", "text", longest=2),
    ]
    for language in others:
        called = catalogue.voice(language).plain("language.name")
        for key, kind, longest in _TRANSLATED:
            label = voice.plain(f"runs.field_{key}_in", language=called)
            fields.append(text(f"{key}:{language}", kind, longest=longest, label=label))
    return Form(
        title=voice.plain("runs.form_title"),
        submit=voice.plain("button.run_preview"),
        cancel=voice.plain("button.cancel"),
        action=pack(SaveMailing(number)),
        fields=tuple(fields),
    )


_TRANSLATED: Final[tuple[tuple[str, Typed, int], ...]] = (
    ("title", "text", TITLE.longest),
    ("text", "multiline", TEXT.longest),
    ("buttons", "multiline", LONGEST_BUTTONS),
)
_HINTED: Final = frozenset({"text", "audience", "unless", "buttons", "media", "at", "window", "expires", "canary"})


def given_of(catalogue: Catalogue, mailing: Mailing, said: Mapping[str, Written], within: str) -> Mapping[str, str]:
    """What stands in the box of a mailing that was written before."""
    rules = catalogue.rules
    default = rules.language if rules.language in said else min(said)
    given = {
        "title": said[default].title,
        "text": said[default].body,
        "audience": widened(mailing.audience, within),
        "unless": mailing.but,
        "buttons": "\n".join(f"{one.label} = {one.url or one.answer}" for one in said[default].buttons),
        "media": said[default].media.partition(":")[2].removeprefix("content:"),
        "category": mailing.category,
        "topic": mailing.topic,
        "at": _written(mailing.starts_at, rules.timezone),
        "local_hour": "" if mailing.local_hour is None else str(mailing.local_hour),
        "window": f"{mailing.window_from:%H:%M}-{mailing.window_until:%H:%M}"
        if mailing.window_from and mailing.window_until
        else "",
        "expires": _written(mailing.expires_at, rules.timezone),
        "priority": str(mailing.priority),
        "canary": str(mailing.canary or ""),
    }
    for language, one in said.items():
        if language != default:
            given[f"title:{language}"], given[f"text:{language}"] = one.title, one.body
            given[f"buttons:{language}"] = "\n".join(press.label for press in one.buttons)
    return given


def _written(at: datetime | None, zone: str) -> str:
    return "" if at is None else f"{local(at, zone):%Y-%m-%d %H:%M}"


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
