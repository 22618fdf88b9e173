"""From a pressed button or a sent form to the use case it means, for those who may press it."""

import logging
from datetime import datetime
from typing import TypeAlias, assert_never

from sqlmodel import Session

from core import uncertain
from core.actions import (
    Action,
    AskCity,
    Choose,
    ChooseLanguage,
    FollowCampaign,
    GoOn,
    HelpClaim,
    HelpReply,
    HelpSend,
    HelpSolved,
    InviteAccept,
    InviteDecline,
    LessLikeThis,
    LessOften,
    Nevermind,
    NudgeGoOn,
    NudgeSnooze,
    NudgeStop,
    OursDone,
    PauseAll,
    Prefer,
    Resend,
    SetCadence,
    ShareHere,
    ShowCampaign,
    ShowCampaigns,
    ShowChecklist,
    ShowGuide,
    ShowHome,
    ShowSettings,
    ShowStep,
    ShowSteps,
    ShowTopic,
    ShowUpdate,
    ShowUpdates,
    SkipBecause,
    SnoozeReminders,
    StepAnswer,
    StepDone,
    StepHandOver,
    StepSkip,
    StepStuck,
    StepTake,
    StepUndo,
    UpdateComment,
    UpdateOpinion,
    UpdateRead,
    WhyThis,
    unpack,
)
from core.attention import because, settings
from core.attention.settings_cards import TOPIC_PAGE
from core.campaigns import drawing as campaign_cards
from core.campaigns import showing as campaigns
from core.content.catalogue import Catalogue
from core.desk import help  # noqa: A004 - a feature's name
from core.events import Filled, Tapped
from core.nudges import answers as nudges
from core.onboarding import asking, checklists, home
from core.people import groups, invitations, languages
from core.people.accounts import Colleague, Member
from core.receipts import Receipt
from core.screens import Place
from core.updates import comments, showing

log = logging.getLogger(__name__)


def tapped(session: Session, catalogue: Catalogue, who: Member | Colleague, event: Tapped, now: datetime) -> Receipt:
    """Do what the button means, if there is such a button and it is theirs to press."""
    action = unpack(event.action)
    place = _place(event)
    if action is None:
        return stale(who, event)
    if isinstance(who, Colleague):
        return _by_colleague(session, catalogue, who, event, place, action, now)
    return _by_member(session, catalogue, who, event, place, action, now)


def _place(event: Tapped) -> Place:
    """Where the tap is answered; a tap in Slack's App Home names the person's chat and the message `home`."""
    at_home = event.message == "home" and event.chat.messenger == "slack"
    return Place(event.chat.home if at_home else event.chat, event.key, event.message)


def stale(who: Member | Colleague, event: Tapped | Filled) -> Receipt:
    """A button from another time, or nobody's: a kind word, and nothing changes."""
    log.debug("stale button", extra={"key": event.key})
    return Receipt(toast=who.voice.plain("error.stale"))


def _by_member(  # noqa: C901, PLR0912 - one flat table of what each button means, complete by type check
    session: Session, catalogue: Catalogue, who: Member, event: Tapped, place: Place, action: Action, now: datetime
) -> Receipt:
    match action:
        case ShowHome():
            return home.show_home(session, catalogue, who, place, now)
        case ShowChecklist():
            return checklists.show_checklist(session, catalogue, who, place, action, now)
        case ShowSteps():
            return checklists.show_steps(session, catalogue, who, place, action, now)
        case ShowStep():
            return checklists.show_step(session, catalogue, who, place, action, now)
        case ShowGuide():
            return checklists.show_guide(session, catalogue, who, place, action, now)
        case GoOn():
            return _go_on(session, catalogue, who, place, action, now)
        case StepDone():
            return checklists.step_done(session, catalogue, who, place, action, now)
        case StepSkip():
            return checklists.step_skip(session, catalogue, who, place, action, now)
        case SkipBecause():
            return checklists.skip_because(session, catalogue, who, place, action, now)
        case StepStuck():
            return checklists.step_stuck(session, catalogue, who, place, action, now)
        case StepUndo():
            return checklists.step_undo(session, catalogue, who, place, action, now)
        case StepAnswer():
            return checklists.step_answer(session, catalogue, who, place, action, now)
        case Choose():
            return checklists.choose(session, catalogue, who, place, action, now)
        case StepTake():
            return checklists.step_take(session, catalogue, who, place, action, now)
        case StepHandOver():
            return checklists.step_hand_over(session, catalogue, who, place, action, now)
        case Nevermind():
            return checklists.nevermind(session, catalogue, who, place, action, now)
        case ChooseLanguage():
            return languages.choose(session, catalogue, who, place, action, now)
        case SnoozeReminders():
            return settings.snooze(session, catalogue, who, place, action, now)
        case ShowUpdates():
            return showing.show_updates(session, catalogue, who, place, action, now)
        case ShowUpdate():
            return showing.show_update(session, catalogue, who, place, action, now)
        case UpdateOpinion():
            return showing.say_opinion(session, catalogue, who, place, action, now)
        case UpdateComment():
            return comments.ask_comment(session, catalogue, who, place, action, now)
        case UpdateRead():
            return showing.acknowledge(session, catalogue, who, place, action, now)
        case ShowCampaigns():
            return campaigns.show_campaigns(session, catalogue, who, place, action, now)
        case ShowCampaign():
            return campaigns.show_campaign(session, catalogue, who, place, action, now)
        case FollowCampaign():
            return campaign_cards.choose_to_follow(session, catalogue, who, place, action, now)
        case WhyThis():
            return because.explain(session, catalogue, who, place, action, now)
        case LessLikeThis():
            return because.less_like_this(session, catalogue, who, place, action, now)
        case NudgeSnooze():
            return nudges.snooze(session, catalogue, who, place, action, now)
        case NudgeStop():
            return nudges.stop(session, who, place, action, now)
        case NudgeGoOn():
            return nudges.go_on(session, catalogue, who, place, action, now)
        case ShowSettings() | ShowTopic() | SetCadence() | Prefer() | AskCity() | PauseAll() | LessOften():
            return _settings(session, catalogue, who, event, place, action, now)
        case ShareHere():
            return groups.share_here(session, catalogue, who, event, place, now)
        case InviteAccept() | InviteDecline():
            return home.show_home(session, catalogue, who, place, now)
        case HelpClaim() | HelpReply() | HelpSend() | HelpSolved() | OursDone() | Resend():
            return stale(who, event)
        case never:
            assert_never(never)


