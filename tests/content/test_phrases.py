"""A voice fills texts in for one reader; what people typed stays as they typed it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from core.content.texts.filters import plural_categories
from core.content.texts.grammar import faults
from core.content.texts.phrases import Phrases, Voice, Words
from core.content.texts.templates import LONGEST_TEXT, LONGEST_VALUE
from core.content.texts.variables import values
from core.markup import Markdown, parse
from tests.core.stage import sample


def voice(text: str, language: str = "en") -> Voice:
    phrases = {"en": {"a.b": text}, language: {"a.b": text}}
    return Phrases(phrases, "en", {"vendor": "Relay"}).voice(language)


def test_a_value_keeps_its_letters_in_markdown() -> None:
    said = voice("Hi **{{ name }}**!").say("a.b", name="*_`[x](https://y.example)\n> {{7*7}}")

    (block,) = parse(said)
    assert [(span.text, span.bold) for span in block.spans] == [
        ("Hi ", False),
        ("*_`[x](https://y.example)\n> {{7*7}}", True),
        ("!", False),
    ]


def test_a_value_stays_bare_in_a_plain_place() -> None:
    assert voice("Hi {{ name }}!").plain("a.b", name="*Ida*") == "Hi *Ida*!"


def test_a_plain_place_loses_the_authors_markup_but_not_the_values() -> None:
    assert voice("**Hi** {{ name }}, see [this](https://a.example)").plain("a.b", name="*Ida*") == "Hi *Ida*, see this"


@given(st.text(st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\x00\r"), min_size=1))
def test_any_value_comes_through_both_ways(value: str) -> None:
    one = voice("x **{{ value }}** x")

    assert parse(one.say("a.b", value=value))[0].text == f"x {value} x"
    assert one.plain("a.b", value=value) == f"x {value} x"


def test_markdown_filled_in_stays_markdown() -> None:
    (block,) = parse(voice("{{ inner }}!").say("a.b", inner=Markdown("**b**")))

    assert block.spans[0].bold


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 шаг"), (2, "2 шага"), (5, "5 шагов"), (11, "11 шагов"), (21, "21 шаг"), (104, "104 шага")],
)
def test_russian_has_three_plurals(count: int, said: str) -> None:
    assert voice("{{ n }} {{ n | plural('шаг', 'шага', 'шагов') }}", "ru").say("a.b", n=count) == said


@pytest.mark.parametrize(("language", "forms"), [("en", 2), ("ru", 3), ("de", 2), ("pl", 3), ("ja", 1), ("ar", 6)])
def test_each_language_has_its_number_of_plurals(language: str, forms: int) -> None:
    assert len(plural_categories(language)) == forms


def test_a_text_missing_in_a_language_is_said_in_the_default_with_its_plurals() -> None:
    phrases = Phrases({"en": {"a.b": "{{ n | plural('step', 'steps') }}"}, "ru": {}}, "en")

    assert phrases.voice("ru").say("a.b", n=5) == "steps"
    words = Words({"en": "{{ n | plural('day', 'days') }}"}, "en")
    assert phrases.voice("ru").words(words, {"n": 1}) == "day"


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (("ru",), "ru"),
        (("ru-RU",), "ru"),
        (("RU_ru",), "ru"),
        ((None, "", "ru"), "ru"),
        (("pt-br", "ru"), "ru"),
        (("rus",), "en"),
        (("zh-hans",), "en"),
        (("r",), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_there_is_gets_spoken(asked: tuple[str | None, ...], spoken: str) -> None:
    assert Phrases({"en": {}, "ru": {}}, "en").voice(*asked).language == spoken


def test_dates_and_numbers_are_written_in_the_readers_way() -> None:
    day, at = date(2026, 11, 12), datetime(2026, 11, 12, 11, 30, tzinfo=UTC)
    english, russian = voice(""), voice("", "ru")

    assert (english.date(day), russian.date(day)) == ("Nov 12", "12 нояб.")
    assert english.moment(at, "Europe/Berlin").replace("\u202f", " ") == "Thu, Nov 12, 12:30 PM"
    assert russian.moment(at, "Europe/Moscow") == "чт, 12 нояб., 14:30"
    assert english.duration(timedelta(days=3)) == "3 days"
    filters = "{{ n | number }} {{ m | money('EUR') }} {{ s | percent }} {{ d | date('short') }} {{ t | duration }}"
    said = voice(filters).plain("a.b", n=12345, m=1234.5, s=25, d=day, t=timedelta(hours=5))
    assert said == "12,345 €1,234.50 25% Nov 12 5 hours"


def test_a_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        voice("").moment(datetime(2026, 1, 1, tzinfo=UTC), "Mars/Base")


@pytest.mark.parametrize("given", [{}, {"name": None}])
def test_a_missing_value_is_an_error_not_a_hole(given: dict[str, object]) -> None:
    with pytest.raises(UndefinedError):
        voice("Hi {{ name }}").say("a.b", **given)


def test_an_unknown_phrase_is_an_error() -> None:
    with pytest.raises(KeyError):
        voice("").say("a.c")


def test_the_vendor_is_known_everywhere() -> None:
    assert voice("{{ vendor }}").say("a.b") == "Relay"


def test_endless_values_and_texts_are_cut() -> None:
    assert len(voice("{{ x }}").say("a.b", x="a" * 100_000)) == LONGEST_VALUE
    assert len(voice("{{ x }}{{ x }}").say("a.b", x="a" * 100_000)) == LONGEST_TEXT


@pytest.mark.parametrize("text", ["{{ 'x' * 1000000000 }}", "{{ 9 ** 9 ** 9 }}", "{{ x.__class__.__mro__ }}"])
def test_a_text_cannot_break_out_or_blow_up(text: str) -> None:
    assert faults(text, "en", values("x")) != ()
    with pytest.raises((SecurityError, UndefinedError)):
        voice(text).say("a.b", x="a")


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in x %}{{ a }}{% endfor %}",
        "{% include 'hub.yaml' %}",
        "{% import 'x' as y %}",
        "{% macro m() %}{% endmacro %}",
        "{% set y = x %}",
        "{{ range(10) }}",
        "{{ x() }}",
        "{{ x.upper() }}",
        "{{ x.real }}",
        "{{ x | attr('y') }}",
        "{{ x | map('upper') }}",
        "{{ x | trim(5) }}",
        "{{ x | default }}",
        "{{ x | number }}",
        "{{ days | number(2) }}",
        "{{ days | plural('day') }}",
        "{{ days | plural('day', x) }}",
        "{{ days | plural('day', 2) }}",
        "{{ x | plural('day', 'days') }}",
        "{{ days | money('EURO') }}",
        "{{ x | date }}",
        "{{ [1, 2] }}",
        "{{ x[1:] }}",
        "{{ x - 1 }}",
        "{{ -x }}",
        "{{ y }}",
        "{{ self }}",
        "{{ x is odd }}",
        "{{ x is what }}",
        "{% if x > 1 %}{% endif %}",
        "{% if 1 < days < 3 %}{% endif %}",
        "{% if 'x' in days %}{% endif %}",
        "{{",
        "{{ none }}",
        "{{ 'a' if x }}",
    ],
)
def test_only_values_filters_and_plain_conditions_belong_in_a_text(text: str) -> None:
    assert faults(text, "en", values("x", "days")) != ()


@pytest.mark.parametrize(
    "text",
    [
        "{{ x }}",
        "{{ x | upper }}",
        "{{ x | default('y') }}",
        "{% if x %}a{% elif x == 'b' %}b{% else %}c{% endif %}",
        "{{ 'a' if not x else 'b' }}",
        "{{ days }} {{ days | plural('day', 'days') }}",
        "{% if days > 1 and days != 3 %}{{ days | number }}{% endif %}",
        "{{ days | money('EUR') ~ x }}",
        "{# a remark #}",
    ],
)
def test_what_belongs_in_a_text_is_let_through(text: str) -> None:
    assert faults(text, "en", values("x", "days")) == ()


VALUES = st.sampled_from(["x", "days", "'a'", "1", "none", "true", "y"])
FILTERS = st.sampled_from(
    ["", "", "|number", "|upper", "|plural('a','b')", "|money('E')", "|default('a')", "|trim(x)", "|date"]
)
SIMPLE = st.builds("({}{})".format, VALUES, FILTERS)
JOINS = st.sampled_from(["~", "+", ">", "==", "and", "or", "in", "if", "is defined or", "- not", "if x else"])
EXPRESSIONS = st.recursive(
    SIMPLE, lambda inner: st.builds("({} {} {}){}".format, inner, JOINS, inner, FILTERS), max_leaves=5
)
PIECES = st.builds("{{{{ {} }}}}".format, EXPRESSIONS) | st.builds(
    "{{% if {} %}}a{{% else %}}b{{% endif %}}".format, EXPRESSIONS
)


@given(st.lists(PIECES, min_size=1, max_size=2).map("".join))
def test_a_text_that_passed_can_be_filled_in(text: str) -> None:
    if not faults(text, "en", values("x", "days")):
        assert voice(text).say("a.b", x="Ida", days=3) is not None
        assert voice(text).plain("a.b", x="", days=0) is not None


def test_an_admin_who_repaired_an_id_is_not_told_to_undo_it() -> None:
    said = sample().voice("en").plain("content.step_renamed", title="Hello", id="welcome", was="hi")

    assert "old id" not in said
    assert "only what was done as welcome counts" in said


def test_the_list_of_commands_promises_what_steps_shows() -> None:
    assert sample().voice("en").plain("command.steps") == "your next step, and the way to all of them"
