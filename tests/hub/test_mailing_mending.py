"""`hub mailing amend|recall|lost`, as they are typed."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, select, update

from core.content.checking import read_catalogue
from core.mailings.changing import change_due
from core.mailings.tending import tend
from hub.clock import now
from storage.tables import Delivery, Mailing
from tests.hub.test_mailing_commands import Hub, hub, session

__all__ = ["hub", "session"]


def test_a_file_is_mended_taken_back_and_who_is_not_reached_is_named(
    hub: Hub, session: Session, tmp_path: Path
) -> None:
    assert "was never sent" in hub("mailing", "amend", "reports-webinar").stderr
    assert "no mailing 'nothing'" in hub("mailing", "recall", "nothing", "--yes").stderr
    assert hub("mailing", "send", "reports-webinar", "--yes").exit_code == 0
    catalogue, later = read_catalogue(tmp_path / "content"), now() + timedelta(minutes=3)
    tend(session, catalogue, later)
    shown = update(Delivery).where(col(Delivery.mailing_id) == 1)
    session.execute(shown.values(state="accepted", revision=1, message_id="7", settled_at=later))
    session.commit()

    assert "says that already" in hub("mailing", "amend", "reports-webinar").stderr
    for name, before, after in (("", "Thirty minutes", "An hour"), (".ru", "Тридцать минут", "Целый час")):
        file = tmp_path / f"content/mailings/reports-webinar{name}.md"
        file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    assert ": changed." in hub("mailing", "amend", "1").stdout
    catalogue = read_catalogue(tmp_path / "content")
    change_due(session, catalogue, later)
    first = session.exec(select(Delivery).where(Delivery.kind == "amendment")).first()
    assert first is not None
    assert "An hour" in first.card or "Целый час" in first.card
    first.state, first.reason = "failed", "message to edit not found"
    session.commit()
    told = hub("mailing", "lost", "reports-webinar").stdout
    assert "1 to do; 1 copy out of reach." in told
    assert "message to edit not found" in told

    declined = hub("mailing", "recall", "1", typed="n\n")
    assert (declined.exit_code, "Nothing was taken back." in declined.stderr) == (1, True)
    assert "taken back. A running hub" in hub("mailing", "recall", "1", "--yes").stdout
    assert "already" in hub("mailing", "recall", "1", "--yes").stderr
    assert "cannot be mended" in hub("mailing", "amend", "1").stderr
    session.expire_all()
    assert session.get_one(Mailing, 1).recalled_at is not None