_Setting: TypeAlias = ShowSettings | ShowTopic | SetCadence | Prefer | AskCity | PauseAll | LessOften


def _settings(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    event: Tapped,
    place: Place,
    action: _Setting,
    now: datetime,
) -> Receipt:
    """A person's own settings are nobody else's business: they stand in private alone."""
    if not event.in_private:
        return stale(who, event)
    match action:
        case ShowSettings():
            return settings.show_settings(session, catalogue, who, place, action.page, now)
        case ShowTopic():
            return settings.show_settings(session, catalogue, who, place, f"{TOPIC_PAGE}{action.topic}", now)
        case SetCadence():
            return settings.set_cadence(session, catalogue, who, place, action, now)
        case Prefer():
            return settings.prefer(session, catalogue, who, place, action, now)
        case AskCity():
            return settings.ask_city(session, catalogue, who, place, now)
        case PauseAll():
            return settings.pause(session, catalogue, who, place, action, now)
        case LessOften():
            return settings.less_often(session, catalogue, who, place, now)
        case never:
            assert_never(never)


def _go_on(session: Session, catalogue: Catalogue, who: Member, place: Place, action: GoOn, now: datetime) -> Receipt:
    below = Place(place.chat, place.key)
    if action.enrolment == 0:
        return home.show_home(session, catalogue, who, below, now)
    if action.step and asking.is_private(session, below):
        return checklists.show_step(session, catalogue, who, below, ShowStep(action.enrolment, action.step), now)
    return checklists.show_checklist(session, catalogue, who, below, ShowChecklist(action.enrolment), now)


def _by_colleague(
    session: Session, catalogue: Catalogue, who: Colleague, event: Tapped, place: Place, action: Action, now: datetime
) -> Receipt:
    if not event.in_private:
        return stale(who, event)  # what we show each other must not appear where clients read
    match action:
        case HelpClaim():
            return help.claim(session, catalogue, who, place, action, now)
        case HelpReply():
            return help.reply_form(session, catalogue, who, place, action, now)
        case HelpSolved():
            return help.solved(session, catalogue, who, place, action, now)
        case OursDone():
            return checklists.ours_done(session, catalogue, who, place, action, now)
        case Resend():
            return uncertain.resend(session, who, action, now)
        case _:
            return stale(who, event)


def filled(session: Session, catalogue: Catalogue, who: Member | Colleague, event: Filled, now: datetime) -> Receipt:
    """A form came back."""
    action = unpack(event.action)
    if isinstance(who, Colleague) and isinstance(action, HelpSend):
        place = Place(event.sender, event.key)
        return help.send_reply(session, catalogue, who, place, action, now, dict(event.answers))
    if isinstance(who, Colleague) and isinstance(action, ShowHome):
        return Receipt()  # an invitation was read and closed
    return stale(who, event)


def by_stranger(session: Session, catalogue: Catalogue, event: Tapped, now: datetime) -> Receipt | None:
    """The two buttons somebody we do not know yet may press; None: it was none of them."""
    action = unpack(event.action)
    place = _place(event)
    if isinstance(action, InviteAccept) and event.in_private:
        return invitations.accept(session, catalogue, event, place, action.invitation, now)
    if isinstance(action, InviteDecline) and event.in_private:
        return invitations.decline(session, catalogue, event, place, action.invitation, now)
    return None
