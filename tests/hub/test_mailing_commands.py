"""`hub mailing …`, as it is typed."""

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select, update
from typer.testing import CliRunner, Result

from core.content.checking import read_catalogue
from core.mailings.tending import tend
from hub import logs
from hub.cli import app
from hub.clock import now
from storage.database import make_engine
from storage.tables import Chat, Contact, Delivery

ROOT = Path(__file__).parents[2]
PEOPLE = (
    "account,segment,contact,email,language\n"
    "Acme,smb,Olga Lind,olga@acme.example,ru\n"
    'Acme,smb,"=1+1",evil@acme.example,\n'
    "Acme,smb,Nia Roy,nia@acme.example,\n"
)

MAILINGS = tuple(f"mailings/{name}.md" for name in ("new-prices", "reports-webinar", "reports-webinar.ru"))

Hub = Callable[..., Result]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    """Type a `hub` command; Olga and one with an odd name are in Telegram, Nia is not here yet."""
    monkeypatch.chdir(tmp_path)
    for name in ("hub.yaml", "phrases/en.yaml", "phrases/ru.yaml", *MAILINGS):  # the less there is to read the better
        (tmp_path / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "content" / name, tmp_path / "content" / name)
    (tmp_path / "content/onboarding").mkdir()
    (tmp_path / "content/guides").mkdir()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hub.db'}")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(logs, "configure", lambda *_args, **_more: None)  # it would take pytest's own logging away

    def type_(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, list(words), input=typed)

    (tmp_path / "people.csv").write_text(PEOPLE)
    assert type_("import", "people.csv").exit_code == 0
    return type_


@pytest.fixture
def session(hub: Hub, tmp_path: Path) -> Iterator[Session]:
    engine = make_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    with Session(engine) as opened:
        for number, contact in enumerate(opened.exec(select(Contact).where(Contact.name != "Nia Roy")).all()):
            opened.add(Chat(address=f"telegram:{number + 1}", contact_id=contact.id, last_heard_at=now()))
        opened.commit()
        yield opened
    engine.dispose()


def test_a_file_is_looked_at_sent_watched_and_exported(hub: Hub, session: Session, tmp_path: Path) -> None:
    assert "Never sent: new-prices, reports-webinar" in hub("mailing", "list").stderr
    shown = hub("mailing", "show", "reports-webinar").stdout
    assert "2 people in 1 company" in shown
    assert "1 not in a messenger yet" in shown
    assert shown.count("Telegram ─") == shown.count("Slack ─") == 2
    assert "Занять место" in shown

    declined = hub("mailing", "send", "reports-webinar", typed="n\n")
    assert (declined.exit_code, "Nothing was sent." in declined.stderr) == (1, True)
    sent = hub("mailing", "send", "reports-webinar", "--yes")
    assert (sent.exit_code, "leaves at" in sent.stdout) == (0, True)
    assert "decided already" in hub("mailing", "approve", "1").stderr
    assert "Nothing to do: it is leaving" in hub("mailing", "pause", "1").stderr

    catalogue, later = read_catalogue(tmp_path / "content"), now() + timedelta(minutes=3)
    tend(session, catalogue, later)
    tend(session, catalogue, later + timedelta(seconds=1))
    session.commit()
    assert hub("mailing", "pause", "reports-webinar").stdout.endswith(": paused.\n")
    assert hub("mailing", "resume", "1").stdout.endswith(": running.\n")
    first = select(Delivery.id).where(col(Delivery.mailing_id) == 1).order_by(col(Delivery.id)).limit(1)
    failed = update(Delivery).where(col(Delivery.id).in_(first)).values(state="failed", reason="blocked")
    session.execute(failed)
    session.commit()

    listed = hub("mailing", "list").stdout
    assert "reports-webinar" in listed
    assert "running" in listed
    status = hub("mailing", "show", "1")
    assert "1 (1 blocked)" in status.stdout
    assert hub("mailing", "export", "1", "out.csv").stderr == "3 people.\n"
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))))
    assert {(row["contact"], row["status"], row["reason"]) for row in rows} >= {("Nia Roy", "left out", "not here yet")}
    assert "'=1+1" in {row["contact"] for row in rows}
    assert ("failed", "blocked") in {(row["status"], row["reason"]) for row in rows}
    assert hub("mailing", "retry", "1").stdout == "1 recipient planned again.\n"
    assert "nothing to try again" in hub("mailing", "retry", "1", "--uncertain").stderr
    assert hub("mailing", "cancel", "1").stdout.endswith(": cancelling.\n")
    tend(session, catalogue, later + timedelta(seconds=2))
    tend(session, catalogue, later + timedelta(seconds=3))
    session.commit()
    assert "Cancelled. What had been sent before stays." in hub("mailing", "show", "1", "--follow").stdout


def test_what_there_is_not_is_said_in_a_sentence(hub: Hub) -> None:
    for words in (("show", "reports-webinr"), ("send", "reports-webinr"), ("pause", "reports-webinr")):
        told = hub("mailing", *words)
        assert (told.exit_code, "did you mean 'reports-webinar'?" in told.stderr) == (1, True), told.output
    assert "hub mailing list tells" in hub("mailing", "export", "7").stderr


def test_nobody_to_send_to_is_no_mailing(hub: Hub) -> None:
    told = hub("mailing", "send", "new-prices", "--yes")

    assert (told.exit_code, "Nobody would get it" in told.stderr) == (1, True)


def test_cancelled_before_it_leaves_it_is_a_draft_that_may_be_approved_anew(hub: Hub, session: Session) -> None:
    assert hub("mailing", "send", "reports-webinar", "--yes").exit_code == 0
    assert hub("mailing", "cancel", "1").stdout.endswith(": draft.\n")
    assert "leaves at" in hub("mailing", "approve", "1").stdout
