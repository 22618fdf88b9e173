"""Somebody of us mends the words of a mailing that was sent, or takes it back; and how far that has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, SQLModel, col

from core.content.catalogue import Catalogue
from core.mailings.drafting import Written, draft_from_file, locked, text_row, texts, written_of
from core.mailings.running import cancel
from storage.tables import Account, Contact, Delivery, Mailing, MailingChange

Outcome: TypeAlias = Literal["amended", "same words", "redrafted", "recalled", "gone"]
"""What came of amending: there are new words; they are what they were; it was not sent yet, so its draft says them
now; it was taken back before; there is no such mailing."""

RECALLED: Final = "recalled"
"""Why a run that was still going ended."""


def amend(
    session: Session,
    catalogue: Catalogue,
    mailing_id: int,
    said: Mapping[str, Written],
    now: datetime,
    *,
    seen: int | None = None,
) -> Outcome:
    """These are its words from now on, by language. Who has not got it yet gets these; the others by and by.

    Languages that are left out keep what they said. `seen`: the revision that the one who mends it had before their
    eyes; when it is another by now nothing changes and `same words` is told. Amending twice alike changes nothing.
    """
    mailing = locked(session, mailing_id)
    if mailing is None or not said:
        return "gone"
    if mailing.recalled_at is not None:
        return "recalled"
    before = texts(session, mailing_id)
    after = {**before, **said}
    if before == after or (seen is not None and seen != mailing.revision):
        return "same words"
    mailing.revision += 1
    for language, one in after.items():
        session.add(text_row(mailing_id, language, mailing.revision, one))
    mailing.title = after.get(catalogue.rules.language, after[min(after)]).title
    mailing.content_version = catalogue.version
    if mailing.planned_at is not None:
        mailing.changes_due, mailing.changed_upto = now, 0
    session.flush()
    return "amended"


def amend_from_file(
    session: Session, catalogue: Catalogue, name: str, now: datetime, *, csm_id: int | None = None
) -> tuple[Outcome, int]:
    """Say what `content/mailings/<name>.md` says now, in its newest run; with the number of that run (0: none).

    A run that nobody approved yet is drafted anew. Raises KeyError when there is no such file.
    """
    file = catalogue.mailings[name]
    mailing = newest(session, name)
    if mailing is None or mailing.id is None:
        return "gone", 0
    if mailing.state in ("draft", "waiting"):
        drafted = draft_from_file(session, catalogue, name, csm_id if csm_id is not None else mailing.csm_id, now)
        return "redrafted", drafted.id or 0
    said = {language: written_of(file, language) for language in file.languages}
    return amend(session, catalogue, mailing.id, said, now), mailing.id


def newest(session: Session, name: str) -> Mailing | None:
    """The last run of this name."""
    found = session.execute(select(Mailing).where(col(Mailing.name) == name).order_by(col(Mailing.id).desc()).limit(1))
    return found.scalar_one_or_none()


def recall(session: Session, mailing_id: int, now: datetime) -> bool:
    """Take it back: what is not sent stays unsent, what was sent is taken away or says so. False: it was already."""
    mailing = locked(session, mailing_id)
    if mailing is None or mailing.recalled_at is not None:
        return False
    cancel(session, mailing_id, now, reason=RECALLED)
    mailing.recalled_at, mailing.revision = now, mailing.revision + 1
    if mailing.planned_at is not None:
        mailing.changes_due, mailing.changed_upto = now, 0
    session.flush()
    return True


@dataclass(frozen=True, slots=True)
class Changes:
    """How far the newest change of a mailing's words has come, in messages."""

    done: Mapping[str, int] = field(default_factory=dict)
    """By how (`edited`, `corrected`, `deleted`, `withdrawn`), what the messengers took."""
    waiting: int = 0
    """Written down and not yet at the messengers, or held until somebody can be spoken to."""
    lost: int = 0
    """Copies that cannot be reached: see `lost_copies`."""
    to_do: int = 0
    """Messages that show older words and were not looked at yet."""

    @property
    def total(self) -> int:
        return sum(self.done.values()) + self.waiting + self.lost + self.to_do


_LOST = ("failed", "uncertain", "expired")


