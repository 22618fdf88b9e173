"""What a checklist looks like to one reader: a step, the list of steps, a guide, the end."""

from collections.abc import Iterable, Sequence
from datetime import date

from core.actions import (
    Action,
    Choose,
    GoOn,
    ShowChecklist,
    ShowGuide,
    ShowHome,
    ShowStep,
    ShowSteps,
    StepAnswer,
    StepDone,
    StepHandOver,
    StepSkip,
    StepStuck,
    StepTake,
    StepUndo,
    pack,
)
from core.cards import Button, Card, Media, Tone
from core.content.catalogue import Asked, Step
from core.content.texts.phrases import Voice
from core.markup import Markdown
from core.onboarding.answers import find_choice
from core.onboarding.courses import Course
from core.onboarding.rules import (
    StepStanding,
    is_finished,
    is_for,
    last_by_client,
    may_undo,
    missing_for,
    next_step,
    progress,
    section_of,
    sections,
    shut_section,
)
from core.people.accounts import local
from core.people.readers import Reader

Rows = tuple[tuple[Button, ...], ...]

_SHORT = 16
"""Characters of a label that leaves room for a second button in its row on a phone."""

_LISTED = 40
"""Steps that get a button in the list: Slack takes 25 in a block, people fewer."""


def button(voice: Voice, key: str, action: Action, tone: Tone = "", **values: object) -> Button:
    """A button with the phrase `button.<key>`."""
    return Button(voice.plain(f"button.{key}", **values), pack(action), tone=tone)


def checklist_card(
    course: Course, reader: Reader, shown: str | None, notice: str = "", following: Sequence[Course] = ()
) -> Card:
    """The step that is shown (None: the reader's next one), or the end. `notice`: Markdown said first, once.

    `following`: checklists that the end leads on to.
    """
    standing = course.standing
    one = standing.of(shown) if shown is not None else None
    one = one or next_step(standing, reader.doer, reader.circle.roles)
    return finished_card(course, reader, notice, following) if one is None else step_card(course, reader, one, notice)


def step_card(course: Course, reader: Reader, one: StepStanding, notice: str = "") -> Card:
    """One step with everything its state allows."""
    counted = progress(course.standing)
    parts = (notice, reader.text(one.step.text, counted), _state_words(course, reader, one))
    return Card(
        text="\n\n".join(filter(None, parts)),
        title=reader.label(one.step.title),
        facts=tuple(_facts(course, reader, one)),
        progress=counted,
        note=reader.voice.say("step.note", checklist=reader.label(course.checklist.title)),
        rows=tuple(row for row in _rows(course, reader, one) if row),
    )


def _state_words(course: Course, reader: Reader, one: StepStanding) -> str:
    voice = reader.voice
    match one.state:
        case "closed":
            return _closed_words(course, reader, one)
        case "ours":
            return promise_words(reader, one)
        case "done" | "skipped":
            return _finished_words(reader, one)
        case "open" if one.step.signal:
            return voice.say("step.by_itself")
        case "open" if reader.private and not is_for(one, reader.doer, reader.circle.roles):
            name = reader.circle.name_of(one.taken_by)
            return (
                voice.say("step.somebody_has_it", name=name)
                if name
                else voice.say("step.for_role", role=voice.role(one.step.role))
            )
        case "open":
            return asked_words(reader, one.step.asks) if one.step.asks else ""


def _closed_words(course: Course, reader: Reader, one: StepStanding) -> str:
    section = shut_section(course.standing, one)
    if section is not None and section.gate is not None:
        return reader.text(section.gate, progress(course.standing))
    first = ", ".join(reader.label(step.title) for step in missing_for(course.standing, one))
    return reader.voice.say("step.closed", first=first)


def promise_words(reader: Reader, one: StepStanding) -> str:
    """Who of us has it, and by when."""
    if one.promised_for is None:
        return reader.voice.say("step.ours", csm=reader.csm_name)
    return reader.voice.say("step.ours_by", csm=reader.csm_name, day=reader.voice.date(one.promised_for))


def _finished_words(reader: Reader, one: StepStanding) -> str:
    voice, name = reader.voice, reader.circle.name_of(one.changed_by)
    day = voice.date(local(one.changed_at, reader.zone).date()) if one.changed_at else ""
    if one.state == "skipped":
        return voice.say("step.skipped", name=name or reader.circle.account.name, day=day, reason=one.reason or "")
    return voice.say("step.done_by", name=name, day=day) if name else voice.say("step.done", day=day)


