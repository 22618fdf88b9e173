"""`hub token`, `hub campaigns` and `hub import campaigns.csv`, as they are typed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub import logs
from hub.cli import app

ROOT = Path(__file__).parents[2]
Hub = Callable[..., Result]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    """Type a `hub` command in an empty folder, with a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_CONTENT", str(ROOT / "content"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hub.db'}")
    monkeypatch.setattr(logs, "configure", lambda *_args, **_more: None)

    def type_(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return type_


def test_a_token_is_printed_once_listed_without_itself_and_revoked(hub: Hub, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("the signing key of Mailgun\n", "utf-8")
    made = hub("token", "create", "postino", "--scope", "campaigns:write", "--scope", "signals:write")
    token = made.stdout.strip()
    signed = hub("token", "create", "mailgun", "--signing-key", str(key))
    again = hub("token", "create", "postino")
    wrong = hub("token", "create", "other", "--scope", "everything")
    bound = hub("token", "create", "other", "--account", "Nobody")
    listed = hub("token", "list")
    revoked = hub("token", "revoke", "postino")
    nobody = hub("token", "revoke", "nobody")

    assert token.startswith("hub_")
    assert len(token.split()) == 1
    assert "Mailgun" not in signed.output
    assert (again.exit_code, wrong.exit_code, bound.exit_code, nobody.exit_code) == (1, 2, 1, 1)
    assert "postino  good  campaigns:write signals:write  all accounts" in listed.stdout
    assert token not in listed.output
    assert revoked.exit_code == 0
    assert "postino  revoked" in hub("token", "list").stdout


def test_campaigns_are_imported_by_the_same_command_and_listed(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("account,contact,email\nAcme,Dana Lee,dana@acme.example\n", "utf-8")
    (tmp_path / "campaigns.csv").write_text(
        "campaign,account,title,total,sent\nspring,Acme,Spring sale,100,40\n", "utf-8"
    )
    (tmp_path / "broken.csv").write_text("campaign,account,title,sent\nspring,Acme,Spring sale,many\n", "utf-8")
    people = hub("import", "clients.csv")
    campaigns = hub("import", "campaigns.csv")
    broken = hub("import", "broken.csv")

    assert people.stdout == "1 account (1 new), 1 contact (1 new).\n"
    assert campaigns.stdout == "1 campaign (1 new).\n"
    assert broken.exit_code == 1
    assert "broken.csv: line 2: sent 'many' is no whole number" in broken.stderr
    line = "csv:spring  Acme  Spring sale  sending  40/100 (40 %)  sent 40"
    assert hub("campaigns", "list", "--account", "Acme", "--running").stdout.startswith(line)
    nobody = hub("campaigns", "list", "--account", "Nobody")
    assert (nobody.exit_code, "No account is called 'Nobody'." in nobody.output) == (1, True)
