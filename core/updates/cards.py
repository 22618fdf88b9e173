"""What updates look like to one reader: in a list, opened, and as the message that tells of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.actions import (
    LessLikeThis,
    ShowHome,
    ShowUpdate,
    ShowUpdates,
    UpdateComment,
    UpdateOpinion,
    UpdateRead,
    pack,
)
from core.cards import Button, Card, Media
from core.content.catalogue import Importance, Update
from core.onboarding.cards import button
from core.people.readers import Reader
from storage.tables import UpdateView

PAGE: Final = 5
"""Updates in one list: each has a button, and a phone shows a dozen."""

CATCH_UP: Final = 30
"""Days that are offered to somebody for whom nothing is new."""

_ANNOUNCED: Final[Mapping[Importance, str]] = {
    "normal": "updates.announce_normal",
    "high": "updates.announce_high",
    "urgent": "updates.announce_urgent",
    "mandatory": "updates.announce_mandatory",
}

_LONGEST_LABEL: Final = 40
"""Characters of a button that a phone shows."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is listed: all of it newest first, and which of it is new to the reader."""

    updates: Sequence[Update]
    new: frozenset[str]
    days: int
    """Of a catch-up; 0: since they joined."""

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.updates) // PAGE))


def list_card(reader: Reader, shelf: Shelf, page: int) -> Card:
    """One page of the list, each update with its summary and a button; `page` from 0, one too high is the last."""
    voice, page = reader.voice, min(page, shelf.pages - 1)
    shown = shelf.updates[page * PAGE : (page + 1) * PAGE]
    lines = [_line(reader, update, new=update.id in shelf.new) for update in shown]
    if not shown:
        lines.append(
            voice.say("updates.nothing_in_days", days=shelf.days) if shelf.days else voice.say("updates.nothing")
        )
    rows = [(Button(_short(reader.label(update.title)), pack(ShowUpdate(update.id))),) for update in shown]
    return Card(
        text="\n\n".join(lines),
        title=voice.plain("updates.title", count=len(shelf.new)),
        note=voice.say("updates.page", number=page + 1, total=shelf.pages) if shelf.pages > 1 else "",
        rows=tuple(row for row in (*rows, tuple(_leafing(reader, shelf, page)), tuple(_onward(reader, shelf))) if row),
    )


def _line(reader: Reader, update: Update, *, new: bool) -> str:
    return reader.voice.say(
        "updates.new" if new else "updates.seen",
        day=reader.voice.date(update.published),
        title=reader.label(update.title),
        summary=reader.label(update.summary),
    )


def _leafing(reader: Reader, shelf: Shelf, page: int) -> Iterable[Button]:
    if page > 0:
        yield button(reader.voice, "newer", ShowUpdates(page - 1, shelf.days))
    if page + 1 < shelf.pages:
        yield button(reader.voice, "older", ShowUpdates(page + 1, shelf.days))


def _onward(reader: Reader, shelf: Shelf) -> Iterable[Button]:
    if shelf.days:
        yield button(reader.voice, "updates", ShowUpdates(0, 0), count=len(shelf.new))
    elif not shelf.updates:
        yield button(reader.voice, "catch_up", ShowUpdates(0, CATCH_UP), days=CATCH_UP)
    yield button(reader.voice, "home", ShowHome())


def update_card(
    reader: Reader, update: Update, view: UpdateView | None, *, back: ShowUpdates | None = None, less: int | None = None
) -> Card:
    """The update as a whole. `view`: what the reader did with it; `less`: the decision by which it was told them."""
    picture = reader.label(update.picture) if update.picture is not None else ""
    video = reader.label(update.video.source) if update.video is not None else ""
    media = _media("photo", picture) if picture else _media("video", video) if video and not _is_linked(video) else None
    parts = [reader.words(update.text)]
    if view is not None and view.acknowledged_at is not None:
        day = reader.voice.date(view.acknowledged_at.date())
        parts.append(reader.voice.say("updates.acknowledged", day=day))
    return Card(
        text="\n\n".join(parts),
        title=reader.label(update.title),
        note=reader.voice.say("updates.told", day=reader.voice.date(update.published)),
        media=media,
        rows=tuple(row for row in _rows(reader, update, view, video, back or ShowUpdates(0, 0), less) if row),
    )


def _rows(
    reader: Reader, update: Update, view: UpdateView | None, video: str, back: ShowUpdates, less: int | None
) -> Iterable[tuple[Button, ...]]:
    voice = reader.voice
    if update.importance == "mandatory" and (view is None or view.acknowledged_at is None):
        yield (button(voice, "have_read", UpdateRead(update.id), "primary"),)
    if update.video is not None and _is_linked(video):
        label = reader.label(update.video.label) if update.video.label is not None else voice.plain("button.video")
        yield (Button(label, url=video),)
    opinion = view.opinion if view is not None else None
    yield (
        button(voice, "liked" if opinion == "up" else "like", UpdateOpinion(update.id, "up")),
        button(voice, "disliked" if opinion == "down" else "dislike", UpdateOpinion(update.id, "down")),
    )
    aside = [button(voice, "comment", UpdateComment(update.id))]
    if less is not None:
        aside.append(button(voice, "less", LessLikeThis(less)))
    yield tuple(aside)
    yield (button(voice, "all_updates", back), button(voice, "home", ShowHome()))


def _media(kind: str, source: str) -> Media:
    path = source if _is_linked(source) or source.startswith("content:") else f"content:{source}"
    return Media("photo" if kind == "photo" else "video", path)


def _is_linked(source: str) -> bool:
    return source.startswith(("https://", "http://"))


def announcement_card(reader: Reader, update: Update, *, again: bool = False) -> Card:
    """What is sent when it appears: what it is about, and the way to open it. `again`: of one that must be read."""
    voice, key = reader.voice, "updates.remind" if again else _ANNOUNCED[update.importance]
    return Card(
        text=voice.say(key, title=reader.label(update.title), summary=reader.label(update.summary)),
        rows=((button(voice, "read", ShowUpdate(update.id), "primary"),),),
    )


def headline(reader: Reader, update: Update) -> str:
    """The plain line that stands for it in a message with others."""
    return reader.label(update.title)


def asked_card(reader: Reader, update: Update) -> Card:
    """Asks for words about it."""
    text = reader.voice.say("updates.ask_comment", csm=reader.csm_name, title=reader.label(update.title))
    return Card(text, rows=((button(reader.voice, "back", ShowUpdate(update.id)),),))


def withdrawn_card(reader: Reader) -> Card:
    """Stands where an update stood that is there no more."""
    rows = ((button(reader.voice, "all_updates", ShowUpdates(0, 0)), button(reader.voice, "home", ShowHome())),)
    return Card(reader.voice.say("updates.withdrawn"), rows=rows)


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
