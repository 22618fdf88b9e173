"""An answer is taken when it fits what was asked, and its misfit is named when not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import File
from core.onboarding.answers import Answer, Misfit, check_answer, check_file, choice, find_choice, read_date
from tests.core.stage import asked, words

TODAY = date(2026, 11, 9)
COLOURS = asked("choice", options=(words("Red", "Красный"), words("Light blue", "Голубой"), words("3", "Три")))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2026-11-12", "en"),
        ("2026/11/12", "en"),
        ("12.11.2026", "ru"),
        ("12.11", "de"),
        ("12 Nov", "en"),
        (" 12  november 2026 ", "en"),
        ("12th of November", "en"),
        ("Nov 12, 2026", "en"),
        ("November 12th", "en"),
        ("12 ноября", "ru"),
        ("12 нояб. 2026 г.", "ru"),
        ("12 November 2026", "ru"),
        ("12. November 2026", "en"),
        ("１２.１１.２０２６", "en"),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, language: str) -> None:
    assert read_date(text, language, TODAY) == date(2026, 11, 12)


@pytest.mark.parametrize("text", ["31.02.2026", "soon", "12", "2026", "99 Nov", "12 Hello 2026", "0.0.0000", "1" * 500])
def test_what_is_no_day_is_refused(text: str) -> None:
    assert read_date(text, "en", TODAY) == Misfit("date")


def test_a_day_that_can_be_read_in_two_ways_is_not_guessed() -> None:
    assert read_date("11/12/2026", "en", TODAY) == Misfit("date_order")
    assert read_date("13/12/2026", "en", TODAY) == date(2026, 12, 13)
    assert read_date("12/13/2026", "en", TODAY) == date(2026, 12, 13)


def test_a_day_without_a_year_is_the_next_one() -> None:
    assert read_date("9 Nov", "en", TODAY) == TODAY
    assert read_date("8 Nov", "en", TODAY) == date(2027, 11, 8)
    assert read_date("29.2.", "en", TODAY) == date(2028, 2, 29)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_an_iso_day_reads_as_itself(day: date) -> None:
    assert read_date(day.isoformat(), "en", TODAY) == day


@given(st.text(), st.sampled_from(("en", "ru", "xx", "")))
def test_any_text_is_a_day_or_a_misfit(text: str, language: str) -> None:
    assert isinstance(read_date(text, language, TODAY), date | Misfit)


@given(st.sampled_from(("text", "choice", "file", "date")), st.text(max_size=60))
def test_any_text_is_an_answer_or_a_misfit(kind: str, text: str) -> None:
    options = COLOURS.options if kind == "choice" else ()

    read = check_answer(asked(kind, options=options, longest=20), text, "en", TODAY)

    assert isinstance(read, Answer | Misfit)
    assert not isinstance(read, Answer) or read.kept


def test_a_day_gone_by_is_refused_only_where_it_matters() -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()

    assert check_answer(asked("date", not_before_today=True), yesterday, "en", TODAY) == Misfit("date_past")
    assert check_answer(asked("date"), yesterday, "en", TODAY) == Answer(yesterday)


def test_a_choice_is_known_by_its_label_in_any_language_or_its_number() -> None:
    assert find_choice(COLOURS, "red") == 0
    assert find_choice(COLOURS, " ГОЛУБОЙ ") == 1
    assert find_choice(COLOURS, "2.") == 1
    assert find_choice(COLOURS, "3") == 2
    assert find_choice(COLOURS, "4") is None
    assert find_choice(COLOURS, "²") == 1
    assert choice(COLOURS, 1) == Answer("Light blue")


def test_a_text_keeps_its_limits_and_its_pattern() -> None:
    domain = asked("text", pattern=r"[a-z]+\.[a-z]+", shortest=3, longest=10)

    assert check_answer(domain, " acme.com ", "en", TODAY) == Answer("acme.com")
    assert check_answer(domain, "ab", "en", TODAY) == Misfit("short")
    assert check_answer(domain, "a" * 11, "en", TODAY) == Misfit("long")
    assert check_answer(domain, "acme com", "en", TODAY) == Misfit("pattern")
    assert check_answer(domain, "  ", "en", TODAY) == Misfit("empty")


def test_a_file_answers_only_where_a_file_is_asked_for() -> None:
    picture = File("photo", "telegram:7")

    assert check_file(asked("file"), picture) == Answer("photo", "photo|telegram:7")
    assert check_file(asked("text"), picture) == Misfit("want_words")
    assert check_file(asked("file"), File("voice", "telegram:8")) == Misfit("want_file")
    assert check_answer(asked("file"), "here you are", "en", TODAY) == Misfit("want_file")
