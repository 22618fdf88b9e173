"""The words of a condition, with the place of each, and an answer for characters that are none."""

import re
from dataclasses import dataclass
from typing import Final, NoReturn

LONGEST: Final = 1000
"""Characters of a condition: longer ones are a table, no rule."""

_TOKEN = re.compile(
    r"""\s+|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))|(?P<word>[^\W\d][\w.]*)|(?P<quoted>'[^'\n]*'|"[^"\n]*")"""
    r"|(?P<sign>==|!=|<=|>=|<(?!>)|>)|(?P<mark>[()\[\],])"
)
_SLIPS: Final = (
    (r"=", "a single =", "write == to compare"),
    (r"<>", "<>", "write != for 'is not'"),
    (r"&&?", "&", "write and"),
    (r"\|\|?", "|", "write or"),
    (r"!", "!", "write not"),
    (r"[‘’“”„«»`]", "a quotation mark of another kind", "use the straight ones: 'enterprise'"),
    (r"['\"]", "a quotation mark that is never closed", "close it, or delete it"),
    (r"-?\d", "something that is no number", "write it as 1000 or 12.5; put a date or text in quotes"),
)


class BadCondition(Exception):
    """What is wrong in a condition, with the place in it, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}; {mend}")
        self.what = what
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Token:
    at: int
    """The first character's number, from 1."""
    kind: str
    text: str


def tokens(source: str) -> list[Token]:
    """The words in their order, and `end` behind them. Raises BadCondition for what is too long or no word."""
    if len(source) > LONGEST:
        raise BadCondition(f"a condition of more than {LONGEST} characters", "split it, or declare a field for it")
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            _slip(source, at)
        if match.lastgroup is not None:
            found.append(Token(at + 1, match.lastgroup, match[0]))
        at = match.end()
    found.append(Token(len(source) + 1, "end", ""))
    return found


def _slip(source: str, at: int) -> NoReturn:
    for pattern, what, mend in _SLIPS:
        if re.compile(pattern).match(source, at):
            raise BadCondition(f"{what} at character {at + 1}", mend)
    raise BadCondition(f"{source[at]!r} at character {at + 1} means nothing here", "delete it, or put a text in quotes")
