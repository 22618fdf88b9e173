"""Words for people: texts in several languages, and a voice that fills them in for one reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Words:
    """One text in several languages, as Jinja2 templates by two-letter language. Never empty."""

    by_language: Mapping[str, str]
    default: str
    """The language to fall back to."""


class Voice(Protocol):
    """Fills texts in for a reader of one language. Values are escaped as they are filled in, so they show as typed."""

    @property
    def language(self) -> str:
        """Two letters."""

    def say(self, key: str, **values: object) -> str:
        """The phrase as Markdown. Raises KeyError for an unknown key, UndefinedError for a missing value."""

    def plain(self, key: str, **values: object) -> str:
        """The phrase for a place without markup: a label, a title, a notice."""

    def words(self, words: Words, **values: object) -> str:
        """A content text as Markdown."""

    def plain_words(self, words: Words, **values: object) -> str:
        """A content text for a place without markup."""

    def date(self, day: date) -> str:
        """`12 Nov` in the reader's way."""

    def moment(self, at: datetime, zone: str) -> str:
        """Day and hour on the reader's clock; `zone` is an IANA name."""


class Phrases(Protocol):
    """`content/phrases/*.yaml`."""

    @property
    def languages(self) -> tuple[str, ...]: ...

    def voice(self, *languages: str | None) -> Voice: ...
