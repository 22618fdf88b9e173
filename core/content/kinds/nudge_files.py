"""Reads `nudges/*.yaml`: when to speak unasked, and what to say each time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from core.content.conditions.condition import ALWAYS
from core.content.conditions.known_fields import CLIENT, person_fields
from core.content.kinds.nudge_rules import ABOUT_A_STEP, THENS, TRIGGERS, NudgeRule, Opens, Then, Trigger, TriggerKind
from core.content.kinds.nudge_shapes import NUDGE, NUDGE_TRANSLATION
from core.content.reading.families import Around, Family, Leaf, Shelf
from core.content.reading.fields import Fields
from core.content.reading.sheets import Sheet, Text, meant
from core.content.texts.phrases import Words
from core.content.texts.variables import Known, for_nudges
from core.content.texts.wording import LABEL, TEXT, checked, is_web_address

_USUAL: Final[Mapping[TriggerKind, timedelta]] = {
    "stalled_step": timedelta(days=2),
    "no_visit": timedelta(days=14),
    "step_overdue": timedelta(days=1),
    "checklist_overdue": timedelta(days=1),
    "unanswered_question": timedelta(days=1),
    "signal": timedelta(),
}
"""After what time, where the file says nothing."""

_MOST_SAID: Final = 20


def read_nudge(family: Family) -> NudgeRule | None:
    """One nudge in every language it is written in; None when there is nothing to look at."""
    node, around, sheet = family.main.node(), family.around, family.main.sheet
    if node is None:
        return None
    fields = Fields(sheet, node, NUDGE)
    chosen = fields.choice("trigger")
    kind: TriggerKind = next((one for one in TRIGGERS if one == chosen), "no_visit")
    known = for_nudges(around.fields, kind)
    texts = [{around.language: text} for text in _texts(fields, around.language, known)] or [{around.language: "…"}]
    label = _label(fields, around.language, known)
    labels = {around.language: label} if label else {}
    for language, leaf in family.translations:
        _translate(sheet, leaf, language, known, texts, labels)
    repeat = fields.spans("repeat")
    opens, link = _opens(fields, kind)
    told = fields.choice("then")
    then: Then = next((one for one in THENS if one == told), "nothing")
    return NudgeRule(
        id=family.id,
        trigger=_trigger(fields, kind, around),
        texts=tuple(Words(by_language, around.language) for by_language in texts),
        when=fields.condition("when", person_fields(around.fields)) if "when" in fields else ALWAYS,
        opens=opens,
        button=Words(labels, around.language) if labels else None,
        link=link,
        repeat=repeat,
        stop=_stop(fields, repeat, then),
        then=then,
        topic=_topic(fields, around),
        worth=worth if (worth := fields.number("worth")) is not None else 50,
        good_for=fields.span("good_for") or timedelta(days=8),
    )


def _trigger(fields: Fields, kind: TriggerKind, around: Around) -> Trigger:
    if kind != "date":
        after = fields.span("after")
        name = fields.choice("owner") or "" if kind == "step_overdue" else fields.name("signal")
        return Trigger(kind, _USUAL[kind] if after is None else after, name)
    if "after" in fields:
        fields.sheet.problem(fields.line_of("after"), "a date comes after the nudge", "write before: instead of after:")
    dates = sorted(name for name, sort in {**CLIENT, **around.fields}.items() if sort == "date")
    name, answer = fields.name("date"), fields.name("answer")
    if ("date" in fields) == ("answer" in fields):
        what = "two dates" if "date" in fields else "a date, but which?"
        fields.sheet.problem(fields.line_of("trigger"), what, "write either date: with a field, or answer: with a step")
    if answer:
        return Trigger(kind, fields.span("before") or timedelta(days=1), answer)
    if name and name not in dates:
        fields.sheet.problem(fields.line_of("date"), f"no field {name!r} holds a date", meant(name, dates))
    return Trigger(kind, fields.span("before") or timedelta(days=1), name)


def _stop(fields: Fields, repeat: tuple[timedelta, ...], then: Then) -> int:
    stop = fields.number("stop")
    if then != "nothing" and "repeat" not in fields:
        fields.sheet.problem(fields.line_of("then"), f"'then': {then}, but when?", "add `repeat:`")
    if stop is None:
        return min(len(repeat) + (then == "nothing"), _MOST_SAID) or 1
    if stop > 1 and not repeat and "repeat" not in fields:
        fields.sheet.problem(fields.line_of("stop"), f"'stop': said {stop} times, but when?", "add `repeat:`")
    return stop


def _opens(fields: Fields, kind: TriggerKind) -> tuple[Opens, str]:
    usual: Opens = "step" if kind in ABOUT_A_STEP else "home"
    button = fields.inner("button")
    if button is None:
        return usual, ""
    opens, link = button.choice("opens"), button.scalar("link")
    if link is not None:
        if not is_web_address(link.value):
            fields.sheet.problem(link.line, f"the button's link {link.value!r} leads nowhere", "write it as https://…")
        if opens is not None:
            fields.sheet.problem(button.line_of("opens"), "the button opens two things", "delete `opens` or `link`")
        return "link", link.value
    if opens == "step" and kind not in ABOUT_A_STEP:
        what = f"{kind} is about no step that could be opened"
        fields.sheet.problem(button.line_of("opens"), what, "write opens: home, or a link")
        return usual, ""
    return (usual if opens is None else "step" if opens == "step" else "home"), ""


def _topic(fields: Fields, around: Around) -> str:
    topic = fields.name("topic")
    if topic and topic not in around.topics:
        line = f"add `{topic}: instant` under `topics` in hub.yaml"
        mend = meant(topic, around.topics) if around.topics else line
        fields.sheet.problem(fields.line_of("topic"), f"hub.yaml has no topic {topic!r}", mend)
    return topic


def _texts(fields: Fields, language: str, known: Known) -> list[str]:
    return [checked(fields.sheet, text, TEXT, language, known) for text in fields.scalars("texts")]


def _label(fields: Fields, language: str, known: Known) -> str:
    button = fields.inner("button")
    label: Text | None = button.scalar("label") if button is not None else None
    return checked(fields.sheet, label, LABEL, language, known) if label is not None else ""


def _translate(
    main: Sheet, leaf: Leaf, language: str, known: Known, texts: list[dict[str, str]], labels: dict[str, str]
) -> None:
    """Put the texts of one file to those of the main one."""
    node, shape = leaf.node(), NUDGE_TRANSLATION
    if node is None:
        return
    fields = Fields(leaf.sheet, node, shape)
    found = _texts(fields, language, known)
    if "texts" in fields and len(found) != len(texts):
        what = f"{len(found)} texts where {main.name} has {len(texts)}"
        leaf.sheet.problem(fields.line_of("texts"), what, "translate each of them, in the same order")
    for by_language, text in zip(texts, found, strict=False):
        by_language[language] = text
    label = _label(fields, language, known)
    if label and not labels:
        what = f"{main.name} has no such 'button'"
        leaf.sheet.problem(fields.line_of("button"), what, "write it there first, or delete it here")
    elif label:
        labels[language] = label


NUDGES: Final = Shelf("nudges", "yaml", "stalled-step", read_nudge, optional=True)
