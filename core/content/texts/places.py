"""The places of a text without its words: many texts have the same, so they are looked over once."""

import re
from typing import Final

_PLACE: Final = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}|\{#.*?#\}", re.DOTALL)
_SIGNS: Final = re.compile(r"\{[{%#]|[}%#]\}")


def places_of(source: str) -> tuple[str, tuple[int, ...]]:
    """A text with the same places and `x` for the words between them; and for each line of it, the line of `source`.

    Where it is not plain what is a place and what is not, the text is returned as it is.
    """
    parts: list[str] = []
    lines: list[int] = []
    at, line = 0, 1
    for match in _PLACE.finditer(source):
        words = source[at : match.start()]
        inner = match[1] or match[2] or ""
        if _has_signs(words) or "{" in inner or "}" in inner or "raw" in inner:
            return _whole(source)
        line += words.count("\n")
        parts.append(f"x{match[0]}" if words else match[0])
        after = line + match[0].count("\n")
        lines += range(line, after + 1)
        at, line = match.end(), after
    rest = source[at:]
    if _has_signs(rest):
        return _whole(source)
    parts.append("x" if rest else "")
    return "\n".join(parts), (*lines, line + rest.rstrip().count("\n"))


def _has_signs(words: str) -> bool:
    return ("{" in words or "}" in words) and _SIGNS.search(words) is not None


def _whole(source: str) -> tuple[str, tuple[int, ...]]:
    return source, tuple(range(1, source.count("\n") + 2))
