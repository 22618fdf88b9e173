"""Whom a simulation is about: clients made up for it, or those of the copied database, each with a way to answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue
from core.events import Address
from core.people.accounts import csm_address, member, private_chats
from hub.simulation.personas import Persona, cast_of
from storage.tables import Account, Chat, Contact, Csm

NAMES: Final = ("Acme", "Borealis", "Cinder", "Dune", "Ember", "Fjord", "Garnet", "Harbor", "Indigo", "Juniper")
KINDS: Final = ("Logistics", "Energy", "Foods", "Works", "Media", "Health", "Travel", "Labs", "Textiles", "Bank")
FIRST: Final = ("Ada", "Boris", "Carla", "Deniz", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Lars")
LAST: Final = (
    "Novak",
    "Lind",
    "Okafor",
    "Petrov",
    "Quist",
    "Reyes",
    "Sato",
    "Tamm",
    "Ueda",
    "Vogel",
    "Weiss",
    "Yilmaz",
)
ROLES: Final = ("admin", "finance", "marketing")
SEGMENTS: Final = ("smb", "mid-market", "enterprise")
ZONES: Final = ("Europe/Berlin", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "Europe/London", "Asia/Almaty")
OURS: Final = ("ann@relay.example", "bea@relay.example", "cem@relay.example")
PER_CLIENT: Final = 3


@dataclass(slots=True)
class Person:
    """Somebody at a client, as the simulation plays them."""

    email: str
    name: str
    account: str
    contact_id: int
    zone: str
    persona: Persona
    rng: Random
    """Their own, so that what others do changes nothing of what they would."""
    addresses: Sequence[Address]
    joined: bool
    heard: int = 0
    """Things said to them unasked so far."""
    turn: int = 0
    """Which of their messengers they used last."""

    @property
    def address(self) -> Address:
        """Where they write now."""
        return self.addresses[self.turn % len(self.addresses)]


@dataclass(slots=True)
class Cast:
    """Everybody who plays."""

    people: Sequence[Person]
    ours: Mapping[str, str]
    """E-mails of our people by address."""
    by_address: Mapping[str, Person] = field(init=False)

    def __post_init__(self) -> None:
        self.by_address = {str(address): person for person in self.people for address in person.addresses}


def make_up(session: Session, catalogue: Catalogue, clients: int, seed: int, now: datetime) -> None:
    """Write so many clients with three people each, and three of us who look after them."""
    rng = Random(f"{seed}:clients")  # noqa: S311 - a play, and it has to be the same again
    ours = []
    for number, email in enumerate((*OURS, *catalogue.rules.admins)):
        csm = session.exec(select(Csm).where(Csm.email == email)).one_or_none() or Csm(email=email)
        csm.name = email.partition("@")[0].capitalize()
        csm.address = f"slack:T0/CSM{number}"
        session.add(csm)
        session.flush()
        session.add(Chat(address=csm.address, csm_id=csm.id, last_heard_at=now))
        ours.append(csm)
    offered = {
        "region": sorted(catalogue.rules.region_timezones) or [""],
        "language": sorted(catalogue.phrases.languages),
        "segment": _texts(catalogue, "segment") or SEGMENTS,
        "product": _texts(catalogue, "product"),
    }
    for number in range(clients):
        _make_up_client(session, number, rng, ours[number % len(OURS)], offered, now)


def _texts(catalogue: Catalogue, name: str) -> Sequence[str]:
    """What this field of a client may be, as far as the content says."""
    return catalogue.rules.values.get(name) or sorted(catalogue.texts_asked(name))


def _make_up_client(
    session: Session, number: int, rng: Random, csm: Csm, offered: Mapping[str, Sequence[str]], now: datetime
) -> None:
    name = f"{NAMES[number % 10]} {KINDS[number // 10 % 10]}" + (f" {number // 100 + 1}" if number >= 100 else "")
    account = Account(
        name=name,
        segment=rng.choice(offered["segment"]),
        region=rng.choice(offered["region"]),
        language=rng.choice(offered["language"]) if rng.random() < 0.5 else None,
        timezone=rng.choice(ZONES) if rng.random() < 0.5 else None,
        csm_id=csm.id,
        renewal=_renewal(now.date(), rng),
        products=rng.sample(offered["product"], k=min(2, len(offered["product"]))),
        phase="onboarding",
        created_at=now,
    )
    session.add(account)
    session.flush()
    for place in range(PER_CLIENT):
        first = FIRST[(number * PER_CLIENT + place) % len(FIRST)]
        email = f"{first.lower()}{number}@{name.split(maxsplit=1)[0].lower()}.example"
        session.add(
            Contact(
                account_id=account.id or 0,
                name=f"{first} {rng.choice(LAST)}",
                email=email,
                role=ROLES[place % len(ROLES)],
                created_at=now,
            )
        )
    session.flush()


def _renewal(today: date, rng: Random) -> date:
    return today + timedelta(days=rng.randrange(20, 300))


def gather(session: Session, catalogue: Catalogue, seed: int, *, made_up: bool) -> Cast:
    """Everybody in the database. Made-up people have yet to come; of real ones those play who are here already."""
    people = []
    for contact in session.exec(select(Contact).order_by(col(Contact.id))).all():
        rng = Random(f"{seed}:{contact.email}")  # noqa: S311 - a play, and it has to be the same again
        persona = cast_of(rng)
        addresses = [Address.parse(chat.address) for chat in private_chats(session, contact.id or 0)]
        if made_up:
            both = [Address("telegram", str(10_000 + (contact.id or 0))), Address("slack", f"T0/U{contact.id}")]
            rng.shuffle(both)
            addresses = both[: persona.messengers]
        if addresses:
            who = member(session, catalogue, contact)
            joined = contact.joined_at is not None
            name, account = contact.name, who.account.name
            people.append(
                Person(contact.email, name, account, contact.id or 0, who.zone, persona, rng, addresses, joined)
            )
    ours = {}
    for csm in session.exec(select(Csm).order_by(col(Csm.id))).all():
        address = csm_address(csm)
        if address is not None:
            ours[str(address)] = csm.email
    return Cast(people, ours)
