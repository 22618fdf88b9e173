"""A street of clients with a postman: mailings reach them as by a hub, through messengers that keep their rules."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.cards import Button, Card
from core.claims import claim
from core.content.catalogue import Catalogue
from core.events import Address, Commanded, Event, Filled, MessengerName, Said, Tapped
from core.inbox import receive
from core.mailings.approving import approve
from core.mailings.changing import change_due
from core.mailings.counting import counts
from core.mailings.drafting import Draft, Press, Written, draft
from core.mailings.tending import tend
from core.markup import plain
from core.outbox import Refused, Unreachable
from core.people.accounts import Member, member
from core.receipts import Receipt
from core.settling import Settled, settle
from storage.tables import Account, Chat, Contact, Csm, Delivery, Mailing
from tests.core.stage import sample
from tests.mailings.populace import NOW

MINUTE = timedelta(minutes=1)
DANA, IVAN, OLGA = "telegram:1", "slack:T0/U1", "telegram:3"
ANN, BEN = "slack:T0/ANN", "slack:T0/BEN"
PRICES = Written(
    "New prices",
    "Hello {{ contact.first_name }}, it costs 10.",
    (Press("Read", "https://relay.example/prices"), Press("Fine", answer="fine"), Press("Let's talk", answer="talk")),
)
TELEGRAM_DELETES_FOR = timedelta(hours=48)


@dataclass
class Wire:
    """Both messengers' chats: what stands there, and what may be done with it."""

    chats: dict[str, dict[str, Card]] = field(default_factory=dict)
    at: dict[str, datetime] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    """Chats that cannot be written to."""
    locked: bool = False
    """Slack's workspace lets no message go."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def send(self, to: Address, card: Card, replacing: str | None, now: datetime) -> str:
        chat = self.chats.setdefault(str(to), {})
        if str(to) in self.closed:
            raise Unreachable("blocked")
        if card.change and not replacing:
            raise Refused("there is no message to change")
        if card.change == "delete":
            if replacing not in chat:
                return ""
            kept = now - self.at[replacing] >= TELEGRAM_DELETES_FOR if to.messenger == "telegram" else self.locked
            if not kept:
                del chat[replacing]
                return ""
        if replacing in chat:
            chat[replacing] = card
            return replacing
        if card.change:
            raise Refused("message to edit not found")
        message = f"m{next(self._numbers)}"
        chat[message], self.at[message] = card, now
        return message


@dataclass
class Street:
    """Dana (Acme, Telegram) and Ivan (Acme, Slack), whose CSM is Ann; Olga (Cinder, Telegram), whose CSM is Ben."""

    session: Session
    content: Catalogue = field(default_factory=sample)
    now: datetime = NOW
    wire: Wire = field(default_factory=Wire)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        for number, (name, address) in enumerate((("Ann", ANN), ("Ben", BEN)), 1):
            self.session.add(
                Csm(id=number, email=f"{name.lower()}@relay.example", name=f"{name} Ames", address=address)
            )
            self.session.flush()
            self.session.add(Chat(address=address, csm_id=number, last_heard_at=self.now))
        for number, name in enumerate(("Acme", "Cinder"), 1):
            self.session.add(Account(id=number, name=name, csm_id=number, created_at=self.now))
        self.session.flush()
        for number, (name, account, address) in enumerate((("Dana", 1, DANA), ("Ivan", 1, IVAN), ("Olga", 2, OLGA)), 1):
            self.client(number, name, account, address)

    def client(self, number: int, name: str, account: int, address: str) -> None:
        self.session.add(
            Contact(
                id=number,
                account_id=account,
                name=f"{name} Lind",
                email=f"{name.lower()}{number}@client.example",
                created_at=self.now,
                joined_at=self.now,
            )
        )
        self.session.flush()
        self.session.add(Chat(address=address, contact_id=number, last_heard_at=self.now))
        self.session.flush()

    # What we do

    def mail(self, said: Written = PRICES, *, csm: int | None = 1, **more: Any) -> Mailing:
        """Send it to everybody; it has left, and what can be delivered is."""
        number = next(self._numbers)
        told: dict[str, Any] = {"key": f"test:{number}", "name": f"m{number}", "title": said.title}
        told |= {"texts": {"en": said}, "category": "service", "topic": "service"} | more
        mailing = draft(self.session, self.content, Draft(**told), csm, self.now)
        assert approve(self.session, self.content, mailing.id or 0, None, self.now) == "leaving"
        self.now += 2 * MINUTE
        self.work()
        return mailing

    def work(self) -> None:
        """Do whatever is due, as the jobs and couriers would, until nothing is."""
        for _ in range(60):
            done = tend(self.session, self.content, self.now) + change_due(self.session, self.content, self.now)
            self.forget()
            if not (done + self.deliver()):
                return
            self.now += timedelta(seconds=1)
        raise AssertionError("it never ends")

    def deliver(self, most: int = 100) -> int:
        """Send what is due."""
        sent = 0
        messengers: tuple[MessengerName, ...] = ("telegram", "slack")
        for messenger in messengers:
            claimed = claim(
                self.session, self.content, messenger=messenger, holder="me", most=(most, most, most), now=self.now
            )
            for one in claimed:
                try:
                    shown = self.wire.send(one.address, one.card, one.replacing, self.now)
                    moved = one.edits and shown != one.replacing
                    outcome = Settled(one.id, "accepted", message_id=shown, moved=moved)
                except Refused as refused:
                    outcome = Settled(one.id, "failed", str(refused))
                except Unreachable as gone:
                    outcome = Settled(one.id, "unreachable", gone.why)
                settle(self.session, holder="me", done=[outcome], now=self.now)
                self.session.flush()
                sent += 1
        self.forget()
        return sent

    def forget(self) -> None:
        """What was read is read anew: each transaction of a hub begins so, and the ledger is written past the rows."""
        self.session.flush()
        self.session.expire_all()

    # What people do

    def happen(self, event: Event, *, deliver: bool = True) -> Receipt:
        receipt = receive(self.session, self.content, event, self.now)
        self.forget()
        if deliver:
            while self.deliver():
                pass
        self.now += timedelta(seconds=1)
        return receipt

    def tap(self, who: str, label: str, *, deliver: bool = True) -> Receipt:
        """Press the lowest button whose label contains this."""
        message, pressed = self.find(who, label)
        return self.press(who, pressed.action, message, deliver=deliver)

    def press(self, who: str, action: str, message: str | None = None, *, deliver: bool = True) -> Receipt:
        return self.happen(Tapped(**self._common(who), action=action, message=message), deliver=deliver)

    def say(self, who: str, text: str, about: str | None = None) -> Receipt:
        return self.happen(Said(**self._common(who), text=text, about=about))

    def command(self, who: str, command: str, words: str = "") -> Receipt:
        return self.happen(Commanded(**self._common(who), command=command, words=words))

    def fill(self, who: str, action: str, **answers: str) -> Receipt:
        return self.happen(Filled(**self._common(who), action=action, answers=tuple(answers.items())))

    def _common(self, who: str) -> dict[str, Any]:
        return {"key": f"event:{next(self._numbers)}", "sender": Address.parse(who), "chat": Address.parse(who)}

    # What is seen

    def find(self, who: str, label: str) -> tuple[str, Button]:
        for message, card in reversed(self.wire.chats.get(who, {}).items()):
            for row in card.rows:
                for button in row:
                    if label in button.label:
                        return message, button
        raise AssertionError(f"no button {label!r} in {who}, only {self.labels(who)}")

    def labels(self, who: str) -> list[str]:
        cards = self.wire.chats.get(who, {}).values()
        return [button.label for card in cards for row in card.rows for button in row]

    def texts(self, who: str) -> list[str]:
        return [card.text for card in self.wire.chats.get(who, {}).values()]

    def last(self, who: str) -> Card:
        return list(self.wire.chats[who].values())[-1]

    def read(self, who: str) -> str:
        """The newest card's words, without markup."""
        return plain(self.last(who).text)

    def letter(self, who: str) -> str:
        """Id of the message of the newest mailing in this chat."""
        found = self.row(who).message_id
        assert found
        return found

    def row(self, who: str) -> Delivery:
        """The newest recipient's row in this chat."""
        return self.session.exec(
            select(Delivery)
            .where(Delivery.address == who, col(Delivery.mailing_id).is_not(None))
            .order_by(col(Delivery.id).desc())
        ).first() or _nobody(who)

    def member(self, number: int) -> Member:
        return member(self.session, self.content, self.session.get_one(Contact, number))

    def counted(self, mailing: Mailing) -> dict[str, int]:
        return {state: count for state, count in counts(self.session, mailing.id or 0).by_state.items() if count}


def _nobody(who: str) -> Delivery:
    raise AssertionError(f"nothing was mailed to {who}")
