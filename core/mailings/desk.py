"""Our people prepare, send, watch and steer mailings in Slack: what each of their buttons and forms does.

A mailing has one live message in a chat, subject `run:<id>`: a preview until it left, then the card that follows it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from sqlmodel import Session, col, select

from core.actions import (
    ApproveMailing,
    CountAudience,
    DraftFile,
    HoldAccount,
    ListRuns,
    SaveMailing,
    SeeWho,
    ShowRun,
    ShowSample,
    SteerMailing,
    TrySample,
    WriteMailing,
)
from core.cards import Card
from core.content.catalogue import Catalogue
from core.content.conditions.condition import BadCondition
from core.mailings import composed, composing, vetoes
from core.mailings.approving import approve
from core.mailings.counting import counts
from core.mailings.drafting import OPEN, Draft, draft, draft_from_file, of_file, texts
from core.mailings.mending import rows_for, with_changes
from core.mailings.places import beside, leave_behind, shows
from core.mailings.previewing import outlook, sights, unsaved
from core.mailings.rights import BEFORE, WRITTEN, may_approve, may_edit, may_see, may_steer
from core.mailings.run_cards import RUNS, list_card, preview_card, run_card, sample_card
from core.mailings.run_words import out_words
from core.mailings.running import call_off, cancel, pause, resume, retry
from core.mailings.seeing_who import show_who
from core.people.accounts import Colleague, colleague
from core.receipts import Receipt
from core.screens import Place, refresh, screens_of, show
from storage.tables import Csm, Mailing

Pressed: TypeAlias = (
    ListRuns
    | WriteMailing
    | DraftFile
    | ShowRun
    | ShowSample
    | TrySample
    | ApproveMailing
    | SteerMailing
    | SeeWho
    | HoldAccount
)


def pressed(  # noqa: C901 - one flat table of what each button means
    session: Session, catalogue: Catalogue, who: Colleague, place: Place, action: Pressed, now: datetime
) -> Receipt:
    """One of our people pressed a button of a mailing's card."""
    match action:
        case ListRuns():
            return show_runs(session, catalogue, who, place, action.page, now)
        case TrySample():
            return Receipt(toast=who.voice.plain("runs.only_a_sample"))
        case DraftFile():
            return _prepare(session, catalogue, who, place, action.name, now)
        case WriteMailing(mailing=0):
            return Receipt(form=composing.form(catalogue, who, 0, {}))
    mailing = session.get(Mailing, action.mailing)
    if mailing is None or not may_see(who, mailing):
        return Receipt(toast=who.voice.plain("error.stale"))
    match action:
        case WriteMailing():
            return _write(session, catalogue, who, mailing)
        case ShowRun():
            return show_run(session, catalogue, who, place, mailing, now)
        case ShowSample():
            return _sample(session, catalogue, who, place, mailing, action.page, now)
        case ApproveMailing():
            return _approve(session, catalogue, who, place, mailing, now)
        case SteerMailing():
            return _steer(session, catalogue, who, place, mailing, action.what, now)
        case SeeWho():
            return show_who(session, catalogue, who, place, mailing, action, now, everybody=may_steer(who, mailing))
        case HoldAccount():
            return vetoes.hold(session, catalogue, who, place, mailing, action.account, now)


def show_runs(
    session: Session, catalogue: Catalogue, who: Colleague, place: Place, page: int, now: datetime
) -> Receipt:
    """What was sent, and what may be: those that this person may see."""
    statement = select(Mailing).order_by(col(Mailing.id).desc()).offset(page * RUNS).limit(RUNS + 1)
    if who.csm.role != "admin":
        statement = statement.where((col(Mailing.state) != "draft") | (col(Mailing.csm_id) == who.csm.id))
    found = list(session.exec(statement).all())
    running = set(session.exec(select(Mailing.name).where(col(Mailing.state).in_(OPEN))).all())
    files = [file for file in catalogue.mailings.values() if file.id not in running] if not page else []
    runs = [(one, counts(session, one.id or 0)) for one in found[:RUNS]]
    card = list_card(who, runs, files, page, more=len(found) > RUNS)
    show(session, place, subject="runs", card=card, kind="desk", now=now)
    return Receipt()


def named(session: Session, catalogue: Catalogue, who: Colleague, place: Place, words: str, now: datetime) -> Receipt:
    """`/hub mailings new-prices` prepares that file, `/hub mailings 12` shows that run; alone it lists them."""
    which = words.strip()
    if which in catalogue.mailings:
        return _prepare(session, catalogue, who, place, which, now)
    if which.isascii() and which.isdigit() and len(which) < 10:
        mailing = session.get(Mailing, int(which))
        if mailing is not None and may_see(who, mailing):
            return show_run(session, catalogue, who, place, mailing, now)
    return show_runs(session, catalogue, who, place, 0, now)