def _facts(course: Course, reader: Reader, one: StepStanding) -> Iterable[tuple[str, str]]:
    voice, found, total = reader.voice, section_of(course.standing, one.step), len(sections(course.standing))
    if found is not None and total > 1:
        number, section = found
        label = voice.plain("step.section", number=number, total=total)
        yield label, reader.label(section.title)
    if one.state == "open" and (for_whom := _for_whom(reader, one)) and not _tells_whose(reader, one):
        yield voice.plain("step.for"), for_whom
    if one.state == "open" and one.promised_for is not None:
        yield voice.plain("step.due"), voice.date(one.promised_for)
    if one.answer and one.step.asks:
        yield voice.plain("step.answer"), answer_words(one.step.asks, one.answer, reader)


def _tells_whose(reader: Reader, one: StepStanding) -> bool:
    """In private the text says when it is a colleague's, and the reader's own needs no word unless it was given."""
    mine = one.taken_by is not None and reader.contact is not None and one.taken_by == reader.contact.id
    return reader.private and not mine


def asked_words(reader: Reader, asked: Asked) -> str:
    """The question of a step, so that it stands out."""
    return reader.voice.say("step.asks", question=Markdown(reader.words(asked.question)))


def _for_whom(reader: Reader, one: StepStanding) -> str:
    if one.taken_by is not None and reader.contact is not None and one.taken_by == reader.contact.id:
        return reader.voice.plain("step.for_you")
    return reader.circle.name_of(one.taken_by) or reader.voice.role(one.step.role)


def answer_words(asked: Asked, kept: str, reader: Reader) -> str:
    """A kept answer in the reader's language: a choice's label, a date in their way, a text as it was typed."""
    if asked.kind == "choice":
        number = find_choice(asked, kept)
        return reader.label(asked.options[number]) if number is not None else kept
    if asked.kind == "date":
        return reader.voice.date(date.fromisoformat(kept))
    return kept


def _rows(course: Course, reader: Reader, one: StepStanding) -> Iterable[tuple[Button, ...]]:
    voice, number, step = reader.voice, course.id, one.step
    if one.state == "open":
        yield from _open_rows(reader, number, one)
    elif one.state == "ours":
        yield (button(voice, "ask", StepStuck(number, step.id)),)
    else:
        yield (button(voice, "next", ShowChecklist(number), "primary"),)
    yield tuple(_reading(course, reader, step))
    last = one if may_undo(one) else last_by_client(course.standing) if not one.finished else None
    if last is not None:
        yield (button(voice, "undo", StepUndo(number, last.step.id), title=reader.label(last.step.title)),)
    yield foot(reader, number)


def _open_rows(reader: Reader, number: int, one: StepStanding) -> Iterable[tuple[Button, ...]]:
    voice, step = reader.voice, one.step
    if reader.private and not is_for(one, reader.doer, reader.circle.roles):
        yield (button(voice, "take", StepTake(number, step.id), "primary"),)
        return
    if step.asks is not None and step.asks.kind == "choice":
        yield from choice_rows(reader, number, step.id, step.asks)
    elif step.asks is not None:
        yield (button(voice, "answer", StepAnswer(number, step.id), "primary"),)
    elif not step.signal:
        yield (button(voice, "done", StepDone(number, step.id), "primary"),)
    aside = [button(voice, "skip", StepSkip(number, step.id))] if step.skippable else []
    yield (*aside, button(voice, "stuck", StepStuck(number, step.id)))
    if reader.private and len(reader.circle.people) > 1:
        yield (button(voice, "hand_over", StepHandOver(number, step.id, 0)),)


def choice_rows(reader: Reader, number: int, step: str, asked: Asked) -> Rows:
    """The offered answers as buttons, two in a row where they are short."""
    return pair([Button(reader.label(one), pack(Choose(number, step, at))) for at, one in enumerate(asked.options)])


def pair(buttons: list[Button]) -> Rows:
    """Two buttons in a row when all are short, else one."""
    wide = 2 if all(len(one.label) <= _SHORT for one in buttons) else 1
    return tuple(tuple(buttons[at : at + wide]) for at in range(0, len(buttons), wide))


def guided(course: Course, step: Step) -> bool:
    """Whether there is a guide for this client."""
    return step.guide is not None and step.guide_when.holds(course.facts)


def _reading(course: Course, reader: Reader, step: Step) -> Iterable[Button]:
    voice, video = reader.voice, step.video
    source = reader.label(video.source) if video is not None else ""
    linked = source.startswith(("https://", "http://"))
    guide = guided(course, step)
    if guide or (source and not linked):
        yield button(voice, "guide" if guide else "video", ShowGuide(course.id, step.id))
    if video is not None and linked:
        yield Button(reader.label(video.label) if video.label is not None else voice.plain("button.video"), url=source)


