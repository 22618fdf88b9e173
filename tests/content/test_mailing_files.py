"""A mailing is a file with whom it is for above what it says; whatever is wrong in it is told with its line."""

from datetime import datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.content.checking import check_content, read_catalogue
from core.content.kinds.mailing_files import read_moment, read_window
from core.content.kinds.mailing_rules import MailingRules

MAILING = "---\ntitle: Prices\n---\n\nFrom **1 January**.\n"


@pytest.fixture
def mailings(content: Path) -> Path:
    for path in (content / "mailings").iterdir():
        path.unlink()
    return content / "mailings"


def problems(content: Path) -> list[str]:
    return [str(one) for one in check_content(content) if "mailings" in str(one) or "hub.yaml" in str(one)]


def test_a_mailing_says_to_whom_when_and_what(content: Path, mailings: Path) -> None:
    (mailings / "prices.md").write_text(
        "---\n"
        "title: Prices\n"
        "when: role == 'finance'\n"
        "unless: product in ['Reports']\n"
        "topic: service\n"
        "category: mandatory\n"
        "priority: 0\n"
        "at: 2026-12-01 9:30\n"
        "local_hour: 0\n"
        "window: 8:00 – 19:00\n"
        "expires: 2026-12-05\n"
        "canary: 5\n"
        "buttons:\n"
        "  - {label: The list, url: https://relay.example/prices}\n"
        "  - {label: Understood, answer: understood}\n"
        "---\nFrom **1 January**, {{ contact.first_name }}.\n"
    )
    (mailings / "prices.ru.md").write_text(
        "---\ntitle: Цены\nbuttons:\n"
        "  - {label: Список, url: https://relay.example/ru/prices}\n  - Понятно\n---\nС 1 января.\n"
    )

    one = read_catalogue(content).mailings["prices"]

    assert (one.when.source, one.unless.source if one.unless else "") == (
        "role == 'finance'",
        "product in ['Reports']",
    )
    assert (one.topic, one.category, one.priority, one.local_hour, one.canary) == ("service", "mandatory", 0, 0, 5)
    assert (one.at, one.expires) == tuple(map(datetime.fromisoformat, ("2026-12-01T09:30", "2026-12-05")))
    assert one.window == (time(8), time(19))
    assert one.languages == ("en", "ru")
    link, answer = one.buttons
    assert link.url is not None
    assert (link.label.by_language, link.url.by_language["ru"], link.answer) == (
        {"en": "The list", "ru": "Список"},
        "https://relay.example/ru/prices",
        "",
    )
    assert (answer.label.by_language["ru"], answer.url, answer.answer) == ("Понятно", None, "understood")


def test_what_is_not_said_is_as_usual(content: Path, mailings: Path) -> None:
    (mailings / "prices.md").write_text(MAILING)

    one = read_catalogue(content).mailings["prices"]

    assert (one.when.source, one.unless, one.topic, one.category, one.priority) == ("", None, "", "news", 50)
    assert (one.at, one.local_hour, one.window, one.expires, one.canary, one.buttons) == (None,) * 4 + (0, ())
    assert read_catalogue(content).rules.mailings == MailingRules()


def test_the_rules_of_all_mailings_stand_in_hub_yaml(content: Path) -> None:
    with (content / "hub.yaml").open("a") as file:
        file.write("mailings: {approval: second, cancel_minutes: 0, canary_dislikes: 3}\n")

    assert read_catalogue(content).rules.mailings == MailingRules("second", cancel_minutes=0, canary_dislikes=3)


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ("topic: produkt\n", ":3: hub.yaml has no topic 'produkt'; did you mean 'product'?"),
        ("category: urgent\n", ":3: 'category' is 'urgent'"),
        ("priority: 101\n", ":3: 'priority' is '101'; write a whole number from 0 to 100"),
        ("local_hour: 24\n", ":3: 'local_hour' is '24'"),
        ("canary: 80\n", ":3: 'canary' is '80'; write a whole number from 1 to 50"),
        ("at: tomorrow\n", ":3: 'tomorrow' is no moment; write it as 2026-12-01 10:00"),
        ("at: 2026-11-31\n", ":3: there is no 2026-11-31"),
        ("at: 2026-12-02\nexpires: 2026-12-01\n", ":4: it ends before it begins"),
        ("window: 10-18\n", ":3: '10-18' is no window; write it as 10:00-18:00"),
        ("window: 10:00-10:00\n", ":3: the window ends when it begins"),
        ("when: rolle == 'admin'\n", ":3: 'when': "),
        ("unless: rolle == 'admin'\n", ":3: 'unless': "),
        ("buttons: [{label: A}]\n", ":3: a button has either url or answer"),
        ("buttons: [{label: A, url: 'http://'}]\n", ":3: the button's link 'http://' leads nowhere"),
        ("buttons: [{label: A, answer: Ja}]\n", ":3: 'Ja' is no id"),
        ("buttons: [{label: A, answer: a}, {label: B, answer: a}]\n", ":3: 'a' is an answer already"),
        (f"buttons: [{', '.join(f'{{label: A, answer: a{n}}}' for n in range(7))}]\n", ":3: 7 buttons where 6 fit"),
        (f"buttons: [{{label: {'x' * 41}, answer: a}}]\n", ":3: the text has 41 characters, 40 fit"),
        ("picture: a.png\n", ":3: there is no file 'a.png'"),
        (
            "picture: https://x.example/a.png\nfile: https://x.example/a.pdf\n",
            ":4: a picture and a file in one message; delete one of them",
        ),
        ("audience: all\n", ":3: a mailing has no 'audience'"),
    ],
)
def test_a_broken_mailing_names_the_line(content: Path, mailings: Path, keys: str, where: str) -> None:
    (mailings / "prices.md").write_text(MAILING.replace("---\n\n", f"{keys}---\n\n"))

    found = problems(content)

    assert [one for one in found if one.startswith(f"content/mailings/prices.md{where}")], found


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ("buttons: [A, B]\n", ":3: 2 buttons where content/mailings/prices.md has 1"),
        ("buttons: [{label: A, url: https://x.example}]\n", ":3: content/mailings/prices.md has no such 'url'"),
        ("picture: https://x.example/a.png\n", ":3: content/mailings/prices.md has no such 'picture'"),
        ("when: role == 'admin'\n", ":3: the translation of a mailing has no 'when'"),
    ],
)
def test_a_translation_says_nothing_that_its_mailing_does_not(
    content: Path, mailings: Path, keys: str, where: str
) -> None:
    (mailings / "prices.md").write_text(MAILING.replace("---\n\n", "buttons: [{label: A, answer: a}]\n---\n\n"))
    (mailings / "prices.ru.md").write_text(MAILING.replace("---\n\n", f"{keys}---\n\n"))

    found = problems(content)

    assert [one for one in found if one.startswith(f"content/mailings/prices.ru.md{where}")], found


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{1,2}:[0-9]{2})?", fullmatch=True))
def test_any_words_are_a_moment_or_none(written: str) -> None:
    found = read_moment(written)

    assert found is None or (found.tzinfo is None and found.second == 0 and written.startswith(f"{found.date()}"))


@given(st.text(max_size=16) | st.from_regex(r"[0-9]{1,2}:[0-9]{2} ?- ?[0-9]{1,2}:[0-9]{2}", fullmatch=True))
def test_any_words_are_a_window_or_none(written: str) -> None:
    found = read_window(written)

    assert found is None or found[0] != found[1]
