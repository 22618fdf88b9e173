"""What a person's settings look like: one card with pages, each wish with a button that changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from core.actions import (
    Action,
    AskCity,
    ChooseLanguage,
    PauseAll,
    Prefer,
    SetCadence,
    ShowHome,
    ShowSettings,
    ShowTopic,
    pack,
)
from core.attention.preferences import CADENCES
from core.attention.quiet import Hours, is_quiet
from core.attention.silence import LONGEST_SILENCE
from core.cards import Button, Card, Tone
from core.content.catalogue import Cadence
from core.content.texts.phrases import Voice

PAUSES: Final = (3, 7, 30)
"""Days of silence that are offered."""

MESSENGERS: Final[Mapping[str, str]] = {"telegram": "Telegram", "slack": "Slack"}
"""What they are called in every language."""

TOPIC_PAGE: Final = "topic:"
"""Begins the page of a topic, before its id."""

_EVENINGS: Final = (17, 18, 19, 20, 21, 22)
_MORNINGS: Final = (6, 7, 8, 9, 10, 11)
_DIGEST_HOURS: Final = range(6, 22)


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that the card shows of one person."""

    voice: Voice
    now: datetime
    zone: str
    often: Mapping[str, Cadence]
    """By topic, in the content's order."""
    digest_hour: time
    digest_weekday: int
    hours: Hours
    own_hours: bool
    """They chose their quiet hours themselves."""
    messenger: str | None
    """The one they want to hear from us in first; None: where they last wrote."""
    messengers: tuple[str, ...]
    """Where they can be reached."""
    silent_until: datetime | None
    zones: tuple[str, ...]
    """To choose from."""

    @property
    def paused(self) -> bool:
        return self.silent_until is not None and self.silent_until > self.now

    @property
    def stopped(self) -> bool:
        """Silence as long as nobody means by a pause."""
        ends = self.silent_until or self.now
        return ends - self.now > timedelta(days=max(PAUSES) + 1)


def settings_card(wishes: Wishes, page: str, notice: str = "") -> Card:
    """A page of the settings, the first one for a page there is not. `notice`: Markdown said first, once."""
    voice = wishes.voice
    if page.startswith(TOPIC_PAGE) and page.removeprefix(TOPIC_PAGE) in wishes.often:
        text, rows = _topic(wishes, page.removeprefix(TOPIC_PAGE))
    else:
        match page:
            case "digest":
                text, rows = voice.say("settings.ask_digest"), _digest_rows(wishes)
            case "quiet":
                text, rows = voice.say("settings.ask_quiet"), _quiet_rows(wishes)
            case "zone":
                text, rows = voice.say("settings.ask_zone", place=voice.place(wishes.zone)), _zone_rows(wishes)
            case "city":
                text, rows = voice.say("settings.ask_city"), ()
            case "messenger" if len(wishes.messengers) > 1:
                text, rows = voice.say("settings.ask_messenger"), _messenger_rows(wishes)
            case "pause":
                text, rows = voice.say("settings.ask_pause"), _pause_rows(wishes)
            case _:
                return _first(wishes, notice)
    back = _button(voice, "back", ShowSettings("zone" if page == "city" else ""))
    said = "\n\n".join(filter(None, (notice, text)))
    return Card(said, title=voice.plain("settings.title"), rows=(*rows, (back,)))


def zones_card(wishes: Wishes, zones: Sequence[str]) -> Card:
    """Which of these places is it?"""
    voice = wishes.voice
    rows = _pairs([_zone_button(wishes, zone) for zone in zones])
    again = (_button(voice, "another_city", AskCity()), _button(voice, "back", ShowSettings("")))
    return Card(voice.say("settings.which_zone"), title=voice.plain("settings.title"), rows=(*rows, again))


def _first(wishes: Wishes, notice: str) -> Card:
    voice = wishes.voice
    parts = [notice, _silence(wishes) if wishes.paused else voice.say("settings.intro")]
    topics = [Button(voice.topic(topic), pack(ShowTopic(topic))) for topic in wishes.often]
    wishes_ = [
        _button(voice, "digest", ShowSettings("digest")),
        _button(voice, "quiet_hours", ShowSettings("quiet")),
        _button(voice, "time_zone", ShowSettings("zone")),
        _button(voice, "language", ChooseLanguage("")),
    ]
    if len(wishes.messengers) > 1:
        wishes_.append(_button(voice, "messenger", ShowSettings("messenger")))
    if not wishes.paused:
        wishes_.append(_button(voice, "pause", ShowSettings("pause")))
    rows = [*_pairs(topics), *_pairs(wishes_)]
    if wishes.paused:
        rows.insert(0, (_button(voice, "resume", PauseAll(0), "primary"),))
    rows.append((_button(voice, "home", ShowHome()),))
    return Card(
        "\n\n".join(filter(None, parts)),
        title=voice.plain("settings.title"),
        facts=tuple(_facts(wishes)),
        rows=tuple(rows),
    )


def _silence(wishes: Wishes) -> str:
    if wishes.stopped or wishes.silent_until is None:
        return wishes.voice.say("settings.stopped")
    return wishes.voice.say("settings.paused", until=wishes.voice.moment(wishes.silent_until, wishes.zone))


