"""Rich text blocks as people see and hear them."""

import html
from collections.abc import Callable

from playground.slack.checks import Json

Name = Callable[[str], str]
"""From a user or channel id to what people see, without `@` or `#`."""

_TAGS = (("code", "code"), ("strike", "s"), ("italic", "i"), ("bold", "b"))


def plain(block: Json, name: Name) -> str:
    """The words, one line per section, list item or line of code."""
    lines: list[str] = []
    for element in block["elements"]:
        if element.get("type") == "rich_text_list":
            lines += _items(element, lambda item: "".join(_words(one, name) for one in item.get("elements", [])))
        else:
            lines.append("".join(_words(one, name) for one in element.get("elements", [])))
    return "\n".join(lines)


def to_html(block: Json, name: Name) -> str:
    """The same as safe HTML: `p b i s code pre blockquote a br` and nothing else, everything else escaped."""
    shown: list[str] = []
    for element in block["elements"]:
        match element.get("type"):
            case "rich_text_list":
                items = _items(element, lambda item: "".join(_markup(one, name) for one in item.get("elements", [])))
                shown.append(f"<p>{'<br>'.join(items)}</p>")
            case "rich_text_preformatted":
                words = "".join(_words(one, name) for one in element.get("elements", []))
                shown.append(f"<pre>{html.escape(words)}</pre>")
            case "rich_text_quote":
                shown.append(f"<blockquote>{''.join(_markup(one, name) for one in element['elements'])}</blockquote>")
            case _:
                shown.append(f"<p>{''.join(_markup(one, name) for one in element.get('elements', []))}</p>")
    return "".join(shown)


def _items(element: Json, draw: Callable[[Json], str]) -> list[str]:
    indent = "\u2003" * int(element.get("indent", 0))
    first = int(element.get("offset", 0)) + 1
    ordered = element.get("style") == "ordered"
    return [
        f"{indent}{f'{first + number}.' if ordered else '•'} {draw(item)}"
        for number, item in enumerate(element.get("elements", []))
    ]


def _words(element: Json, name: Name) -> str:
    match element.get("type"):
        case "text":
            return str(element.get("text", ""))
        case "link":
            return str(element.get("text") or element.get("url", ""))
        case "user":
            return "@" + name(str(element.get("user_id")))
        case "channel":
            return "#" + name(str(element.get("channel_id")))
        case "broadcast":
            return f"@{element.get('range')}"
        case "emoji":
            return f":{element.get('name')}:"
        case _:
            return ""


def _markup(element: Json, name: Name) -> str:
    shown = html.escape(_words(element, name)).replace("\n", "<br>")
    style = element.get("style") or {}
    for word, tag in _TAGS:
        if style.get(word):
            shown = f"<{tag}>{shown}</{tag}>"
    url = str(element.get("url", ""))
    if element.get("type") == "link" and url.partition(":")[0].lower() in {"http", "https", "mailto"}:
        return f'<a href="{html.escape(url)}" rel="noreferrer noopener" target="_blank">{shown}</a>'
    return shown
