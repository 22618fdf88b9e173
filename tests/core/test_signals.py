"""What the vendor's product tells: kept once, done at once, and known to checklists that begin later."""

import pytest
from sqlmodel import select

from core.onboarding import checklists
from core.signals import AccountUnknown, record
from storage.tables import Account, Signal
from tests.core.stage import Stage, checklist, stage, step

DANA = "telegram:1"


@pytest.fixture
def acme() -> Stage:
    place = stage(checklist(step("made", signal="workspace_created"), step("next")))
    place.person(place.account(csm=place.csm()), "Dana", DANA)
    return place


def tell(place: Stage, key: str, account: str = "Acme") -> bool:
    told = record(place.session, place.content, key=key, account_name=account, name="workspace_created", now=place.now)
    place.deliver()
    return told


def test_a_signal_completes_its_step_and_shows_it_where_people_look(acme: Stage) -> None:
    checklists.enrol(acme.session, acme.content, acme.session.get_one(Account, 1), acme.now)
    acme.command(DANA, "steps")
    assert acme.last(DANA).title == "Made"

    assert tell(acme, "1")

    assert acme.last(DANA).title == "Next"


def test_a_signal_told_twice_changes_nothing(acme: Stage) -> None:
    checklists.enrol(acme.session, acme.content, acme.session.get_one(Account, 1), acme.now)
    acme.command(DANA, "steps")
    tell(acme, "1")
    sent = acme.sent

    assert not tell(acme, "1")

    assert acme.sent == sent
    assert len(acme.session.exec(select(Signal)).all()) == 1


def test_a_signal_that_came_before_the_checklist_counts_when_it_begins(acme: Stage) -> None:
    tell(acme, "1")
    account = acme.account("Late")
    tell(acme, "2", "Late")

    begun = checklists.enrol(acme.session, acme.content, account, acme.now)

    assert len(begun) == 1
    acme.person(account, "Lea", "telegram:5")
    acme.command("telegram:5", "steps")
    assert acme.last("telegram:5").title == "Next"


def test_an_unknown_account_is_named_and_nothing_is_kept(acme: Stage) -> None:
    with pytest.raises(AccountUnknown, match="'Acmee'"):
        tell(acme, "1", "Acmee")

    assert acme.session.exec(select(Signal)).all() == []
