"""A translation knows which words it was made of, and says so when they change."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.content.catalogue import Problem
from core.content.texts.translations import MARKS, hashed, keep_marks, read_marks, translations, warnings
from hub.cli import app

QUICK = (
    "title: Get going\nsteps:\n  - title: Begin\n    text: Now, {{ contact.first_name }}.\n    skip_reasons: [Later]\n"
)
SCHNELL = "title: Los geht es\nsteps:\n  begin:\n    title: Anfangen\n    text: Jetzt.\n    skip_reasons: [Später]\n"


@pytest.fixture
def german(content: Path) -> Path:
    """A small checklist in English and German; no other language."""
    for language in ("es", "ru"):
        (content / f"phrases/{language}.yaml").unlink()
    (content / MARKS).unlink(missing_ok=True)
    shutil.rmtree(content / "nudges", ignore_errors=True)
    (content / "onboarding/quick.yaml").write_text(QUICK)
    (content / "onboarding/quick.de.yaml").write_text(SCHNELL)
    return content


def of_quick(content: Path) -> list[Problem]:
    return [problem for problem in warnings(content) if "quick" in problem.file]


def mark(content: Path) -> None:
    keep_marks(content, [one for one in translations(content) if one.lines])


def test_a_text_whose_source_changed_is_stale_at_its_line_until_it_is_marked_again(german: Path) -> None:
    mark(german)
    assert of_quick(german) == []

    (german / "onboarding/quick.yaml").write_text(QUICK.replace("Now,", "Right now,"))

    (found,) = of_quick(german)
    assert (found.file, found.line, found.level) == ("content/onboarding/quick.de.yaml", 5, "warning")
    assert found.what == "the text 'steps.begin.text' was translated from words that have changed since"
    assert found.mend == "bring it up to date, then: hub content translated onboarding/quick.de.yaml"
    mark(german)
    assert of_quick(german) == []


def test_wrapping_a_text_anew_or_changing_the_translation_makes_nothing_stale(german: Path) -> None:
    mark(german)

    wrapped = QUICK.replace("text: Now, {{", "text: |\n      Now,\n      {{")
    (german / "onboarding/quick.yaml").write_text(wrapped)
    (german / "onboarding/quick.de.yaml").write_text(SCHNELL.replace("Jetzt.", "Sofort."))

    assert of_quick(german) == []


def test_what_is_missing_is_one_warning_and_never_an_error(german: Path) -> None:
    (german / "onboarding/quick.de.yaml").write_text("title: Los geht es\n")
    mark(german)

    (found,) = of_quick(german)

    assert found.level == "warning"
    assert found.what.startswith("3 of 4 texts are not translated: steps.begin.title, steps.begin.text, ")


def test_a_file_nobody_ever_marked_is_told_once(german: Path) -> None:
    (found,) = of_quick(german)

    assert found.what == "nobody noted which words this was translated from"


def test_a_checklist_without_a_file_in_a_language_is_no_slip(german: Path) -> None:
    mark(german)
    (german / "onboarding/quick.de.yaml").unlink()

    assert of_quick(german) == []
    (found,) = [one for one in translations(german) if one.name == "onboarding/quick.de.yaml"]
    assert len(found.missing) == 4


def test_phrases_that_are_missing_in_a_language_are_counted(german: Path) -> None:
    (german / "phrases/de.yaml").write_text("button:\n  done: Fertig\n")

    found = [problem for problem in warnings(german) if problem.file.endswith("phrases/de.yaml")]

    assert "texts are not translated: " in found[0].what


@pytest.mark.parametrize("damaged", [b"", b"a: [", b"\xff\xfe", b"- a\n- b\n", b"x:\n  y:\n    z: 1\n"])
def test_a_damaged_file_of_hashes_is_as_none(german: Path, damaged: bytes) -> None:
    (german / MARKS).write_bytes(damaged)

    assert all(not any(isinstance(mark, dict) for mark in marks.values()) for marks in read_marks(german).values())
    mark(german)
    assert of_quick(german) == []


def test_the_hash_is_short_and_of_words_alone() -> None:
    assert hashed("a b\n c") == hashed("a  b c")
    assert hashed("a b") != hashed("a c")
    assert len(hashed("")) == 8


def test_the_commands_list_mark_and_explain(german: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["content", *words, "--folder", "content"])
        return result.exit_code, result.output

    assert "German (de): 100 %, 0 missing, 0 stale" in run("languages")[1]
    assert "steps.begin.text was never marked as up to date" in run("languages", "de")[1]
    assert run("languages", "fr")[0] == 1
    assert run("translated", "onboarding/quick.de.yaml") == (
        0,
        "onboarding/quick.de.yaml: 4 texts up to date, 4 newly marked.\n",
    )
    assert run("translated", "content/onboarding/quick.yaml")[0] == 1
    shown = run("variables")[1]
    assert "{{ client.renewal }}        2027-03-24                may be empty" in shown
    assert run("variables", "home.nxt")[0] == 1
    assert "{{ title }}" in run("variables", "home.next")[1]


def test_the_vendors_own_fields_are_variables(german: Path) -> None:
    hub = (german / "hub.yaml").read_text()
    (german / "hub.yaml").write_text(hub.partition("\nfields:")[0] + "\nfields:\n  seats: number\n")

    shown = CliRunner().invoke(app, ["content", "variables", "--folder", "content"]).output

    assert "{{ client.seats }}" in shown


def test_a_region_whose_language_nobody_speaks_is_told(german: Path) -> None:
    (german / "hub.yaml").write_text("vendor: Relay\nregion_languages:\n  DACH: de\n  FR: fr\n")

    (found,) = [problem for problem in warnings(german) if problem.file.endswith("hub.yaml")]

    assert (found.line, found.what) == (4, "there are no phrases in 'fr', the language of 'FR'")
