"""What a digest looks like: what is new, by topic, each with a button that opens it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from core.actions import LessOften, ShowSettings, ShowUpdates, pack
from core.cards import Button, Card
from core.content.texts.phrases import Voice
from core.digests.gathering import Item
from core.markup import escape

LISTED: Final = 10
"""Things a digest tells; of the rest it says how many there are."""

OPENED: Final = 3
"""Buttons that open one of them: what is merged into the message has some, too."""

_LONGEST_LABEL: Final = 40
"""Characters of a button that a phone shows."""


def digest_card(voice: Voice, items: Sequence[Item], topics: Sequence[str], *, daily: bool) -> Card:
    """`items`: at least one. `topics`: ids in the order the content has them. `daily`: it could come less often."""
    shown = items[:LISTED]
    parts = [voice.say("digest.intro", count=len(items))]
    order = {topic: place for place, topic in enumerate(topics)}
    for topic in sorted({item.topic for item in shown}, key=lambda topic: (order.get(topic, len(order)), topic)):
        lines = [voice.say("digest.topic", topic=voice.topic(topic))] if topic else []
        lines += [_line(item.title_in(voice), item.summary_in(voice)) for item in shown if item.topic == topic]
        parts.append("\n".join(lines))
    if len(items) > len(shown):
        parts.append(voice.say("digest.more", count=len(items) - len(shown)))
    rows: list[tuple[Button, ...]] = [
        (Button(_short(item.title_in(voice)), pack(item.opens)),) for item in shown[:OPENED]
    ]
    last = Button(voice.plain("button.settings"), pack(ShowSettings("")))
    if daily:
        last = Button(voice.plain("button.less_often"), pack(LessOften()))
    rows.append((Button(voice.plain("button.all_news"), pack(ShowUpdates(0, 0))), last))
    return Card("\n\n".join(parts), title=voice.plain("digest.title"), rows=tuple(rows))


def headline(voice: Voice, items: Sequence[Item]) -> str:
    """The line that stands for a digest in a message with others."""
    return voice.plain("digest.headline", count=len(items))


@lru_cache(maxsize=1024)
def _line(title: str, summary: str) -> str:
    """The same for everybody of whom the words say nothing."""
    return f"- **{escape(title)}**: {escape(summary)}" if summary else f"- **{escape(title)}**"


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
