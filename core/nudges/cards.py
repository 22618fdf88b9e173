"""What a nudge looks like: the rule's words, one button to the matter, and ways to be left alone."""

from core.actions import Action, GoOn, NudgeGoOn, NudgeSnooze, NudgeStop, pack
from core.cards import Button, Card
from core.content.kinds.nudge_rules import NudgeRule
from core.content.texts.phrases import Voice
from core.markup import plain, shortened
from core.nudges.crowd import Person
from core.nudges.reasons import Reason
from core.nudges.timing import SNOOZES
from core.onboarding.cards import button

LONGEST_HEADLINE = 100
"""Characters of the line that stands for a nudge in a message with others."""


def nudge_card(person: Person, rule: NudgeRule, reason: Reason, said: int, number: int) -> Card:
    """The nudge for somebody to whom it was said `said` times. `number`: of its row."""
    voice = person.who.voice
    snoozes = tuple(button(voice, f"nudge_{choice}", NudgeSnooze(number, choice)) for choice in SNOOZES)
    return Card(
        text=_text(person, rule, reason, said),
        progress=reason.progress,
        rows=(
            (_main(person, rule, reason),),
            snoozes,
            (button(voice, "nudge_enough", NudgeStop(number)),),
        ),
    )


def ask_card(voice: Voice, line: str, number: int) -> Card:
    """Shall we stop? After the last time, when nothing came of it."""
    yes, no = button(voice, "nudge_yes_stop", NudgeStop(number)), button(voice, "nudge_go_on", NudgeGoOn(number))
    return Card(voice.say("nudge.shall_i_stop", headline=line), rows=((yes, no),))


def headline(text: str) -> str:
    """The words of a nudge in one plain line, as far as they fit."""
    line = " ".join(plain(text).split())
    return shortened(line, LONGEST_HEADLINE)


def last_headline(person: Person, rule: NudgeRule, reason: Reason, said: int) -> str:
    """What was said the last time to somebody to whom it was said `said` times, in one plain line."""
    return headline(_text(person, rule, reason, max(0, said - 1)))


def opens(rule: NudgeRule, reason: Reason) -> Action | None:
    """What the button leads to; None: a link."""
    if rule.opens == "link":
        return None
    return reason.opens if rule.opens == "step" else GoOn(0, "")


def _text(person: Person, rule: NudgeRule, reason: Reason, said: int) -> str:
    return person.who.voice.words(rule.text(said), {**person.reader.values, **reason.values})


def _main(person: Person, rule: NudgeRule, reason: Reason) -> Button:
    voice, action = person.who.voice, opens(rule, reason)
    if rule.button is not None:
        label = voice.plain_words(rule.button, {**person.reader.values, **reason.values})
    else:
        label = voice.plain("button.next" if rule.opens == "step" else "button.nudge_open")
    return Button(label, url=rule.link) if action is None else Button(label, pack(action), tone="primary")
