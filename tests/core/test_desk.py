"""What our CSMs see of their clients, and what they are told, once."""

from sqlmodel import select

from core.desk import desk
from core.events import Address, Left
from core.onboarding import checklists
from core.people.accounts import member
from storage.tables import Chat, Contact
from tests.core.stage import Stage, checklist, labels, stage, step

DANA, BORIS, GROUP = "telegram:1", "telegram:2", "telegram:-100"
ANN, IDA = "slack:T0/ANN", "slack:T0/IDA"


def acme() -> Stage:
    set_up = stage(checklist(step("one"), step("two")))
    account = set_up.account(csm=set_up.csm())
    set_up.csm("Ida", address=IDA, role="admin")
    set_up.person(account, "Dana", DANA)
    set_up.person(account, "Boris", BORIS)
    set_up.group(account, GROUP)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    return set_up


def left(here: Stage, who: str, chat: str, key: str = "left") -> None:
    here.happen(Left(key=key, sender=Address.parse(who), chat=Address.parse(chat), why="blocked"))


def test_a_csm_is_told_once_who_has_joined() -> None:
    here = acme()
    dana = here.session.exec(select(Contact).where(Contact.name == "Dana Doe")).one()
    who = member(here.session, here.content, dana)
    desk.tell_joined(here.session, here.content, who, here.now)
    desk.tell_joined(here.session, here.content, who, here.now)
    here.deliver()

    assert len(here.cards(ANN)) == 1
    assert "Dana Doe" in here.last(ANN).text
    assert not here.cards(IDA)


def test_an_account_nobody_looks_after_is_the_admins_concern() -> None:
    here = stage(checklist(step("one")))
    here.csm("Ida", address=IDA, role="admin")
    account = here.account()
    dana = here.person(account, "Dana", DANA)
    desk.tell_joined(here.session, here.content, member(here.session, here.content, dana), here.now)
    here.deliver()

    assert "Dana Doe" in here.last(IDA).text


def test_a_csm_hears_that_a_client_can_no_longer_be_reached() -> None:
    here = acme()
    left(here, DANA, DANA)
    left(here, DANA, DANA, key="again")

    assert len(here.cards(ANN)) == 1
    assert "Dana Doe" in here.last(ANN).text


def test_nothing_is_drawn_anew_where_nobody_can_see_it() -> None:
    here = acme()
    here.command(BORIS, "steps")
    left(here, BORIS, BORIS)
    before = here.last(BORIS)
    here.command(DANA, "steps")
    here.tap(DANA, "Done")

    assert here.last(BORIS) == before


def test_a_csms_home_shows_progress_and_open_requests_and_lets_them_answer() -> None:
    here = acme()
    here.command(DANA, "steps")
    here.tap(DANA, "Done")
    here.open_home(ANN)
    here.say(DANA, "How do I change our logo?")

    home = here.last(f"{ANN}/home")
    assert "1 of 2" in home.text
    assert "logo" in home.text

    receipt = here.tap(f"{ANN}/home", "Reply to 1")
    assert receipt.form is not None
    here.fill(ANN, receipt.form.action, reply="Under Settings.")
    assert "Settings" in here.last(DANA).text
    assert "logo" not in here.last(f"{ANN}/home").text


def test_a_csm_without_clients_is_told_so() -> None:
    here = stage(checklist(step("one")))
    here.csm()
    here.command(ANN, "home")

    assert not labels(here.last(ANN))
    assert "No client" in here.last(ANN).text


def test_what_a_group_finishes_is_celebrated_in_the_group() -> None:
    here = acme()
    here.command(DANA, "steps", chat=GROUP)
    here.tap(DANA, "Done", chat=GROUP)
    here.tap(BORIS, "Done", chat=GROUP)

    assert "You finished start, Acme" in here.last(GROUP).text
    assert not here.cards(DANA)
    assert any("finished" in card.text for card in here.cards(ANN))


def test_no_word_for_csms_is_ever_written_into_a_clients_chat() -> None:
    here = acme()
    here.command(DANA, "steps", chat=GROUP)
    here.tap(DANA, "Skip", chat=GROUP)
    here.say(DANA, "We do not want it", chat=GROUP)
    here.tap(BORIS, "Done", chat=GROUP)
    here.say(DANA, "Help")

    for address in (DANA, BORIS, GROUP):
        assert not {"I have it", "Reply", "Settled", "Done for the client"} & {
            label for card in here.cards(address) for label in labels(card)
        }
    assert here.session.get_one(Chat, ANN).csm_id is not None
