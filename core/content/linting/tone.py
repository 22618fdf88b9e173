"""What could be better about one text: how it looks on a phone, and how it sounds."""

import re
from collections.abc import Iterator
from typing import Final

from core.content.texts.wording import DIALOG, GUIDE, LABEL, TEXT, TITLE, Sort

BUTTON_ON_A_PHONE: Final = 30
"""Characters of a button a phone shows in one line; the messengers cut or squeeze the rest."""

TITLE_ON_A_PHONE: Final = 70
"""Characters: two lines in bold."""

SCREEN: Final = 900
"""Characters that fit on a phone's screen without scrolling, roughly."""

ONE_MESSAGE: Final = 4000
"""Characters: a longer guide goes out in several messages (Bot API: sendMessage, 4096 after entities parsing)."""

_PLACE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d_]+")
_MANY_SIGNS: Final = re.compile(r"[!?]{2,}")
_ENDING: Final = re.compile(r"[.,:;!]$")
_CODE: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_HTML: Final = re.compile(
    r"</?(?:a|b|blockquote|br|center|code|div|em|font|h[1-6]|hr|i|iframe|img|li|ol|p|pre|s|span|strong|table|td|th|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_PICTURE: Final = re.compile(r"!\[[^\]\n]*\]\(")
_TABLE: Final = re.compile(r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+", re.MULTILINE)
_ADDRESS: Final = re.compile(r"\]\([^)\n]*\)|https?://\S+")


def tone(value: str, sort: Sort) -> Iterator[tuple[str, str]]:
    """What could be better, and how to mend it."""
    yield from _not_of_chats(_CODE.sub("", value))
    words = _PLACE.sub("", value).strip()
    button = sort in (LABEL, DIALOG)
    if sort is LABEL and len(words) > BUTTON_ON_A_PHONE:
        what = f"a button of {len(words)} characters, a phone shows about {BUTTON_ON_A_PHONE}"
        yield what, "say it in fewer words"
    if sort is TITLE and len(words) > TITLE_ON_A_PHONE:
        yield f"a title of {len(words)} characters", f"keep it under {TITLE_ON_A_PHONE}, details belong into the text"
    if sort is TEXT and len(words) > SCREEN:
        yield f"{len(words):,} characters, more than a phone's screen", "move details to a guide, or make two of it"
    if sort is GUIDE and len(words) > ONE_MESSAGE:
        yield f"a guide of {len(words):,} characters goes out in several messages", "shorten it, or make two of it"
    if button and _ENDING.search(value.strip()) and not words.endswith("..."):
        yield f"a button that ends with {words[-1]!r}", "leave it out"
    if _shouts(words, short=button or sort is TITLE):
        yield "words in capitals read as shouting", "write them small, and bold with ** where it matters"
    if _MANY_SIGNS.search(_ADDRESS.sub("", _CODE.sub("", words))):
        yield "several exclamation or question marks", "one is enough"


def _not_of_chats(text: str) -> Iterator[tuple[str, str]]:
    """What a page of the web shows and no messenger does."""
    tag = _HTML.search(text)
    if tag is not None:
        yield (
            f"{tag[0][:40]} is shown letter by letter: there is no HTML",
            "write **bold**, *italic*, [words](https://…)",
        )
    if _PICTURE.search(text):
        yield "a picture cannot stand in a text", "link to it: [words](https://…)"
    if _TABLE.search(text):
        yield "a table comes out as bare lines", "make a list of it"


def _shouts(words: str, *, short: bool) -> bool:
    """Capitals throughout, or three such words in a row; names of things (GDPR, CSV) do not shout."""
    bare = _ADDRESS.sub("", _CODE.sub("", words))
    found: list[str] = _WORD.findall(bare)
    if short and found and all(map(_is_loud, found)) and sum(map(len, found)) > 5:
        return True
    parts = bare.split()
    threes = zip(parts, parts[1:], parts[2:], strict=False)
    return any(all(map(_is_loud, three)) and sum(map(len, three)) > 9 for three in threes)


def _is_loud(word: str) -> bool:
    return len(word) > 1 and word.isalpha() and word.isupper()
