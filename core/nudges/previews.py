"""What a nudge says each time, for somebody who may be a client's real contact or made up; nothing is written."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from core.actions import GoOn
from core.cards import Progress
from core.content.catalogue import Catalogue
from core.content.kinds.nudge_rules import ABOUT_A_STEP, NudgeRule
from core.content.texts.variables import Group
from core.nudges.cards import ask_card, last_headline, nudge_card
from core.nudges.crowd import Person
from core.nudges.reasons import Reason
from core.nudges.timing import next_due
from core.onboarding.previews import Preview, Viewer
from core.onboarding.rules import next_step, progress, stand
from core.people.accounts import local
from core.people.filling import values_of_progress


def nudge_previews(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, now: datetime) -> Iterator[Preview]:
    """One card for each time it is said, and what follows. A translation's file shows the nudge it belongs to."""
    rule = catalogue.nudges.get(file.name.partition(".")[0])
    if rule is None:
        return
    courses = {course.id: course for course in viewer.courses.values()}
    person = Person(viewer.who, viewer.circle, courses, viewer.reader(catalogue))
    reason, since = _reason(catalogue, person, rule, now), now
    for said in range(rule.stop):
        since = next_due(rule, since, said, since) or since
        days = str((since - now).days)
        yield Preview("nudge", nudge_card(person, rule, reason, said, 1), f"{rule.id}-{said + 1}", days)
    if rule.then == "ask":
        line = last_headline(person, rule, reason, rule.stop)
        yield Preview("nudge", ask_card(viewer.who.voice, line, 1), f"{rule.id}-ask")


def _reason(catalogue: Catalogue, person: Person, rule: NudgeRule, now: datetime) -> Reason:
    """As if its moment had come: about the step that is really theirs, else about the first there is."""
    reader = person.reader
    days = max(1, rule.trigger.after.days)
    today = local(now, person.who.zone).date()
    values: dict[str, object] = {"nudge": Group({"days": days, "day": today + rule.trigger.after})}
    if rule.trigger.kind not in ABOUT_A_STEP:
        return Reason(now, {}, values)
    standings = [course.standing for course in person.courses.values()]
    standings += [stand(checklist, ()) for checklist in catalogue.checklists.values()]
    for standing in standings:
        one = next_step(standing, reader.doer, reader.circle.roles)
        if one is not None:
            counted = progress(standing)
            values |= {
                **values_of_progress(counted),
                "step": Group({"title": reader.label(one.step.title)}),
                "checklist": Group({"title": reader.label(standing.checklist.title)}),
            }
            return Reason(now, {}, values, GoOn(1, ""), counted)
    nothing = Group({"title": "…"})
    empty = {**values_of_progress(Progress(0, 1)), "step": nothing, "checklist": nothing}
    return Reason(now, {}, values | empty)
