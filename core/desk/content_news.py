"""What admins hear of the content they saved: what is broken and how to mend it, and what a good version changes."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from core.cards import Card
from core.content.catalogue import Catalogue, Problem
from core.content.texts.phrases import Voice
from core.content.versions import history
from core.content.versions.changes import Changes, ChecklistChange, FileChange, in_words, summary, summary_of
from core.content.versions.history import Newest
from core.markup import Markdown
from core.outbox import made_from, post
from core.people.accounts import csm_address
from core.people.colleagues import know_admins
from core.people.heads import Heads, heads
from storage.tables import ContentVersion, Csm

MOST_PROBLEMS = 10
"""Told in the message; `hub content check` lists all. With the lengths below it fits into one (Slack: 8,000)."""

MOST_LINES = 10
"""Checklists, and steps of one, that are named."""

LONGEST_PLACE, LONGEST_WORDS = 120, 250
"""Characters of `file:line`, of which the end tells most, and of what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A good version on its way into force."""

    catalogue: Catalogue
    outline: str = ""
    """As core.content.versions.outline writes it; needed when it is not in force yet."""
    changes: Changes | None = None
    """None: there is nothing to compare it with."""
    commit: str | None = None
    """Of the repository the folder lies in."""


def saved(session: Session, saved: Saved, before: Newest, now: datetime) -> Catalogue | None:
    """Bring a good version into force: write it down, tell the admins once, and date its steps.

    None, and nothing is changed: something else was saved since `before`, compare with that. Bringing in what is in
    force already changes nothing. Key of what admins are told: `content:<number of the version>:<csm id>`.
    """
    if history.newest(session).number != before.number:
        return None
    catalogue, changes = saved.catalogue, saved.changes
    made_from(session, catalogue)
    know_admins(session, catalogue.rules)
    if before.broken or before.version != catalogue.version:
        voice = catalogue.voice(catalogue.rules.language)
        row = ContentVersion(
            number=before.number + 1,
            version=catalogue.version,
            at=now,
            summary=summary(changes, voice) if changes is not None else "",
            outline=saved.outline,
            commit=saved.commit,
        )
        history.begin(session, catalogue, row, changes.touched if changes is not None else (), now)
        if before.number > 0:
            news = _News(session, catalogue, changes, mended=before.broken)
            row.told = _tell(session, catalogue, row, news.card, now)
    return history.dated(session, catalogue)


def broken(session: Session, catalogue: Catalogue, problems: Sequence[Problem], now: datetime) -> bool:
    """What was saved is broken: write it down and tell the admins, once for each set of problems in a row.

    `catalogue` is the one in force. False: this was told already. Key: `content:<number of the version>:<csm id>`.
    """
    before = history.newest(session)
    version = hashlib.sha256("\n".join(map(str, problems)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    if before.broken and before.version == version:
        return False
    made_from(session, catalogue)
    first = [_brief(problem, catalogue.folder) for problem in problems[:MOST_PROBLEMS]]
    row = ContentVersion(
        number=before.number + 1,
        version=version,
        broken=True,
        at=now,
        summary=catalogue.voice(catalogue.rules.language).say("content.problems", count=len(problems)),
        problems=history.write_problems(first, len(problems)),
    )
    session.add(row)
    session.flush()
    row.told = _tell(session, catalogue, row, lambda voice: _broken_card(voice, row), now)
    return True


def catch_up(session: Session, catalogue: Catalogue, csm: Csm, now: datetime) -> None:
    """An admin is here for the first time: what is broken now is told to them, too."""
    before = history.newest(session)
    row = session.get(ContentVersion, before.number) if before.broken and csm.role == "admin" else None
    if row is not None and csm.email not in row.told.split():
        told = _tell_one(session, catalogue, row, csm, lambda voice: _broken_card(voice, row), now)
        row.told = " ".join(filter(None, (row.told, csm.email if told else "")))


def _tell(
    session: Session, catalogue: Catalogue, row: ContentVersion, card: Callable[[Voice], Card], now: datetime
) -> str:
    """Tell every admin whom we know in Slack; returns their e-mails."""
    admins = session.exec(select(Csm).where(Csm.role == "admin", col(Csm.address).is_not(None)).order_by(Csm.email))
    return " ".join(csm.email for csm in admins.all() if _tell_one(session, catalogue, row, csm, card, now))


def _tell_one(
    session: Session,
    catalogue: Catalogue,
    row: ContentVersion,
    csm: Csm,
    card: Callable[[Voice], Card],
    now: datetime,
) -> bool:
    to = csm_address(csm)
    if to is None:
        return False
    key = f"content:{row.number}:{csm.id}"
    shown = card(catalogue.voice(csm.language))
    return post(session, key=key, to=to, card=shown, kind="content", now=now, repeatable=False) is not None


def _brief(problem: Problem, folder: str) -> tuple[str, str, str]:
    """Place, what is wrong and how to mend it, of which none may be endless: file names and values are people's."""
    file = problem.file
    if Path(file).is_relative_to(folder):
        file = str(Path(file).relative_to(folder))
    place = _clip(f"{file}:{problem.line}"[::-1], LONGEST_PLACE)[::-1]
    return place, _clip(problem.what, LONGEST_WORDS), _clip(problem.mend, LONGEST_WORDS)


