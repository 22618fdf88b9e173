"""A condition as SQL finds exactly those of whom it holds, on both databases."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from core.content.catalogue import Catalogue
from core.content.conditions.condition import Condition, Kind, parse_condition
from core.content.conditions.known_fields import known_fields
from core.content.conditions.tree import told
from core.people.accounts import member
from core.people.audience import MEMBERS, clause
from core.people.facts import facts
from storage.database import Database
from storage.tables import Account, Contact, Csm
from tests.content.test_conditions import TREES
from tests.core.stage import sample

NOW = datetime(2026, 11, 3, 11, 30, tzinfo=UTC)
"""Another day already in Kiritimati, and not yet in Pago Pago… nor is it there for half of the day."""

OWN: Mapping[str, Kind] = {
    "beta": "flag",
    "trial": "flag",
    "seats": "number",
    "since": "date",
    "plan": "text",
    "tags": "texts",
}


def content() -> Catalogue:
    known = sample()
    rules = replace(known.rules, fields=OWN, region_timezones={"a": "Pacific/Kiritimati"}, region_languages={"a": "ru"})
    return replace(known, rules=rules)


CONTENT = content()
FIELDS = known_fields(CONTENT.rules)

CUSTOM: tuple[dict[str, Any], ...] = (
    {},
    {"beta": True, "seats": "7", "since": "2026-11-03", "plan": "Team", "tags": ["a", "ß"]},
    {"beta": False, "trial": True, "seats": "-2.5", "since": "2026-01-01", "plan": "ss", "tags": ["SS"]},
    {"beta": "yes", "seats": "many", "since": "soon", "plan": True, "tags": "a"},
    {"seats": "2026-11-03", "since": "7.25", "plan": "", "tags": []},
    {"trial": False, "seats": "7.25", "since": "9999-12-31", "plan": "Ж", "beta": True},
)
TEXTS = ("", "a", "A", "b", "c d", "it's", "ß", "ss", "Ж", "ж")


def people(session: Session) -> None:
    """Accounts as odd as they come, each with two contacts."""
    csms = [Csm(email="ann@relay.example"), Csm(email="bea@relay.example")]
    session.add_all(csms)
    session.flush()
    turns = [cycle(values) for values in (TEXTS, TEXTS[::-1], CUSTOM, (None, 0, -2.5, 7, 7.25, 1200))]
    for number, (segment, region, custom, mrr) in enumerate(islice(zip(*turns, strict=False), 40)):
        account = Account(
            name=f"Account {number}",
            segment=segment,
            region=region,
            phase=("", "live", "LIVE")[number % 3],
            products=[["a", "B"], [], ["ß"], ["it's", "ж"]][number % 4],
            mrr=None if mrr is None else Decimal(str(mrr)),
            renewal=(None, date(2026, 11, 3), date(2026, 11, 4), date(2027, 1, 1), date(2026, 1, 1))[number % 5],
            custom=custom,
            csm_id=(None, csms[0].id, csms[1].id)[number % 3],
            language=(None, "ru", "xx")[number % 3],
            timezone=(None, "Pacific/Pago_Pago", "Mars/Olympus")[number % 3],
            created_at=NOW,
        )
        session.add(account)
        session.flush()
        for which, (role, language) in enumerate(islice(product(("", "admin", "Finance"), (None, "en", "pt-br")), 2)):
            session.add(
                Contact(
                    account_id=account.id or 0,
                    name="Dana",
                    email=f"dana{which}@{number}.example",
                    role=role or TEXTS[number % len(TEXTS)],
                    language=language,
                    timezone=(None, "Asia/Tokyo")[(number + which) % 2],
                    created_at=NOW,
                )
            )


def differences(session: Session, condition: Condition, now: datetime) -> list[str]:
    """E-mails of those whom one of the two ways finds and the other does not."""
    column = Contact.__table__.c.email  # type: ignore[attr-defined]  # SQLModel does not declare it
    is_so, everybody = clause(session, CONTENT, condition, now), select(column).select_from(MEMBERS)
    found = set(session.execute(everybody.where(is_so)).scalars())
    missed = set(session.execute(everybody.where(~is_so)).scalars())
    members = [member(session, CONTENT, contact) for contact in session.exec(select(Contact)).all()]
    plainly = {who.contact.email for who in members if condition.holds(facts(CONTENT, who, now))}
    assert not found & missed
    assert len(found | missed) == len(members)
    return sorted(found ^ plainly)


SOURCES = (
    "segment == 'a'",
    "segment != 'SS'",
    "segment == region",
    "segment != region",
    "not segment in ['ж', 'ss']",
    "phase not in ['live']",
    "csm == 'ANN@relay.example'",
    "csm != 'ann@relay.example'",
    "role in ['b', 'ß']",
    "language == 'ru'",
    "language != 'en'",
    "product in ['A', 'SS']",
    "product not in ['a']",
    "tags in ['ss']",
    "tags not in ['a']",
    "not tags in ['a']",
    "plan == 'team' or plan == 'SS'",
    "plan != 'ж'",
    "plan == segment",
    "beta",
    "not beta",
    "beta == no",
    "beta != no",
    "beta == trial",
    "beta != trial",
    "beta in [yes, no]",
    "trial not in [yes]",
    "mrr == 7.25",
    "mrr in [7, -2.5]",
    "mrr not in [7]",
    "seats == 7.25",
    "seats < 7",
    "seats != mrr",
    "seats >= mrr",
    "since > '2026-06-01'",
    "since in ['2026-01-01']",
    "since == renewal",
    "renewal <= '2026-11-03'",
    "renewal not in ['2026-11-03']",
    "days_to_renewal == 0",
    "days_to_renewal == 1",
    "days_to_renewal < 0.5",
    "days_to_renewal > seats",
    "days_to_renewal < 999999999",
    "mrr > 5 and (segment == 'a' or not beta) and days_to_renewal >= 0",
)


async def test_sql_finds_those_of_whom_the_condition_holds(database: Database) -> None:
    await database.transact(people)
    found = {
        (source, hours): await database.read(differences, parse_condition(source, FIELDS), NOW + timedelta(hours=hours))
        for source in SOURCES
        for hours in ((0, 12) if "days" in source else (0,))
    }

    assert {asked: emails for asked, emails in found.items() if emails} == {}


@given(st.lists(TREES, min_size=1, max_size=40))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_asked_sql_finds_the_same(crowd: Database, trees: list[Any]) -> None:
    for tree in trees:
        condition = parse_condition(told(tree), FIELDS)
        assert crowd.transact_now(differences, condition, NOW) == [], condition.source


@pytest.fixture
def crowd(database_url: str) -> Any:
    database = Database(database_url)
    database.transact_now(people)
    yield database
    database.close()
