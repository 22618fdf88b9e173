"""A guide in a file of its own is shown behind the step that names it, and its mistakes have their lines."""

from pathlib import Path

import pytest

from core.content.catalogue import Step
from core.content.checking import Reader, check_content, read_catalogue

STEP = "title: Tour\nsteps:\n  - title: Look around\n    text: Open the app.\n    guide: {file: start}\n"
GUIDE = "---\ntitle: Starting\n---\nHello **{{ contact.first_name }}**.\n"


@pytest.fixture
def content(content: Path) -> Path:
    (content / "onboarding/tour.yaml").write_text(STEP)
    (content / "guides").mkdir(exist_ok=True)
    for path in (content / "guides").iterdir():
        path.unlink()
    return content


def told(content: Path) -> list[str]:
    return [str(problem) for problem in check_content(content)]


def the_step(content: Path) -> Step:
    return read_catalogue(content).checklists["tour"].steps[0]


def test_a_step_has_the_guide_it_names_in_every_language(content: Path) -> None:
    (content / "guides/start.md").write_text(GUIDE)
    (content / "guides/start.ru.md").write_text("---\ntitle: Начало\n---\nПривет.\n")

    step = the_step(content)

    assert step.guide is not None
    assert step.guide.by_language == {"en": "Hello **{{ contact.first_name }}**.", "ru": "Привет."}
    assert step.guide_title is not None
    assert step.guide_title.by_language == {"en": "Starting", "ru": "Начало"}


def test_a_guide_may_be_for_some_clients_alone(content: Path) -> None:
    (content / "guides/start.md").write_text(GUIDE.replace("Starting\n", "Starting\nwhen: segment == 'enterprise'\n"))

    step = the_step(content)

    assert step.guide_when.holds({"segment": "enterprise"})
    assert not step.guide_when.holds({"segment": "small"})


def test_a_change_of_the_guide_reaches_the_step(content: Path) -> None:
    (content / "guides/start.md").write_text(GUIDE)
    reader = Reader(content)
    reader.read()

    (content / "guides/start.md").write_text(GUIDE.replace("Hello", "Welcome"))

    guide = reader.read().checklists["tour"].steps[0].guide
    assert guide is not None
    assert guide.by_language["en"].startswith("Welcome")


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("stort.md", GUIDE, "onboarding/tour.yaml:5: there is no guide 'start'; did you mean 'stort'?"),
        ("start.md", "---\nsummary: A\n---\ntext\n", "guides/start.md:2: a guide has no 'title'; add `title:`"),
        ("start.md", "---\ntitel: A\n---\ntext\n", "guides/start.md:2: a guide has no 'titel'; did you mean 'title'?"),
        ("start.md", "---\ntitle: A\n---\n\nHi\n{{ nme }}\n", "guides/start.md:6: nothing is known as 'nme' here"),
        (
            "start.md",
            "---\ntitle: A\n---\n[x](www.x.com)\n",
            "guides/start.md:4: the link to 'www.x.com' leads",
        ),
        ("start.md", "---\ntitle: A\nwhen: segmnt == 'a'\n---\nx\n", "guides/start.md:3: 'when': "),
        ("start.md", "Hello\n", "guides/start.md:1: the file does not begin with its keys"),
        ("start.md", f"---\ntitle: A\n---\n{'x' * 12_001}\n", "guides/start.md:4: the text has 12,001 characters"),
        ("start.yaml", "title: A\n", "guides/start.yaml:1: the file's name says nothing to the hub; name it as "),
        ("start.xx.md", GUIDE, "guides/start.xx.md:1: there is no start.md to translate"),
    ],
)
def test_a_broken_guide_names_the_line(content: Path, name: str, text: str, where: str) -> None:
    (content / "guides" / name).write_text(text)

    assert [problem for problem in told(content) if problem.startswith(f"content/{where}")], told(content)


def test_a_translation_has_nothing_its_guide_has_not(content: Path) -> None:
    (content / "guides/start.md").write_text(GUIDE)
    (content / "guides/start.ru.md").write_text("---\ntitle: Начало\nsummary: Кратко\n---\nПривет.\n")

    (problem,) = told(content)

    assert problem.startswith("content/guides/start.ru.md:3: start.md has no such 'summary'")


def test_a_guide_is_either_written_in_the_step_or_in_a_file(content: Path) -> None:
    (content / "guides/start.md").write_text(GUIDE)
    (content / "onboarding/tour.yaml").write_text(STEP.replace("{file: start}", "{file: start, text: Hello}"))

    (problem,) = told(content)

    assert problem.startswith("content/onboarding/tour.yaml:5: a guide has either text or file")


def test_a_folder_without_guides_is_fine(content: Path) -> None:
    (content / "onboarding/tour.yaml").write_text(STEP.replace("{file: start}", "Look here."))
    (content / "guides").rmdir()

    assert told(content) == []
