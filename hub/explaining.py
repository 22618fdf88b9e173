"""The commands about what people get unasked: why they got it, and why they do not.

What a command needs is imported inside it, so that the others start at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from hub.settings import load
from hub.terminal import catalogue, open_database, start_logging, stop

if TYPE_CHECKING:
    from sqlmodel import Session

    from core.cards import Card
    from core.content.catalogue import Catalogue
    from core.people.accounts import Member

EmailArgument = Annotated[str, typer.Argument(help="A contact who has been imported.")]
LastOption = Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")]


def why(email: EmailArgument, last: LastOption = 10) -> None:
    """What one person was to get unasked: which rule, what was true, what kept it back, what became of it."""
    from core.desk.whys import why_card

    with _asked(email) as (session, content, who):
        _print(why_card(session, content.voice(None), who, last))


def whynot(
    email: EmailArgument,
    rule: Annotated[str, typer.Argument(help="As `hub why` names it, such as nudge:stalled-step.")],
) -> None:
    """Whether a rule would speak to one person now, and what stands against it. Nothing is sent, nothing is kept."""
    from core.desk.whys import whynot_card
    from hub.clock import now

    with _asked(email) as (session, content, who):
        _print(whynot_card(session, content, content.voice(None), who, rule, now()))


@contextmanager
def _asked(email: str) -> "Iterator[tuple[Session, Catalogue, Member]]":
    """The contact, in a transaction that is taken back whatever was tried in it."""
    from sqlmodel import Session

    from core.content.versions.history import dated
    from core.desk.whys import find

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    with open_database(settings) as database, Session(database.engine) as session:
        content = dated(session, content)
        who = find(session, content, email, None)
        if who is None:
            stop(f"No contact has the e-mail {email.strip()}; import the client first.")
        yield session, content, who
        session.rollback()


def _print(card: "Card") -> None:
    from core.markup import plain

    typer.echo(f"{card.title}\n")
    typer.echo(plain(card.text))
    if card.note:
        typer.echo(f"\n{plain(card.note)}")
