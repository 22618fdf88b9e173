"""The examples in the guide for admins work as they stand there, and the commands it names exist."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from core.content.checking import check_content, read_catalogue
from hub.cli import app

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/content.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(?:yaml|markdown)\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"(?:---\n)?# (\S+/?\S+\.(?:yaml|md))\n")
FILES = {match[1]: text for text in EXAMPLES if (match := NAMED.match(text))}
STEPS = [text for text in EXAMPLES if text.startswith(("    ", "  - "))]
FIELDS = [part for text in STEPS if text.startswith("    ") for part in re.split(r"\n\n", text)]


@pytest.fixture
def written(content: Path) -> Path:
    """The sample's phrases, and every whole file of the guide."""
    for name, text in FILES.items():
        (content / name).parent.mkdir(exist_ok=True)
        (content / name).write_text(text, "utf-8")
    return content


def test_every_example_is_a_file_or_belongs_to_a_step() -> None:
    assert [text for text in EXAMPLES if text not in STEPS and text not in FILES.values()] == []


def test_the_files_of_the_guide_work_together(written: Path) -> None:
    assert [str(problem) for problem in check_content(written)] == []


def test_the_first_checklist_has_six_lines(written: Path) -> None:
    lines = [line for line in FILES["onboarding/hello.yaml"].splitlines() if not line.startswith("#")]

    assert len(lines) == 6
    assert [step.id for step in read_catalogue(written).checklists["hello"].steps] == ["meet-the-team", "look-around"]


@pytest.mark.parametrize("step", [text for text in STEPS if text.startswith("  - ")])
def test_each_step_works(content: Path, step: str) -> None:
    (content / "onboarding/example.yaml").write_text(f"title: T\nsteps:\n{step}")

    assert [str(problem) for problem in check_content(content)] == []


@pytest.mark.parametrize("fields", FIELDS)
def test_each_field_of_a_step_works(content: Path, fields: str) -> None:
    fields = fields.replace("videos/tour.mp4", "hub.yaml")
    others = "".join(f"  - title: {name}\n    text: A\n" for name in ("workspace", "contacts"))
    text = f"title: T\nsteps:\n{others}  - title: B\n    text: B\n{fields}\n"
    (content / "onboarding/example.yaml").write_text(text)

    assert [str(problem) for problem in check_content(content)] == []


def test_every_command_it_names_exists() -> None:
    root = get_command(app)
    named = set(re.findall(r"(?:^    |`)hub ((?:content )?[a-z]+)((?: --[a-z]+)?)", GUIDE, re.MULTILINE))

    for words, option in named:
        command = root
        for word in words.split():
            commands = getattr(command, "commands", {})
            assert word in commands, f"hub {words}"
            command = commands[word]
        options = {name for parameter in command.params for name in parameter.opts}
        assert not option or option.strip() in options, f"hub {words}{option}"
