"""Texts with places to fill in: Jinja2 shut in a sandbox, with each language's plurals, dates and numbers."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from jinja2 import StrictUndefined, Template, UndefinedError
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.markup import Markdown, escape

LONGEST_VALUE: Final = 12_000
"""Characters of one value filled in; the rest is cut, so that nobody's words make a text that cannot be sent."""

LONGEST_TEXT: Final = 20_000
"""Characters of a text as filled in; the rest is cut."""

_USUAL_FILTERS: Final = ("capitalize", "default", "lower", "trim", "upper")
_CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")


@lru_cache(maxsize=64)
def plural_categories(language: str) -> tuple[str, ...]:
    """The CLDR categories that whole numbers up to 1,000 fall into, in CLDR's order: one, few, many for Russian."""
    rule = Locale.parse(language).plural_form
    met = {rule(number) for number in range(1001)}
    return tuple(category for category in _CATEGORIES if category in met)


_BEGINS: Final = re.compile(r"\s*(?:$|[-+*]\s|\d{1,9}[.)]\s|>|#{1,6}\s|```)")
_ALONE: Final = re.compile(r"\s*(?:$|>|#{1,6}\s)|.*(?:\\|  )$")


def unwrapped(source: str) -> str:
    """The text with every paragraph and item on one line: authors wrap their lines for themselves, not for readers.

    A line that ends with a backslash or two spaces keeps its break; code, quotes and headings stay as they are.
    """
    lines: list[str] = []
    fenced = goes_on = False
    for line in source.split("\n"):
        fence = line.lstrip().startswith("```")
        if goes_on and not fenced and not _BEGINS.match(line):
            lines[-1] += f" {line.strip()}" if not line.endswith("  ") else f" {line.lstrip()}"
        else:
            lines.append(line)
        fenced ^= fence
        goes_on = not fenced and not fence and _ALONE.match(line) is None
    return "\n".join(lines)


class Tongue:
    """Compiles and fills texts of one language. `given` are values every text may use."""

    def __init__(self, language: str, given: Mapping[str, object]) -> None:
        """Raises babel.UnknownLocaleError for a language nobody has written down."""
        self.language = language
        self.locale = Locale.parse(language)
        self.environment = _environment(self, given, escaping=True)
        self._bare = _environment(self, given, escaping=False)
        self.compile = lru_cache(maxsize=8192)(self._compile)

    def _compile(self, source: str, marked: bool) -> Template:
        """Raises TemplateSyntaxError. `marked`: the text is Markdown, values are escaped as they are filled in."""
        return (self.environment if marked else self._bare).from_string(unwrapped(source))

    def plural(self, number: float, *forms: str) -> str:
        """The form for this number. Forms come in the order of `plural_categories`; others take the last."""
        categories = plural_categories(self.language)
        if len(forms) != len(categories):
            raise TemplateRuntimeError(f"plural takes {len(categories)} forms here: {', '.join(categories)}")
        category = self.locale.plural_form(number)
        return forms[categories.index(category)] if category in categories else forms[-1]

    def date(self, day: date) -> str:
        return format_skeleton("MMMd", day, locale=self.locale)

    def moment(self, at: datetime, zone: str) -> str:
        local = at.astimezone(ZoneInfo(zone))
        clock = format_time(local.time(), "short", locale=self.locale)
        return f"{format_skeleton('MMMEd', local, locale=self.locale)}, {clock}"

    def number(self, number: float) -> str:
        return format_decimal(number, locale=self.locale)

    def percent(self, share: float) -> str:
        """Of a share from 0 to 1."""
        return format_percent(share, locale=self.locale)

    def money(self, amount: float, currency: str) -> str:
        """`currency` is its ISO 4217 code."""
        return format_currency(amount, currency, locale=self.locale)

    def duration(self, span: timedelta) -> str:
        """In its largest fitting unit: `3 days`."""
        return format_timedelta(span, locale=self.locale)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Nothing in a text may multiply itself."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        raise SecurityError(f"{left!r} {operator} {right!r} in {context.name}: there is no such reckoning in a text")


def _environment(tongue: Tongue, given: Mapping[str, object], *, escaping: bool) -> _Sandbox:
    environment = _Sandbox(
        undefined=StrictUndefined,
        finalize=_marked_value if escaping else _bare_value,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        cache_size=0,
    )
    environment.filters = {name: FILTERS[name] for name in _USUAL_FILTERS} | {
        "plural": tongue.plural,
        "date": tongue.date,
        "moment": tongue.moment,
        "number": tongue.number,
        "percent": tongue.percent,
        "money": tongue.money,
        "duration": tongue.duration,
    }
    environment.globals = dict(given)
    return environment


def _bare_value(value: object) -> str:
    if value is None:
        raise UndefinedError("a place has nothing to fill it with: None")
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _marked_value(value: object) -> str:
    return value if isinstance(value, Markdown) else escape(_bare_value(value))


def fill(template: Template, values: Mapping[str, object]) -> str:
    """Raises jinja2.UndefinedError when a value is missing or None."""
    text = template.render(values)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
