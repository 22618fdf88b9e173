"""The content's history: which version was in force when, and since when each step has been part of its checklist."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import Session, SQLModel, col

from core.content.catalogue import Catalogue, Checklist, Span
from core.content.versions.outline import Outline, read_outline
from storage.prepared import connected, fetch
from storage.tables import ContentChange, ContentVersion, Enrolment

_STEPS = SQLModel.metadata.tables["content_step"]


@dataclass(frozen=True, slots=True)
class Newest:
    """The last thing that was saved. Number 0: nothing ever was."""

    number: int = 0
    version: str = ""
    broken: bool = False
    good: str = ""
    """The version in force."""


def newest(session: Session) -> Newest:
    """What was saved last, be it good or broken."""
    row = session.execute(
        select(ContentVersion.number, ContentVersion.version, ContentVersion.broken)  # type: ignore[call-overload]  # columns
        .order_by(col(ContentVersion.number).desc())
        .limit(1)
    ).first()
    if row is None:
        return Newest()
    good = row.version if not row.broken else _version_in_force(session)
    return Newest(row.number, row.version, row.broken, good)


def _version_in_force(session: Session) -> str:
    row = in_force(session)
    return row.version if row is not None else ""


def in_force(session: Session) -> ContentVersion | None:
    """The newest good version; None before the first start."""
    return session.scalars(
        select(ContentVersion)
        .where(col(ContentVersion.broken).is_(False))
        .order_by(col(ContentVersion.number).desc())
        .limit(1)
    ).first()


def is_current(session: Session, catalogue: Catalogue) -> bool:
    """False: another version was saved since, and this process has not read it yet.

    What one version plans, tells and takes back the other must not undo. True before anything was ever saved.
    """
    found = fetch(connected(session), _GOOD, {})
    return not found or found[0][0] == catalogue.version


_GOOD = (
    select(ContentVersion.version)  # type: ignore[call-overload]  # a column
    .where(col(ContentVersion.broken).is_(False))
    .order_by(col(ContentVersion.number).desc())
    .limit(1)
)


def outline_in_force(session: Session) -> Outline | None:
    """What a new version is compared with; None before the first start, and when an older hub wrote it."""
    row = in_force(session)
    return read_outline(row.outline) if row is not None else None


def versions(session: Session, most: int) -> Sequence[ContentVersion]:
    """The newest `most`, the newest first."""
    statement = select(ContentVersion).order_by(col(ContentVersion.number).desc()).limit(most)
    return list(session.scalars(statement).all())


def how_many(session: Session) -> int:
    """Versions that were ever saved, refused ones too."""
    return newest(session).number


def named(session: Session, name: str) -> ContentVersion | None:
    """The newest version of this number, or whose hash begins so, committed or not, good or refused."""
    statement = select(ContentVersion).order_by(col(ContentVersion.number).desc())
    rows = session.scalars(statement).all()
    return next((row for row in rows if name == str(row.number) or row.version.startswith(name)), None)


def commit_of(session: Session, name: str) -> str | None:
    """The commit in which a good version was in force: named by its number, or by how its hash begins."""
    known = [row for row in _committed(session) if name == str(row.number) or row.version.startswith(name)]
    return known[0].commit if known else None


def commit_before(session: Session) -> str | None:
    """The commit of the newest good version but the one in force; None: no such is known."""
    now = in_force(session)
    earlier = [row for row in _committed(session) if now is not None and row.version != now.version]
    return earlier[0].commit if earlier else None


def _committed(session: Session) -> Sequence[ContentVersion]:
    """Good versions of which the commit is known, the newest first."""
    statement = select(ContentVersion).where(
        col(ContentVersion.broken).is_(False), col(ContentVersion.commit).is_not(None)
    )
    return list(session.scalars(statement.order_by(col(ContentVersion.number).desc())).all())


def begin(
    session: Session,
    catalogue: Catalogue,
    row: ContentVersion,
    touched: Iterable[str],
    now: datetime,
) -> None:
    """From now on this catalogue is in force, as the version `row` says. `touched`: ids of the checklists it changes.

    Two processes cannot begin two versions of one number: the second fails as its row is written, and is run again.
    """
    session.execute(update(ContentVersion).where(col(ContentVersion.outline).is_not(None)).values(outline=None))
    session.add(row)
    session.flush()
    _note_steps(session, catalogue, now)
    _note_changes(session, catalogue, touched)


def _note_steps(session: Session, catalogue: Catalogue, now: datetime) -> None:
    """Write down which steps came and went. The steps of a checklist nobody has seen before are there for ever."""
    there: dict[str, dict[str, int]] = defaultdict(dict)
    seen = set()
    for number, checklist, step, until in session.execute(
        select(_STEPS.c.id, _STEPS.c.checklist, _STEPS.c.step, _STEPS.c.until)
    ):
        seen.add(checklist)
        if until is None:
            there[checklist][step] = number
    come: list[dict[str, object]] = []
    gone: list[int] = []
    for name, checklist in catalogue.checklists.items():
        steps = {step.id for step in checklist.steps}
        since = now if name in seen else None
        come += [
            {"checklist": name, "step": step.id, "since": since}
            for step in checklist.steps
            if step.id not in there[name]
        ]
        gone += [number for step, number in there[name].items() if step not in steps]
    if gone:
        session.execute(update(_STEPS).where(_STEPS.c.id.in_(gone)).values(until=now))
    if come:
        session.execute(insert(_STEPS), come)


def _note_changes(session: Session, catalogue: Catalogue, touched: Iterable[str]) -> None:
    """Those going through a changed checklist are still to be shown; so are those an earlier change did not reach."""
    waiting = {row.checklist: row for row in session.scalars(select(ContentChange)).all()}
    for row in waiting.values():
        row.version = catalogue.version
    wanted = set(touched)
    going = set(session.scalars(select(Enrolment.checklist).distinct()).all()) if wanted else set()  # type: ignore[call-overload]  # a column
    for name in sorted(wanted & going):
        if name in waiting:
            waiting[name].shown_to = 0
        else:
            session.add(ContentChange(checklist=name, version=catalogue.version))


def dated(session: Session, catalogue: Catalogue) -> Catalogue:
    """The same catalogue, each step knowing when it was part of its checklist. Read-only."""
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    moving: set[str] = set()
    for checklist, step, since, until in session.execute(
        select(_STEPS.c.checklist, _STEPS.c.step, _STEPS.c.since, _STEPS.c.until).order_by(_STEPS.c.id)
    ):
        spans[checklist, step].append(Span(since, until))
        if since is not None or until is not None:
            moving.add(checklist)
    if not moving & catalogue.checklists.keys():
        return catalogue
    checklists = {name: _dated(one, spans) if name in moving else one for name, one in catalogue.checklists.items()}
    return replace(catalogue, checklists=checklists)


def _dated(checklist: Checklist, spans: dict[tuple[str, str], list[Span]]) -> Checklist:
    always = [Span()]
    steps = []
    for step in checklist.steps:
        known = spans.get((checklist.id, step.id), always)
        steps.append(step if known == always else replace(step, there=tuple(known)))
    return replace(checklist, steps=tuple(steps))


def write_problems(problems: Iterable[tuple[str, str, str]], count: int) -> str:
    """For the row of a broken version: place, what is wrong and how to mend it of the first few, and how many."""
    return json.dumps({"count": count, "first": list(problems)}, ensure_ascii=False)


def read_problems(text: str) -> tuple[list[tuple[str, str, str]], int]:
    """What `write_problems` wrote."""
    read = json.loads(text)
    return [(place, what, mend) for place, what, mend in read["first"]], int(read["count"])
