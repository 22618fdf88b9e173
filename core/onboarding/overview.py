"""The home card: where a client's person is in every checklist, what is next and who waits for whom."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from core.actions import (
    ChooseLanguage,
    ShowCampaigns,
    ShowChecklist,
    ShowMailings,
    ShowSettings,
    ShowSteps,
    ShowUpdates,
)
from core.campaigns.at_home import AtHome, at_home
from core.cards import Button, Card, Tone
from core.content.catalogue import Catalogue
from core.mailings.at_home import Box, box
from core.onboarding.cards import button
from core.onboarding.courses import Course, current
from core.onboarding.rules import Standing, is_finished, is_for, next_step, progress
from core.people.accounts import first_name
from core.people.readers import Reader
from core.updates.counting import unseen
from storage.tables import Enrolment

_WAITING = 5
"""Steps of ours that are listed: a card is read at a glance."""


def home_of(
    session: Session, catalogue: Catalogue, reader: Reader, courses: Sequence[Course], now: datetime, notice: str = ""
) -> Card:
    """The home of one person, with how many updates are new to them."""
    who = reader.member
    new = len(unseen(session, catalogue, who, now)) if who is not None and catalogue.updates else None
    away = current(courses) is None and _is_put_aside(session, catalogue, reader)
    campaigns = at_home(session, reader.circle.account.id) if who is not None else None
    letters = box(session, who.contact.id or 0, now) if who is not None else None
    idle = reader.voice.say("checklist.retired") if away else ""
    return overview_card(reader, courses, notice, new, idle, campaigns, letters)


def _is_put_aside(session: Session, catalogue: Catalogue, reader: Reader) -> bool:
    """Had they begun a checklist that is not there now?"""
    begun = session.exec(select(Enrolment.checklist).where(Enrolment.account_id == reader.circle.account.id)).all()
    return any(name not in catalogue.checklists for name in begun)


def overview_card(
    reader: Reader,
    courses: Sequence[Course],
    notice: str = "",
    new: int | None = None,
    idle: str = "",
    campaigns: AtHome | None = None,
    letters: Box | None = None,
) -> Card:
    """The same. `notice`: Markdown said first, once, in place of the greeting; `new`: updates not seen yet, None: there
    are none at all; `idle`: Markdown that says why there is no checklist, empty: nothing waits.
    """
    voice, active = reader.voice, current(courses)
    following = _next_words(reader, active.standing) if active is not None else idle or voice.say("home.nothing")
    return Card(
        text="\n\n".join(dict.fromkeys((notice or _greeting(reader), following))),
        title=voice.plain("home.title", account=reader.circle.account.name),
        facts=_facts(reader, courses, campaigns),
        progress=progress(active.standing) if active is not None else None,
        note=voice.say("home.note", csm=reader.csm_name),
        rows=_rows(reader, courses, active, new, campaigns, letters),
    )


def _greeting(reader: Reader) -> str:
    account, contact = reader.circle.account.name, reader.contact
    name = contact.name if contact is not None else account
    first = first_name(name) if contact is not None else account
    return reader.voice.say("home.greeting", account=account, csm=reader.csm_name, first_name=first, name=name)


def _next_words(reader: Reader, standing: Standing) -> str:
    voice, checklist = reader.voice, reader.label(standing.checklist.title)
    one = next_step(standing, reader.doer, reader.circle.roles)
    if one is None:
        return voice.say("home.finished", checklist=checklist)
    title = reader.label(one.step.title)
    if one.state == "ours":
        return voice.say("home.waiting_for_us", checklist=checklist, title=title)
    if not is_for(one, reader.doer, reader.circle.roles):
        whose = reader.circle.name_of(one.taken_by) or voice.role(one.step.role)
        return voice.say("home.waiting_for_other", checklist=checklist, title=title, whose=whose)
    return voice.say("home.next", checklist=checklist, title=title)


def _facts(reader: Reader, courses: Sequence[Course], campaigns: AtHome | None) -> tuple[tuple[str, str], ...]:
    voice = reader.voice
    facts: list[tuple[str, str]] = []
    for course in courses if len(courses) > 1 else ():  # one alone is told by the bar below
        counted = progress(course.standing)
        facts.append(
            (
                reader.label(course.checklist.title),
                voice.plain("home.count", done=counted.done, total=counted.total, percent=counted.percent),
            )
        )
    ours = [one for course in courses for one in course.standing.steps if one.state == "ours"]
    for one in ours[:_WAITING]:
        day = voice.date(one.promised_for) if one.promised_for is not None else ""
        value = voice.plain("home.promise", csm=reader.csm_name, title=reader.label(one.step.title), day=day)
        facts.append((voice.plain("home.our_turn"), value))
    if campaigns is not None and (campaigns.running or campaigns.scheduled):
        value = voice.plain(
            "campaigns.at_home", count=campaigns.running, number=campaigns.scheduled, left=campaigns.stalled
        )
        facts.append((voice.plain("campaigns.title"), value))
    facts.append((voice.plain("home.csm"), reader.csm_name))
    return tuple(facts)


def _rows(
    reader: Reader,
    courses: Sequence[Course],
    active: Course | None,
    new: int | None,
    campaigns: AtHome | None,
    letters: Box | None,
) -> tuple[tuple[Button, ...], ...]:
    voice = reader.voice
    rows: list[tuple[Button, ...]] = []
    for course in courses:
        title = reader.label(course.checklist.title)
        if is_finished(course.standing):
            continue
        begun = progress(course.standing).done > 0
        tone: Tone = "primary" if course is active else ""
        rows.append((button(voice, "continue" if begun else "start", ShowChecklist(course.id), tone, title=title),))
    if new is not None:
        rows.append((button(voice, "updates", ShowUpdates(0, 0), count=new),))
    sent = [button(voice, "campaigns", ShowCampaigns(0), count=campaigns.running)] if campaigns is not None else []
    if letters is not None and letters.all:
        sent.append(button(voice, "mailings", ShowMailings(0), count=letters.unopened))
    if sent:
        rows.append(tuple(sent))
    last = [button(voice, "steps", ShowSteps(active.id))] if active is not None else []
    rows.append((*last, button(voice, "settings", ShowSettings("")), button(voice, "language", ChooseLanguage(""))))
    return tuple(rows)
