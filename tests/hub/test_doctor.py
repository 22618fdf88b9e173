"""The doctor says what works, what does not and how to mend it, and never shows a secret."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.doctor import SCOPES, Finding, Verdict, examine
from hub.settings import Settings, load, load_what_is_right

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
GOOD: dict[str, Any] = {
    "getMe": {"ok": True, "result": {"id": 1, "username": "acme_bot", "can_read_all_group_messages": True}},
    "getWebhookInfo": {"ok": True, "result": {"url": ""}},
    "auth.test": {"ok": True, "user": "hub", "team": "Acme"},
    "apps.connections.open": {"ok": True, "url": "wss://example"},
}
"""What the two messengers say when all is well, by method."""

Examine = Callable[..., Awaitable[list[Finding]]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Examine:
    """Examine with these settings, while the messengers give these answers (None: they hang up)."""

    async def run(
        answers: Mapping[str, Any] | None = None, scopes: str = ",".join(SCOPES), **given: str
    ) -> list[Finding]:
        said = {**GOOD, **(answers or {})}

        async def answer(request: web.Request) -> web.StreamResponse:
            body = said[request.path.rpartition("/")[2]]
            if body is None:
                assert request.transport is not None
                request.transport.abort()
            return web.json_response(body, headers={"X-OAuth-Scopes": scopes})

        site = web.Application()
        site.router.add_post("/{tail:.*}", answer)
        async with TestServer(site) as server:
            base = str(server.make_url("")).rstrip("/")
            settings = {
                "TELEGRAM_BOT_TOKEN": TOKEN,
                "TELEGRAM_API_URL": base,
                "SLACK_BOT_TOKEN": "xoxb-12345678",
                "SLACK_APP_TOKEN": "xapp-12345678",
                "SLACK_API_URL": f"{base}/api",
                "DATABASE_URL": f"sqlite:///{tmp_path / 'hub.db'}",
                "HUB_CONTENT": str(ROOT / "content"),
            }
            for name, value in (settings | given).items():
                monkeypatch.setenv(name, value)
            return list(await examine(load(None)))

    return run


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def of(part: str, findings: list[Finding]) -> list[tuple[Verdict, str]]:
    return [(finding.verdict, finding.what) for finding in findings if finding.part == part]


async def test_everything_well_is_told_without_a_bad_word(ask: Examine, sqlite_url: str) -> None:
    findings = await ask(DATABASE_URL=sqlite_url)

    assert {finding.verdict for finding in findings} <= {Verdict.OK, Verdict.NOTE}
    assert of("telegram", findings) == [(Verdict.OK, "@acme_bot answers")]
    assert of("slack", findings) == [(Verdict.OK, "hub answers in Acme"), (Verdict.OK, "Socket Mode opens")]


@pytest.mark.parametrize(
    ("answers", "part", "word"),
    [
        ({"getMe": {"ok": False, "error_code": 401, "description": "Unauthorized"}}, "telegram", "Unauthorized"),
        ({"getMe": None}, "telegram", "cannot be reached"),
        ({"getMe": []}, "telegram", "not as the messenger would"),
        ({"auth.test": {"ok": False, "error": "invalid_auth"}}, "slack", "invalid_auth"),
        ({"auth.test": None}, "slack", "cannot be reached"),
        (
            {"apps.connections.open": {"ok": False, "error": "not_allowed_token_type"}},
            "slack",
            "not_allowed_token_type",
        ),
    ],
)
async def test_what_is_wrong_with_a_messenger_is_told_with_a_way_to_mend_it(
    ask: Examine, answers: Mapping[str, Any], part: str, word: str
) -> None:
    findings = await ask(answers)

    bad = [finding for finding in findings if finding.verdict is Verdict.BAD and finding.part != "content"]
    assert [finding.part for finding in bad] == [part]
    assert word in bad[0].what
    assert bad[0].mend


async def test_missing_scopes_are_listed(ask: Examine) -> None:
    findings = await ask(scopes=",".join(SCOPES - {"users:read.email"}))

    assert (Verdict.BAD, "scopes are missing: users:read.email") in of("slack", findings)


async def test_the_scopes_looked_for_are_those_the_manifest_asks_for() -> None:
    manifest = yaml.safe_load((ROOT / "deploy" / "slack-manifest.yaml").read_text("utf-8"))

    assert frozenset(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


async def test_somebody_elses_webhook_is_noticed(ask: Examine) -> None:
    findings = await ask({"getWebhookInfo": {"ok": True, "result": {"url": "https://other.example/x"}}})

    assert (Verdict.NOTE, "a webhook to other.example is set, while this hub polls") in of("telegram", findings)


async def test_a_webhook_telegram_cannot_reach_is_bad(ask: Examine) -> None:
    hook = {"url": "https://hub.example/telegram", "last_error_message": "SSL error"}

    findings = await ask(
        {"getWebhookInfo": {"ok": True, "result": hook}},
        TELEGRAM_WEBHOOK_URL="https://hub.example/telegram",
        TELEGRAM_WEBHOOK_SECRET="abc",
    )

    assert (Verdict.BAD, "Telegram could not reach the webhook lately: SSL error") in of("telegram", findings)


async def test_a_messenger_left_out_is_off_not_bad(ask: Examine) -> None:
    findings = await ask(SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="")

    assert of("slack", findings) == [(Verdict.OFF, "no SLACK_BOT_TOKEN")]
    assert of("settings", findings) == [(Verdict.OK, "complete")]


async def test_a_missing_database_file_is_not_made_by_looking(ask: Examine, tmp_path: Path) -> None:
    findings = await ask(DATABASE_URL=f"sqlite:///{tmp_path / 'none' / 'hub.db'}")

    assert [verdict for verdict, _ in of("database", findings)] == [Verdict.NOTE]
    assert names_in(tmp_path) == []


async def test_a_database_that_does_not_answer_is_bad_and_its_password_stays_hidden(ask: Examine) -> None:
    findings = await ask(DATABASE_URL="postgresql://hub:opensesame@127.0.0.1:1/hub")

    assert [verdict for verdict, _ in of("database", findings)] == [Verdict.BAD]
    assert "opensesame" not in "\n".join(map(str, findings))


async def test_an_upgraded_database_is_ok_on_both_engines(ask: Examine, database_url: str) -> None:
    findings = await ask(DATABASE_URL=database_url)

    assert [verdict for verdict, _ in of("database", findings)] == [Verdict.OK]


async def test_a_file_that_is_no_database_is_bad(ask: Examine, tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear Ann, " * 200, "utf-8")

    findings = await ask(DATABASE_URL=f"sqlite:///{file}")

    assert [verdict for verdict, _ in of("database", findings)] == [Verdict.BAD]


async def test_broken_content_is_told_with_file_and_line(ask: Examine, tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "hub.yaml").write_text("vendor: Acme\nvendr: Acme\n", "utf-8")

    findings = await ask(HUB_CONTENT=str(tmp_path / "content"))

    assert [verdict for verdict, _ in of("content", findings)] == [Verdict.BAD]


async def test_no_line_shows_a_token(ask: Examine) -> None:
    for answers in ({}, {"getMe": None, "auth.test": None}, {"getMe": {"ok": False, "description": f"bad {TOKEN}"}}):
        lines = "\n".join(map(str, await ask(answers)))
        assert not [secret for secret in (TOKEN, "xoxb-12345678", "xapp-12345678") if secret in lines]


async def test_wrong_settings_are_all_told_and_the_rest_is_examined(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "hello")
    monkeypatch.setenv("HUB_HTTP_PORT", "many")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hub.db'}")
    monkeypatch.setenv("HUB_CONTENT", str(ROOT / "content"))

    findings = list(await examine(*load_what_is_right(None)))

    assert [verdict for verdict, _ in of("settings", findings)] == [Verdict.BAD, Verdict.BAD]
    assert [verdict for verdict, _ in of("database", findings)] == [Verdict.NOTE]
    assert [verdict for verdict, _ in of("content", findings)] == [Verdict.OK]
    assert of("telegram", findings) == []


def test_nothing_set_at_all_is_one_bad_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    from hub.doctor import _settings

    assert [finding.verdict for finding in _settings(Settings(_env_file=None), {})] == [Verdict.BAD]
