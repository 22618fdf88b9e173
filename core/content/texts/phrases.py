"""Words for people: texts in several languages, and a voice that fills them in for one reader."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from core.content.conditions.tree import Kind
from core.content.texts.templates import Tongue, fill
from core.content.texts.variables import Plain
from core.content.texts.vocabulary import ROLES, TOPICS
from core.markup import plain

_MARKUP = re.compile(r"[*`\[\\]|~~|\b_|_\b|^[ \t]*(?:[-+#>]|\d+[.)])", re.MULTILINE)
"""What may be markup; a needless match costs some microseconds and changes nothing."""


@dataclass(frozen=True, slots=True)
class Words:
    """One text in several languages, as Jinja2 templates by two-letter language. Never empty."""

    by_language: Mapping[str, str]
    default: str
    """The language to fall back to."""

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.by_language)


class Voice:
    """Fills texts in for one reader. Values are escaped as they are filled in, so they show as typed.

    Each text is said in the first language of a chain that has it: the reader's, their company's, their region's, the
    default. A value of the type `core.markup.Markdown` keeps its markup. Every text may also use `vendor`, our
    company's name.
    """

    def __init__(self, phrases: "Phrases", chain: tuple[str, ...]) -> None:
        """`chain`: languages there are phrases for, each once, the default last."""
        self.language = chain[0]
        """Two letters: in which days and numbers that stand alone are written."""
        self.chain = chain
        self._phrases = phrases
        self._tongue = phrases.tongue(chain[0])

    def say(self, key: str, /, **values: object) -> str:
        """The phrase as Markdown. Raises KeyError for an unknown key, UndefinedError for a missing value."""
        return _marked(*self._phrases.find(key, self.chain), values)

    def plain(self, key: str, /, **values: object) -> str:
        """The phrase for a place without markup: a label, a title, a notice. Its markup is dropped. Raises as `say`."""
        return _bare(*self._phrases.find(key, self.chain), values)

    def words(self, words: Words, values: Mapping[str, object]) -> str:
        """A content text as Markdown. Raises UndefinedError for a missing value."""
        return _marked(*self._found(words), values)

    def plain_words(self, words: Words, values: Mapping[str, object]) -> str:
        """A content text for a place without markup. Raises UndefinedError for a missing value."""
        return _bare(*self._found(words), values)

    @property
    def vendor(self) -> str:
        """Our company's name."""
        return str(self._phrases.given.get("vendor", ""))

    @property
    def fields(self) -> Mapping[str, Kind]:
        """The vendor's own fields of clients, by name."""
        return self._phrases.fields

    def role(self, role: str) -> str:
        """How a role of the import is called in this language; as it stands there when no `roles.…` names it."""
        return self._named(ROLES, role.lower()) or role

    def topic(self, topic: str) -> str:
        """How a topic of hub.yaml is called in this language; its id when no `topics.…` names it."""
        return self._named(TOPICS, topic) or topic

    def _named(self, group: str, name: str) -> str:
        try:
            return self.plain(f"{group}{name}")
        except KeyError:
            return ""

    def date(self, day: date) -> str:
        """`Nov 12` in the reader's way, for days that are near."""
        return self._tongue.day(day)

    def moment(self, at: datetime, zone: str) -> str:
        """Day and hour on the reader's clock; `zone` is an IANA name, else ZoneInfoNotFoundError is raised."""
        return self._tongue.moment(at, zone)

    def hour(self, hour: time) -> str:
        """A time of day in the reader's way: `9:00 AM`."""
        return self._tongue.hour(hour)

    def clock(self, at: datetime, zone: str) -> str:
        """What the clock of `zone` shows at that moment; `zone` is an IANA name."""
        return self._tongue.time(at, zone)

    def weekday(self, day: int) -> str:
        """`Monday`, as it stands alone; 0 is Monday."""
        return self._tongue.weekday(day)

    def place(self, zone: str) -> str:
        """The city that an IANA zone is called by: `Berlin`."""
        return self._tongue.place(zone)

    def duration(self, span: timedelta) -> str:
        """In its largest fitting unit: `3 days`."""
        return self._tongue.duration(span)

    def _found(self, words: Words) -> tuple[Tongue, str]:
        for language in self.chain:
            source = words.by_language.get(language)
            if source is not None:
                return self._phrases.tongue(language), source
        return self._phrases.tongue(words.default), words.by_language[words.default]


def _marked(tongue: Tongue, source: str, values: Mapping[str, object]) -> str:
    if "{" not in source:
        return _always(tongue, source, True)
    return fill(tongue.compile(source, True), values)


def _bare(tongue: Tongue, source: str, values: Mapping[str, object]) -> str:
    """Without the author's markup: the same phrase may serve as a message and as a short notice."""
    if "{" not in source:
        return _always(tongue, source, False)
    if _MARKUP.search(source) is None:
        return fill(tongue.compile(source, False), values)
    return plain(_marked(tongue, source, values))


@lru_cache(maxsize=8192)
def _always(tongue: Tongue, source: str, marked: bool) -> str:
    """A text without places: the same for everybody, so it is made once."""
    if marked or _MARKUP.search(source) is None:
        return fill(tongue.compile(source, marked), {})
    return plain(fill(tongue.compile(source, True), {}))


class Phrases:
    """`content/phrases/*.yaml`: by language, by key (`step.done`), the template."""

    def __init__(
        self,
        by_language: Mapping[str, Mapping[str, str]],
        default: str,
        given: Mapping[str, Plain] | None = None,
        currency: str = "",
        fields: Mapping[str, Kind] | None = None,
    ) -> None:
        """`given`: values every text may use; `currency`: of money that names none (ISO 4217); `fields`: the vendor's
        own fields of clients, which content texts may use.

        Raises KeyError when there is nothing in the default language.
        """
        self.default = default
        self.given: Mapping[str, Plain] = given or {}
        self.fields: Mapping[str, Kind] = fields or {}
        self._by_language = by_language
        self._fallback = by_language[default]
        self._tongues = {language: Tongue(language, self.given, currency) for language in by_language}
        self._voices: dict[tuple[str, ...], Voice] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """Two letters each, the default first."""
        return (self.default, *sorted(language for language in self._by_language if language != self.default))

    @property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """By language, by key: the templates as they were written."""
        return self._by_language

    def voice(self, *languages: str | None) -> Voice:
        """Say each text in the first of these languages that has it, else in the default.

        They may be written as messengers do: `pt-br` and `pt_BR` are `pt`. None and unknown ones are passed over.
        """
        chain = tuple(dict.fromkeys((*filter(None, map(self._known, languages)), self.default)))
        voice = self._voices.get(chain)
        if voice is None:
            voice = self._voices[chain] = Voice(self, chain)  # as many as there are orders of the languages
        return voice

    def _known(self, language: str | None) -> str:
        """The two letters of a language there are phrases for; empty for all else."""
        if not language or (len(language) > 2 and language[2] not in "-_"):
            return ""
        code = language[:2].lower()
        return code if code in self._by_language else ""

    def tongue(self, language: str) -> Tongue:
        """Raises KeyError for a language there are no phrases for."""
        return self._tongues[language]

    def find(self, key: str, chain: Sequence[str]) -> tuple[Tongue, str]:
        """The text of a phrase and the language it is really in. Raises KeyError for an unknown key."""
        for language in chain:
            source = self._by_language[language].get(key)
            if source is not None:
                return self._tongues[language], source
        return self._tongues[self.default], self._fallback[key]
