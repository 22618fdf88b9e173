"""A stage for stories about clients: people, their chats and what stands in them, on a database in memory."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, col, create_engine, select

from core.cards import Button, Card
from core.codec import read_card
from core.content.catalogue import Asked, Catalogue, Checklist, Section, Step
from core.content.checking import read_catalogue
from core.content.conditions.condition import Condition, parse_condition
from core.content.conditions.known_fields import checklist_fields
from core.content.texts.phrases import Words
from core.events import Address, Commanded, Event, File, Filled, Opened, Said, Shared, Tapped
from core.inbox import receive
from core.receipts import Receipt
from storage.tables import Account, Chat, Contact, Csm, Delivery, Enrolment

START = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
"""A Monday morning."""


@cache
def sample() -> Catalogue:
    """The content that comes with the hub."""
    return read_catalogue(Path(__file__).parents[2] / "content")


def words(english: str, russian: str = "") -> Words:
    return Words({"en": english, "ru": russian} if russian else {"en": english}, "en")


def step(name: str, **more: Any) -> Step:
    """A step called `name`, in section `first` unless said otherwise."""
    told: dict[str, Any] = {
        "id": name,
        "section": "first",
        "title": words(name.capitalize(), f"Шаг {name}"),
        "text": words(f"Please do {name}.", f"Сделайте {name}."),
    }
    return Step(**(told | more))


def checklist(*steps: Step, name: str = "start", sections: tuple[Section, ...] = (), **more: Any) -> Checklist:
    told: dict[str, Any] = {
        "id": name,
        "title": words(name.capitalize(), f"Список {name}"),
        "intro": words(f"Welcome to {name}."),
        "finish": words(f"You finished {name}, {{{{ contact.first_name }}}}!", f"Вы прошли {name}!"),
        "sections": sections or (Section("first", words("First part", "Первая часть")),),
        "steps": steps,
    }
    return Checklist(**(told | more))


def when(source: str) -> Condition:
    """A condition as in a checklist."""
    return parse_condition(source, checklist_fields({"seats": "number", "beta": "flag"}))


def asked(kind: str, **more: Any) -> Asked:
    return Asked(kind=kind, question=words("What is it?", "Что это?"), **more)  # type: ignore[arg-type]  # one of the four kinds


def catalogue(*checklists: Checklist) -> Catalogue:
    """These checklists with the hub's own phrases."""
    return replace(sample(), checklists={one.id: one for one in checklists}, updates={})


