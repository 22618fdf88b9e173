"""Makes previews: reads the files as they are now, finds who looks, and has the cards drawn."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from sqlmodel import Session, col, select

from core.content.catalogue import BrokenContent, Catalogue, Problem
from core.content.checking import Reader as ContentReader
from core.mailings.content_previews import is_sent_to
from core.onboarding.previews import Preview, Viewer, is_for_them, made_up, viewer_of
from core.previews import SORTS, NothingToShow, language_of, previews
from core.updates.previews import is_for_them as reaches
from hub.content.preview_views import MESSENGERS, WHEN, sight
from playground.sights import Choice, Reader, Row, Showing, Trouble, Wish
from storage.database import Database
from storage.tables import Account, Contact

NEWCOMER: Final = "new"
"""Somebody made up; `new:admin` with that role at the client."""

MOST_PEOPLE: Final = 200
"""Contacts offered by name; any other is named by e-mail."""

_MADE_UP: Final = {"name": "Alex Doe", "account": "Example Ltd", "csm": "Robin Roe"}
_ENDINGS: Final = (".yaml", ".md")


class NobodyThere(Exception):
    """Nobody is known by this e-mail."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One reader with every card the file leads to for them."""

    reader: Reader
    previews: tuple[Preview, ...]
    note: str = ""


class ContentPreview:
    """Implements playground.sights.Previewer over a content folder, and a database where there is one."""

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime],
        database: Database | None = None,
        in_force: Callable[[], Catalogue | None] = lambda: None,
    ) -> None:
        """`in_force`: what is shown while the files are broken and no good ones were seen yet."""
        self._folder = folder
        self._now = now
        self._database = database
        self._in_force = in_force
        self._good: Catalogue | None = None
        self._readers = (ContentReader(folder, drafts=True), ContentReader(folder))
        self._reading = asyncio.Lock()
        self._read: tuple[object, Catalogue | BrokenContent] | None = None

    async def state(self) -> object:
        return await asyncio.to_thread(_state, self._folder)

    def media(self, name: str) -> Path | None:
        file = (self._folder / name).resolve()
        shown = file.is_relative_to(self._folder.resolve()) and file.suffix.lower() not in _ENDINGS
        return file if shown and file.is_file() else None

    async def catalogue(self) -> tuple[Catalogue | None, tuple[Problem, ...]]:
        """The files as they are now; when they are broken the last good ones, and what is wrong."""
        async with self._reading:
            state = await self.state()
            if self._read is None or self._read[0] != state:
                self._read = (state, await asyncio.to_thread(_read, *self._readers))
            found = self._read[1]
        if isinstance(found, BrokenContent):
            return self._good or self._in_force(), found.problems
        self._good = found
        return found, ()

    async def show(self, wish: Wish) -> Showing:
        """Everything on the page. Whatever is asked for, something is shown: a note says what could not be."""
        catalogue, problems = await self.catalogue()
        files = await asyncio.to_thread(files_of, self._folder)
        file = wish.file or next((one for one in files if one.startswith("onboarding/")), next(iter(files), ""))
        seen = [await self._seen(catalogue, file, who, language) for who, language in wish.readers] if catalogue else []
        return Showing(
            file=file,
            files=tuple(Choice(one, one) for one in dict.fromkeys((*files, file)) if one),
            people=await self._people(catalogue, wish),
            languages=_languages(catalogue),
            readers=tuple(one.reader for one in seen),
            rows=await asyncio.to_thread(_rows, seen, _shown_at(self._now())),
            troubles=tuple(_trouble(problem, self._folder, file) for problem in problems),
            note=" ".join(dict.fromkeys(one.note for one in seen if one.note)),
        )

    async def _seen(self, catalogue: Catalogue, file: str, who: str, language: str) -> Seen:
        """As `seen_by`; whoever there is nothing to show to stands there without cards, with a note."""
        try:
            return await self.seen_by(catalogue, file, who, language or None)
        except NobodyThere:
            return Seen(Reader(who, language, who), (), f"Nobody is known as {who}.")
        except NothingToShow:
            return Seen(Reader(who, language, who), (), f"Clients see no cards of {file or 'these files'}.")

    async def seen_by(self, catalogue: Catalogue, file: str, who: str, language: str | None) -> Seen:
        """Every card of the file for `who`: an e-mail, or somebody made up. `language` None: the file's, else theirs.

        Raises NobodyThere, core.previews.NothingToShow.
        """
        path, now = PurePosixPath(file), self._now()
        spoken = language or language_of(path)

        def draw(viewer: Viewer) -> Seen:
            reader = Reader(who, language or "", _name(viewer))
            reached = (
                is_for_them(catalogue, path, viewer)
                and reaches(catalogue, path, viewer, now)
                and is_sent_to(catalogue, path, viewer, now)
            )
            note = (
                "" if reached else f"As things are, {viewer.who.account.name} does not get this: its `when` is not met."
            )
            return Seen(reader, previews(catalogue, path, viewer, now), note)

        if not who or who.partition(":")[0] == NEWCOMER:
            role = who.partition(":")[2]
            return draw(made_up(catalogue, **_MADE_UP, now=now, role=role, language=spoken or ""))

        def drawn(session: Session) -> Seen | None:
            viewer = viewer_of(session, catalogue, who, spoken)
            return draw(viewer) if viewer is not None else None

        found = await self._database.read(drawn) if self._database is not None else None
        if found is None:
            raise NobodyThere(who)
        return found

    async def _people(self, catalogue: Catalogue | None, wish: Wish) -> tuple[Choice, ...]:
        roles = {step.role: None for one in (catalogue.checklists.values() if catalogue else ()) for step in one.steps}
        choices = [Choice("", "Somebody new")]
        choices += [Choice(f"{NEWCOMER}:{role}", f"Somebody new, {role}") for role in roles if role]
        if self._database is not None:
            choices += await self._database.read(_contacts)
        known = {one.value for one in choices}
        choices += [Choice(who, who) for who, _ in wish.readers if who not in known]
        return tuple(dict.fromkeys(choices))


