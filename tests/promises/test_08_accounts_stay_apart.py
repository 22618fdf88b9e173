"""No word about one account reaches another, no internal word reaches a client: whoever presses whatever, anywhere."""

import hashlib
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from core.actions import Action, HelpClaim, HelpReply, HelpSend, HelpSolved, OursDone, Resend, pack, unpack
from core.cards import Card
from core.events import Address, Arrived, Commanded, Event, File, Filled, Grouped, Said, Shared, Tapped
from core.onboarding import checklists
from core.receipts import Receipt
from storage.tables import Account, Chat, Contact, Delivery, Enrolment, HelpRequest, Invitation, Question, StepRecord
from tests.core.stage import START, Stage, checklist, stage, step

DANA, DANA_SLACK, EVE, SID = "telegram:1", "slack:T9/U1", "telegram:2", "telegram:99"
ANN = "slack:T0/ANN"
ACME_GROUP, ACME_SHARED, EVES_GROUP, NOBODYS = "telegram:-1", "slack:T0/C1", "telegram:-2", "telegram:-3"
CLIENTS = {
    DANA: "Acme",
    DANA_SLACK: "Acme",
    ACME_GROUP: "Acme",
    ACME_SHARED: "Acme",
    EVE: "Borealis",
    EVES_GROUP: "Borealis",
}
SECRETS = {"Acme": ("Acme", "Danuta", "ACMEWORD"), "Borealis": ("Borealis", "Evelina", "BOREALWORD")}
OURS = (HelpClaim, HelpReply, HelpSend, HelpSolved, OursDone, Resend)
TOKENS = {"Acme": "a" * 43, "Borealis": "b" * 43}

numbers = st.integers(0, 9)
steps = st.sampled_from(("one", "two", "ours", "gone"))


def _any(kind: type[Action]) -> st.SearchStrategy[str]:
    fields = {name: steps if hint in (str, "str") else numbers for name, hint in kind.__annotations__.items()}
    built: st.SearchStrategy[Action] = st.builds(kind, **fields)
    return built.map(pack)


actions = st.one_of(*(_any(kind) for kind in get_args(Action)))
people = st.sampled_from((DANA, DANA_SLACK, EVE, SID, ANN))
places = st.sampled_from((None, None, ACME_GROUP, ACME_SHARED, EVES_GROUP, NOBODYS))
sayings = st.sampled_from(("hello", *TOKENS.values(), "c" * 43, "/steps"))
commands = st.sampled_from(("home", "steps", "ask", "link", "invite", "remind", "language"))


@st.composite
def events(draw: st.DrawFn) -> Event:
    who, where = Address.parse(draw(people)), draw(places)
    if where is not None and Address.parse(where).messenger != who.messenger:
        where = None
    chat = Address.parse(where) if where else who
    common: dict[str, Any] = {"key": f"e:{draw(st.integers(0, 10**9))}", "sender": who, "chat": chat}
    words = draw(sayings)
    kind = draw(st.sampled_from((Tapped, Tapped, Tapped, Filled, Said, Shared, Commanded, Arrived, Grouped)))
    match kind.__name__:
        case "Tapped":
            message = draw(st.sampled_from((None, "home", "m1", "m2", "m3", "m7")))
            return Tapped(**common, action=draw(actions), message=message)
        case "Filled":
            return Filled(**common, action=draw(actions), answers=(("reply", "a fine reply"),))
        case "Said":
            return Said(**common, text=words)
        case "Shared":
            return Shared(**common, file=File("voice", "telegram:v1"), text=words)
        case "Commanded":
            return Commanded(**common, command=draw(commands), words=words)
        case "Grouped" if chat != who:
            return Grouped(**common, shared=draw(st.booleans()))
        case _:
            return Arrived(**common, token=words)


def two_clients() -> Stage:
    """Acme and Borealis at work, each with people, a group, words of their own and an invitation not yet used."""
    place = stage(checklist(step("one"), step("two"), step("ours", owner="us")))
    ann = place.csm("Ann", address=ANN)
    for name, contact, addresses in (("Acme", "Danuta", (DANA, DANA_SLACK)), ("Borealis", "Evelina", (EVE,))):
        account = place.account(name, ann)
        place.person(account, contact, *addresses)
        late = place.person(account, f"{contact}s colleague")
        place.session.add(
            Invitation(
                contact_id=late.id or 0,
                token_hash=hashlib.sha256(TOKENS[name].encode()).hexdigest(),
                created_at=START,
                expires_at=START + timedelta(days=7),
            )
        )
        checklists.enrol(place.session, place.content, account, START)
    place.group(_account(place.session, "Acme"), ACME_GROUP)
    place.group(_account(place.session, "Borealis"), EVES_GROUP)
    place.session.add(Chat(address=ACME_SHARED, kind="group", account_id=1, shared=True, last_heard_at=START))
    place.session.flush()
    place.say(DANA, "ACMEWORD: where are invoices?")
    place.say(EVE, "BOREALWORD: where are invoices?")
    return place


def _account(session: Session, name: str) -> Account:
    return session.exec(select(Account).where(Account.name == name)).one()


