"""What is merged into another message is never lost: not when that one waits, is merged itself, fails or is dropped."""

from datetime import datetime, timedelta

from sqlmodel import Session

from core.cards import Card
from core.claims import claim
from core.content.catalogue import Catalogue
from core.outbox import cancel_waiting
from core.settling import Settled, settle
from storage.database import Database
from tests.core.stage import START
from tests.core.test_proposals import content, decision, known, ledger, proposed, sent, wish

__all__ = ("known",)  # a fixture

HOUR = timedelta(hours=1)


def tried(database: Database, now: datetime, state: str = "queued", by: Catalogue | None = None) -> Card:
    """The courier takes the only message there is, and nothing comes of it: try again in an hour, or it fails."""

    def use(session: Session) -> Card:
        (one,) = claim(session, by or content(), messenger="telegram", holder="me", most=(0, 9, 0), now=now)
        later = now + HOUR if state == "queued" else None
        settle(session, holder="me", done=[Settled(one.id, state, retry_at=later, counts=False)], now=now)
        return one.card

    return database.transact_now(use)


def call_off(database: Database, subject: str, now: datetime) -> None:
    database.transact_now(
        lambda session: cancel_waiting(session, subject=subject, contact_id=1, reason="done", now=now)
    )


def test_what_a_message_carried_goes_along_when_it_is_merged_itself(known: Database) -> None:
    proposed(known, wish("small"), wish("middling", worth=60))
    tried(known, START)
    proposed(known, wish("great", worth=90), now=START + HOUR)

    (one,) = sent(known, now=START + HOUR)

    assert one.card.text.startswith("Text of great.")
    assert "Line of middling" in one.card.text
    assert "Line of small" in one.card.text
    great = decision(known, "great").delivery_id
    assert [decision(known, key).merged_into for key in ("small", "middling")] == [great, great]


def test_what_was_to_be_said_with_something_called_off_is_said_by_itself(known: Database) -> None:
    proposed(known, wish("small"), wish("great", worth=90, subject="great:1"))
    tried(known, START)

    call_off(known, "great:1", START)

    (one,) = sent(known, now=START + HOUR)
    assert one.card.text == "Text of small."
    assert ledger(known) == [("small", "accepted", None), ("great", "cancelled", "done")]
    assert decision(known, "small").merged_into is None


def test_what_was_to_be_said_with_something_that_expired_or_failed_is_said_by_itself(known: Database) -> None:
    proposed(known, wish("a"), wish("b", worth=90, expires_at=START + HOUR / 2))
    tried(known, START)
    assert [one.card.text for one in sent(known, now=START + HOUR)] == ["Text of a."]

    day = START + 25 * HOUR
    proposed(known, wish("c"), wish("d", worth=90), now=day)
    tried(known, day, "failed")
    assert [one.card.text for one in sent(known, now=day + HOUR)] == ["Text of c."]


def test_a_line_whose_reason_goes_while_its_message_waits_goes_too(known: Database) -> None:
    brief = START + HOUR / 2
    proposed(known, wish("small", expires_at=brief), wish("other"), wish("great", worth=90))
    assert "Line of small" in tried(known, START).text

    (one,) = sent(known, now=START + HOUR)

    assert one.card.text.endswith("- Line of other")
    assert "Line of small" not in one.card.text
    assert next(button.label for row in one.card.rows for button in row) == "Line of other"
    assert ledger(known)[0] == ("small", "expired", "expired")


def test_nothing_is_left_of_the_heading_when_no_line_is(known: Database) -> None:
    proposed(known, wish("small", expires_at=START + HOUR / 2), wish("great", worth=90))
    tried(known, START)

    (one,) = sent(known, now=START + HOUR)

    assert one.card.text == "Text of great."


def test_a_message_of_another_person_is_not_called_off(known: Database) -> None:
    proposed(known, wish("mine", subject="same"))

    known.transact_now(lambda session: cancel_waiting(session, subject="same", contact_id=2, reason="x", now=START))

    assert ledger(known) == [("mine", "queued", None)]
