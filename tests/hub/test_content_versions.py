"""Several processes read the same folder: one version, one message, whoever is faster."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue, Problem
from hub.content.versions import take_effect, tell_broken
from hub.health import Health
from hub.metrics import Metrics
from hub.wiring import Hub
from storage.database import Database
from storage.tables import ContentVersion, Csm, Delivery
from tests.core.stage import catalogue, checklist, step

NOW = datetime(2026, 11, 9, 10, tzinfo=UTC)
WRONG = (Problem("onboarding/start.yaml", 3, "a step has no 'titel'", "did you mean 'title'?"),)


def version(name: str, *steps: str) -> Catalogue:
    made = catalogue(checklist(*(step(one) for one in steps)))
    return replace(made, version=name, rules=replace(made.rules, admins=("ida@relay.example",)))


def know_ida(session: Session) -> None:
    session.add(Csm(email="ida@relay.example", role="admin", address="slack:T0/IDA"))


def told(session: Session) -> list[str]:
    return list(session.exec(select(Delivery.key).order_by(col(Delivery.id))).all())


def saves(session: Session) -> list[str]:
    return list(session.exec(select(ContentVersion.version).order_by(col(ContentVersion.number))).all())


@pytest.fixture
async def hubs(database_url: str) -> AsyncIterator[list[Hub]]:
    """Three processes' worth of hub at one database."""
    databases = [Database(database_url) for _ in range(3)]
    await databases[0].transact(know_ida)
    yield [Hub(one, version("v1", "a"), lambda: NOW, Health(), Metrics()) for one in databases]
    for one in databases:
        one.close()


async def test_processes_at_once_begin_one_version_and_tell_once(hubs: list[Hub]) -> None:
    await asyncio.gather(*(take_effect(hub, version("v1", "a")) for hub in hubs))
    await asyncio.gather(*(take_effect(hub, version("v2", "a", "b")) for hub in hubs))

    assert await hubs[0].database.read(saves) == ["v1", "v2"]
    assert len(await hubs[0].database.read(told)) == 1
    assert [hub.catalogue for hub in hubs] == [hubs[0].catalogue] * 3
    assert hubs[0].catalogue.checklists["start"].steps[1].there


async def test_processes_at_once_tell_of_a_broken_version_once(hubs: list[Hub]) -> None:
    await take_effect(hubs[0], version("v1", "a"))

    await asyncio.gather(*(tell_broken(hub, WRONG) for hub in hubs))
    await asyncio.gather(*(take_effect(hub, version("v1", "a")) for hub in hubs))

    assert len(await hubs[0].database.read(saves)) == 3
    assert len(await hubs[0].database.read(told)) == 2
    assert not hubs[0].catalogue.checklists["start"].steps[0].there


async def test_a_process_that_reads_late_changes_nothing(hubs: list[Hub]) -> None:
    await take_effect(hubs[0], version("v1", "a"))
    await take_effect(hubs[0], version("v2", "a", "b"))
    await take_effect(hubs[1], version("v2", "a", "b"))

    assert await hubs[0].database.read(saves) == ["v1", "v2"]
    assert len(await hubs[0].database.read(told)) == 1