def state_of(session: Session, name: str) -> tuple[str, ...]:
    """Everything the hub knows of this account, but for when its people were last heard."""
    account = _account(session, name).id
    people = [one.id for one in session.exec(select(Contact).where(Contact.account_id == account)).all()]
    enrolments = [one.id for one in session.exec(select(Enrolment).where(Enrolment.account_id == account)).all()]
    found: list[Any] = list(session.exec(select(Enrolment).where(Enrolment.account_id == account)).all())
    found += session.exec(select(StepRecord).where(col(StepRecord.enrolment_id).in_(enrolments))).all()
    found += session.exec(select(HelpRequest).where(HelpRequest.account_id == account)).all()
    found += session.exec(select(Question).where(col(Question.contact_id).in_(people))).all()
    found += session.exec(select(Contact).where(Contact.account_id == account)).all()
    return tuple(one.model_dump_json(exclude={"last_seen_at"}) for one in found)


def words_of(card: Card) -> str:
    return repr(card)


def _owner(place: Stage, address: str) -> str | None:
    """Whose chat this is; None: a stranger's or nobody's."""
    chat = place.session.get(Chat, address.removesuffix("/home"))
    if chat is None:
        return None
    contact = place.session.get(Contact, chat.contact_id) if chat.contact_id else None
    account = contact.account_id if contact else chat.account_id
    return place.session.get_one(Account, account).name if account else None


def check_words(place: Stage, asked: set[tuple[str, str]]) -> None:
    """`asked`: strangers who came with a token, and so were told whose it is."""
    for row in place.session.exec(select(Delivery)).all():
        if row.address.removesuffix("/home") == ANN:
            continue
        owner = _owner(place, row.address)
        for name, secrets in SECRETS.items():
            if owner != name and (row.address, name) not in asked:
                assert not any(secret in row.card for secret in secrets), f"{name} told to {row.address} of {owner}"
        for shown in place.cards(row.address):
            for button in (button for line in shown.rows for button in line if button.action):
                assert not isinstance(unpack(button.action), OURS), f"our button shown to {row.address}"


def check_receipt(place: Stage, event: Event, receipt: Receipt) -> None:
    if str(event.sender) == ANN:
        return
    told = f"{receipt.toast} {receipt.form}"
    owner = _owner(place, str(event.sender))
    for name, secrets in SECRETS.items():
        assert owner == name or not any(secret in told for secret in secrets)


@settings(max_examples=20, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(st.lists(events(), min_size=1, max_size=12, unique_by=lambda event: event.key))
def test_whatever_anybody_does_accounts_stay_apart(story: list[Event]) -> None:
    place = two_clients()
    asked: set[tuple[str, str]] = set()
    for event in story:
        before = {name: state_of(place.session, name) for name in SECRETS}
        actor = _owner(place, str(event.sender))
        told = next((name for name, token in TOKENS.items() if token in repr(event)), None)
        if told is not None and actor is None:
            asked.add((str(event.sender), told))
        receipt = place.happen(event)
        if str(event.sender) != ANN:
            now_owner = _owner(place, str(event.sender))
            for name in SECRETS:
                if name not in (actor, now_owner):
                    assert state_of(place.session, name) == before[name], f"{event} changed {name}"
        check_receipt(place, event, receipt)
        if str(event.sender) == ANN and isinstance(event, Commanded) and event.command == "link":
            return  # a CSM may say whose channel it is
    check_words(place, asked)


def every_action() -> list[str]:
    """Each kind of button with each small number, for every step there is."""
    found: set[str] = set()
    for kind in get_args(Action):
        for number in range(1, 5):
            for step_id in ("one", "ours"):
                values = (step_id if hint in (str, "str") else number for hint in kind.__annotations__.values())
                found.add(pack(kind(*values)))
    return sorted(found)


@pytest.mark.parametrize("who", [DANA, SID])
@pytest.mark.parametrize("where", [None, EVES_GROUP])
def test_no_forged_button_moves_another_account(who: str, where: str | None) -> None:
    place = two_clients()
    place.command(EVE, "steps", chat=EVES_GROUP)
    before = state_of(place.session, "Borealis")

    for action in every_action():
        place.press(who, action, "m1", chat=where)
        assert state_of(place.session, "Borealis") == before, action

    check_words(place, set())


def test_a_colleague_who_presses_our_buttons_in_a_clients_channel_shows_nothing_there() -> None:
    place = two_clients()
    shown = {chat: list(place.cards(chat)) for chat in (ACME_SHARED, ACME_GROUP)}

    for action in (HelpClaim(2), HelpSolved(1), HelpReply(2), OursDone(2, "ours"), Resend(1)):
        receipt = place.press(ANN, pack(action), "m1", chat=ACME_SHARED)
        assert receipt.form is None

    assert {chat: list(place.cards(chat)) for chat in shown} == shown


def test_a_channel_that_is_given_to_another_account_gets_nothing_more_of_the_first() -> None:
    place = two_clients()
    place.command(DANA, "steps", chat=ACME_GROUP)
    session, group = place.session, place.session.get_one(Chat, ACME_GROUP)
    from core.people.groups import _hand_over
    from core.screens import screens_of

    assert screens_of(session, "checklist:1")
    _hand_over(session, group, _account(session, "Borealis"), place.now)
    session.flush()
    before = len(place.cards(ACME_GROUP))
    place.command(DANA_SLACK, "steps")
    place.tap(DANA_SLACK, "Done")

    assert len(place.cards(ACME_GROUP)) == before
    assert "Acme" not in repr(
        [
            row.card
            for row in session.exec(
                select(Delivery).where(Delivery.address == ACME_GROUP, Delivery.state == "queued")
            ).all()
        ]
    )
