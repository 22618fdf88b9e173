"""Days, hours, numbers, money, spans and lists are written as each language writes them, on the reader's clock."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from jinja2 import TemplateRuntimeError

from core.content.texts.filters import Manner, plural_categories
from core.content.texts.grammar import faults
from core.content.texts.phrases import Phrases, Words
from core.content.texts.templates import ZONE
from core.content.texts.variables import Variable


def shown(text: str) -> str:
    """With plain blanks where the language wants unbreakable ones."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("language", "short", "medium", "long", "full"),
    [
        ("en", "Mar 24", "Mar 24, 2027", "March 24, 2027", "Wednesday, March 24, 2027"),
        ("ru", "24 мар.", "24 мар. 2027 г.", "24 марта 2027 г.", "среда, 24 марта 2027 г."),
        ("de", "24. März", "24.03.2027", "24. März 2027", "Mittwoch, 24. März 2027"),
        ("es", "24 mar", "24 mar 2027", "24 de marzo de 2027", "miércoles, 24 de marzo de 2027"),
    ],
)
def test_a_day_has_four_forms(language: str, short: str, medium: str, long: str, full: str) -> None:
    manner, day = Manner(language), date(2027, 3, 24)

    assert [shown(manner.date(day, form)) for form in ("short", "medium", "long", "full")] == [
        short,
        medium,
        long,
        full,
    ]
    assert (shown(manner.day(day)), shown(manner.date(day))) == (short, medium)


def test_one_moment_has_another_day_elsewhere() -> None:
    at, manner = datetime(2027, 3, 25, 3, 30, tzinfo=UTC), Manner("en")

    days = [manner.date(at.astimezone(ZoneInfo(zone))) for zone in ("America/New_York", "Europe/Berlin")]

    assert days == ["Mar 24, 2027", "Mar 25, 2027"]


@pytest.mark.parametrize(
    ("language", "zone", "time", "moment"),
    [
        ("en", "America/New_York", "11:30 PM", "Wed, Mar 24, 11:30 PM"),
        ("ru", "Europe/Moscow", "06:30", "чт, 25 мар., 06:30"),
        ("de", "Europe/Berlin", "04:30", "Do., 25. März, 04:30"),
        ("es", "Europe/Madrid", "4:30", "jue, 25 mar, 4:30"),
    ],
)
def test_an_hour_is_told_on_the_readers_clock(language: str, zone: str, time: str, moment: str) -> None:
    manner, at = Manner(language), datetime(2027, 3, 25, 3, 30, tzinfo=UTC)

    assert shown(manner.time(at, zone)) == time
    assert shown(manner.moment(at, zone)) == moment


@pytest.mark.parametrize(
    ("language", "number", "percent", "whole", "cents", "dollars"),
    [
        ("en", "12,345.5", "37%", "€1,200", "€1,200.50", "$5"),
        ("ru", "12 345,5", "37 %", "1 200 €", "1 200,50 €", "5 $"),
        ("de", "12.345,5", "37 %", "1.200 €", "1.200,50 €", "5 $"),
        ("es", "12.345,5", "37 %", "1.200 €", "1.200,50 €", "5 US$"),
    ],
)
def test_numbers_and_money(language: str, number: str, percent: str, whole: str, cents: str, dollars: str) -> None:
    manner = Manner(language, "EUR")

    assert shown(manner.number(Decimal("12345.50"))) == number
    assert shown(manner.percent(37)) == percent
    assert [shown(manner.money(amount)) for amount in (1200, Decimal("1200.50"))] == [whole, cents]
    assert shown(manner.money(Decimal("5.00"), "USD")) == dollars
    assert shown(Manner(language).money(7)) == "7"


@pytest.mark.parametrize(
    ("language", "one", "three", "hours", "listed"),
    [
        ("en", "1 day", "3 days", "5 hours", "Mail, Web, and Ads"),
        ("ru", "1 день", "3 дня", "5 часов", "Mail, Web и Ads"),
        ("de", "1 Tag", "3 Tage", "5 Stunden", "Mail, Web und Ads"),
        ("es", "1 día", "3 días", "5 horas", "Mail, Web y Ads"),
    ],
)
def test_spans_and_lists(language: str, one: str, three: str, hours: str, listed: str) -> None:
    manner = Manner(language)

    assert [manner.duration(days) for days in (1, 3)] == [one, three]
    assert manner.duration(timedelta(hours=5)) == hours
    assert manner.listed(["Mail", "Web", "Ads"]) == listed


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ("one", "other")),
        ("ru", ("one", "few", "many")),
        ("de", ("one", "other")),
        ("es", ("one", "other")),
    ],
)
def test_plurals_take_the_forms_the_language_has(language: str, forms: tuple[str, ...]) -> None:
    manner = Manner(language)

    assert plural_categories(language) == forms
    assert manner.plural(1, *forms) == "one"
    assert manner.plural(5, *forms) == forms[-1]
    with pytest.raises(TemplateRuntimeError):
        manner.plural(1, "one")


AT = frozenset({Variable("starts", "moment"), Variable("until", "span"), Variable("ends", "moment", optional=True)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ starts | moment }}", "Do., 25. März, 04:30"),
        ("{{ starts | time }} ({{ starts | time('Asia/Tokyo') }})", "04:30 (12:30)"),
        ("{{ starts | date }}, {{ starts | date('full') }}", "25.03.2027, Donnerstag, 25. März 2027"),
        ("{{ until }}, {{ until | duration }}", "2 Stunden, 2 Stunden"),
        ("{{ ends | moment | default('offen') }}", "offen"),
    ],
)
def test_in_a_text_the_clock_is_the_readers_unless_another_is_named(text: str, said: str) -> None:
    voice = Phrases({"de": {}}, "de").voice()
    values = {
        "starts": datetime(2027, 3, 25, 3, 30, tzinfo=UTC),
        "until": timedelta(hours=2),
        "ends": None,
        ZONE: "Europe/Berlin",
    }

    assert faults(text, "de", AT) == ()
    assert shown(voice.plain_words(Words({"de": text}, "de"), values)) == said


@pytest.mark.parametrize(
    "text", ["{{ starts }}", "{{ starts | moment('Mars/Base') }}", "{{ ends | time }}", "{{ until | time }}"]
)
def test_a_moment_without_its_filter_and_a_zone_nobody_knows_are_told(text: str) -> None:
    assert len(faults(text, "de", AT)) == 1
