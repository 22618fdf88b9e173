"""Who may be nudged of what, and when to look: written for everybody by one statement, for one client by the same."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Executable,
    FromClause,
    Integer,
    Interval,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from core.content.catalogue import Catalogue
from core.content.kinds.nudge_rules import NudgeRule, Trigger, TriggerKind
from core.content.versions.history import is_current
from core.outbox import cancel_waiting
from storage.prepared import connected, fetch
from storage.types import Moment
from storage.writing import write

AWAY = datetime(9999, 12, 31, tzinfo=UTC)
"""Due of what waits for something to happen, whoever makes it happen looks at it again."""

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

_EAST = timedelta(hours=14)
"""A day begins first in the easternmost zone, so much before it does in UTC."""

_TABLES = SQLModel.metadata.tables
_NUDGE, _CONTACT, _ACCOUNT = _TABLES["nudge"], _TABLES["contact"], _TABLES["account"]
_ENROLMENT, _STEP, _QUESTION = _TABLES["enrolment"], _TABLES["step_record"], _TABLES["question"]
_SIGNAL, _RULE = _TABLES["signal"], _TABLES["nudge_rule"]

Where: TypeAlias = ColumnElement[bool]


class Whom(NamedTuple):
    """For whom to plan. `where` is one of a few constants, so that a rule's statement is built once for each."""

    where: Where
    values: Mapping[str, object]


_OF_ACCOUNT = _CONTACT.c.account_id == bindparam("whose")
_OF_CONTACT = _CONTACT.c.id == bindparam("whose")
_OF_CONTACTS = and_(_CONTACT.c.id > bindparam("after"), _CONTACT.c.id <= bindparam("up_to"))
_OPEN_FOR_LONG = and_(
    _QUESTION.c.asked_at > bindparam("asked_after", type_=Moment),
    _QUESTION.c.asked_at <= bindparam("asked_by", type_=Moment),
)


def of_account(account_id: int | None) -> Whom:
    """Everybody of one client."""
    return Whom(_OF_ACCOUNT, {"whose": account_id})


def of_contact(contact_id: int | None) -> Whom:
    return Whom(_OF_CONTACT, {"whose": contact_id})


def of_contacts(after: int, up_to: int) -> Whom:
    """Those whose ids are in a range, its end included."""
    return Whom(_OF_CONTACTS, {"after": after, "up_to": up_to})


def plan(
    session: Session, catalogue: Catalogue, whom: Whom, now: datetime, kinds: Iterable[TriggerKind] | None = None
) -> None:
    """Write down what rules of these kinds (None: of all) have to look at for these people.

    What is there already and was not said yet gets the moment it has by the rule of now; the rest stays.
    """
    if not is_current(session, catalogue):  # whoever has the newer rules plans everybody anew, these people included
        session.execute(update(_RULE).where(_RULE.c.timing != "").values(planned_to=0))
    wanted = None if kinds is None else frozenset(kinds)
    for rule in catalogue.nudges.values():
        if wanted is None or rule.trigger.kind in wanted:
            plan_rule(session, rule, whom, now)


def plan_rule(session: Session, rule: NudgeRule, whom: Whom, now: datetime) -> None:
    """The same for one rule."""
    write(session)
    line = connected(session)
    # Of days as texts and of signals only those still ahead, or good for something, are looked at.
    times = {"today": (now - _EAST).date().isoformat(), "latest": now - rule.trigger.after - rule.good_for}
    fetch(line, _planned(line.dialect.name, rule.id, rule.trigger, whom.where), {**whom.values, **times})


@lru_cache(1024)
def _planned(dialect: str, rule: str, trigger: Trigger, whom: Where) -> Executable:
    found = _found(dialect, rule, trigger, whom)
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    names = ("contact_id", "rule", "about", "state", "due", "since", "sent")
    written = insert(_NUDGE).from_select(names, found)
    untold = (_NUDGE.c.state == "waiting") | (_NUDGE.c.state == "retired")
    fresh = and_(_NUDGE.c.sent == 0, untold, _NUDGE.c.snoozed_until.is_(None))
    anew = _NUDGE.c.since < written.excluded.since if trigger.kind == "unanswered_question" else None
    return written.on_conflict_do_update(
        index_elements=["contact_id", "rule", "about"],
        set_={
            "due": written.excluded.due,
            "since": written.excluded.since,
            "state": written.excluded.state,
            "sent": 0,
        },
        where=fresh if anew is None else and_(_NUDGE.c.state != "stopped", fresh | anew),
    ).returning(_NUDGE.c.id)


