"""A language is spoken from when its file says what it is called; until then it is a draft that breaks nothing."""

from pathlib import Path

import pytest

from core.content.checking import Reader, read_catalogue
from core.content.texts.unfinished import unfinished
from hub.content.checks import checked

STEP = "title: Tour\nsteps:\n  - title: Look around\n    text: Open the app.\n"


def named(content: Path, language: str, name: str) -> None:
    text = (content / "phrases/en.yaml").read_text("utf-8")
    (content / f"phrases/{language}.yaml").write_text(text.replace("name: English", f"name: {name}"), "utf-8")


def said_of(content: Path, part: str) -> list[str]:
    return [str(problem) for problem in checked(content).problems if part in problem.file]


@pytest.mark.parametrize("language", ["pl", "ar", "ja"])
def test_a_copy_to_be_translated_breaks_nothing_and_is_not_offered(content: Path, language: str) -> None:
    named(content, language, "English")

    assert language not in read_catalogue(content).phrases.languages
    assert (
        f"content/phrases/{language}.yaml:9: warning: 'English' is what 'en' is called, so this is a draft; "
        "write what speakers of this language call it, and clients can choose it"
    ) in said_of(content, f"phrases/{language}")


def test_what_keeps_a_draft_from_being_used_is_told_as_a_warning(content: Path) -> None:
    named(content, "pl", "English")
    (content / "onboarding/tour.yaml").write_text(STEP)
    (content / "onboarding/tour.pl.yaml").write_text("titel: Wycieczka\n")

    found = checked(content)

    assert found.errors == 0
    told = [str(problem) for problem in found.problems]
    assert any("pl.yaml" in one and "warning: plural has 2 forms, the language 'pl' needs 3" in one for one in told)
    assert any("tour.pl.yaml:1: warning: " in one and "no 'titel'" in one for one in told)


def test_a_draft_becomes_a_language_with_its_own_name_and_is_held_to_all(content: Path) -> None:
    named(content, "it", "Italiano")
    named(content, "pl", "Polski")

    told = [str(problem) for problem in checked(content).problems if problem.level == "error"]

    assert told
    assert all("phrases/pl.yaml" in one and "plural" in one for one in told)
    (content / "phrases/pl.yaml").unlink()
    assert "it" in read_catalogue(content).phrases.languages


def test_a_few_phrases_without_a_name_are_a_draft(content: Path) -> None:
    (content / "phrases/it.yaml").write_text("button:\n  back: Indietro\n")

    assert "it" not in read_catalogue(content).phrases.languages
    assert (
        "content/phrases/it.yaml:1: warning: it does not say what the language is called, so this is a draft; "
        "add `name:` below `language:`, and clients can choose it"
    ) in said_of(content, "phrases/it")


def test_a_file_that_cannot_be_read_is_no_draft(content: Path) -> None:
    (content / "phrases/de.yaml").write_text("language: [\n")

    assert [problem.level for problem in checked(content).problems if "de.yaml" in problem.file] == ["error"]


def test_drafts_can_be_looked_at(content: Path) -> None:
    (content / "phrases/it.yaml").write_text("button:\n  back: Indietro\n")

    assert Reader(content, drafts=True).read().voice("it").plain("button.back") == "Indietro"


def test_of_two_called_the_same_the_copy_is_the_draft() -> None:
    names = {"da": "English", "en": "English", "de": "Deutsch", "nl": "Deutsch", "ru": "Русский"}

    assert set(unfinished(names, "ru")) == {"da", "nl"}
    assert set(unfinished({"en": "Lingo", "da": "Lingo"}, "en")) == {"da"}
    assert set(unfinished({"en": "Lingo", "da": "Lingo"}, "de")) == {"en"}
