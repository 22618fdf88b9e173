"""What campaigns look like to the people whose they are: in a list, opened, and as the message that tells of a turn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from core.actions import FollowCampaign, ShowCampaign, ShowCampaigns, ShowHome, pack
from core.campaigns.happenings import FATES
from core.campaigns.reasons import REASONS
from core.campaigns.standing import State, figures, state_of, time_left
from core.cards import Button, Card, Progress
from core.content.texts.phrases import Voice
from core.onboarding.cards import button
from storage.tables import Campaign

PAGE: Final = 5
"""Campaigns in one list: each has a button, and a phone shows a dozen."""

MOST_REASONS: Final = 4
"""Groups of failures that are told with advice: the rest is rare."""

CHANNELS: Final = ("email", "push", "sms", "ads", "messenger")
"""Channels that have a name in every language; others are shown as the integration calls them."""

Turn: TypeAlias = Literal["started", "stalled", "failed", "done"]
"""When a new message is worth it."""

_LONGEST_LABEL: Final = 40
"""Characters of a button that a phone shows."""


@dataclass(frozen=True, slots=True)
class Look:
    """Whoever looks at campaigns, and when: `zone` is their IANA name, `patience` as in core.campaigns.standing."""

    voice: Voice
    zone: str
    now: datetime
    patience: timedelta

    def state(self, campaign: Campaign) -> State:
        return state_of(campaign, self.now, self.patience)


def list_card(
    look: Look,
    campaigns: Sequence[Campaign],
    page: int,
    pages: int,
    above: Sequence[str] = (),
    openers: Sequence[tuple[Button, ...]] = (),
) -> Card:
    """One page of them. `above` and `openers`: Markdown and buttons of what we sent this person, said first."""
    voice = look.voice
    lines = [_line(look, campaign) for campaign in campaigns] or [voice.say("campaigns.nothing")]
    own = [voice.say("campaigns.yours")] if above else []
    rows = [(Button(_short(campaign.title), pack(ShowCampaign(campaign.id or 0))),) for campaign in campaigns]
    leaf = []
    if page > 0:
        leaf.append(button(voice, "newer", ShowCampaigns(page - 1)))
    if page + 1 < pages:
        leaf.append(button(voice, "older", ShowCampaigns(page + 1)))
    last = (button(voice, "home", ShowHome()),)
    return Card(
        text="\n\n".join([*above, *own, *lines]),
        title=voice.plain("campaigns.title"),
        note=voice.say("updates.page", number=page + 1, total=pages) if pages > 1 else "",
        rows=tuple(row for row in (*openers, *rows, tuple(leaf), last) if row),
    )


def _line(look: Look, campaign: Campaign) -> str:
    state, numbers = look.voice.plain(f"campaigns.short.{look.state(campaign)}"), figures(campaign)
    if numbers.percent is None:
        return look.voice.say("campaigns.line", title=campaign.title, state=state)
    return look.voice.say("campaigns.line_counted", title=campaign.title, state=state, percent=numbers.percent)


def campaign_card(look: Look, campaign: Campaign, *, follows: bool) -> Card:
    """The live card of one campaign."""
    voice, numbers = look.voice, figures(campaign)
    parts = [_sentence(look, campaign)]
    if numbers.at_least and numbers.reach is not None:
        parts.append(voice.say("campaigns.at_least", total=numbers.reach))
    parts += _reasons(voice, campaign)
    following = button(voice, "unfollow" if follows else "follow", FollowCampaign(campaign.id or 0, int(not follows)))
    outside = [Button(voice.plain("button.campaign_page"), url=campaign.url)] if campaign.url else []
    return Card(
        text="\n\n".join(parts),
        title=campaign.title,
        facts=tuple(_facts(voice, campaign)),
        progress=Progress(numbers.handled, numbers.reach) if numbers.reach else None,
        note=voice.say(
            "campaigns.note", channel=_channel(voice, campaign), moment=voice.moment(campaign.heard_at, look.zone)
        ),
        rows=(
            (following, *outside),
            (button(voice, "campaigns", ShowCampaigns(0), count=0), button(voice, "home", ShowHome())),
        ),
    )


def _sentence(look: Look, campaign: Campaign) -> str:
    voice = look.voice
    match look.state(campaign):
        case "scheduled" if campaign.scheduled_at is not None:
            return voice.say("campaigns.scheduled_for", moment=voice.moment(campaign.scheduled_at, look.zone))
        case "sending" if (left := time_left(campaign)) is not None:
            return voice.say("campaigns.sending_left", span=voice.duration(max(left, timedelta(minutes=1))))
        case "stalled":
            span = voice.duration(max(look.now - campaign.heard_at, timedelta(minutes=1)))
            return voice.say("campaigns.stalled", span=span)
        case "done" if campaign.finished_at is not None:
            return voice.say("campaigns.done_at", moment=voice.moment(campaign.finished_at, look.zone))
        case state:
            return voice.say(f"campaigns.{state}")


def _facts(voice: Voice, campaign: Campaign) -> Iterable[tuple[str, str]]:
    """Each count that is not nothing, beside its share of what it is a part of."""
    reach = figures(campaign).reach
    arrived = campaign.delivered or campaign.sent
    whole = {"delivered": campaign.sent, "bounced": campaign.sent, "opened": arrived, "clicked": arrived}
    for fate in FATES:
        count = getattr(campaign, fate)
        if not count:
            continue
        of = whole.get(fate) or reach or 0
        told = min(count, of) if of else count
        value = voice.plain("campaigns.count", count=count)
        if of:
            value = voice.plain("campaigns.share", count=count, percent=told * 100 // of)
        yield voice.plain(f"campaigns.fate.{fate}"), value


def _reasons(voice: Voice, campaign: Campaign) -> list[str]:
    """The largest groups of failures, with what to do about each."""
    found = sorted(campaign.reasons.items(), key=lambda one: (-one[1], one[0]))
    lines = [
        voice.say(
            "campaigns.why_failed",
            reason=voice.plain(f"campaigns.reason.{code}"),
            count=count,
            advice=voice.plain(f"campaigns.advice.{code}"),
        )
        for code, count in found[:MOST_REASONS]
        if code in REASONS
    ]
    return ["\n".join(lines)] if lines else []


def _channel(voice: Voice, campaign: Campaign) -> str:
    known = campaign.channel.lower()
    return voice.plain(f"campaigns.channel.{known}") if known in CHANNELS else campaign.channel


def turn_card(look: Look, campaign: Campaign, turn: Turn) -> Card:
    """A short message; its button turns it into the live card."""
    row = (button(look.voice, "campaign_open", ShowCampaign(campaign.id or 0), "primary"),)
    return Card(_told(look, campaign, turn, plain=False), rows=(row,))


def headline(look: Look, campaign: Campaign, turn: Turn) -> str:
    """The plain line that stands for it in a message with others."""
    return _told(look, campaign, turn, plain=True)


def _told(look: Look, campaign: Campaign, turn: Turn, *, plain: bool) -> str:
    voice, numbers = look.voice, figures(campaign)
    say = voice.plain if plain else voice.say
    if turn == "done":
        return say("campaigns.turn.done", title=campaign.title, count=numbers.handled)
    if turn == "stalled":
        span = voice.duration(max(look.now - campaign.heard_at, timedelta(minutes=1)))
        return say("campaigns.turn.stalled", title=campaign.title, span=span)
    return say(f"campaigns.turn.{turn}", title=campaign.title)


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
