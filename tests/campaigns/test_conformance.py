"""The feed against its own OpenAPI: whatever is sent, as described or next to it, is answered as described."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis.openapi
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlmodel import Session
from starlette.types import ASGIApp

from core.campaigns.tokens import create
from hub.feed.app import build_feed
from hub.feed.mounting import FeedParts
from storage.database import Database
from storage.tables import Account
from tests.campaigns.desk import NOW

DESCRIBED = ("/api/v1/campaigns", "/api/v1/campaigns/{campaign_id}/events", "/api/v1/webhooks/generic")

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def served(sqlite_url: str) -> Iterator[tuple[ASGIApp, str]]:
    database = Database(sqlite_url)

    def fill(session: Session) -> str:
        session.add(Account(name="Acme", created_at=NOW))
        return create(session, "Postino", ["campaigns:write"], NOW).token

    token = database.transact_now(fill)
    yield build_feed(FeedParts(database, lambda: NOW)), token
    database.close()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_sent_is_answered_as_described(served: tuple[ASGIApp, str], mode: GenerationMode) -> None:
    app, token = served
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    seen = set()

    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        seen.add(operation.path)
        if mode is GenerationMode.NEGATIVE and operation.path not in DESCRIBED:
            continue  # of what takes anything nothing is wrong

        @given(operation.as_strategy(generation_mode=mode))
        @settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
        def conforms(case: Any) -> None:
            response = case.call(headers={"authorization": f"Bearer {token}"})
            case.validate_response(response, checks=CHECKS)

        conforms()

    assert len(seen) == 7
