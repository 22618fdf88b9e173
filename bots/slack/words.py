"""What a person typed, out of the markup in which Slack hands it over."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_MARKED = re.compile(r"<([^<>\n]+)>")
_SHORTCODE = re.compile(r":([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):")
_SKIN_TONE = re.compile(r"::skin-tone-[2-6]$")


def typed(message: Mapping[str, Any], bot: str) -> str:
    """The message's text as its writer saw it, without mentions of the bot.

    Slack escapes `& < >`, wraps links and mentions in `<…>` and writes emoji as `:name:`; the message's own blocks
    tell which characters these names stand for (docs.slack.dev: formatting message text, rich text block).
    """
    text = str(message.get("text") or "")
    if bot:
        text = re.sub(rf"<@{re.escape(bot)}(?:\|[^<>]*)?>[ \t]*", "", text)
    text = _MARKED.sub(_unmarked, text)
    if ":" in text and (emoji := dict(_emoji(message.get("blocks")))):
        text = _SHORTCODE.sub(lambda found: emoji.get(found[1], found[0]), text)
    return unescape(text).strip()


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escape(text: str) -> str:
    """Make any words safe where Slack looks for mentions and links (docs.slack.dev: formatting message text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unmarked(found: re.Match[str]) -> str:
    target, _, label = found[1].partition("|")
    match target[:1]:
        case "@":
            return "@" + (label or target[1:]).lstrip("@")
        case "#":
            return "#" + (label or target[1:]).lstrip("#")
        case "!":
            return label or "@" + target[1:].partition("^")[0]
    # What was typed as `acme.com` or `ann@acme.com` became a link by itself; its label is what was typed.
    if not label or label == target:
        return target
    return label if target.partition(":")[2].removeprefix("//").rstrip("/") == label else f"{label} ({target})"


def _emoji(value: object) -> Iterator[tuple[str, str]]:
    """(name, characters) of every emoji in these blocks that Unicode has; a workspace's own emoji have none."""
    if isinstance(value, list):
        for one in value:
            yield from _emoji(one)
    elif isinstance(value, dict):
        name, code = value.get("name"), value.get("unicode")
        if value.get("type") == "emoji" and isinstance(name, str) and isinstance(code, str):
            characters = _characters(code)
            if characters:
                tone = value.get("skin_tone")
                yield _SKIN_TONE.sub("", name) + (f"::skin-tone-{tone}" if tone else ""), characters
        yield from _emoji(value.get("elements"))


def _characters(code: str) -> str:
    """`1f44d-1f3fd` as the characters; empty when it is no such thing."""
    try:
        return "".join(chr(int(point, 16)) for point in code.split("-"))
    except (ValueError, OverflowError):
        return ""
