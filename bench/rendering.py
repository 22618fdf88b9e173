"""How fast cards are drawn for each messenger, when no two are equal but the texts are; and conditions asked."""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session

from bench.hub_process import CONTENT, people
from bench.measure import RUNS, Result, Wanted
from bench.wires.crowd import FIRST
from bots.slack.render import message
from bots.telegram.render import render
from core.cards import Card, Progress
from core.codec import write_card
from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from core.content.conditions.condition import Value, parse_condition
from core.content.conditions.known_fields import CLIENT
from core.events import Address
from core.onboarding.cards import checklist_card, guide_card, steps_card
from core.onboarding.courses import load_all
from core.onboarding.overview import overview_card
from core.people.accounts import Member, recognise
from core.people.readers import gather, reader_of
from storage.database import Database
from storage.upgrade import upgrade

CARDS = 2000
NAMES = ("Dana", "Иван", "Zoë", "Søren", "Аня", "Li", "O'Brien", "Maximiliane", "José & Co", "Ng")


def sample_cards() -> list[Card]:
    """What a client called Dana sees on the way through the sample content: steps, guides, lists, home."""
    with tempfile.TemporaryDirectory() as folder:
        database, catalogue = Database(f"sqlite:///{Path(folder)}/hub.db"), read_catalogue(CONTENT)
        try:
            upgrade(database.engine)
            return database.transact_now(_draw_all, catalogue, datetime.now(UTC))
        finally:
            database.close()


def _draw_all(session: Session, catalogue: Catalogue, now: datetime) -> list[Card]:
    people(session, catalogue, 1, now)
    who = recognise(session, catalogue, Address("telegram", str(FIRST)))
    assert isinstance(who, Member)
    reader = reader_of(catalogue, gather(session, who.account), who)
    courses = load_all(session, catalogue, who.account.id)
    cards = [overview_card(reader, courses)]
    for course in courses:
        cards.append(steps_card(course, reader))
        for step in course.checklist.steps:
            notice = who.voice.say("step.is_done", title=f"{step.id} of Dana")
            cards.append(checklist_card(course, reader, step.id, notice))
            if step.guide is not None:
                cards.append(guide_card(course, reader, step))
    return cards


def different_cards(samples: list[Card], count: int, number: Iterator[int]) -> list[Card]:
    """So many cards, no two equal: other people, other progress. `number` makes those of each call new."""
    found = []
    for sample in itertools.islice(itertools.cycle(samples), count):
        n = next(number)
        name = f"{NAMES[n % len(NAMES)]} {n}"
        text = sample.text.replace("Dana 0", name).replace("Dana", name).replace("Client 0", f"Client {n}")
        found.append(
            replace(
                sample,
                text=text if text != sample.text else f"{name}:\n\n{text}",
                title=sample.title.replace("Client 0", f"Client {n}"),
                progress=Progress(n % 9, 8) if sample.progress else None,
            )
        )
    return found


def per_second(draw: Callable[[Card], object], cards: list[Card]) -> float:
    begun = time.perf_counter()
    for card in cards:
        draw(card)
    return len(cards) / (time.perf_counter() - begun)


def rendering(runs: int = RUNS, cards: int = CARDS) -> list[Result]:
    """Cards per second and messenger, beside writing the same cards as JSON."""
    samples, number = sample_cards(), itertools.count()
    results = []
    for name, draw in (("Telegram", render), ("Slack", lambda card: message(card, None))):
        ours, partner = [], []
        for _ in range(runs):
            drawn = different_cards(samples, cards, number)
            partner.append(per_second(write_card, drawn))
            ours.append(per_second(draw, drawn))
        what = f"Drawing cards for {name}"
        results.append(Result(what, "/s", ours, partner, "the cards as JSON", Wanted(5000, of="ours")))
    return [*results, asking(runs)]


ASKED = 20_000
SEGMENTS = ("enterprise", "Mid-market", "smb", "startup")


def asking(runs: int = RUNS) -> Result:
    """Microseconds to ask one client whether a condition of three comparisons holds."""
    asked = "segment in ['enterprise', 'mid-market'] and mrr > 1000 and not product in ['SAML']"
    condition = parse_condition(asked, CLIENT)
    clients: list[dict[str, Value]] = [
        {"segment": SEGMENTS[n % 4], "mrr": Decimal(n), "product": ("Campaigns", "SAML")[: 1 + n % 2]}
        for n in range(2000)
    ]
    ours: list[float] = []
    partner: list[float] = []
    for _ in range(runs):
        for ask, spent in ((condition.holds, ours), (plainly, partner)):
            begun = time.perf_counter()
            for client in itertools.islice(itertools.cycle(clients), ASKED):
                ask(client)
            spent.append((time.perf_counter() - begun) / ASKED * 1e6)
    return Result("Asking a condition", "µs", ours, partner, "the same written in Python", Wanted(10, "most", "ours"))


def plainly(client: Mapping[str, Any]) -> bool:
    """What the condition says, by hand."""
    big = client["segment"].casefold() in {"enterprise", "mid-market"} and client["mrr"] > 1000
    return big and "saml" not in map(str.casefold, client["product"])
