"""Every benchmark can be run: one tiny round of each, whatever its figures."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bench import (
    claiming,
    content,
    digests,
    feed,
    importing,
    mailings,
    nudges,
    rendering,
    resting,
    simulating,
    talking,
    ticking,
    updates,
)
from bench.__main__ import ALL
from bench.measure import Result

ROUNDS: dict[str, Callable[[], list[Result]]] = {
    "telegram": lambda: talking.telegram(1, total=4, chats=4),
    "distance": lambda: talking.distance(1, total=4, echoed=2, chats=4),
    "slack": lambda: talking.slack(1, total=4, chats=4),
    "latency": lambda: talking.latency(1, total=4, chats=4),
    "resting": lambda: resting.resting(1, seconds=0.1, settled=0.0),
    "claiming": lambda: claiming.claiming(1, many=200, few=150),
    "rendering": lambda: rendering.rendering(1, cards=40),
    "importing": lambda: importing.importing(1, contacts=20),
    "content": lambda: content.content(1, files=4),
    "simulating": lambda: simulating.simulating(1, clients=2, days=2),
    "nudges": lambda: nudges.nudges(at_once=20),
    "mailings": lambda: mailings.mailings(20, 200),
    "pace": lambda: mailings.pace(10, looped=2),
    "beside": lambda: mailings.beside(1, total=4, crowd=20, chats=4),
    "sending": lambda: mailings.sending(1, recipients=10),
    "feed": lambda: feed.feed(1, events=30),
    "ticking": lambda: ticking.ticking(1, many=40, few=20),
    "digests": lambda: digests.digests(8),
    "publishing": lambda: digests.publishing(8),
    "badges": lambda: digests.badges(8),
    "unseen": lambda: updates.unseen(1, updates=400),
}


DEAR = ("telegram", "distance", "pace", "beside")
"""Rounds of many processes, each of which another round starts too: the hub, the wires, an echo and a loop."""


@pytest.fixture(autouse=True)
def _tables_are_there(
    monkeypatch: pytest.MonkeyPatch, _sqlite_template: Path, _postgres_template: str, _postgres: str
) -> None:
    """To make a server and all its tables anew for every round would cost more than the rounds."""
    monkeypatch.setenv("BENCH_SQLITE", str(_sqlite_template))
    address = make_url(_postgres).set(drivername="postgresql+psycopg", database=_postgres_template)
    monkeypatch.setenv("BENCH_POSTGRES", address.render_as_string(False))


def test_a_round_of_every_benchmark_is_tried() -> None:
    assert ROUNDS.keys() == ALL.keys()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak if name in DEAR else ()) for name in ROUNDS]
)
def test_a_tiny_round_gives_figures(name: str) -> None:
    results = ROUNDS[name]()

    assert results
    for result in results:
        assert all(figure >= 0 for figure in (*result.ours, *result.partner)), result.what


def test_no_two_cards_are_equal_and_none_is_without_its_name() -> None:
    number = iter(range(100))

    cards = rendering.different_cards(rendering.sample_cards(), 30, number)

    assert len(set(cards)) == 30
    assert not any("Dana 0" in card.text for card in cards[1:])
