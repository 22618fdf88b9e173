"""What is only the consequence of a mistake elsewhere is not told, or last; and no advice makes matters worse."""

from pathlib import Path

import pytest

from core.content.checking import check_content
from hub.content.checks import checked

STEPS = """title: Tour
steps:
  - id: look
    title: Look around
    text: Open the app and look around in it.
  - id: invite
    title: Invite others
    text: Paste their addresses there.
"""
TRANSLATED = """title: Rundgang
steps:
  look: {title: Sehen Sie sich um}
  invite: {title: Laden Sie andere ein}
"""


@pytest.fixture
def tour(content: Path) -> Path:
    (content / "onboarding/tour.yaml").write_text(STEPS)
    (content / "onboarding/tour.de.yaml").write_text(TRANSLATED)
    assert check_content(content) == ()
    return content


def told(content: Path) -> list[str]:
    return [str(problem).removeprefix("content/") for problem in check_content(content)]


def test_half_a_checklist_is_told_of_without_its_translations(tour: Path) -> None:
    (tour / "onboarding/tour.yaml").write_text(
        STEPS.split("  - id: invite", maxsplit=1)[0] + "  - id: in\n    titel: Half a"
    )

    found = told(tour)

    assert len(found) == 3
    assert all(one.startswith("onboarding/tour.yaml:") for one in found)


def test_what_is_wrong_in_a_translation_itself_is_told_even_so(tour: Path) -> None:
    (tour / "onboarding/tour.yaml").write_text(STEPS + "    text: Twice\n")
    (tour / "onboarding/tour.de.yaml").write_text("titel: Rundgang\n")

    assert [one.partition(": ")[0] for one in told(tour)] == ["onboarding/tour.yaml:9", "onboarding/tour.de.yaml:1"]


def test_hub_yaml_is_told_first(tour: Path) -> None:
    (tour / "guides/start.md").write_text("---\ntitle: A\nwhen: seats > 5\n---\n\nOpen the app.\n")
    (tour / "hub.yaml").write_text("vendr: Relay\n")

    assert told(tour)[0].startswith("hub.yaml:1:")


def test_a_step_gone_is_to_be_taken_from_its_translations_too(tour: Path) -> None:
    (tour / "onboarding/tour.yaml").write_text(STEPS.split("  - id: invite", maxsplit=1)[0])

    assert told(tour) == [
        (
            "onboarding/tour.de.yaml:4: tour.yaml, among its steps, has no 'invite'; "
            "delete it here, too, or call it as tour.yaml does"
        )
    ]


def test_a_step_called_otherwise_is_to_be_called_so_in_its_translations(tour: Path) -> None:
    (tour / "onboarding/tour.yaml").write_text(STEPS.replace("id: invite", "id: invite-all"))

    assert told(tour) == [
        (
            "onboarding/tour.de.yaml:4: tour.yaml, among its steps, has no 'invite'; "
            "did you mean 'invite-all'? Call it as tour.yaml does, or delete it here, too"
        )
    ]


def test_a_checklist_gone_is_not_to_be_replaced_by_any_other(tour: Path) -> None:
    (tour / "onboarding/quickstart.yaml").write_text("after: tour\n" + STEPS)
    (tour / "nudges/launch-tomorrow.yaml").unlink()  # which asks for a step of the sample's
    (tour / "nudges/launch-tomorrow.ru.yaml").unlink()
    (tour / "onboarding/tour.yaml").unlink()

    assert told(tour) == [
        "onboarding/quickstart.yaml:1: there is no checklist 'tour'; delete the line `after: tour`",
        "onboarding/tour.de.yaml:1: there is no tour.yaml to translate; delete this file, too, or write tour.yaml",
    ]


@pytest.mark.parametrize("name", ["create-workspcae", "create-workspace"])
def test_nothing_is_called_needless_while_what_needs_it_may_be_broken(content: Path, name: str) -> None:
    (content / "guides/create-workspace.md").write_text("---\ntitle: A\n---\n\nOpen the app and look around.\n")
    (content / "media").mkdir()
    (content / "media/tour.mp4").write_bytes(b"film")
    broken = STEPS + f"    guide: {{file: {name}}}\n" + ("" if name.endswith("cae") else "    video: [\n")
    (content / "onboarding/tour.yaml").write_text(broken)

    found = checked(content)

    assert found.errors == 1
    assert not any("delete" in problem.mend for problem in found.problems if problem.level == "warning")


def test_files_that_are_not_ours_block_nothing_and_are_warned_of(tour: Path) -> None:
    for name in ("onboarding/notes.txt", "phrases/Thumbs.db", "onboarding/README.md", "onboarding/old/tour.yaml"):
        (tour / name).parent.mkdir(exist_ok=True)
        (tour / name).write_text("Call Dana.")

    found = [problem for problem in checked(tour).problems if "does not read this file" in problem.what]

    assert check_content(tour) == ()
    assert [problem.file for problem in found] == [
        "content/onboarding/notes.txt",
        "content/onboarding/old/tour.yaml",
        "content/phrases/Thumbs.db",
    ]


@pytest.mark.parametrize("name", ["onboarding/tour (copy).yaml", "onboarding/Notes.md", "phrases/english.yaml"])
def test_a_slip_in_the_name_of_a_file_of_ours_is_an_error(tour: Path, name: str) -> None:
    (tour / name).write_text(STEPS)

    (problem,) = check_content(tour)

    assert problem.what == "the file's name says nothing to the hub"


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("phrases/pt-BR.yaml", "rename it to pt.yaml: it is for all who speak it"),
        ("phrases/de_at.yaml", "there is a de.yaml already: put what differs there"),
        ("onboarding/tour.pt-br.yaml", "rename it to tour.pt.yaml: it is for all who speak it"),
    ],
)
def test_a_language_of_one_country_is_told_how_it_is_written_here(tour: Path, name: str, mend: str) -> None:
    (tour / name).write_text(TRANSLATED)

    (problem,) = check_content(tour)

    assert (problem.what, problem.mend) == ("languages have two letters here, without a country", mend)