def _prepare(session: Session, catalogue: Catalogue, who: Colleague, place: Place, name: str, now: datetime) -> Receipt:
    """A run of a file: an admin's is for all it names, a CSM's for those of their own accounts."""
    if name not in catalogue.mailings:
        return Receipt(toast=who.voice.plain("error.stale"))
    if who.csm.role == "admin":
        mailing = draft_from_file(session, catalogue, name, who.csm.id, now)
    else:
        mailing = draft(session, catalogue, _own(session, catalogue, who, name), who.csm.id, now)
    return show_run(session, catalogue, who, place, mailing, now)


def _own(session: Session, catalogue: Catalogue, who: Colleague, name: str) -> Draft:
    """Key: `own:<csm>:<file>:<n>`, one open run at a time."""
    prefix = f"own:{who.csm.id}:{name}:"
    runs = session.exec(select(Mailing).where(col(Mailing.key).startswith(prefix)).order_by(col(Mailing.id))).all()
    number = len(runs) if runs and runs[-1].state in OPEN else len(runs) + 1
    drafted = of_file(catalogue, catalogue.mailings[name], f"{prefix}{number}")
    return replace(drafted, audience=composing.narrowed(drafted.audience, composing.portfolio(who)))


def _write(session: Session, catalogue: Catalogue, who: Colleague, mailing: Mailing) -> Receipt:
    if not may_edit(who, mailing):
        return Receipt(toast=who.voice.plain("error.stale"))
    said = texts(session, mailing.id or 0)
    given = composing.given_of(catalogue, mailing, said, composing.portfolio(who))
    return Receipt(form=composing.form(catalogue, who, mailing.id or 0, given))


def filled(
    session: Session,
    catalogue: Catalogue,
    who: Colleague,
    place: Place,
    action: CountAudience | SaveMailing,
    answers: Mapping[str, str],
    now: datetime,
) -> Receipt:
    """The box came back: counted for its author, or kept; what is wrong in it is told at its fields."""
    before = session.get(Mailing, action.mailing) if action.mailing else None
    if action.mailing and (before is None or not may_edit(who, before)):
        return Receipt(toast=who.voice.plain("error.stale"))
    key = before.key if before is not None else f"{WRITTEN}{place.key}"
    read = composed.read(catalogue, who, answers, key, now)
    if isinstance(action, CountAudience):
        note = _counted(session, catalogue, who, read, now)
        return Receipt(form=composing.form(catalogue, who, action.mailing, answers, note))
    if read.errors:
        return Receipt(errors=tuple(read.errors.items()))
    mailing = draft(session, catalogue, read.draft, who.csm.id, now)
    return show_run(session, catalogue, who, place, mailing, now)


def _counted(session: Session, catalogue: Catalogue, who: Colleague, read: composed.Filled, now: datetime) -> str:
    """Whom it would reach, for the box itself; or what is wrong with the expressions."""
    wrong = [words for key, words in read.errors.items() if key in ("audience", "unless")]
    if wrong:
        return f"⚠️ {'; '.join(wrong)}"
    voice = who.voice
    expected = outlook(session, catalogue, unsaved(read.draft, now), now)
    parts = [voice.say("runs.counted", count=expected.forecast.total, total=expected.companies)]
    if expected.named:
        parts.append(voice.say("runs.counted_sample", names=", ".join(expected.named)))
    if left_out := out_words(voice, expected.forecast.left_out):
        parts.append(voice.say("runs.counted_out", names=left_out))
    return " ".join(parts)


def show_run(
    session: Session, catalogue: Catalogue, who: Colleague, place: Place, mailing: Mailing, now: datetime
) -> Receipt:
    """Its preview, or how far it has come, as this chat's live message about it."""
    if not may_see(who, mailing):
        return Receipt(toast=who.voice.plain("error.stale"))
    try:
        card = card_for(session, catalogue, who, mailing, now)
    except BadCondition as bad:  # the fields of hub.yaml changed since it was written
        return Receipt(toast=who.voice.plain("runs.wrong", what=bad.what, mend=bad.mend)[:200])
    where = beside(place) if shows(session, place, vetoes.subject_of(mailing)) else place
    leave_behind(session, where, subject_of(mailing), Card(who.voice.say("runs.moved", title=mailing.title)), now)
    show(session, where, subject=subject_of(mailing), card=card, kind="desk", now=now)
    return Receipt()


def subject_of(mailing: Mailing) -> str:
    return f"run:{mailing.id}"