@dataclass
class Stage:
    """Somebody acts; what the ledger then holds is shown in their chats as a messenger would, edits included."""

    content: Catalogue
    session: Session
    now: datetime = START
    shown: dict[str, dict[str, Card]] = field(default_factory=dict)
    """By address, by message: what stands in the chat now."""
    sent: int = 0
    """Deliveries so far."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def csm(self, name: str = "Ann", *, address: str | None = "slack:T0/ANN", role: str = "csm") -> Csm:
        row = Csm(email=f"{name.lower()}@relay.example", name=f"{name} Ames", role=role, address=address)
        self.session.add(row)
        self.session.flush()
        if address is not None:
            self.session.add(Chat(address=address, csm_id=row.id, last_heard_at=self.now))
            self.session.flush()
        return row

    def account(self, name: str = "Acme", csm: Csm | None = None, **more: Any) -> Account:
        row = Account(name=name, csm_id=csm.id if csm else None, created_at=self.now, **more)
        self.session.add(row)
        self.session.flush()
        return row

    def person(self, account: Account, name: str, *addresses: str, **more: Any) -> Contact:
        """Somebody of the client who is here, with their private chats."""
        row = Contact(
            account_id=account.id or 0,
            name=f"{name} Doe",
            email=f"{name.lower()}@{account.name.lower()}.example",
            created_at=self.now,
            joined_at=self.now,
            **more,
        )
        self.session.add(row)
        self.session.flush()
        for address in addresses:
            self.session.add(Chat(address=address, contact_id=row.id, last_heard_at=self.now))
        self.session.flush()
        return row

    def group(self, account: Account, address: str) -> None:
        self.session.add(Chat(address=address, kind="group", account_id=account.id, last_heard_at=self.now))
        self.session.flush()

    def enrolment(self, name: str = "start") -> Enrolment:
        return self.session.exec(select(Enrolment).where(Enrolment.checklist == name)).one()

    # What people do

    def command(self, who: str, command: str, text: str = "", *, chat: str | None = None) -> Receipt:
        return self.happen(Commanded(**self._common(who, chat), command=command, words=text))

    def say(self, who: str, text: str, *, chat: str | None = None) -> Receipt:
        return self.happen(Said(**self._common(who, chat), text=text))

    def share(self, who: str, kind: str, text: str = "", *, chat: str | None = None) -> Receipt:
        file = File(kind, f"telegram:{kind}-1", f"{kind}.bin")  # type: ignore[arg-type]  # one of the four kinds
        return self.happen(Shared(**self._common(who, chat), file=file, text=text))

    def open_home(self, who: str) -> Receipt:
        return self.happen(Opened(**self._common(who, None)))

    def fill(self, who: str, action: str, **answers: str) -> Receipt:
        return self.happen(Filled(**self._common(who, None), action=action, answers=tuple(answers.items())))

    def tap(self, who: str, label: str, *, chat: str | None = None) -> Receipt:
        """Press the lowest button in the chat whose label contains this."""
        message, pressed = self.find(chat or who, label)
        return self.press(who, pressed.action, message, chat=chat)

    def press(self, who: str, action: str, message: str | None = None, *, chat: str | None = None) -> Receipt:
        """Press a button with this meaning, whether it is still shown or not."""
        common = self._common(who.removesuffix("/home"), chat)
        message = "home" if who.endswith("/home") else message
        return self.happen(Tapped(**common, action=action, message=message))

    def happen(self, event: Event) -> Receipt:
        receipt = receive(self.session, self.content, event, self.now)
        self.session.flush()
        self.deliver()
        self.now += timedelta(seconds=1)
        return receipt

    def _common(self, who: str, chat: str | None) -> dict[str, Any]:
        sender = Address.parse(who)
        key = f"event:{next(self._numbers)}"
        return {"key": key, "sender": sender, "chat": Address.parse(chat) if chat else sender}

    # What people see

    def deliver(self) -> None:
        """Bring everything that waits to its chat, in order."""
        waiting = self.session.exec(
            select(Delivery)
            .where(Delivery.state == "queued", col(Delivery.mailing_id).is_(None))  # theirs are made when claimed
            .order_by(col(Delivery.id))
        ).all()
        for row in waiting:
            standing = self.shown.setdefault(row.address, {})
            earlier = self.session.get(Delivery, row.replaces) if row.replaces else None
            home = "home" if row.address.endswith("/home") else None
            message = row.message_id or home or (earlier.message_id if earlier else None) or f"m{row.id}"
            standing[message] = read_card(row.card)
            row.state, row.message_id, row.settled_at = "accepted", message, self.now
            self.sent += 1
        self.session.flush()

    def cards(self, chat: str) -> list[Card]:
        return list(self.shown.get(chat, {}).values())

    def last(self, chat: str) -> Card:
        return self.cards(chat)[-1]

    def find(self, chat: str, label: str) -> tuple[str, Button]:
        for message, card in reversed(self.shown.get(chat, {}).items()):
            for button in buttons(card):
                if label in button.label:
                    return message, button
        seen = [button.label for card in self.cards(chat) for button in buttons(card)]
        raise AssertionError(f"no button {label!r} in {chat}, only {seen}")


def buttons(card: Card) -> list[Button]:
    return [button for row in card.rows for button in row]


def labels(card: Card) -> list[str]:
    return [button.label for button in buttons(card)]


def done(card: Card) -> int:
    """How many steps the card counts as finished."""
    assert card.progress is not None
    return card.progress.done


def stage(*checklists: Checklist) -> Stage:
    """An empty stage with these checklists."""
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    return Stage(catalogue(*checklists) if checklists else sample(), Session(engine))
