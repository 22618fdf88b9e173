"""How one language writes days, hours, numbers, money, spans, lists and plurals (after CLDR, by Babel)."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent, list_currencies
from babel.units import format_unit
from jinja2 import TemplateRuntimeError

Number: TypeAlias = int | float | Decimal

DATE_FORMS: Final = ("short", "medium", "long", "full")
"""`Mar 24`, `Mar 24, 2027`, `March 24, 2027`, `Wednesday, March 24, 2027`; the second if none is named."""

_CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")
_HOURS: Final = re.compile(r"Etc/GMT([+-])(\d{1,2})")
"""POSIX counts the other way round: Etc/GMT-3 is three hours ahead of UTC (tz database: etcetera)."""

_CENTS: Final = re.compile(r"(?<=0)[.]0+")


@lru_cache(maxsize=64)
def plural_categories(language: str) -> tuple[str, ...]:
    """The CLDR categories that whole numbers up to 1,000 fall into, in CLDR's order: one, few, many for Russian."""
    rule = Locale.parse(language).plural_form
    met = {rule(number) for number in range(1001)}
    return tuple(category for category in _CATEGORIES if category in met)


# Babel reads its patterns anew each time, and what is written repeats itself: the same days and sums, again and again.
_date = lru_cache(maxsize=4096)(lambda day, form, locale: format_date(day, form, locale=locale))
_skeleton = lru_cache(maxsize=4096)(lambda skeleton, day, locale: format_skeleton(skeleton, day, locale=locale))
_number = lru_cache(maxsize=4096)(lambda number, locale: format_decimal(number, locale=locale))


def _whole(day: date) -> date:
    """Without an hour: two moments are equal though their days, each in its own zone, are not."""
    return day.date() if isinstance(day, datetime) else day


class Manner:
    """The manner of one language."""

    def __init__(self, language: str, currency: str = "") -> None:
        """`currency`: ISO 4217, of money that names none. Raises babel.UnknownLocaleError for an unknown language."""
        self.language = language
        self.locale = Locale.parse(language)
        self.currency = currency
        self._category = self.locale.plural_form

    def plural(self, number: Number, *forms: str) -> str:
        """The form for this number. Forms come in the order of `plural_categories`; others take the last."""
        categories = plural_categories(self.language)
        if len(forms) != len(categories):
            raise TemplateRuntimeError(f"plural takes {len(categories)} forms here: {', '.join(categories)}")
        category = self._category(number)
        return forms[categories.index(category)] if category in categories else forms[-1]

    def day(self, day: date) -> str:
        """Without its year: `Nov 12`. For days that are near."""
        return _skeleton("MMMd", _whole(day), self.locale)

    def date(self, day: date, form: str = "medium") -> str:
        """With its year, unless `form` is short."""
        if form == "short":
            return self.day(day)
        return _date(_whole(day), form if form in DATE_FORMS else "medium", self.locale)

    def time(self, at: datetime, zone: str) -> str:
        """The hour on the clock of `zone`, an IANA name; ZoneInfoNotFoundError when there is none such."""
        return format_time(at.astimezone(ZoneInfo(zone)).time(), "short", locale=self.locale)

    def hour(self, hour: clock_time) -> str:
        """A time of day: `9:00 AM`."""
        return format_time(hour, "short", locale=self.locale)

    def weekday(self, day: int) -> str:
        """As it stands alone: `Monday`. 0 is Monday."""
        name: str = self.locale.days["stand-alone"]["wide"][day]
        return name

    def place(self, zone: str) -> str:
        """The city an IANA zone is called by: `Berlin`, `New York`; `UTC+3` of one that is so many hours ahead."""
        if (hours := _HOURS.fullmatch(zone)) is not None:
            return f"UTC{'+' if hours[1] == '-' else '-'}{hours[2]}"
        city: str = self.locale.time_zones.get(zone, {}).get("city", "")
        return city or zone.rpartition("/")[2].replace("_", " ")

    def moment(self, at: datetime, zone: str) -> str:
        """Weekday, day and hour on the clock of `zone`."""
        local = at.astimezone(ZoneInfo(zone))
        return f"{format_skeleton('MMMEd', local, locale=self.locale)}, {self.time(at, zone)}"

    def number(self, number: Number) -> str:
        return _number(number, self.locale)

    def percent(self, number: Number) -> str:
        """Of hundredths: 37 is `37%`."""
        return format_percent(Decimal(str(number)) / 100, locale=self.locale)

    def money(self, amount: Number, currency: str = "") -> str:
        """Without cents when there are none. `currency` is its ISO 4217 code; none: the hub's, else a bare number."""
        code = currency or self.currency
        if not code:
            return self.number(amount)
        if amount != int(amount):
            return format_currency(amount, code, locale=self.locale)
        pattern = _CENTS.sub("", self.locale.currency_formats["standard"].pattern)
        return format_currency(amount, code, format=pattern, locale=self.locale, currency_digits=False)

    def duration(self, span: timedelta | Number) -> str:
        """A span in its largest fitting unit: `3 days`. A number is so many days, whatever they amount to."""
        if isinstance(span, timedelta):
            return format_timedelta(span, locale=self.locale)
        return format_unit(span, "duration-day", "long", locale=self.locale)

    def listed(self, words: Sequence[str]) -> str:
        """`Campaigns, Reports, and Forms`."""
        return format_list(list(words), locale=self.locale)


def fits(name: str, word: str) -> bool:
    """Whether the filter of this name takes the word in brackets: a form, a currency's code or a zone."""
    match name:
        case "money":
            return word in _currencies()
        case "date":
            return word in DATE_FORMS
        case _:
            return word in _zones()


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies("en"))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
