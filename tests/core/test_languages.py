"""Everybody is spoken to in their own language; each text falls back to their company's, their region's …"""

from dataclasses import replace

import pytest

from core.content.texts.phrases import Phrases, Words
from core.people.accounts import member_of
from storage.tables import Account, Contact
from tests.core.stage import START, sample


@pytest.mark.parametrize(
    ("chosen", "messenger", "company", "region", "chain"),
    [
        ("de", "es", "ru", "CIS", ("de", "es", "ru", "en")),
        (None, "es-ES", "de", "CIS", ("es", "de", "ru", "en")),
        (None, None, "de", "CIS", ("de", "ru", "en")),
        (None, None, None, "CIS", ("ru", "en")),
        (None, None, None, "UK", ("en",)),
        (None, "pt-br", None, "CIS", ("ru", "en")),
        ("xx", "klingon", "", "", ("en",)),
        ("en", None, "de", "CIS", ("en", "de", "ru")),
    ],
)
def test_languages_are_asked_from_the_person_to_the_default(
    chosen: str | None, messenger: str | None, company: str | None, region: str, chain: tuple[str, ...]
) -> None:
    catalogue = replace(sample(), rules=replace(sample().rules, region_languages={"CIS": "ru"}))
    account = Account(id=1, name="Acme", region=region, language=company, created_at=START)
    contact = Contact(id=1, account_id=1, name="Dana", email="d@acme.example", language=chosen, created_at=START)

    voice = member_of(catalogue, contact, account, None, messenger).voice

    assert voice.chain == chain
    assert voice.language == chain[0]


def test_each_text_is_said_in_the_first_language_that_has_it_with_its_plurals() -> None:
    phrases = Phrases(
        {
            "en": {"a": "{{ n | plural('step', 'steps') }}", "b": "b", "c": "c"},
            "ru": {"a": "{{ n | plural('шаг', 'шага', 'шагов') }}", "b": "б"},
            "de": {"b": "be"},
        },
        "en",
    )
    voice = phrases.voice("de", "ru")

    assert (voice.say("a", n=5), voice.say("b"), voice.say("c")) == ("шагов", "be", "c")
    assert voice.words(Words({"en": "en", "ru": "ру"}, "en"), {}) == "ру"
    assert voice.words(Words({"en": "en", "fr": "fr"}, "en"), {}) == "en"


def test_every_language_there_is_is_offered_by_its_own_name() -> None:
    names = [sample().voice(code).plain("language.name") for code in sample().phrases.languages]

    assert names == ["English", "Deutsch", "Español", "Русский"]
