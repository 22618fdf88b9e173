"""What our people are told of a mailing in words: its state, who is left out and why, when, and for how long."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice
from core.mailings.counting import Counts, time_left
from core.mailings.feeding import in_window
from core.mailings.filling import language_among
from core.people.accounts import Colleague
from storage.tables import Mailing

NAMED_REASONS: Final = (
    "opted out",
    "unreachable",
    "not here yet",
    "over budget",
    "does it already",
    "kept back",
    "open detractor",
    "red health",
)
"""Of being left out: each has its phrase `runs.out_…`; another is told by its own name."""

HELD: Final = ("quiet", "capped", "silenced", "digest")
"""Why somebody has it later: each has its phrase `runs.held_…`; another is told by its own name."""

HALTS: Final = ("by hand", "failures", "canary failures", "opinions")
"""Why a run stands still: each has its phrase `runs.says_paused_…`."""


def state_word(voice: Voice, mailing: Mailing) -> str:
    """In a list: `on its way`."""
    return voice.plain(f"runs.state_{mailing.state}")


def state_sentence(catalogue: Catalogue, who: Colleague, mailing: Mailing, now: datetime) -> str:
    """Where it stands and what comes next, as Markdown."""
    voice = who.voice
    if mailing.state == "leaving" and mailing.leaves_at is not None:
        return voice.say("runs.says_leaving", at=voice.moment(mailing.leaves_at, who.zone))
    if mailing.state == "paused":
        reason = mailing.reason if mailing.reason in HALTS else "by hand"
        return voice.say(f"runs.says_paused_{_key(reason)}")
    if mailing.state == "cancelled" and mailing.reason == "audience":
        return voice.say("runs.says_cancelled_audience")
    if mailing.state == "cancelled" and mailing.planned_at is None:
        return voice.say("runs.says_called_off")
    if mailing.state == "running":
        if not in_window(catalogue.rules, mailing, now):
            return voice.say("runs.says_window", window=window_words(voice, mailing))
        if mailing.canary_until is not None:
            if mailing.canary_until <= now + timedelta(days=2):
                return voice.say("runs.says_canary", until=voice.moment(mailing.canary_until, who.zone))
            return voice.say("runs.says_canary_going", percent=mailing.canary)
    return voice.say(f"runs.says_{mailing.state}")


def _key(reason: str) -> str:
    return reason.replace(" ", "_")


def out_word(voice: Voice, reason: str) -> str:
    """Why somebody is left out."""
    return voice.plain(f"runs.out_{_key(reason)}") if reason in NAMED_REASONS else reason


def out_words(voice: Voice, left_out: Mapping[str, int]) -> str:
    """`12 (8 opted out, 4 cannot be reached)`, `3 opted out`; empty when nobody is."""
    total = sum(left_out.values())
    said = ", ".join(f"{count} {out_word(voice, reason)}" for reason, count in left_out.items())
    return f"{total} ({said})" if len(left_out) > 1 else said


def foreign_words(
    catalogue: Catalogue, voice: Voice, said: Collection[str], readers: Mapping[tuple[str, ...], int]
) -> str:
    """How many read a language that it is not written in, and what they get instead; empty: nobody does.

    `said`: the languages it is written in; `readers`: as `core.mailings.previewing.Outlook` has them.
    """
    missing: Counter[str] = Counter()
    instead: set[str] = set()
    for chain, people in readers.items():
        if said and chain[0] not in said:
            missing[chain[0]] += people
            instead.add(language_among(catalogue, said, chain))
    if not missing:
        return ""
    names = ", ".join(f"{language}: {count}" for language, count in sorted(missing.items()))
    return voice.plain("runs.foreign", count=missing.total(), names=names, language=", ".join(sorted(instead)))


def held_words(voice: Voice, reasons: Mapping[str, int], total: int) -> str:
    """`2 in quiet hours`, `3 (2 in quiet hours, 1 asked for silence)`."""
    said = ", ".join(
        f"{count} {voice.plain(f'runs.held_{reason}') if reason in HELD else reason}"
        for reason, count in reasons.items()
    )
    return said if len(reasons) == 1 and total in reasons.values() else f"{total} ({said})" if said else str(total)


def counted_words(counts: Mapping[str, int], total: int) -> str:
    """`3 (2 blocked, 1 chat not found)`, reasons as the ledger calls them, the most first."""
    said = ", ".join(f"{count} {reason}" for reason, count in list(counts.items())[:5])
    return f"{total} ({said})" if said else str(total)


def window_words(voice: Voice, mailing: Mailing) -> str:
    """`10:00 AM – 6:00 PM`; empty: at any time."""
    if mailing.window_from is None or mailing.window_until is None:
        return ""
    return f"{voice.hour(mailing.window_from)} – {voice.hour(mailing.window_until)}"


def when_words(who: Colleague, mailing: Mailing) -> str:
    """When it is sent, in a line."""
    voice, parts = who.voice, []
    if mailing.starts_at is not None:
        parts.append(voice.plain("runs.when_at", at=voice.moment(mailing.starts_at, who.zone)))
    else:
        parts.append(voice.plain("runs.when_now"))
    if mailing.local_hour is not None:
        parts.append(voice.plain("runs.when_local", hour=f"{mailing.local_hour:02}:00"))
    if window := window_words(voice, mailing):
        parts.append(voice.plain("runs.when_window", window=window))
    if mailing.expires_at is not None:
        parts.append(voice.plain("runs.when_expires", until=voice.moment(mailing.expires_at, who.zone)))
    if mailing.canary:
        parts.append(voice.plain("runs.when_canary", percent=mailing.canary))
    return "; ".join(parts)


def pace_words(voice: Voice, counted: Counts, mailing: Mailing) -> str:
    """How fast it goes and for how long still; empty when it stands."""
    left = time_left(counted, mailing)
    if mailing.state != "running" or mailing.pace <= 0:
        return ""
    pace = voice.say("runs.pace", pace=f"{mailing.pace:.1f}" if mailing.pace < 10 else f"{mailing.pace:.0f}")
    if not left:
        return pace
    return f"{pace} · {voice.say('runs.time_left', left=voice.duration(timedelta(seconds=max(1, round(left)))))}"
