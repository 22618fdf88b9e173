"""Two processes, one of which has not read the newest content yet: what the newer says is not undone by the older."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core.attention.judge import Hold, Speak, judge
from core.content.catalogue import Catalogue
from core.content.kinds.nudge_rules import NudgeRule
from core.content.versions import history
from core.desk.content_news import Saved, saved
from core.nudges.planning import of_contact, plan
from core.updates.publishing import publish
from scheduler.jobs import JOBS
from storage.database import Database
from storage.tables import Delivery, Nudge, Publication
from storage.tables import NudgeRule as Planned
from tests.core.stage import Stage
from tests.core.test_nudges import DANA, content, rule, settle
from tests.core.test_updates import update

DAY = timedelta(days=1)


@pytest.fixture
def on(database: Database) -> Iterator[Stage]:
    """Dana of Acme came ten days ago."""
    with Session(database.engine, expire_on_commit=False) as session:
        on = Stage(content(rule()), session)
        dana = on.person(on.account(), "Dana", DANA)
        dana.joined_at = on.now - 10 * DAY
        yield on


def save(on: Stage, version: str, *rules: NudgeRule, **more: object) -> Catalogue:
    """An admin saves this; a process that reads it brings it into force."""
    new = replace(content(*rules, version=version), **more)  # type: ignore[arg-type]  # fields of Catalogue
    taken = saved(on.session, Saved(new), history.newest(on.session), on.now)
    assert taken is not None
    return taken


def jobs(on: Stage, catalogue: Catalogue) -> None:
    """A process with this content looks around."""
    for job in JOBS:
        for _ in range(20):
            if not job.work(on.session, catalogue, "me", on.now):
                break
            on.session.flush()


def test_an_update_that_only_the_newer_content_knows_is_told_whoever_looks_first(on: Stage) -> None:
    older = save(on, "v1")
    newer = save(on, "v2", updates={"new": update("new", on.now.date())})
    publish(on.session, replace(newer, updates={}), on.now)  # nothing to notice
    on.session.add(Publication(update="new", noticed_at=on.now))
    on.session.flush()

    jobs(on, older)
    assert on.session.exec(select(Publication.done_at)).all() == [None]
    jobs(on, newer)

    assert [row.key for row in on.session.exec(select(Delivery).where(Delivery.kind == "update")).all()] == [
        "update:new:1"
    ]


def test_a_process_that_is_behind_retires_no_rule_and_plans_none_anew(on: Stage) -> None:
    older = save(on, "v1", rule(name="first"))
    jobs(on, older)
    newer = save(on, "v2", rule(name="first"), rule(name="second"))
    jobs(on, newer)

    def planned() -> list[tuple[str, str, int | None]]:
        return [(one.rule, one.timing, one.planned_to) for one in on.session.exec(select(Planned)).all()]

    before = planned()
    jobs(on, older)

    assert planned() == before


def test_who_joins_by_a_process_that_is_behind_is_nudged_by_the_newer_rules(on: Stage) -> None:
    older = save(on, "v1")
    newer = save(on, "v2", rule("no_visit", name="away", after=3 * DAY))
    on.content = newer
    settle(on)
    early = on.person(on.account("Early"), "Eve", "telegram:9")
    plan(on.session, older, of_contact(early.id), on.now)
    assert on.session.exec(select(Nudge).where(Nudge.contact_id == early.id)).all() == []

    jobs(on, older)
    on.session.expire_all()  # the other process has a session of its own
    jobs(on, newer)

    found = on.session.exec(select(Nudge.rule).where(Nudge.contact_id == early.id, col(Nudge.state) == "waiting")).all()
    assert found == ["away"]


def test_what_is_unasked_is_sent_by_those_who_know_the_newest_words(on: Stage) -> None:
    older = save(on, "v1", updates={"new": update("new", on.now.date())})
    jobs(on, older)
    newer = save(on, "v2", updates=older.updates)
    delivery = on.session.exec(select(Delivery).where(Delivery.kind == "update")).one()

    assert judge(on.session, older, delivery, on.now) == Hold(on.now + timedelta(seconds=10), "content")
    assert judge(on.session, newer, delivery, on.now) == Speak()
