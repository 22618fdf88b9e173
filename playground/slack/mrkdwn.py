"""Slack's mrkdwn: how it is stored, how it reads aloud, and how it looks as safe HTML."""

import html
import re
from collections.abc import Callable

Name = Callable[[str], str]
"""From a user or channel id to what people see, without `@` or `#`."""

_TOKEN = re.compile(r"<([^<>\n]+)>")
_KNOWN = re.compile(r"(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|![a-z]+[^<>]*|[A-Za-z][A-Za-z0-9+.\-]*:[^\s|<>]+)(?:\|[^<>]*)?")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
_PROTECTED = re.compile(r"```(.+?)```|`([^`\n]+)`|<([^<>\n]+)>", re.DOTALL)
_SLOT = re.compile("\ue000(\\d+)\ue001")
_STYLES = (("*", "b"), ("_", "i"), ("~", "s"))


def escape(text: str) -> str:
    """Make any words safe to put into mrkdwn (docs.slack.dev: formatting message text): only & < > are special."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def stored(text: str) -> str:
    """The text as Slack keeps it: links and mentions in `<…>` stay, every other & < > is escaped."""
    pieces: list[str] = []
    at = 0
    for match in _TOKEN.finditer(text):
        if _KNOWN.fullmatch(match[1]):
            pieces += [_stray(text[at : match.start()]), match[0]]
            at = match.end()
    return "".join([*pieces, _stray(text[at:])])


def _stray(text: str) -> str:
    return _BARE_AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, name: Name) -> str:
    """The words as a screen reader says them: no markup, links by their label."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        block, code, token = match.groups()
        kept.append(unescape(block or code) if token is None else _token(token, name)[1])
        return f"\ue000{len(kept) - 1}\ue001"

    text = _PROTECTED.sub(keep, _without_slots(stored(text)))
    for sign, _ in _STYLES:
        text = _style(sign).sub(r"\1", text)
    text = re.sub(r"(?m)^&gt; ?", "", text)
    return _SLOT.sub(lambda slot: kept[int(slot[1])], unescape(text))


def to_html(text: str, name: Name) -> str:
    """The same as people see it: `b i s code pre blockquote a br` and nothing else, everything else escaped."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        block, code, token = match.groups()
        if block is not None:
            kept.append(f"<pre>{_safe(block.strip(chr(10)))}</pre>")
        elif code is not None:
            kept.append(f"<code>{_safe(code)}</code>")
        else:
            address, words = _token(token, name)
            shown = html.escape(words)
            link = f'<a href="{html.escape(address)}" rel="noreferrer noopener" target="_blank">{shown}</a>'
            kept.append(link if address else f"<b>{shown}</b>")
        return f"\ue000{len(kept) - 1}\ue001"

    lines: list[str] = []
    for line in _PROTECTED.sub(keep, _without_slots(stored(text))).split("\n"):
        quoted = line.startswith("&gt;")
        shown = _safe(line[4:].removeprefix(" ") if quoted else line)
        for sign, tag in _STYLES:
            shown = _style(sign).sub(rf"<{tag}>\1</{tag}>", shown)
        lines.append(f"<blockquote>{shown}</blockquote>" if quoted else shown)
    joined = "<br>".join(lines).replace("</blockquote><br>", "</blockquote>")
    return _SLOT.sub(lambda slot: kept[int(slot[1])], joined)


def _safe(text: str) -> str:
    return html.escape(unescape(text))


def _without_slots(text: str) -> str:
    return text.replace("\ue000", "").replace("\ue001", "")


def _style(sign: str) -> re.Pattern[str]:
    s = re.escape(sign)
    return re.compile(rf"(?<![\w{s}]){s}(?=[^\s{s}])([^{s}\n]*[^\s{s}]){s}(?![\w{s}])")


def _token(token: str, name: Name) -> tuple[str, str]:
    """(address or "" when it is a mention, words) of what stood between < and >."""
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return "", "@" + (label or name(target[1:]))
    if target.startswith("#"):
        return "", "#" + (label or name(target[1:]))
    if target.startswith("!"):
        return "", label or "@" + target[1:].partition("^")[0]
    if target.partition(":")[0].lower() not in {"http", "https", "mailto", "tel", "slack"}:
        return "", unescape(label or target)
    return unescape(target), unescape(label or target.removeprefix("mailto:"))
