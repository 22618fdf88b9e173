"""The examples in the guide for admins work as they stand there."""

import re
from pathlib import Path

import pytest

from core.content.checking import check_content

GUIDE = (Path(__file__).parents[2] / "docs/content.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
STEPS = [text for text in EXAMPLES if text.startswith("    ")]


def told(content: Path, text: str) -> list[str]:
    (content / "onboarding/example.yaml").write_text(text)
    return [str(problem) for problem in check_content(content)]


def test_the_first_checklist_works(content: Path) -> None:
    assert told(content, next(text for text in EXAMPLES if text.startswith("title: Say hello"))) == []


def test_the_checklist_with_sections_works(content: Path) -> None:
    assert told(content, next(text for text in EXAMPLES if "sections:" in text and "gate:" in text)) == []


def test_the_hub_file_works(content: Path) -> None:
    (content / "hub.yaml").write_text(next(text for text in EXAMPLES if text.startswith("vendor:")))

    assert check_content(content) == ()


@pytest.mark.parametrize("fields", [part for text in STEPS for part in re.split(r"\n\n", text)])
def test_each_field_of_a_step_works(content: Path, fields: str) -> None:
    fields = fields.replace("videos/tour.mp4", "hub.yaml")
    others = "".join(f"  - title: {name}\n    text: A\n" for name in ("workspace", "contacts"))

    assert told(content, f"title: T\nsteps:\n{others}  - title: B\n    text: B\n{fields}\n") == []
