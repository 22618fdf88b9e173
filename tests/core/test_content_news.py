"""Admins hear once of each save: what is broken and how to mend it, what a good one changes and for how many people."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from core.cards import Card
from core.content.catalogue import Catalogue, Checklist, Problem
from core.content.versions import history
from core.content.versions.changes import compare
from core.content.versions.outline import outline, write_outline
from core.desk.content_news import MOST_PROBLEMS, Saved, broken, saved
from core.desk.desk import catch_up
from core.markup import parse, plain
from core.onboarding import checklists
from core.people.accounts import colleague
from storage.database import Database
from storage.tables import ContentVersion, Csm, Delivery
from tests.core.stage import Stage, catalogue, checklist, step, words

DANA, IDA, OTTO = "telegram:1", "slack:T0/IDA", "slack:T0/OTTO"
ONE = checklist(step("a"), step("b"))


@pytest.fixture
def on(database: Database) -> Iterator[Stage]:
    """Ida and Otto are admins, Dana is a client's; on both databases."""
    with Session(database.engine, expire_on_commit=False) as session:
        set_up = Stage(content(ONE, "v1"), session)
        set_up.csm("Ida", address=IDA, role="admin")
        set_up.csm("Otto", address=OTTO)
        acme = set_up.account()
        set_up.person(acme, "Dana", DANA)
        save(set_up, set_up.content)
        checklists.enrol(session, set_up.content, acme, set_up.now)
        session.flush()
        yield set_up


def content(one: Checklist, version: str) -> Catalogue:
    made = catalogue(one)
    return replace(made, version=version, rules=replace(made.rules, admins=("ida@relay.example",)))


def save(on: Stage, new: Catalogue) -> None:
    old, known = history.outline_in_force(on.session), outline(new)
    changes = compare(old, known) if old is not None else None
    taken = saved(on.session, Saved(new, write_outline(known), changes), history.newest(on.session), on.now)
    assert taken is not None
    on.content = taken
    on.session.flush()
    on.deliver()


def spoil(on: Stage, *problems: Problem) -> bool:
    told = broken(on.session, on.content, problems or (problem(),), on.now)
    on.session.flush()
    on.deliver()
    return told


def problem(what: str = "a step has no 'titel'", line: int = 3, file: str = "onboarding/start.yaml") -> Problem:
    return Problem(file, line, what, "did you mean 'title'?")


def news(on: Stage, who: str = IDA) -> Sequence[str]:
    return [plain(card.text) for card in on.cards(who)]


def test_the_first_version_is_no_news(on: Stage) -> None:
    assert news(on) == []
    assert history.newest(on.session).version == "v1"


def test_a_broken_save_is_told_to_admins_alone_with_place_fault_and_cure(on: Stage) -> None:
    spoil(on)

    (told,) = news(on)
    assert "1 problem " in told
    assert "onboarding/start.yaml:3: a step has no 'titel'; did you mean 'title'?" in told
    assert news(on, OTTO) == []
    assert on.cards(DANA) == []


def test_the_same_broken_save_is_told_once_and_another_again(on: Stage) -> None:
    assert spoil(on)
    assert not spoil(on)
    assert spoil(on, problem(line=4))

    assert len(news(on)) == 2


def test_two_processes_tell_once(on: Stage) -> None:
    before = history.newest(on.session)
    new, known = content(checklist(step("a"), step("b"), step("c")), "v2"), history.outline_in_force(on.session)
    assert known is not None
    offered = Saved(new, write_outline(outline(new)), compare(known, outline(new)))

    first = saved(on.session, offered, before, on.now)
    second = saved(on.session, offered, before, on.now)
    again = saved(on.session, Saved(new), history.newest(on.session), on.now)
    on.session.flush()
    on.deliver()

    assert first is not None
    assert second is None
    assert again == first
    assert len(news(on)) == 1


def test_going_back_and_forth_is_told_each_time(on: Stage) -> None:
    other = content(checklist(step("a"), step("b"), step("c")), "v2")
    first = on.content

    for version in (other, first, other):
        save(on, version)

    assert len(news(on)) == 3
    assert [row.version for row in history.versions(on.session, 9)] == ["v2", "v1", "v2", "v1"]


def test_a_good_save_lists_what_changed_and_for_how_many(on: Stage) -> None:
    save(on, content(checklist(step("a", text=words("Else", "Иначе")), step("b"), step("c")), "v2"))

    (told,) = news(on)
    assert "In force: 2 texts, 1 new step." in told
    assert "1 person is on it." in told
    assert "New step C, for those who begin from now on" in told


def test_finished_ones_are_counted_as_staying_so(on: Stage) -> None:
    on.command(DANA, "steps")
    on.tap(DANA, "Done")
    on.tap(DANA, "Done")

    save(on, content(checklist(step("a"), step("b"), step("c", applies_to="everyone")), "v2"))

    assert "1 finished stays finished." in news(on)[-1]


def test_the_save_that_mends_says_so(on: Stage) -> None:
    spoil(on)
    save(on, on.content)

    assert "whole again" in news(on)[-1]
    assert "nothing that people see" in news(on)[-1]
    assert spoil(on)


def test_many_problems_are_bounded_and_counted(on: Stage) -> None:
    spoil(on, *(problem("x" * 5000, line) for line in range(1, MOST_PROBLEMS + 13)))

    (card,) = on.cards(IDA)
    assert "and 12 more" in card.text
    assert len(card.text) < 8000


HOSTILE = ("*bold* <!channel> [x](https://evil.example)", "a`b`|~~c~~", "\u202e\x00\nnew: line")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_in_names_and_values_show_as_words(on: Stage, hostile: str) -> None:
    spoil(on, problem(f"no {hostile}", file=f"onboarding/{hostile}.yaml"))
    worded = checklist(step("a", title=words(hostile)), step("c", title=words(f"{hostile} {{{{ x }}}}")))
    save(on, content(worded, "v2"))

    visible = " ".join("".join(sign if sign.isprintable() else " " for sign in hostile).split())
    first, second = on.cards(IDA)
    assert plain(first.text).count(visible) == 2
    assert links(first) == links(second) == []


def links(card: Card) -> list[str]:
    return [span.link for block in parse(card.text) for span in block.spans if span.link]


def test_without_an_admin_in_slack_nobody_is_told_and_history_knows(on: Stage) -> None:
    on.session.exec(select(Csm).where(Csm.role == "admin")).one().address = None
    on.session.flush()

    spoil(on)

    assert on.session.exec(select(Delivery)).all() == []
    assert on.session.exec(select(ContentVersion.told).where(ContentVersion.broken)).all() == [""]


def test_an_admin_who_comes_later_hears_what_is_broken_now(on: Stage) -> None:
    ida = on.session.exec(select(Csm).where(Csm.role == "admin")).one()
    ida.address = None
    on.session.flush()
    spoil(on)

    ida.address = IDA
    on.session.flush()
    for _ in range(2):
        catch_up(on.session, on.content, colleague(on.content, ida), on.now)
    on.session.flush()
    on.deliver()

    assert len([one for one in news(on) if "titel" in one]) == 1
    assert history.versions(on.session, 1)[0].told == "ida@relay.example"


def test_who_becomes_admin_by_a_save_hears_of_it(on: Stage) -> None:
    new = content(checklist(step("a")), "v2")
    save(on, replace(new, rules=replace(new.rules, admins=("ida@relay.example", "otto@relay.example"))))

    assert len(news(on, OTTO)) == 1