def _facts(wishes: Wishes) -> list[tuple[str, str]]:
    voice = wishes.voice
    facts = [(voice.topic(topic), said(voice, often)) for topic, often in wishes.often.items()]
    facts.append((voice.plain("settings.digest"), _digest_said(wishes)))
    begins, ends = wishes.hours.quiet_from, wishes.hours.quiet_until
    quiet = voice.plain("settings.quiet_hours", begins=voice.hour(begins), ends=voice.hour(ends))
    facts.append((voice.plain("settings.quiet"), voice.plain("settings.quiet_never") if begins == ends else quiet))
    facts.append((voice.plain("settings.zone"), zone_said(wishes, wishes.zone)))
    facts.append((voice.plain("settings.language"), voice.plain("language.name")))
    if len(wishes.messengers) > 1:
        chosen = MESSENGERS.get(wishes.messenger or "") or voice.plain("settings.messenger_last")
        facts.append((voice.plain("settings.messenger"), chosen))
    return facts


def said(voice: Voice, often: Cadence) -> str:
    """How often, in words."""
    match often:
        case "instant":
            return voice.plain("settings.instant")
        case "daily":
            return voice.plain("settings.daily")
        case "weekly":
            return voice.plain("settings.weekly")
        case "off":
            return voice.plain("settings.off")


def _digest_said(wishes: Wishes) -> str:
    voice, paces = wishes.voice, set(wishes.often.values())
    hour, weekday = voice.hour(wishes.digest_hour), voice.weekday(wishes.digest_weekday)
    if paces >= {"daily", "weekly"}:
        return voice.plain("settings.digest_both", hour=hour, weekday=weekday)
    if "weekly" in paces:
        return voice.plain("settings.digest_weekly", hour=hour, weekday=weekday)
    return voice.plain("settings.digest_daily", hour=hour) if "daily" in paces else voice.plain("settings.digest_none")


def zone_said(wishes: Wishes, zone: str) -> str:
    """`Berlin, 11:04`."""
    return wishes.voice.plain(
        "settings.zone_now", place=wishes.voice.place(zone), hour=wishes.voice.clock(wishes.now, zone)
    )


def _topic(wishes: Wishes, topic: str) -> tuple[str, tuple[tuple[Button, ...], ...]]:
    voice = wishes.voice
    buttons = [
        _choice(voice, said(voice, often), SetCadence(topic, often), chosen=wishes.often[topic] == often)
        for often in CADENCES
    ]
    return voice.say("settings.ask_topic", topic=voice.topic(topic)), _pairs(buttons)


def _digest_rows(wishes: Wishes) -> tuple[tuple[Button, ...], ...]:
    voice = wishes.voice
    hours = [
        _choice(voice, voice.hour(time(hour)), Prefer("hour", str(hour)), chosen=time(hour) == wishes.digest_hour)
        for hour in _DIGEST_HOURS
        if not is_quiet(wishes.hours, time(hour))
    ]
    days = [
        _choice(voice, _begun(voice.weekday(day)), Prefer("weekday", str(day)), chosen=day == wishes.digest_weekday)
        for day in range(7)
        if day not in wishes.hours.quiet_weekdays
    ]
    return (*_in_rows(hours, 4), *_in_rows(days, 3))


def _quiet_rows(wishes: Wishes) -> tuple[tuple[Button, ...], ...]:
    voice, hours = wishes.voice, wishes.hours
    begins = [
        _choice(
            voice,
            voice.plain("settings.from", hour=voice.hour(time(hour))),
            Prefer("quiet-from", str(hour)),
            chosen=time(hour) == hours.quiet_from,
        )
        for hour in _EVENINGS
    ]
    ends = [
        _choice(
            voice,
            voice.plain("settings.until", hour=voice.hour(time(hour))),
            Prefer("quiet-until", str(hour)),
            chosen=time(hour) == hours.quiet_until,
        )
        for hour in _MORNINGS
    ]
    usual = _choice(voice, voice.plain("button.as_usual"), Prefer("quiet", "usual"), chosen=not wishes.own_hours)
    return (*_in_rows(begins, 3), *_in_rows(ends, 3), (usual,))


def _zone_rows(wishes: Wishes) -> tuple[tuple[Button, ...], ...]:
    buttons = [_zone_button(wishes, zone) for zone in wishes.zones]
    return (*_pairs(buttons), (_button(wishes.voice, "another_city", AskCity()),))


def _zone_button(wishes: Wishes, zone: str) -> Button:
    return _choice(wishes.voice, zone_said(wishes, zone), Prefer("zone", zone), chosen=zone == wishes.zone)


def _messenger_rows(wishes: Wishes) -> tuple[tuple[Button, ...], ...]:
    voice = wishes.voice
    buttons = [
        _choice(voice, MESSENGERS[name], Prefer("messenger", name), chosen=name == wishes.messenger)
        for name in wishes.messengers
    ]
    last = voice.plain("settings.messenger_last")
    return (tuple(buttons), (_choice(voice, last, Prefer("messenger", "usual"), chosen=wishes.messenger is None),))


def _pause_rows(wishes: Wishes) -> tuple[tuple[Button, ...], ...]:
    voice = wishes.voice
    days = tuple(_button(voice, "pause_days", PauseAll(days), days=days) for days in PAUSES)
    return (days, (_button(voice, "stop_all", PauseAll(LONGEST_SILENCE), "danger"),))


def _begun(label: str) -> str:
    """As a label begins, where languages write weekdays small."""
    return label[:1].upper() + label[1:]


def _button(voice: Voice, key: str, action: Action, tone: Tone = "", **values: object) -> Button:
    return Button(voice.plain(f"button.{key}", **values), pack(action), tone=tone)


def _choice(voice: Voice, label: str, action: Action, *, chosen: bool) -> Button:
    return Button(voice.plain("button.chosen", choice=label) if chosen else label, pack(action))


def _pairs(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return _in_rows(buttons, 2)


def _in_rows(buttons: Sequence[Button], wide: int) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[at : at + wide]) for at in range(0, len(buttons), wide))