def foot(reader: Reader, number: int) -> tuple[Button, ...]:
    """All steps, and home; a group has no home of its own."""
    steps = button(reader.voice, "steps", ShowSteps(number))
    return (steps, button(reader.voice, "home", ShowHome())) if reader.private else (steps,)


def guide_card(course: Course, reader: Reader, step: Step) -> Card:
    """The guide of a step, with its video when that is a file of ours."""
    source = reader.label(step.video.source) if step.video is not None else ""
    mine = source and not source.startswith(("https://", "http://"))
    path = source if source.startswith("content:") else f"content:{source}"
    back = button(reader.voice, "back", ShowStep(course.id, step.id))
    guide = step.guide if step.guide is not None and guided(course, step) else None
    return Card(
        text=reader.text(guide or step.text, progress(course.standing)),
        title=reader.label(step.guide_title if guide is not None and step.guide_title is not None else step.title),
        media=Media("video", path) if mine else None,
        rows=((back,),) if reader.private else (),
    )


def people_card(course: Course, reader: Reader, one: StepStanding) -> Card:
    """To whom a step may be handed over: everybody of the client who is here."""
    mine = reader.contact.id if reader.contact is not None else None
    others = [
        Button(contact.name, pack(StepHandOver(course.id, one.step.id, number)))
        for number, contact in sorted(reader.circle.people.items(), key=lambda item: item[1].name)
        if number != mine
    ][:_LISTED]
    back = button(reader.voice, "back", ShowStep(course.id, one.step.id))
    return Card(
        text=reader.voice.say("step.hand_over", title=reader.label(one.step.title)),
        title=reader.label(one.step.title),
        rows=(*pair(others), (back,)),
    )


def steps_card(course: Course, reader: Reader) -> Card:
    """Every step with its state, by section; those that can be looked at have a numbered button."""
    standing, voice = course.standing, reader.voice
    number, parts, buttons = 0, [], []
    following = next_step(standing, reader.doer, reader.circle.roles)
    shown = sections(standing)
    for section in shown:
        several = len(shown) > 1
        lines = [voice.say("list.section", title=reader.label(section.title))] if several else []
        for one in standing.steps:
            if one.step.section != section.id:
                continue
            number += 1
            state = "next" if one is following and one.state == "open" else one.state
            lines.append(voice.say(f"list.{state}", number=number, title=reader.label(one.step.title)))
            buttons.append(Button(str(number), pack(ShowStep(course.id, one.step.id))))
        parts.append("\n".join(lines))
    buttons = buttons[:_LISTED]
    rows = tuple(tuple(buttons[at : at + 5]) for at in range(0, len(buttons), 5))
    back = [button(voice, "next", ShowChecklist(course.id), "primary")]
    if reader.private:
        back.append(button(voice, "home", ShowHome()))
    return Card(
        text="\n\n".join(parts),
        title=reader.label(course.checklist.title),
        progress=progress(standing),
        note=voice.say("list.note"),
        rows=(*rows, tuple(back)),
    )


def finished_card(course: Course, reader: Reader, notice: str = "", following: Sequence[Course] = ()) -> Card:
    """What stays in place when everything is done, with the way on to what comes after."""
    voice, last = reader.voice, last_by_client(course.standing)
    undo = (
        (button(voice, "undo", StepUndo(course.id, last.step.id), title=reader.label(last.step.title)),) if last else ()
    )
    text = voice.say("checklist.finished", checklist=reader.label(course.checklist.title))
    return Card(
        text="\n\n".join(filter(None, (notice, text))),
        title=reader.label(course.checklist.title),
        progress=progress(course.standing),
        rows=tuple(row for row in (*_onward(reader, following), undo, foot(reader, course.id)) if row),
    )


def celebration_card(course: Course, reader: Reader, following: list[Course]) -> Card:
    """Said once when the last step is finished, with what comes after."""
    return Card(
        text=reader.text(course.checklist.finish, progress(course.standing)),
        title=reader.voice.plain("checklist.celebrate", checklist=reader.label(course.checklist.title)),
        progress=progress(course.standing),
        rows=_onward(reader, following),
    )


def _onward(reader: Reader, following: Sequence[Course]) -> Rows:
    """A button for each of these checklists that is not finished: shown below, for the end is worth keeping."""
    return tuple(
        (button(reader.voice, "start", GoOn(one.id, ""), "primary", title=reader.label(one.checklist.title)),)
        for one in following
        if not is_finished(one.standing)
    )