def card_for(session: Session, catalogue: Catalogue, who: Colleague, mailing: Mailing, now: datetime) -> Card:
    """Raises BadCondition for one that has not left."""
    said = texts(session, mailing.id or 0)
    if mailing.state in BEFORE:
        expected = outlook(session, catalogue, mailing, now)
        editing, approving = may_edit(who, mailing), may_approve(who, mailing)
        return preview_card(catalogue, who, mailing, said, expected, now, may_edit=editing, may_approve=approving)
    counted, language = counts(session, mailing.id or 0), who.voice.language
    written = said.get(language) or next(iter(said.values()), None)
    answers = {one.answer: one.label for one in written.buttons if one.answer} if written is not None else {}
    steering, more = may_steer(who, mailing), rows_for(session, who, mailing)
    card = run_card(catalogue, who, mailing, counted, answers, now, may_steer=steering, more=more)
    return with_changes(session, who, mailing, card)


def _sample(
    session: Session, catalogue: Catalogue, who: Colleague, place: Place, mailing: Mailing, page: int, now: datetime
) -> Receipt:
    try:
        seen = sights(session, catalogue, mailing, texts(session, mailing.id or 0), now)
    except BadCondition as bad:
        return Receipt(toast=who.voice.plain("runs.wrong", what=bad.what, mend=bad.mend)[:200])
    if not seen:
        return Receipt(toast=who.voice.plain("runs.who_nobody"))
    subject = f"sample:{mailing.id}"
    where = place if shows(session, place, subject) else beside(place)
    show(session, where, subject=subject, card=sample_card(who, mailing, seen, page), kind="desk", now=now)
    return Receipt()


def _approve(
    session: Session, catalogue: Catalogue, who: Colleague, place: Place, mailing: Mailing, now: datetime
) -> Receipt:
    if not may_approve(who, mailing) and mailing.state in BEFORE:
        same = mailing.state == "waiting" and who.csm.id == mailing.csm_id
        return Receipt(toast=who.voice.plain("runs.same_person" if same else "error.stale"))
    try:
        result = approve(session, catalogue, mailing.id or 0, who.csm.id, now)
        show_run(session, catalogue, who, place, mailing, now)
    except BadCondition as bad:
        return Receipt(toast=who.voice.plain("runs.wrong", what=bad.what, mend=bad.mend)[:200])
    refresh_runs(session, catalogue, mailing, now, but=place)
    match result:
        case "waiting":
            ask_second(session, catalogue, mailing, now)
            return Receipt()
        case "leaving":
            vetoes.tell(session, catalogue, mailing, now)
            return Receipt()
        case "same person":
            return Receipt(toast=who.voice.plain("runs.same_person"))
        case "expired":
            return Receipt(toast=who.voice.plain("runs.too_late"))
        case "too late":
            return Receipt(toast=who.voice.plain("runs.decided"))


def ask_second(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> None:
    """Every admin who is here, but for the author, gets the preview with its button; without one, all of us do."""
    here = select(Csm).where(col(Csm.address).is_not(None), col(Csm.id) != mailing.csm_id)
    admins = session.exec(here.where(Csm.role == "admin")).all() or session.exec(here).all()
    for csm in admins:
        other = colleague(catalogue, csm)
        place = vetoes.place_of(csm, f"second:{mailing.id}:{csm.id}:{now:%Y%m%d%H%M%S%f}")
        if place is not None:
            show_run(session, catalogue, other, place, mailing, now)


def _steer(
    session: Session, catalogue: Catalogue, who: Colleague, place: Place, mailing: Mailing, what: str, now: datetime
) -> Receipt:
    allowed = may_steer(who, mailing) or (mailing.state == "waiting" and may_approve(who, mailing))
    number = mailing.id or 0
    if not allowed:
        return Receipt(toast=who.voice.plain("runs.not_yours"))
    match what:
        case "pause":
            done = pause(session, number)
        case "resume":
            done = resume(session, number)
        case "cancel":
            done = cancel(session, number, now)
        case "off":
            done = call_off(session, number, now)
        case "retry":
            done = retry(session, number, "failed", now) > 0
        case "again":
            done = retry(session, number, "uncertain", now) > 0
        case _:
            return Receipt(toast=who.voice.plain("error.stale"))
    session.refresh(mailing)
    show_run(session, catalogue, who, place, mailing, now)
    refresh_runs(session, catalogue, mailing, now, but=place)
    if mailing.state in ("cancelled", "draft"):
        vetoes.close(session, catalogue, mailing, now)
    return Receipt(toast="" if done else who.voice.plain("runs.decided"))


def refresh_runs(
    session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime, *, but: Place | None = None
) -> None:
    """Bring its other live cards up to date at once: somebody decided something."""
    for screen in screens_of(session, subject_of(mailing), but=but.chat if but is not None else None):
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        if csm is not None:
            try:
                card = card_for(session, catalogue, colleague(catalogue, csm), mailing, now)
            except BadCondition:  # the fields of hub.yaml changed: whoever decides or opens it is told
                return
            refresh(session, screen, card=card, kind="desk", now=now)