def _found(dialect: str, rule: str, trigger: Trigger, whom: Where) -> Select[Any]:
    """Everything the rule may be about: (contact, rule, about, state, due, since, sent)."""
    source, about, since = _subjects(dialect, trigger)
    due = since if trigger.kind == "date" else _plus(dialect, since, trigger.after)
    stopped = _NUDGE.alias("stopped")
    wants_none = exists(
        select(stopped.c.id).where(stopped.c.contact_id == _CONTACT.c.id, stopped.c.rule == rule, stopped.c.about == "")
    )
    return (
        select(_CONTACT.c.id, literal(rule), about, literal("waiting"), due, since, literal(0))
        .select_from(source)
        .where(whom, _CONTACT.c.joined_at.is_not(None), ~wants_none, *_conditions(dialect, trigger))
    )


def _subjects(dialect: str, trigger: Trigger) -> tuple[FromClause, ColumnElement[Any], ColumnElement[Any]]:
    """Where the rule looks, what each row is about, and since when it counts."""
    enrolled = _CONTACT.join(_ENROLMENT, _ENROLMENT.c.account_id == _CONTACT.c.account_id)
    match trigger.kind:
        case "stalled_step":
            return enrolled, _told("checklist:", _ENROLMENT.c.id), _ENROLMENT.c.moved_at
        case "checklist_overdue":  # its day stands in the content: the first look finds it
            return enrolled, _told("checklist:", _ENROLMENT.c.id), _ENROLMENT.c.started_at
        case "no_visit":
            return _CONTACT, literal("visit"), func.coalesce(_CONTACT.c.last_seen_at, _CONTACT.c.joined_at)
        case "step_overdue":
            about = _told("step:", _ENROLMENT.c.id).concat(":").concat(_STEP.c.step)
            source = enrolled.join(_STEP, _STEP.c.enrolment_id == _ENROLMENT.c.id)
            return source, about, _day(dialect, cast(_STEP.c.promised_for, String), timedelta(days=1) - _EAST)
        case "unanswered_question":
            source = _CONTACT.join(_QUESTION, _QUESTION.c.contact_id == _CONTACT.c.id)
            return source, literal("question"), _QUESTION.c.asked_at
        case "date":
            day = _date_of(dialect, trigger.name)
            source = (
                enrolled.join(_STEP, _STEP.c.enrolment_id == _ENROLMENT.c.id)
                if "/" in trigger.name
                else _CONTACT.join(_ACCOUNT, _ACCOUNT.c.id == _CONTACT.c.account_id)
            )
            return source, _told("date:", day), _day(dialect, day, -trigger.after - _EAST)
        case "signal":
            source = _CONTACT.join(_SIGNAL, _SIGNAL.c.account_id == _CONTACT.c.account_id)
            return source, _told("signal:", _SIGNAL.c.key), _SIGNAL.c.at


def _conditions(dialect: str, trigger: Trigger) -> list[Where]:
    match trigger.kind:
        case "stalled_step" | "checklist_overdue":
            return [_ENROLMENT.c.finished_at.is_(None)]
        case "no_visit":
            return []
        case "step_overdue":
            return [_STEP.c.state == "open", _STEP.c.promised_for.is_not(None), _ENROLMENT.c.finished_at.is_(None)]
        case "unanswered_question":
            return [_QUESTION.c.about.not_like("declined:%")]
        case "date":  # as texts days follow each other as they do in the calendar
            still = _date_of(dialect, trigger.name) >= bindparam("today", type_=String)
            checklist, _, step = trigger.name.partition("/")
            if not step:
                return [still]
            return [_ENROLMENT.c.checklist == checklist, _STEP.c.step == step, _STEP.c.state == "done", still]
        case "signal":
            return [_SIGNAL.c.name == trigger.name, _SIGNAL.c.at >= bindparam("latest", type_=Moment)]


