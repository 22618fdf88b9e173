"""The time machine: the same seed is the same run, the laws of attention hold in it, and nothing real is touched."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel

from core.actions import SnoozeReminders, StepDone, pack
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from hub.simulation import report
from hub.simulation.personas import CAST, KEEN, SNOOZER, Persona, chosen
from hub.simulation.run import Run, Wish, play
from storage.database import Database
from storage.tables import Account, Chat, Contact
from tests.core.stage import sample

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
SHORT = Wish(since=MONDAY, days=10, seed=2, clients=3)


pytestmark = pytest.mark.xdist_group("simulation")  # a run takes seconds, and many look at the same one


@cache
def run() -> Run:
    return play(sample(), SHORT)


def changed(tmp_path: Path, change: Callable[[Path], None]) -> Catalogue:
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    change(folder)
    return read_catalogue(folder)


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def test_people_get_something_and_our_laws_are_kept() -> None:
    books = run().books

    assert len(books.said) > 5
    assert books.acts > 20
    assert (books.faults, books.loud, books.above_caps) == (0, [], 0)


def test_the_same_seed_is_the_same_run_in_another_process_word_by_word() -> None:
    """Another process orders sets of texts otherwise."""
    code = (
        "from tests.simulation.test_simulating import run; from hub.simulation import report;"
        "print(report.as_json(run())); print(*report.lines(run()), sep='\\n')"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told == "\n".join((report.as_json(run()), *report.lines(run()), ""))


def test_another_seed_is_another_run() -> None:
    other = play(sample(), replace(SHORT, seed=6, days=3))

    assert report.as_json(other) != report.as_json(replace(run(), days=3))


def test_a_content_compared_with_itself_says_the_same() -> None:
    assert list(report.differences(run(), run())) == []


def test_people_of_both_messengers_come_in_and_are_spoken_to() -> None:
    spoken = {one.messenger for one in run().books.said}
    met = {address.messenger for person in run().cast.people for address in person.addresses}

    assert spoken == met == {"telegram", "slack"}


def test_what_other_content_changes_is_told_client_by_client(tmp_path: Path) -> None:
    nudge = "nudges/stalled-step.yaml"
    silent = changed(tmp_path, replaced(nudge, "after: 2 days", "after: 90 days"))

    told = list(report.differences(run(), play(silent, SHORT)))

    assert told[0].startswith("In all: -")
    assert "nudge:stalled-step" in told[0]
    assert any(line.startswith("  - ") for line in told)


def test_other_words_show_as_such(tmp_path: Path) -> None:
    reworded = changed(tmp_path, replaced("nudges/stalled-step.yaml", "Shall we go on?", "Shall we continue?"))

    told = "\n".join(report.differences(run(), play(reworded, SHORT)))

    assert "other words" in told
    assert "~ " in told


def test_caps_and_quiet_hours_hold_where_they_are_tight(tmp_path: Path) -> None:
    def tight(folder: Path) -> None:
        replaced("hub.yaml", "most_per_day: 2", "most_per_day: 1")(folder)
        replaced("hub.yaml", "most_per_week: 5", "most_per_week: 1")(folder)
        replaced("hub.yaml", 'quiet_until: "09:00"', 'quiet_until: "16:30"')(folder)
        replaced("nudges/stalled-step.yaml", "after: 2 days", "after: 1 hour")(folder)
        replaced("nudges/stalled-step.yaml", "repeat: [1 day, 3 days, 7 days]", "repeat: [2 hours]")(folder)

    done = play(changed(tmp_path, tight), SHORT)

    assert done.books.most_within(timedelta(days=7)) == 1
    assert (done.books.loud, done.books.above_caps, done.books.faults) == ([], 0, 0)
    assert done.kept.waited["capped"] > 0
    assert done.kept.waited["quiet"] > 0


def test_a_copy_is_played_and_the_database_itself_is_not_touched(database: Database) -> None:
    def fill(session: Session) -> None:
        session.add(Account(id=1, name="Acme", created_at=MONDAY))
        session.flush()
        joined = MONDAY - timedelta(days=3)
        session.add(
            Contact(id=1, account_id=1, name="Olga Lind", email="o@acme.example", created_at=joined, joined_at=joined)
        )
        session.add(Contact(id=2, account_id=1, name="Not Yet", email="n@acme.example", created_at=joined))
        session.flush()
        session.add(Chat(address="telegram:7", contact_id=1, last_heard_at=joined))

    database.transact_now(fill)
    before = everything(database)

    done = play(sample(), SHORT, database.engine)

    assert [person.email for person in done.cast.people] == ["o@acme.example"]
    assert everything(database) == before


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    def use(session: Session) -> dict[str, list[tuple[object, ...]]]:
        tables = SQLModel.metadata.sorted_tables
        return {table.name: [tuple(row) for row in session.execute(table.select()).all()] for table in tables}

    return database.transact_now(use)


def test_a_watched_persons_whole_chat_is_shown() -> None:
    email = run().books.said[0].email
    watched = play(sample(), replace(SHORT, watched=email))

    lines = "\n".join(report.chat_lines(watched))

    assert "(follows the invitation)" in lines
    assert "[Why did I get this?]" in lines or "[Почему" in lines or "[Warum" in lines or "[¿Por" in lines
    assert report.as_json(watched) == report.as_json(run())


def test_the_report_as_json_can_be_read_and_counts_what_was_said() -> None:
    read = json.loads(report.as_json(run()))

    assert sum(sum(week.values()) for week in read["weeks"]) == len(read["said"])
    assert read["laws"]["quiet_hours_broken"] == 0


@settings(max_examples=50)
@given(
    st.lists(st.text("abc.1", max_size=20).filter(bool), max_size=5),
    st.sampled_from(CAST),
    st.integers(0, 1000),
)
def test_no_button_whatever_is_behind_it_stops_a_persona(actions: list[str], persona: Persona, seed: int) -> None:
    card = Card("Text", rows=tuple((Button("Label", action),) for action in actions))

    pressed = chosen(persona, card, Random(seed))

    assert pressed is None or pressed.action in actions


def test_people_like_different_buttons() -> None:
    card = Card(
        "Text",
        rows=(
            (Button("Done", pack(StepDone(1, "one"))),),
            (Button("Later", pack(SnoozeReminders(3))),),
        ),
    )

    keen = [chosen(KEEN, card, Random(seed)) for seed in range(50)]
    snoozer = [chosen(SNOOZER, card, Random(seed)) for seed in range(50)]

    assert keen.count(card.rows[0][0]) > 40
    assert snoozer.count(card.rows[1][0]) > 20


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 8))])
def test_nobody_of_the_cast_breaks_the_hub(seed: int) -> None:
    done = play(sample(), Wish(since=MONDAY, days=8, seed=seed, clients=4))

    assert (done.books.faults, done.books.loud, done.books.above_caps) == (0, [], 0)
