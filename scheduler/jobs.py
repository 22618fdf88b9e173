"""What the ticker does, as a table: every job asks the database whose time has come. Due moments are columns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlmodel import Session

from core import recovery, retention
from core.campaigns import forgetting as campaign_events
from core.campaigns import looking as campaigns
from core.campaigns import silence as feeds
from core.content.catalogue import Catalogue
from core.content.versions.history import is_current
from core.digests import digests
from core.mailings import changing, tending, watching
from core.nudges import replanning, saying
from core.onboarding import relearning, revisions
from core.updates import publishing, recounting


@dataclass(frozen=True, slots=True)
class Job:
    """`work(session, catalogue, holder, now)` is one transaction; it returns how many things it did.

    While it does something it is run again at once, so that a job with a bound on each run still catches up.
    """

    name: str
    every: float
    """Seconds."""
    work: Callable[[Session, Catalogue, str, datetime], int]


Work: TypeAlias = Callable[[Session, Catalogue, str, datetime], int]


def _by_content(work: Work) -> Work:
    """It does what the content says: while this process has not read the version in force, it leaves it to others."""

    def use(session: Session, catalogue: Catalogue, holder: str, now: datetime) -> int:
        return work(session, catalogue, holder, now) if is_current(session, catalogue) else 0

    return use


@_by_content
def _nudge(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return saying.nudge_due(session, catalogue, now)


@_by_content
def _plan_nudges(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return replanning.replan(session, catalogue, now)


@_by_content
def _digest(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return digests.digest_due(session, catalogue, now)


@_by_content
def _publish(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return publishing.publish(session, catalogue, now)


@_by_content
def _recount(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return recounting.recount(session, catalogue, now)


@_by_content
def _remind_unread(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return publishing.remind_unread(session, catalogue, now)


def _release(session: Session, _catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return recovery.release_held(session, now)


def _recover(session: Session, _catalogue: Catalogue, holder: str, now: datetime) -> int:
    return recovery.recover(session, holder=holder, now=now)


def _forget(session: Session, _catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return retention.forget_heard(session, now)


def _show_changed(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return revisions.show_changed(session, catalogue, now)


@_by_content
def _learn(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return relearning.learn(session, catalogue, now)


def _look_at_campaigns(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return campaigns.look_at_due(session, catalogue, now)


def _listen_to_feeds(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return feeds.listen(session, catalogue, now)


def _forget_campaign_events(session: Session, _catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return campaign_events.forget_events(session, now)


def _mail(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return tending.tend(session, catalogue, now)


def _change_mailings(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return changing.change_due(session, catalogue, now)


def _follow_mailings(session: Session, catalogue: Catalogue, _holder: str, now: datetime) -> int:
    return watching.follow(session, catalogue, now)


JOBS = (
    Job("plan nudges", 15, _plan_nudges),
    Job("nudge", 30, _nudge),
    Job("publish updates", 30, _publish),
    Job("recount badges", 30, _recount),
    Job("remind of unread", 60, _remind_unread),
    Job("digests", 30, _digest),
    Job("tend mailings", 1, _mail),
    Job("change mailings", 2, _change_mailings),
    Job("release held", 5, _release),
    Job("recover", 15, _recover),
    Job("show changed content", 10, _show_changed),
    Job("learn changed facts", 10, _learn),
    Job("look at campaigns", 3, _look_at_campaigns),
    Job("listen to feeds", 60, _listen_to_feeds),
    Job("forget campaign events", 3600, _forget_campaign_events),
    Job("follow mailings", 2, _follow_mailings),
    Job("forget heard", 3600, _forget),
)
