"""`hub why`, `hub whynot` and `hub simulate`, as they are typed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub import logs
from hub.cli import app

ROOT = Path(__file__).parents[2]
PEOPLE = "account,contact,email\nAcme,Olga Lind,olga@acme.example\n"

Hub = Callable[..., Result]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    """Type a `hub` command in an empty folder, with a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_CONTENT", str(ROOT / "content"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hub.db'}")
    monkeypatch.setattr(logs, "configure", lambda *_args, **_more: None)  # it would take pytest's own logging away

    def type_(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return type_


def test_why_and_whynot_answer_for_a_contact_and_name_the_rules(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE)
    hub("import", "people.csv")

    assert "Nothing so far." in hub("why", "Olga@acme.example").stdout
    assert "it has nothing to say to them" in hub("whynot", "olga@acme.example", "nudge:stalled-step").stdout
    unknown = hub("whynot", "olga@acme.example", "nudge:moonshine").stdout
    assert "The rules are: " in unknown
    assert "nudge:stalled-step" in unknown


def test_nobody_knows_why_of_a_stranger(hub: Hub) -> None:
    answer = hub("why", "nobody@acme.example")

    assert answer.exit_code == 1
    assert "No contact has the e-mail" in answer.stderr


def test_simulate_tells_totals_and_as_json_the_same(hub: Hub, tmp_path: Path) -> None:
    wish = ("simulate", "--days", "4", "--clients", "1", "--from", "2026-11-02")

    told, read = hub(*wish).stdout, json.loads(hub(*wish, "--json").stdout)

    assert "4 days from Mon 2026-11-02, seed 1: 1 client, 3 people" in told
    assert "Quiet hours: kept" in told
    assert f"Said unasked: {len(read['said'])}," in told
    assert not (tmp_path / "hub.db").exists()


def test_simulate_refuses_what_it_cannot_do_in_a_sentence(hub: Hub) -> None:
    assert hub("simulate", "--accounts", "moon").exit_code == 2
    assert "There is no database yet" in hub("simulate", "--accounts", "present").stderr
    short = ("--days", "1", "--clients", "1")
    assert "Nobody in this run has the e-mail" in hub("simulate", *short, "--person", "who@where.example").stderr