def are_more(session: Session, mailing: Mailing, most: int) -> bool:
    """Did the newest change of words concern more messages than this, so far?"""
    some = (
        select(col(MailingChange.delivery_id))
        .where(col(MailingChange.mailing_id) == mailing.id, col(MailingChange.revision) == mailing.revision)
        .limit(most + 1)
        .subquery()
    )
    return int(session.execute(select(func.count()).select_from(some)).scalar_one()) > most


def changes(session: Session, mailing: Mailing) -> Changes:
    """The same, counted anew: by an index, over those it concerns."""
    if mailing.revision == 1:
        return Changes()
    gone_now = (col(Delivery.message_id) == "").label("gone_now")
    rows = session.execute(
        select(col(MailingChange.how), col(Delivery.state), col(Delivery.reason), gone_now, func.count())
        .join(Delivery, col(Delivery.id) == MailingChange.by_id)
        .where(col(MailingChange.mailing_id) == mailing.id, col(MailingChange.revision) == mailing.revision)
        .group_by(col(MailingChange.how), col(Delivery.state), col(Delivery.reason), gone_now)
    ).all()
    done: dict[str, int] = {}
    waiting = lost = 0
    for how, state, reason, gone, count in rows:
        if state == "accepted":
            # What was to be deleted and could not be any more says now that it was taken back.
            shown = "withdrawn" if how == "deleted" and not gone else how
            done[shown] = done.get(shown, 0) + count
        elif state in _LOST or (state == "held" and reason == "unreachable") or state == "cancelled":
            lost += count
        else:
            waiting += count
    return Changes(done, waiting, lost + _never_known(session, mailing), _to_do(session, mailing))


def _never_known(session: Session, mailing: Mailing) -> int:
    """Recipients of whose message nobody knows whether it was shown: it has no name to change it by."""
    return _count(session, mailing, col(Delivery.state) == "uncertain")


def _to_do(session: Session, mailing: Mailing) -> int:
    if mailing.changes_due is None:
        return 0
    done = (
        select(col(MailingChange.delivery_id))
        .where(col(MailingChange.delivery_id) == col(Delivery.id), col(MailingChange.revision) == mailing.revision)
        .exists()
    )
    return _count(session, mailing, col(Delivery.state).in_(("accepted", "sending")) & ~done)


def _count(session: Session, mailing: Mailing, which: ColumnElement[bool]) -> int:
    statement = (
        select(func.count())
        .select_from(Delivery)
        .where(col(Delivery.mailing_id) == mailing.id, func.coalesce(col(Delivery.revision), 1) < mailing.revision)
        .where(which)
    )
    return int(session.execute(statement).scalar_one())


@dataclass(frozen=True, slots=True)
class LostCopy:
    """Somebody who still has older words before their eyes, as far as we know."""

    account: str
    name: str
    email: str
    reason: str
    """`unreachable`, `answer lost`, or what the messenger said."""


def lost_copies(session: Session, mailing: Mailing, most: int = 100) -> list[LostCopy]:
    """Those whom the newest change of words does not reach, in the order in which it was sent to them."""
    if mailing.revision == 1:
        return []
    by = SQLModel.metadata.tables["delivery"].alias("by")
    lost = (by.c.state.in_((*_LOST, "cancelled")) | ((by.c.state == "held") & (by.c.reason == "unreachable"))) | (
        col(Delivery.state) == "uncertain"
    )
    rows = session.execute(
        select(
            col(Account.name),
            col(Contact.name),
            col(Contact.email),
            func.coalesce(by.c.reason, col(Delivery.reason), "unreachable"),
        )
        .select_from(Delivery)
        .join(Contact, col(Contact.id) == Delivery.contact_id)
        .join(Account, col(Account.id) == Contact.account_id)
        .outerjoin(
            MailingChange,
            (col(MailingChange.delivery_id) == col(Delivery.id)) & (col(MailingChange.revision) == mailing.revision),
        )
        .outerjoin(by, by.c.id == MailingChange.by_id)
        .where(col(Delivery.mailing_id) == mailing.id, func.coalesce(col(Delivery.revision), 1) < mailing.revision)
        .where(lost)
        .order_by(col(Delivery.id))
        .limit(most)
    ).all()
    return [LostCopy(*row) for row in rows]