def files_of(folder: Path) -> list[str]:
    """The content files that lead to cards, checklists first, as paths below the folder."""
    found = [
        path.relative_to(folder).as_posix()
        for part in SORTS
        for path in sorted((folder / part).rglob("*") if (folder / part).is_dir() else [folder / part])
        if path.suffix in _ENDINGS and path.is_file() and not path.name.startswith(".")
    ]
    return sorted(found, key=lambda name: (not name.startswith("onboarding/"), name.rpartition(".")[0]))


def _shown_at(now: datetime) -> datetime:
    """An hour of the day for all cards: on a page that looks again and again only what was saved may change."""
    return now.replace(hour=10, minute=0, second=0, microsecond=0)


def _name(viewer: Viewer) -> str:
    contact = ", ".join(filter(None, (viewer.who.contact.name, viewer.who.contact.role)))
    return f"{contact} · {viewer.who.account.name} · {viewer.who.voice.language}"


def _rows(seen: Sequence[Seen], now: datetime) -> tuple[Row, ...]:
    """One row for each card anybody sees, in the order of who sees most of them."""
    by_key = [{(one.shows, one.key): one for one in each.previews} for each in seen]
    order = dict.fromkeys(key for each in sorted(by_key, key=len, reverse=True) for key in each)
    rows = []
    for shows, key in order:
        cards = [each.get((shows, key)) for each in by_key]
        rows.append(
            Row(
                key=re.sub(r"[^a-z0-9-]+", "-", f"{shows}-{key}".lower()).strip("-"),
                when=WHEN[shows],
                about=next(card.about or (card.key if card.shows == "phrases" else "") for card in cards if card),
                sights=tuple(
                    tuple(sight(messenger, card.card, now) for messenger in MESSENGERS) if card else ()
                    for card in cards
                ),
            )
        )
    return tuple(rows)


def _trouble(problem: Problem, folder: Path, file: str) -> Trouble:
    """Below the folder, as the admin knows the files."""
    path = Path(problem.file)
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else problem.file
    return Trouble(f"{name}:{problem.line}", f"{problem.what}; {problem.mend}", here=name == file)


def _languages(catalogue: Catalogue | None) -> tuple[Choice, ...]:
    if catalogue is None:
        return ()
    named = {code: catalogue.voice(code).plain("language.name") for code in catalogue.phrases.languages}
    twice = Counter(named.values())  # of a draft that is not called anything yet
    return tuple(Choice(code, f"{name} ({code})" if twice[name] > 1 else name) for code, name in named.items())


def _contacts(session: Session) -> list[Choice]:
    found = session.exec(
        select(Contact, Account)
        .join(Account, col(Account.id) == Contact.account_id)
        .order_by(col(Account.name), col(Contact.name))
        .limit(MOST_PEOPLE)
    )
    return [
        Choice(contact.email, ", ".join(filter(None, (contact.name, contact.role))), group=account.name)
        for contact, account in found
    ]


def _read(with_drafts: ContentReader, without: ContentReader) -> Catalogue | BrokenContent:
    """With languages that are drafts, as long as nothing is wrong with them."""
    try:
        return with_drafts.read()
    except BrokenContent as broken:
        if not with_drafts.drafts:
            return broken
    try:
        return without.read()
    except BrokenContent as broken:
        return broken


def _state(folder: Path) -> object:
    """Name, time and size of every file; what vanishes while we look counts as not there."""
    return tuple(sorted(_files(folder)))


def _files(folder: Path) -> Iterable[tuple[str, int, int]]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118 - asked several times a second, and a Path costs ten times as much
            try:
                status = os.stat(path)  # noqa: PTH116 - the same
            except OSError:
                continue
            yield path, status.st_mtime_ns, status.st_size
