"""From a pressed button or a sent form to the use case it means, for those who may press it."""

import logging
from datetime import datetime
from typing import TypeAlias, assert_never

from sqlmodel import Session

from core import uncertain
from core.actions import (
    Action,
    AmendMailing,
    AnswerReplies,
    ApproveMailing,
    AskCity,
    Choose,
    ChooseLanguage,
    CountAudience,
    DraftFile,
    FollowCampaign,
    GoOn,
    HelpClaim,
    HelpReply,
    HelpSend,
    HelpSolved,
    HoldAccount,
    InviteAccept,
    InviteDecline,
    LessLikeThis,
    LessOften,
    ListRuns,
    MailingClick,
    MailingComment,
    MailingLess,
    MailingOpinion,
    MailingPick,
    MailingWhy,
    Nevermind,
    NudgeGoOn,
    NudgeSnooze,
    NudgeStop,
    OursDone,
    PauseAll,
    Prefer,
    RecallMailing,
    Resend,
    SaveMailing,
    SeeWho,
    SendAmendment,
    SendRecall,
    SendReplies,
    SetCadence,
    SettleReplies,
    ShareHere,
    ShowCampaign,
    ShowCampaigns,
    ShowChecklist,
    ShowGuide,
    ShowHome,
    ShowMailing,
    ShowMailings,
    ShowReplies,
    ShowRun,
    ShowSample,
    ShowSettings,
    ShowStep,
    ShowSteps,
    ShowTopic,
    ShowUpdate,
    ShowUpdates,
    SkipBecause,
    SnoozeReminders,
    SteerMailing,
    StepAnswer,
    StepDone,
    StepHandOver,
    StepSkip,
    StepStuck,
    StepTake,
    StepUndo,
    TrySample,
    UpdateComment,
    UpdateOpinion,
    UpdateRead,
    WhyThis,
    WriteMailing,
    unpack,
)
from core.attention import because, settings
from core.attention.settings_cards import TOPIC_PAGE
from core.campaigns import drawing as campaign_cards
from core.campaigns import showing as campaigns
from core.content.catalogue import Catalogue
from core.desk import help  # noqa: A004 - a feature's name
from core.events import Filled, Tapped
from core.mailings import desk as mailings
from core.mailings import mending, reacting, replies
from core.mailings import showing as letters
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
        case ShowMailings() | ShowMailing() | MailingPick() | MailingOpinion() | MailingClick() | MailingLess():
            return _mailing(session, catalogue, who, place, action, now)
        case MailingWhy():
            return reacting.why(session, catalogue, who, place, action, now)
        case MailingComment():
            return replies.ask_comment(session, catalogue, who, place, action, now)
        case InviteAccept() | InviteDecline():
            return home.show_home(session, catalogue, who, place, now)
        case HelpClaim() | HelpReply() | HelpSend() | HelpSolved() | OursDone() | Resend():
            return stale(who, event)
        case ShowReplies() | AnswerReplies() | SendReplies() | SettleReplies():
            return stale(who, event)
        case AmendMailing() | SendAmendment() | RecallMailing() | SendRecall():
            return stale(who, event)
        case ListRuns() | WriteMailing() | DraftFile() | ShowRun() | ShowSample() | TrySample():
            return stale(who, event)
        case ApproveMailing() | SteerMailing() | SeeWho() | HoldAccount() | CountAudience() | SaveMailing():
            return stale(who, event)
        case never:
            assert_never(never)


_Mailed: TypeAlias = ShowMailings | ShowMailing | MailingPick | MailingOpinion | MailingClick | MailingLess


def _mailing(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: _Mailed, now: datetime
) -> Receipt:
    """What we sent them: theirs alone, which each of these looks up."""
    match action:
        case ShowMailings():
            return letters.show_mailings(session, catalogue, who, place, action, now)
        case ShowMailing():
            return letters.show_mailing(session, catalogue, who, place, action, now)
        case MailingPick():
            return reacting.pick(session, catalogue, who, place, action, now)
        case MailingOpinion():
            return reacting.say_opinion(session, catalogue, who, place, action, now)
        case MailingClick():
            return reacting.pressed_link(session, catalogue, who, action, now)
        case MailingLess():
            return reacting.less(session, catalogue, who, place, action, now)
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


def _by_colleague(  # noqa: C901, PLR0912 - one flat table of what each button means
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
        case ListRuns() | WriteMailing() | DraftFile() | ShowRun() | ShowSample() | TrySample():
            return mailings.pressed(session, catalogue, who, place, action, now)
        case ApproveMailing() | SteerMailing() | SeeWho() | HoldAccount():
            return mailings.pressed(session, catalogue, who, place, action, now)
        case ShowReplies():
            return replies.show_replies(session, who, place, action, now)
        case AnswerReplies():
            return replies.answer_form(session, who, action)
        case SettleReplies():
            return replies.settle(session, catalogue, who, place, action, now)
        case AmendMailing():
            return mending.amend_form(session, catalogue, who, action)
        case RecallMailing():
            return mending.recall_form(session, who, action, now)
        case _:
            return stale(who, event)


def filled(session: Session, catalogue: Catalogue, who: Member | Colleague, event: Filled, now: datetime) -> Receipt:
    """A form came back."""
    action = unpack(event.action)
    if isinstance(who, Colleague) and isinstance(action, HelpSend):
        place = Place(event.sender, event.key)
        return help.send_reply(session, catalogue, who, place, action, now, dict(event.answers))
    if isinstance(who, Colleague) and isinstance(action, SendReplies | SendAmendment | SendRecall):
        return _mailing_filled(
            session, catalogue, who, Place(event.sender, event.key), action, dict(event.answers), now
        )
    if isinstance(who, Colleague) and isinstance(action, CountAudience | SaveMailing):
        place = Place(event.sender, event.key)
        return mailings.filled(session, catalogue, who, place, action, dict(event.answers), now)
    if isinstance(who, Colleague) and isinstance(action, ShowHome):
        return Receipt()  # an invitation was read and closed
    return stale(who, event)


def _mailing_filled(
    session: Session,
    catalogue: Catalogue,
    who: Colleague,
    place: Place,
    action: SendReplies | SendAmendment | SendRecall,
    answers: dict[str, str],
    now: datetime,
) -> Receipt:
    match action:
        case SendReplies():
            return replies.send(session, catalogue, who, place, action, now, answers)
        case SendAmendment():
            return mending.amended(session, catalogue, who, action, now, answers)
        case SendRecall():
            return mending.recalled(session, who, action, now)
        case never:
            assert_never(never)


def by_stranger(session: Session, catalogue: Catalogue, event: Tapped, now: datetime) -> Receipt | None:
    """The two buttons somebody we do not know yet may press; None: it was none of them."""
    action = unpack(event.action)
    place = _place(event)
    if isinstance(action, InviteAccept) and event.in_private:
        return invitations.accept(session, catalogue, event, place, action.invitation, now)
    if isinstance(action, InviteDecline) and event.in_private:
        return invitations.decline(session, catalogue, event, place, action.invitation, now)
    return None
