"""What admins write becomes what clients read."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.content.catalogue import Catalogue
from core.content.checking import Reader, check_content, read_catalogue
from core.content.texts.variables import Group
from core.markup import parse

ROOT = Path(__file__).parents[2]
FILES = sorted(str(path.relative_to(ROOT / "content")) for path in (ROOT / "content").rglob("*.yaml"))


def sample() -> Catalogue:
    return read_catalogue(ROOT / "content")


def test_the_sample_content_has_no_problems() -> None:
    assert [str(problem) for problem in check_content(ROOT / "content")] == []


def test_the_quickstart_has_a_step_of_every_kind() -> None:
    steps = {step.id: step for step in sample().checklists["quickstart"].steps}

    assert len(steps) == 8
    assert {step.asks.kind for step in steps.values() if step.asks} == {"text", "choice", "file", "date"}
    assert steps["workspace"].signal == "workspace_created"
    assert steps["workspace"].guide is not None
    assert steps["welcome"].video is not None
    assert (steps["dns"].owner, steps["dns"].due_days, steps["dns"].skippable) == ("us", 2, False)
    assert [step.id for step in steps.values() if step.first_value] == ["first-campaign"]


def test_the_roll_out_waits_for_the_quickstart_and_behind_its_gate() -> None:
    rollout = sample().checklists["team-rollout"]

    assert rollout.after == "quickstart"
    assert {step.role for step in rollout.steps} == {"admin", "finance", "marketing", ""}
    assert rollout.sections[2].gate is not None
    behind = [step.needs for step in rollout.steps if step.section == "first-solo"]
    assert behind[0] == ("invite-team", "single-sign-on", "roles")
    assert all({"invite-team", "single-sign-on", "roles"} <= set(needs) for needs in behind)


@pytest.mark.parametrize("checklist", ["quickstart", "team-rollout"])
def test_every_text_of_the_sample_is_there_in_both_languages(checklist: str) -> None:
    found = sample().checklists[checklist]
    texts = [found.title, found.intro, found.finish]
    texts += [words for section in found.sections for words in (section.title, section.gate) if words]
    for step in found.steps:
        texts += [words for words in (step.title, step.text, step.guide, *step.skip_reasons) if words]
        texts += [step.video.source] if step.video else []
        texts += [step.asks.question, *step.asks.options] if step.asks else []

    assert [words.by_language for words in texts if set(words.languages) != {"en", "ru"}] == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_text_of_the_sample_can_be_filled_in_and_drawn(language: str) -> None:
    catalogue = sample()
    voice = catalogue.voice(language)
    values = {
        "client": Group({"name": "Acme_Ltd"}),
        "contact": Group({"name": "Ida *B*", "first_name": "Ida"}),
        "csm": Group({"name": "Ann Lee", "first_name": "Ann"}),
    }

    for checklist in catalogue.checklists.values():
        for words in (checklist.intro, checklist.finish, *(step.text for step in checklist.steps)):
            blocks = parse(voice.words(words, values))
            assert blocks
            assert "{{" not in "".join(block.text for block in blocks)


def test_the_smallest_checklist_takes_six_lines(content: Path) -> None:
    text = "title: Say hello\nsteps:\n  - title: Meet the team\n    text: Join the call.\n"
    (content / "onboarding/hello.yaml").write_text(text + "  - title: Try it!\n    text: Open the app.\n")

    checklist = read_catalogue(content).checklists["hello"]

    assert [(step.id, step.section) for step in checklist.steps] == [("meet-the-team", "main"), ("try-it", "main")]
    assert [section.id for section in checklist.sections] == ["main"]
    assert read_catalogue(content).voice("ru").words(checklist.finish, {}) != ""


def test_a_language_is_added_by_adding_files(content: Path) -> None:
    (content / "onboarding/hello.yaml").write_text("title: Hello\nsteps:\n  - title: Begin\n    text: Now.\n")
    (content / "onboarding/hello.de.yaml").write_text("title: Hallo\nsteps:\n  begin:\n    title: Anfangen\n")
    (content / "phrases/de.yaml").write_text("language:\n  name: Deutsch\nbutton:\n  done: Fertig\n")

    catalogue = read_catalogue(content)
    voice, step = catalogue.voice("de-AT"), catalogue.checklists["hello"].steps[0]

    assert catalogue.phrases.languages == ("en", "de", "es", "ru")
    assert voice.plain("button.done") == "Fertig"
    assert voice.plain("button.skip") == "Skip"
    assert (voice.words(step.title, {}), voice.words(step.text, {})) == ("Anfangen", "Now.")


def test_spans_and_defaults_are_read(content: Path) -> None:
    text = "trigger: no_visit\nrepeat: [12 hours, 2 days, 1 week]\ntexts: [Hello]\n"
    (content / "nudges").mkdir(exist_ok=True)
    (content / "nudges/hello.yaml").write_text(text)

    nudge = read_catalogue(content).nudges["hello"]

    assert nudge.repeat == (timedelta(hours=12), timedelta(days=2), timedelta(days=7))
    assert (nudge.stop, nudge.then, nudge.opens, nudge.trigger.after) == (4, "nothing", "home", timedelta(days=14))


def test_the_version_changes_with_any_byte_and_only_then(content: Path) -> None:
    before = read_catalogue(content).version
    same = read_catalogue(content).version
    with (content / "hub.yaml").open("a") as file:
        file.write("# a remark\n")

    assert same == before
    assert read_catalogue(content).version != before


def test_what_did_not_change_is_the_same_catalogue_and_what_did_is_another(content: Path) -> None:
    reader = Reader(content)
    first = reader.read()

    assert reader.read() is first
    with (content / "hub.yaml").open("a") as file:
        file.write("# a word to whoever comes next\n")
    assert reader.read() is not first


def test_words_that_yaml_would_guess_to_be_something_else_stay_words(content: Path) -> None:
    text = "title: No\nsteps:\n  - title: 1.10\n    text: 2026-01-01\n"
    (content / "onboarding/hello.yaml").write_text(text)

    step = read_catalogue(content).checklists["hello"].steps[0]

    assert (step.title.by_language["en"], step.text.by_language["en"]) == ("1.10", "2026-01-01")
