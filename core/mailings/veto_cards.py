"""What a CSM sees of somebody else's mailing to their clients: whom they may keep out of it, and what came of it."""

from collections.abc import Sequence
from typing import Final

from core.actions import HoldAccount, ShowRun, pack
from core.cards import Button, Card
from core.mailings.previewing import Touched
from core.mailings.run_cards import cut
from core.mailings.run_words import state_word
from core.people.accounts import Colleague
from storage.tables import Account, Mailing

HELD: Final = 6
"""Accounts with a button of their own."""


def veto_card(who: Colleague, mailing: Mailing, reached: Touched, held: frozenset[int], author: str) -> Card:
    """Somebody else's mailing goes to a CSM's clients, who may keep them out."""
    voice = who.voice
    lines = [
        voice.say("runs.veto_held" if account.id in held else "runs.veto_account", account=account.name, count=people)
        for account, people in reached.accounts[:20]
    ]
    at = voice.moment(mailing.leaves_at, who.zone) if mailing.leaves_at is not None else ""
    intro = voice.say("runs.veto_intro", name=author, title=mailing.title, at=at)
    buttons = [_hold(who, mailing, account, held) for account, _ in reached.accounts[:HELD]]
    if len(reached.accounts) > 1 and len(held) < len(reached.accounts):
        buttons.append(Button(voice.plain("button.run_hold_all"), pack(HoldAccount(mailing.id or 0, 0))))
    rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    rows.append((Button(voice.plain("button.run_look"), pack(ShowRun(mailing.id or 0))),))
    return Card("\n\n".join((intro, "\n".join(lines))), rows=tuple(rows))


def closed_card(who: Colleague, mailing: Mailing, author: str, held: Sequence[str]) -> Card:
    """What is left of it once nothing can be kept back any more."""
    voice = who.voice
    said = voice.say("runs.veto_closed", name=author, title=mailing.title, state=state_word(voice, mailing))
    lines = [voice.say("runs.veto_held", account=name, count=0) for name in held]
    look = Button(voice.plain("button.run_look"), pack(ShowRun(mailing.id or 0)))
    return Card("\n\n".join(filter(None, (said, "\n".join(lines)))), rows=((look,),))


def _hold(who: Colleague, mailing: Mailing, account: Account, held: frozenset[int]) -> Button:
    label = "button.run_let" if account.id in held else "button.run_hold"
    action = pack(HoldAccount(mailing.id or 0, account.id or 0))
    return Button(cut(who.voice.plain(label, account=account.name)), action)
