"""What a nudge looks like: the rule's words, one button to the matter, and ways to be left alone."""

from core.actions import Action, GoOn, NudgeGoOn, NudgeSnooze, NudgeStop, pack
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.content.nudge_rules import NudgeRule
from core.content.phrases import Voice, Words
from core.markup import plain
from core.nudges.crowd import Person
from core.nudges.reasons import Reason
from core.nudges.timing import SNOOZES
from core.onboarding.cards import button

LONGEST_HEADLINE = 100
"""Characters of the line that stands for a nudge in a message with others."""


def nudge_card(catalogue: Catalogue, person: Person, rule: NudgeRule, reason: Reason, said: int, number: int) -> Card:
    """The nudge for somebody to whom it was said `said` times. `number`: of its row."""
    voice = person.who.voice
    snoozes = tuple(button(voice, f"nudge_{choice}", NudgeSnooze(number, choice)) for choice in SNOOZES)
    return Card(
        text=_filled(catalogue, person, rule.text(said), reason),
        progress=reason.progress,
        rows=(
            (_main(catalogue, person, rule, reason),),
            snoozes,
            (button(voice, "nudge_enough", NudgeStop(number)),),
        ),
    )


def ask_card(voice: Voice, headline: str, number: int) -> Card:
    """Shall we stop? After the last time, when nothing came of it."""
    return Card(
        voice.say("nudge.shall_i_stop", headline=headline),
        rows=((button(voice, "nudge_yes_stop", NudgeStop(number)), button(voice, "nudge_go_on", NudgeGoOn(number))),),
    )


def headline(catalogue: Catalogue, person: Person, rule: NudgeRule, reason: Reason, said: int) -> str:
    """The nudge in one plain line: its first sentence, as far as it fits."""
    text = " ".join(plain(_filled(catalogue, person, rule.text(said), reason)).split())
    return text if len(text) <= LONGEST_HEADLINE else text[: LONGEST_HEADLINE - 1].rstrip() + "…"


def opens(rule: NudgeRule, reason: Reason) -> Action | None:
    """What the button leads to; None: a link."""
    if rule.opens == "link":
        return None
    return reason.opens if rule.opens == "step" else GoOn(0, "")


def _main(catalogue: Catalogue, person: Person, rule: NudgeRule, reason: Reason) -> Button:
    voice, action = person.who.voice, opens(rule, reason)
    usual = voice.plain("button.next" if rule.opens == "step" else "button.nudge_open")
    label = _label(catalogue, person, rule.button, reason) if rule.button is not None else usual
    if action is None:
        return Button(label, url=rule.link)
    return Button(label, pack(action), tone="primary")


def _filled(catalogue: Catalogue, person: Person, words: Words, reason: Reason) -> str:
    return person.who.voice.words(words, {**person.reader(catalogue).values, **reason.values})


def _label(catalogue: Catalogue, person: Person, words: Words, reason: Reason) -> str:
    return person.who.voice.plain_words(words, {**person.reader(catalogue).values, **reason.values})
