"""Texts say client.name, strictly: what is misspelled or may be empty is told, and what is filled in shows as it is."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.slack.render import message
from bots.telegram.render import render
from core.cards import Button, Card, Progress
from core.content.texts.grammar import faults
from core.content.texts.phrases import Phrases, Voice, Words
from core.content.texts.templates import ZONE
from core.content.texts.variables import Group, for_checklists, for_labels
from core.people.filling import values_for, values_of_progress
from storage.tables import Account, Contact, Csm
from tests.core.stage import START

CUSTOM = {"seats": "number", "beta": "flag", "contract_end": "date", "industry": "text", "teams": "texts"}
TEXTS = for_checklists(CUSTOM)  # type: ignore[arg-type]  # the kinds are spelled right


def account(**more: Any) -> Account:
    told: dict[str, Any] = {"id": 1, "name": "*Acme* <b>", "created_at": START}
    return Account(**(told | more))


def contact(name: str = "Dana Reyes") -> Contact:
    return Contact(id=1, account_id=1, name=name, email="dana@acme.example", role="admin", created_at=START)


def voice(*chain: str, currency: str = "EUR") -> Voice:
    phrases = Phrases({"en": {}, "ru": {}, "de": {}, "es": {}}, "en", {"vendor": "Relay"}, currency, CUSTOM)  # type: ignore[arg-type]  # as above
    return phrases.voice(*chain)


def say(
    text: str, account: Account, contact: Contact | None = None, csm: Csm | None = None, language: str = "en"
) -> str:
    assert faults(text, language, TEXTS) == ()
    one = voice(language)
    values = values_for(one, "Europe/Berlin", account, contact, csm) | values_of_progress(Progress(3, 8))
    return one.plain_words(Words({language: text}, language), values)


@pytest.mark.parametrize(
    ("text", "what", "mend"),
    [
        ("Hi\n{{ client.nmae }}", "nothing is known as 'client.nmae' here", "did you mean 'client.name'?"),
        ("Hi\n{{ account }}", "nothing is known as 'account' here", "did you mean 'client.name'?"),
        ("Hi\n{{ first_name }}", "nothing is known as 'first_name' here", "did you mean 'contact.first_name'?"),
        ("Hi\n{{ csm }}", "nothing is known as 'csm' here", "did you mean 'csm.first_name'?"),
        ("Hi\n{{ client }}", "'client' is several values", "use one of: client.beta, client.contract_end"),
        ("Hi\n{{ client.name.upper }}", "a dot behind a value has no place in a text", "use only values"),
        ("Hi\n{{ client['name'] }}", "a bracket behind a value has no place in a text", "use only values"),
        ("Hi\n{{ client.renewal }}", "'client.renewal' may be empty", "write {% if client.renewal %}"),
        ("Hi\n{{ client.mrr | money }}", "'client.mrr' may be empty", "write {% if client.mrr %}"),
        ("Hi\n{{ contact.role ~ '!' }}", "'contact.role' may be empty", "write {% if contact.role %}"),
        ("Hi\n{{ client.beta }}", "'client.beta' is yes or no, it cannot be shown", "write {% if client.beta %}"),
        ("Hi\n{{ client.name | date }}", "the filter 'date' needs a day before it", "client.renewal"),
        (
            "Hi\n{{ client.renewal | money | default('x') }}",
            "the filter 'money' needs a number before it",
            "client.mrr",
        ),
        ("Hi\n{% if client.mrr > 'a' %}{% endif %}", "only numbers are more or less", "write it as `days > 1`"),
        ("Hi\n{{ client.mrr | money('DOLLARS') | default('x') }}", "'DOLLARS' is not what", "a currency's code"),
        ("Hi\n{{ client.renewal | date('tiny') | default('x') }}", "'tiny' is not what", "'short', 'medium'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_was_meant(text: str, what: str, mend: str) -> None:
    (found,) = faults(text, "en", TEXTS)

    assert found[0] == 2
    assert found[1].startswith(what)
    assert mend in found[2]


@pytest.mark.parametrize(
    "text",
    [
        "{% if client.renewal %}{{ client.renewal | date }}{% endif %}",
        "{% if client.renewal and client.mrr %}{{ client.renewal | date }} {{ client.mrr | money }}{% endif %}",
        "{% if not client.mrr %}none{% else %}{{ client.mrr }}{% endif %}",
        "{% if not client.mrr %}a{% elif client.renewal %}{{ client.mrr | money }} {{ client.renewal }}{% endif %}",
        "{% if client.mrr > 1000 %}{{ client.mrr | number }}{% endif %}",
        "{% if client.segment == 'enterprise' %}{{ client.segment }}{% endif %}",
        "{% if client.segment in ['enterprise', 'mid'] %}{{ client.segment }}{% endif %}",
        "{% if 'Reports' in client.product %}{{ client.product }}{% endif %}",
        "{% if client.renewal is defined %}{{ client.renewal }}{% endif %}",
        "{{ client.renewal | date('long') | default('soon') }}",
        "{{ client.region | upper | default('the world') }}",
        "{{ client.region or client.name }}",
        "{{ client.renewal | date if client.renewal else 'soon' }}",
        "{% if client.beta %}beta{% endif %}",
        "{{ progress.left }} {{ progress.left | plural('step', 'steps') }}, {{ progress.percent | percent }}",
    ],
)
def test_what_may_be_empty_is_shown_where_it_is_there_or_with_a_default(text: str) -> None:
    full = account(
        segment="enterprise", region="DACH", products=["Reports"], renewal=date(2027, 3, 24), mrr=Decimal("1200.50"),
        custom={"beta": True, "seats": "12"},
    )  # fmt: skip

    assert "nothing" not in say(text, account(), contact())
    assert say(text, full, contact()) != ""


@pytest.mark.parametrize(
    "text",
    [
        "{% if client.mrr or client.renewal %}{{ client.mrr | money }}{% endif %}",
        "{% if client.mrr %}a{% else %}{{ client.mrr }}{% endif %}",
        "{% if client.region not in ['DACH'] %}{{ client.region }}{% endif %}",
        "{{ client.mrr | money if client.renewal else 'x' }}",
        "{{ 'x' if client.mrr else client.mrr }}",
        "{{ (client.mrr | money) ~ '!' }}",
    ],
)
def test_a_condition_that_does_not_keep_it_from_being_empty_is_not_enough(text: str) -> None:
    assert "may be empty" in faults(text, "en", TEXTS)[0][1]


def test_nobody_reads_a_hole_where_nobody_looks_after_a_client() -> None:
    text = "{{ csm.name }}, {{ csm.first_name }}, {{ contact.first_name }}, {{ contact.name }}"

    assert say(text, account(), contact()) == "Relay, Relay, Dana, Dana Reyes"
    assert (
        say(text, account(), None, Csm(email="ann@relay.example", name="Ann Lee"))
        == "Ann Lee, Ann, *Acme* <b>, *Acme* <b>"
    )


def test_titles_and_buttons_know_nothing_of_progress() -> None:
    assert "progress.left" in {one.name for one in TEXTS} - {one.name for one in for_labels()}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "1,200.5 €1,200.50 Mar 24, 2027 Mail and Web"),
        ("ru", "1 200,5 1 200,50 € 24 мар. 2027 г. Mail и Web"),
        ("de", "1.200,5 1.200,50 € 24.03.2027 Mail und Web"),
        ("es", "1.200,5 1.200,50 € 24 mar 2027 Mail y Web"),
    ],
)
def test_values_are_written_in_the_readers_way(language: str, said: str) -> None:
    full = account(renewal=date(2027, 3, 24), mrr=Decimal("1200.50"), products=["Mail", "Web"])
    text = (
        "{{ client.mrr | default('') }} {{ client.mrr | money | default('') }} {{ client.renewal | default('') }} "
        "{{ client.product | default('') }}"
    )

    shown = say(text, full, contact(), language=language).replace("\xa0", " ").replace("\u202f", " ")

    assert shown == said


def test_a_clients_name_shows_as_it_is_in_both_messengers() -> None:
    name = "*Acme* <b> & _co_ [x](https://evil.example) `${1}`"
    one, who = voice("en"), account(name=name)
    values = values_for(one, "UTC", who, contact(name), None)
    words = Words({"en": "**{{ client.name }}** says: {{ contact.name }}"}, "en")
    card = Card(one.words(words, values), title=one.plain_words(words, values), rows=((Button("Go", "x"),),))

    telegram, slack = render(card), message(card)

    assert name in _texts(telegram)
    assert name in _texts(slack)


def _texts(value: object) -> str:
    """All the texts of what would be sent, one behind the other."""
    match value:
        case str():
            return value
        case dict():
            return "".join(map(_texts, value.values()))
        case list() | tuple():
            return "".join(map(_texts, value))
        case _:
            return "".join(_texts(getattr(value, name)) for name in getattr(value, "__dataclass_fields__", ()))


def test_a_group_gives_what_was_put_in_and_nothing_else() -> None:
    one = voice("en")
    for text in ("{{ client._values }}", "{{ client.__class__ }}", "{{ client.items }}", "{{ client.get }}"):
        assert faults(text, "en", TEXTS) != ()
        with pytest.raises(Exception, match=r"undefined|unsafe|has no attribute|no place"):
            one.words(Words({"en": text}, "en"), {"client": Group({"name": "Acme"}), ZONE: "UTC"})


PATHS = st.sampled_from([one.name for one in TEXTS] + ["client.nothing", "'a'", "3"])
FILTERS = st.sampled_from(
    ["", "", "", "|money", "|number", "|date", "|upper", "|default('a')", "|plural('a','b')", "|percent", "|duration"]
)
SIMPLE = st.builds("({}{}{})".format, PATHS, FILTERS, FILTERS)
JOINS = st.sampled_from(["~", "==", "!=", ">", "and", "or", "if", "in", "and not", "is defined or", "if beta else"])
WHOLE = st.recursive(SIMPLE, lambda one: st.builds("({} {} {}){}".format, one, JOINS, one, FILTERS), max_leaves=4)
IF = "{{% if {0} %}}{{{{ {1} }}}}{{% elif {2} %}}{{{{ {1} }}}}{{% else %}}{{{{ {3} }}}}{{% endif %}}"
IFS = st.builds(IF.format, WHOLE, PATHS, WHOLE, PATHS)


@settings(max_examples=400, deadline=None)
@given(st.builds("{{{{ {} }}}}".format, WHOLE) | IFS, st.booleans(), st.sampled_from(["en", "de"]))
def test_a_text_that_passed_can_be_filled_in_whatever_is_empty(text: str, full: bool, language: str) -> None:
    if faults(text, language, TEXTS):
        return
    who = account()
    if full:
        who = account(
            segment="s", region="r", phase="p", products=["a"], renewal=date(2027, 1, 1), mrr=Decimal("1.5"),
            custom={"seats": "12", "beta": True, "contract_end": "2027-01-01", "industry": "i", "teams": ["t"]},
        )  # fmt: skip
    one = voice(language)
    values = values_for(one, "UTC", who, contact(), None) | values_of_progress(Progress(1, 8))

    assert isinstance(one.words(Words({language: text}, language), values), str)
    assert isinstance(one.plain_words(Words({language: text}, language), values), str)


def test_every_example_is_of_a_value_some_phrase_is_said_with() -> None:
    from core.content.texts.variables import _EXAMPLES
    from core.content.texts.vocabulary import SAID

    assert _EXAMPLES.keys() <= {name for names in SAID.values() for name in names.split()}
