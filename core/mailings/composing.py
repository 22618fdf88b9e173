"""The box in which our people write a mailing: what it asks, and what is made of the answers or wrong with them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias

from core.actions import CountAudience, SaveMailing, pack
from core.cards import Field, Form
from core.content.catalogue import Catalogue
from core.content.conditions.tree import Among, told
from core.content.kinds.mailing_rules import CATEGORIES
from core.content.texts.wording import TEXT, TITLE
from core.mailings.drafting import Written
from core.people.accounts import Colleague, local
from storage.tables import Mailing

LONGEST_AUDIENCE: Final = 1000
LONGEST_BUTTONS: Final = 1500
LONGEST_URL: Final = 2000
"""Characters (Slack: plain_text_input takes 3000)."""

Typed: TypeAlias = Literal["text", "multiline"]


def portfolio(who: Colleague) -> str:
    """What a CSM's own audiences are held to, as an expression; empty: an admin's, who may write to all."""
    return "" if who.csm.role == "admin" else told(Among("csm", "text", (who.csm.email,)))


def narrowed(expression: str, within: str) -> str:
    """The expression for those alone who are `within`. Both have been read before: brackets in them are closed."""
    expression = expression.strip()
    if not within:
        return expression
    return f"({expression}) and {within}" if expression else within


def widened(audience: str, within: str) -> str:
    """What `narrowed` was made of, for the person to go on with."""
    if within and audience == within:
        return ""
    inner = audience.removesuffix(f" and {within}") if within else audience
    return inner[1:-1] if inner != audience else audience


def form(
    catalogue: Catalogue,
    who: Colleague,
    number: int,
    given: Mapping[str, str],
    note: str = "",
) -> Form:
    """The box. `number`: of the mailing that is changed, 0 for a new one; `given`: what stands in it; `note`: whom it
    reaches, once that was counted."""
    voice, rules = who.voice, catalogue.rules

    def text(key: str, kind: Typed, *, required: bool = False, longest: int = 100, label: str = "") -> Field:
        said = label or voice.plain(f"runs.field_{key}")
        hint = voice.plain(f"runs.hint_{key}") if key in _HINTED else ""
        return Field(key, said, kind, given.get(key, ""), required=required, hint=hint, longest=longest)

    def select(key: str, options: tuple[tuple[str, str], ...], *, required: bool = False) -> Field:
        label = voice.plain(f"runs.field_{key}")
        return Field(key, label, "select", given.get(key, ""), options, required)

    others = catalogue.phrases.languages[1:]
    hours = tuple((str(hour), f"{hour:02}:00") for hour in range(24))
    fields = [
        text("title", "text", required=True, longest=TITLE.longest),
        text("text", "multiline", required=True, longest=TEXT.longest),
        text("audience", "text", longest=LONGEST_AUDIENCE),
        Field("count", voice.plain("button.run_count"), "press", pack(CountAudience(number))),
        *([Field("counted", "…", "note", note)] if note else []),
        text("unless", "text", longest=LONGEST_AUDIENCE),
        text("buttons", "multiline", longest=LONGEST_BUTTONS),
        text("media", "text", longest=LONGEST_URL),
        select("category", tuple((one, voice.plain(f"runs.category_{one}")) for one in CATEGORIES), required=True),
        *([select("topic", tuple((one, voice.topic(one)) for one in rules.topics))] if rules.topics else []),
        text("at", "text", longest=16),
        select("local_hour", hours),
        text("window", "text", longest=15),
        text("expires", "text", longest=16),
        text("priority", "text", longest=3),
        text("canary", "text", longest=2),
    ]
    for language in others:
        called = catalogue.voice(language).plain("language.name")
        for key, kind, longest in _TRANSLATED:
            label = voice.plain(f"runs.field_{key}_in", language=called)
            fields.append(text(f"{key}:{language}", kind, longest=longest, label=label))
    return Form(
        title=voice.plain("runs.form_title"),
        submit=voice.plain("button.run_preview"),
        cancel=voice.plain("button.cancel"),
        action=pack(SaveMailing(number)),
        fields=tuple(fields),
    )


_TRANSLATED: Final[tuple[tuple[str, Typed, int], ...]] = (
    ("title", "text", TITLE.longest),
    ("text", "multiline", TEXT.longest),
    ("buttons", "multiline", LONGEST_BUTTONS),
)
_HINTED: Final = frozenset({"text", "audience", "unless", "buttons", "media", "at", "window", "expires", "canary"})


def given_of(catalogue: Catalogue, mailing: Mailing, said: Mapping[str, Written], within: str) -> Mapping[str, str]:
    """What stands in the box of a mailing that was written before."""
    rules = catalogue.rules
    default = rules.language if rules.language in said else min(said)
    given = {
        "title": said[default].title,
        "text": said[default].body,
        "audience": widened(mailing.audience, within),
        "unless": mailing.but,
        "buttons": "\n".join(f"{one.label} = {one.url or one.answer}" for one in said[default].buttons),
        "media": said[default].media.partition(":")[2].removeprefix("content:"),
        "category": mailing.category,
        "topic": mailing.topic,
        "at": _written(mailing.starts_at, rules.timezone),
        "local_hour": "" if mailing.local_hour is None else str(mailing.local_hour),
        "window": f"{mailing.window_from:%H:%M}-{mailing.window_until:%H:%M}"
        if mailing.window_from and mailing.window_until
        else "",
        "expires": _written(mailing.expires_at, rules.timezone),
        "priority": str(mailing.priority),
        "canary": str(mailing.canary or ""),
    }
    for language, one in said.items():
        if language != default:
            given[f"title:{language}"], given[f"text:{language}"] = one.title, one.body
            given[f"buttons:{language}"] = "\n".join(press.label for press in one.buttons)
    return given


def _written(at: datetime | None, zone: str) -> str:
    return "" if at is None else f"{local(at, zone):%Y-%m-%d %H:%M}"
