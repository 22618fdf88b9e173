"""Writing down what is to be sent: from a file of content or from somebody's words, not yet said to anybody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue
from core.content.conditions.condition import ALWAYS, Condition, parse_condition
from core.content.conditions.known_fields import known_fields
from core.content.kinds.mailing_rules import Category, MailingFile
from core.content.texts.phrases import Words
from storage.tables import Mailing, MailingText

OPEN = ("draft", "waiting", "leaving", "running", "paused", "cancelling")
"""States of a mailing that is not over."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button below it: leads to a web address, or is an answer."""

    label: str
    """A template, as the text is."""
    url: str = ""
    answer: str = ""
    """Its id; empty: it has a url."""


@dataclass(frozen=True, slots=True)
class Written:
    """What it says in one language."""

    title: str
    body: str
    """Markdown with places, filled in for each reader."""
    buttons: tuple[Press, ...] = ()
    media: str = ""
    """As `core.cards.Media.source`, with its kind before it: `photo:https://…`, `file:content:…`; empty: none."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent, to whom and when. Moments are aware."""

    key: str
    """Why it exists: `slack:<view id>`. Drafted twice, it is there once."""
    name: str
    title: str
    texts: Mapping[str, Written]
    """By two-letter language; at least one."""
    category: Category = "news"
    topic: str = ""
    priority: int = 50
    audience: str = ""
    """An expression; empty: everybody."""
    but: str = ""
    """Who needs it no more, as an expression; empty: nobody says so."""
    starts_at: datetime | None = None
    local_hour: int | None = None
    window: tuple[time, time] | None = None
    expires_at: datetime | None = None
    canary: int = 0


def draft(session: Session, catalogue: Catalogue, what: Draft, csm_id: int | None, now: datetime) -> Mailing:
    """Write it down; drafted before and not approved yet, it is brought up to date, else it stays as it is.

    `csm_id` None: an operator's. Raises BadCondition when an expression is none.
    """
    for expression in (what.audience, what.but):
        condition(catalogue, expression)
    row = session.exec(select(Mailing).where(Mailing.key == what.key).with_for_update()).one_or_none()
    if row is None:
        row = Mailing(key=what.key, name=what.name, title=what.title, csm_id=csm_id, created_at=now)
        session.add(row)
    elif row.state != "draft":
        return row
    row.name, row.title, row.category, row.topic = what.name, what.title, what.category, what.topic
    row.priority, row.audience, row.but = what.priority, what.audience, what.but
    row.starts_at, row.local_hour, row.expires_at, row.canary = (
        what.starts_at,
        what.local_hour,
        what.expires_at,
        what.canary,
    )
    row.window_from, row.window_until = what.window or (None, None)
    row.content_version = catalogue.version
    session.flush()
    _write_texts(session, row.id or 0, what.texts)
    return row


def draft_from_file(session: Session, catalogue: Catalogue, name: str, csm_id: int | None, now: datetime) -> Mailing:
    """A run of `content/mailings/<name>.md`: the one that is not over yet, else a new one.

    Raises KeyError when there is no such file.
    """
    file = catalogue.mailings[name]
    last = session.exec(
        select(Mailing)
        .where(Mailing.name == name, col(Mailing.key).startswith(f"file:{name}:"))
        .order_by(col(Mailing.id).desc())
    ).first()
    if last is not None and last.state in OPEN:
        return draft(session, catalogue, of_file(catalogue, file, last.key), csm_id, now)
    runs = session.exec(
        select(func.count()).select_from(Mailing).where(col(Mailing.key).startswith(f"file:{name}:"))
    ).one()
    return draft(session, catalogue, of_file(catalogue, file, f"file:{name}:{runs + 1}"), csm_id, now)


def of_file(catalogue: Catalogue, file: MailingFile, key: str) -> Draft:
    zone = ZoneInfo(catalogue.rules.timezone)
    return Draft(
        key=key,
        name=file.id,
        title=_in(file.title, catalogue.rules.language),
        texts={language: written_of(file, language) for language in file.languages},
        category=file.category,
        topic=file.topic,
        priority=file.priority,
        audience=file.when.source,
        but=file.unless.source if file.unless is not None else "",
        starts_at=file.at.replace(tzinfo=zone) if file.at is not None else None,
        local_hour=file.local_hour,
        window=file.window,
        expires_at=file.expires.replace(tzinfo=zone) if file.expires is not None else None,
        canary=file.canary,
    )


def written_of(file: MailingFile, language: str) -> Written:
    """What the file says in this language, with the hub's language for what it does not say."""
    kind, source = ("photo", file.picture) if file.picture is not None else ("file", file.file)
    path = _in(source, language) if source is not None else ""
    if path and "://" not in path:
        path = f"content:{path}"
    return Written(
        title=_in(file.title, language),
        body=_in(file.text, language),
        buttons=tuple(
            Press(_in(one.label, language), _in(one.url, language) if one.url is not None else "", one.answer)
            for one in file.buttons
        ),
        media=f"{kind}:{path}" if path else "",
    )


def _in(words: Words, language: str) -> str:
    return words.by_language.get(language) or words.by_language[words.default]


def _write_texts(session: Session, mailing_id: int, said: Mapping[str, Written]) -> None:
    session.execute(delete(MailingText).where(col(MailingText.mailing_id) == mailing_id))
    for language, one in said.items():
        session.add(text_row(mailing_id, language, 1, one))
    session.flush()


def text_row(mailing_id: int, language: str, revision: int, said: Written) -> MailingText:
    """The row of one language's words."""
    buttons = [
        {"label": one.label, "url": one.url} if one.url else {"label": one.label, "answer": one.answer}
        for one in said.buttons
    ]
    return MailingText(
        mailing_id=mailing_id,
        language=language,
        revision=revision,
        title=said.title,
        body=said.body,
        buttons=json.dumps(buttons, ensure_ascii=False),
        media=said.media or None,
    )


def texts(session: Session, mailing_id: int, revision: int | None = None) -> dict[str, Written]:
    """By language, what it says in this revision (None: the newest there is)."""
    rows = session.exec(select(MailingText).where(MailingText.mailing_id == mailing_id)).all()
    newest = max((row.revision for row in rows), default=1) if revision is None else revision
    return {row.language: read_text(row) for row in rows if row.revision == newest}


def every_text(session: Session, mailing_id: int) -> dict[int, dict[str, Written]]:
    """By revision and language, all that it ever said."""
    said: dict[int, dict[str, Written]] = {}
    for row in session.exec(select(MailingText).where(MailingText.mailing_id == mailing_id)).all():
        said.setdefault(row.revision, {})[row.language] = read_text(row)
    return said


def read_text(row: MailingText) -> Written:
    """What `text_row` wrote."""
    presses = tuple(Press(one["label"], one.get("url", ""), one.get("answer", "")) for one in json.loads(row.buttons))
    return Written(row.title, row.body, presses, row.media or "")


def condition(catalogue: Catalogue, expression: str) -> Condition:
    """What an expression of a mailing asks; an empty one always holds. Raises BadCondition."""
    return parse_condition(expression, known_fields(catalogue.rules)) if expression.strip() else ALWAYS


def locked(session: Session, mailing_id: int) -> Mailing | None:
    """The mailing, which nobody else changes until this transaction ends."""
    return session.exec(
        select(Mailing).where(Mailing.id == mailing_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