def _clip(text: str, longest: int) -> str:
    """On one line; what no database and no messenger takes is shown as a question mark."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _broken_card(voice: Voice, row: ContentVersion) -> Card:
    first, count = history.read_problems(row.problems)
    lines = [voice.say("content.problem", place=place, what=what, mend=mend) for place, what, mend in first]
    parts = [voice.say("content.broken", count=count), "\n".join(f"- {line}" for line in lines)]
    if count > len(first):
        parts.append(voice.say("content.more_problems", count=count - len(first)))
    return Card("\n\n".join(parts), title=voice.plain("content.broken_title"))


class _News:
    """What a good version changes, with the people it concerns, for readers of any language."""

    def __init__(self, session: Session, catalogue: Catalogue, changes: Changes | None, *, mended: bool) -> None:
        self._changes = changes or Changes()
        self._mended = mended
        self._version = catalogue.version
        self._all = heads(session, self._changes.touched)
        self._each = {name: heads(session, [name]) for name in self._changes.touched[:MOST_LINES]}

    def card(self, voice: Voice) -> Card:
        changes = self._changes
        what = Markdown(summary(changes, voice))
        first = voice.say("content.mended" if self._mended else "content.in_force", changes=what)
        if self._all.going or self._all.finished:
            first = f"{first} {_people(voice, self._all)}"
        lines = [line for line in self._lines(voice) if line]
        shown = [f"- {line}" for line in lines[:MOST_LINES]]
        if len(lines) > MOST_LINES:
            shown.append(f"- {voice.say('content.more_changes', count=len(lines) - MOST_LINES)}")
        text = "\n\n".join(filter(None, (first, "\n".join(shown))))
        note = voice.say("content.version", version=self._version)
        return Card(text, title=voice.plain("content.good_title"), note=note)

    def _lines(self, voice: Voice) -> list[str]:
        changes = self._changes
        several = len(changes.touched) > 1
        lines = []
        for one in changes.checklists:
            people = _people(voice, self._each.get(one.id, Heads())) if several else ""
            what = Markdown(in_words(summary_of(one), voice))
            lines.append(voice.say("content.checklist", checklist=one.title, changes=what, people=Markdown(people)))
            lines += _step_lines(voice, one)
        lines += [voice.say("content.new", checklist=one.title) for one in changes.new]
        for gone in changes.retired:
            going = self._each.get(gone.id, Heads()).going
            lines.append(voice.say("content.retired", checklist=gone.title, count=going))
        if changes.rules:
            lines.append(voice.say("content.settings", names=", ".join(changes.rules[:MOST_LINES])))
        lines += [_file_line(voice, one) for one in changes.files]
        if changes.languages or changes.languages_gone:
            come, left = ", ".join(changes.languages), ", ".join(changes.languages_gone)
            lines.append(voice.say("content.languages", come=come, gone=left))
        return lines


def _file_line(voice: Voice, change: FileChange) -> str:
    match change.what:
        case "new":
            return voice.say("content.file_new", file=change.name)
        case "changed":
            return voice.say("content.file_changed", file=change.name)
        case "gone":
            return voice.say("content.file_gone", file=change.name)


def _step_lines(voice: Voice, change: ChecklistChange) -> list[str]:
    """Steps that came, went or were renamed, and for whom."""
    lines = [
        voice.say("content.step_added" if not one.everyone else "content.step_added_for_all", title=one.title)
        for one in change.added[:MOST_LINES]
    ]
    lines += [voice.say("content.step_removed", title=one.title) for one in change.removed[:MOST_LINES]]
    lines += [
        voice.say("content.step_renamed", title=one.title, id=one.id, was=one.was)
        for one in change.renamed[:MOST_LINES]
    ]
    return lines


def _people(voice: Voice, heads: Heads) -> str:
    if heads.going and heads.finished:
        return voice.say("content.people", count=heads.going, done=heads.finished)
    if heads.finished:
        return voice.say("content.people_finished", done=heads.finished)
    return voice.say("content.people_going", count=heads.going) if heads.going else ""
