"""The buttons below a client's message: links, answers, what they think of it, a word to us, and less of its kind."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from core.actions import (
    MailingClick,
    MailingComment,
    MailingLess,
    MailingOpinion,
    MailingPick,
    MailingWhy,
    pack,
)
from core.cards import Button
from core.content.catalogue import Rules
from core.content.texts.phrases import Voice
from core.mailings.drafting import Press
from core.mailings.links import Copy, address_of
from storage.tables import Mailing, MailingReaction

Rows: TypeAlias = tuple[tuple[Button, ...], ...]

_WIDE: Final = 30
"""Characters of the labels of a row: what a phone shows beside each other."""


def rows_below(
    voice: Voice,
    rules: Rules,
    mailing: Mailing,
    copy: Copy,
    presses: Sequence[Press],
    *,
    root: str = "",
    reaction: MailingReaction | None = None,
) -> Rows:
    """All its buttons. `presses` in the order of the text, their labels filled in.

    `root`: HUB_PUBLIC_URL, through which links are counted; empty: they lead there directly, and are counted where the
    messenger tells of them. `reaction`: what the reader did so far, so that it is seen.
    """
    links = [_link(press, mailing, copy, place, root) for place, press in enumerate(presses) if press.url]
    chosen = reaction.answer if reaction is not None else None
    answers = [_answer(voice, press, copy, chosen) for press in presses if press.answer]
    opinion = reaction.opinion if reaction is not None else None
    said = (
        Button(voice.plain("button.liked" if opinion == "up" else "button.like"), _opinion(copy, "up")),
        Button(voice.plain("button.disliked" if opinion == "down" else "button.dislike"), _opinion(copy, "down")),
        Button(voice.plain("button.comment"), pack(MailingComment(copy.delivery))),
    )
    aside = [Button(voice.plain("button.why"), pack(MailingWhy(copy.delivery)))]
    if can_be_less(rules, mailing):
        aside.insert(0, Button(voice.plain("button.less"), pack(MailingLess(copy.delivery))))
    return (*_beside(links), *_beside(answers), said, tuple(aside))


def can_be_less(rules: Rules, mailing: Mailing) -> bool:
    """May a reader turn down what it is about?"""
    return mailing.category != "mandatory" and mailing.topic in rules.topics


def _link(press: Press, mailing: Mailing, copy: Copy, place: int, root: str) -> Button:
    if root:
        return Button(press.label, url=address_of(root, mailing.secret, copy, place), tone="primary")
    return Button(press.label, pack(MailingClick(copy.delivery)), press.url, "primary")


def _answer(voice: Voice, press: Press, copy: Copy, chosen: str | None) -> Button:
    label = voice.plain("button.chosen", choice=press.label) if press.answer == chosen else press.label
    return Button(label, pack(MailingPick(copy.delivery, press.answer)))


def _opinion(copy: Copy, opinion: str) -> str:
    return pack(MailingOpinion(copy.delivery, opinion))


def _beside(buttons: Iterable[Button]) -> Iterable[tuple[Button, ...]]:
    """In rows as wide as a phone."""
    row: list[Button] = []
    for one in buttons:
        if row and sum(len(each.label) for each in row) + len(one.label) > _WIDE:
            yield tuple(row)
            row = []
        row.append(one)
    if row:
        yield tuple(row)