def _told(what: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return literal(what, String).concat(cast(column, String))


def _plus(dialect: str, moment: ColumnElement[Any], span: timedelta) -> ColumnElement[Any]:
    if dialect == "postgresql":
        return moment + literal(span)
    seconds = f"{span.total_seconds():+.0f} seconds"
    return func.strftime("%Y-%m-%d %H:%M:%f", moment, seconds, type_=String).concat("000")


def _day(dialect: str, day: ColumnElement[Any], span: timedelta) -> ColumnElement[Any]:
    """The beginning of a day (2026-11-03) in UTC, and so much later. A day that no month has is one of the next."""
    if dialect != "postgresql":
        return _plus(dialect, day, span)
    year, month, number = (cast(func.substr(day, at, long), Integer) for at, long in ((1, 4), (6, 2), (9, 2)))
    counted = func.make_interval(year - 2000, month - 1, 0, number - 1, type_=Interval)
    return literal(datetime(2000, 1, 1, tzinfo=UTC), Moment) + counted + literal(span)


def _date_of(dialect: str, name: str) -> ColumnElement[Any]:
    """A date of the client's as a text; NULL where it is not known. With a bar: their answer to a step."""
    if name == "renewal":
        return cast(_ACCOUNT.c.renewal, String)
    if dialect == "postgresql":
        own: ColumnElement[Any] = _ACCOUNT.c.custom.op("->>", return_type=String())(literal(name, String))
        text = _STEP.c.answer if "/" in name else own
        looks = text.regexp_match("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    else:
        own = func.json_extract(_ACCOUNT.c.custom, f"$.{name}", type_=String)
        text = _STEP.c.answer if "/" in name else own
        looks = text.op("GLOB", return_type=Boolean())("[0-9]" * 4 + "-[0-9][0-9]" * 2)
    found: ColumnElement[Any] = case((looks, text))
    return found


def stir(session: Session, catalogue: Catalogue, about: str, now: datetime) -> None:
    """It has just moved: what was said of it is told from the beginning, what waits to be sent is taken back.

    Costs one statement for each rule about standstill, which writes nothing where nothing was said yet: what merely
    waits finds out by itself when its moment comes.
    """
    for rule in catalogue.nudges.values():
        if rule.trigger.kind != "stalled_step":
            continue
        write(session)
        values = {"what": about, "whose": rule.id, "until": now + rule.trigger.after, "moment": now}
        for number, contact in fetch(connected(session), _STIR, values):
            cancel_waiting(session, subject=subject(number), contact_id=contact, reason="moved", now=now)


_STIR = (
    update(_NUDGE)
    .where(_NUDGE.c.about == bindparam("what"), _NUDGE.c.rule == bindparam("whose"))
    .where((_NUDGE.c.state == "waiting") | (_NUDGE.c.state == "over"))
    .where(
        (_NUDGE.c.sent > 0) | (_NUDGE.c.due > bindparam("until", type_=Moment)) | _NUDGE.c.snoozed_until.is_not(None)
    )
    .values(
        state="waiting",
        due=bindparam("until", type_=Moment),
        since=bindparam("moment", type_=Moment),
        sent=0,
        sent_at=None,
        snoozed_until=None,
    )
    .returning(_NUDGE.c.id, _NUDGE.c.contact_id)
)


def subject(number: int) -> str:
    """What the deliveries of a nudge are about."""
    return f"nudge:{number}"


def look_again(session: Session, about: str, now: datetime) -> None:
    """What it is about may be there again: what waited for that is looked at at the next tick."""
    session.execute(
        update(_NUDGE)
        .where(_NUDGE.c.about == about, _NUDGE.c.state == "waiting", _NUDGE.c.due == literal(AWAY, Moment))
        .values(due=now)
        .execution_options(synchronize_session=False)
    )


def look_at_people(session: Session, account_id: int | None, now: datetime) -> None:
    """What is known of this client is another by now: look at all that may be said to its people at the next tick."""
    theirs = select(_CONTACT.c.id).where(_CONTACT.c.account_id == account_id)
    session.execute(
        update(_NUDGE)
        .where(_NUDGE.c.contact_id.in_(theirs), _NUDGE.c.state == "waiting", _NUDGE.c.due > now)
        .values(due=now)
        .execution_options(synchronize_session=False)
    )


def sweep_questions(session: Session, rule: NudgeRule, since: datetime | None, now: datetime) -> bool:
    """Write down the questions that have just stood open for so long. True when there were any.

    `since`: those asked until then were written down before.
    """
    values = {"asked_after": since or _LONG_AGO, "asked_by": now - rule.trigger.after}
    write(session)
    if not fetch(connected(session), _ANY_OPEN, values):
        return False
    plan_rule(session, rule, Whom(_OPEN_FOR_LONG, values), now)
    return True


_ANY_OPEN = select(_QUESTION.c.contact_id).where(_OPEN_FOR_LONG).limit(1)
