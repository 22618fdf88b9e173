"""What operators see of mailings in a terminal: the same cards our people have in Slack, as text, and a moving bar."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn
from sqlmodel import Session, col, select

from core.cards import Card
from core.content.catalogue import Catalogue
from core.content.conditions.condition import BadCondition
from core.mailings.counting import Counts, counts
from core.mailings.desk import card_for
from core.mailings.drafting import Written, of_file, texts
from core.mailings.previewing import Sight, outlook, sights, unsaved
from core.mailings.run_cards import preview_card
from core.markup import plain
from core.people.accounts import Colleague
from hub.clock import now
from hub.content.preview_terminal import print_cards
from hub.content.preview_views import MESSENGERS, sight
from hub.terminal import stop
from playground.sights import Reader, Row, Showing
from storage.database import Database
from storage.tables import Csm, Mailing

LOOK: Final = 1.0
"""Seconds between two looks of `--follow`."""

OVER: Final = ("finished", "cancelled")


def runs(session: Session, most: int) -> Sequence[tuple[Mailing, Counts]]:
    """The newest first."""
    found = session.exec(select(Mailing).order_by(col(Mailing.id).desc()).limit(most)).all()
    return [(run, counts(session, run.id or 0)) for run in found]


def find(session: Session, which: str) -> Mailing | None:
    """By its number, or the newest run of a file; None: there is none."""
    if which.isascii() and which.isdigit() and len(which) < 19:
        return session.get(Mailing, int(which))
    return session.exec(select(Mailing).where(Mailing.name == which).order_by(col(Mailing.id).desc())).first()


def operator(content: Catalogue) -> Colleague:
    """Whoever sits at the command line sees all, on the hub's clock."""
    rules = content.rules
    return Colleague(Csm(email="", role="admin"), content.voice(rules.language), rules.timezone)


def print_outlook(database: Database, content: Catalogue, which: int | str) -> int:
    """To whom it would go, who is left out, and three of them with their cards. `which`: a run, or a file's id, of
    which nothing is written down. Returns how many would get it."""

    def look(session: Session) -> tuple[Card, Sequence[Sight], int]:
        moment = now()
        run, said = _meant(session, content, which)
        expected = outlook(session, content, run, moment)
        card = preview_card(content, operator(content), run, said, expected, moment, may_edit=False, may_approve=False)
        return card, sights(session, content, run, said, moment), expected.forecast.total

    try:
        card, seen, people = database.transact_now(look)
    except BadCondition as bad:
        stop(f"Its audience cannot be asked: {bad.what}; {bad.mend}.")
    print_card(card)
    for number, one in enumerate(seen, 1):
        if one.card is None:
            typer.echo(f"\n{one.name} ({one.account}): the words cannot be filled in: {one.why}", err=True)
            continue
        reader = Reader("", one.language, f"{one.name} ({one.account}), {one.language}")
        drawn = tuple(sight(messenger, one.card, now()) for messenger in MESSENGERS)
        row = Row(f"sample-{number}", f"{number} of {len(seen)}", "", (drawn,))
        typer.echo()
        print_cards(Showing("A sample", (), (), (), (reader,), (row,)), "")
    return people


def _meant(session: Session, content: Catalogue, which: int | str) -> tuple[Mailing, Mapping[str, Written]]:
    """A run with its words; of a file one that stands in no database."""
    if isinstance(which, int):
        return session.get_one(Mailing, which), texts(session, which)
    drafted = of_file(content, content.mailings[which], f"preview:{which}")
    return unsaved(drafted, now()), drafted.texts


def print_card(card: Card) -> None:
    """Title, words and facts as lines."""
    typer.echo(card.title)
    typer.echo(plain(card.text))
    wide = max((len(label) for label, _ in card.facts), default=0)
    for label, value in card.facts:
        typer.echo(f"  {label.ljust(wide)}  {value}")
    if card.note:
        typer.echo(plain(card.note))


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn())
    return Progress(*columns, TextColumn("{task.fields[pace]}"), console=Console(stderr=True))


def print_run(database: Database, content: Catalogue, number: int) -> None:
    """How far it has come, once."""
    run, card, counted = _look(database, content, number)
    print_card(card)
    if counted.total:
        with _bar() as bar:
            bar.add_task(run.state, total=counted.total, completed=counted.done, pace="")


def follow(database: Database, content: Catalogue, number: int) -> None:
    """Until it is over, or the operator had enough: the run goes on without being looked at."""
    try:
        with _bar() as bar:
            task = bar.add_task("…", total=None, pace="")
            while True:
                run, card, counted = _look(database, content, number)
                bar.update(
                    task,
                    description=run.state,
                    total=counted.total or None,
                    completed=counted.done,
                    pace=plain(card.note) if run.pace else "",
                )
                if run.state in OVER:
                    break
                time.sleep(LOOK)
    except KeyboardInterrupt:
        typer.echo("It goes on without being looked at.", err=True)
    print_card(_look(database, content, number)[1])


def _look(database: Database, content: Catalogue, number: int) -> tuple[Mailing, Card, Counts]:
    def read(session: Session) -> tuple[Mailing, Card, Counts]:
        run = session.get_one(Mailing, number)
        return run, card_for(session, content, operator(content), run, now()), counts(session, number)

    return database.transact_now(read)
