"""`hub init` gives a newcomer content that works, from a clone as from an installed package."""

import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from typer.testing import CliRunner, Result

from core.content.checking import read_catalogue
from hub.cli import app
from hub.content.checks import checked
from tests.content.editors import loaded, underlined

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hub(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_fresh_folder_needs_nothing_to_be_mended() -> None:
    done = hub("init")

    assert done.exit_code == 0, done.output
    catalogue = read_catalogue(Path("content"))
    assert list(catalogue.checklists) == ["welcome"]
    assert catalogue.phrases.languages == ("en", "de", "es", "ru")
    assert [problem.what for problem in checked(Path("content")).problems] == ["nobody hears when a save is broken"]
    with Path("content/hub.yaml").open("a", encoding="utf-8") as rules:
        rules.write("admins: [ida@relay.example]\n")
    assert [str(problem) for problem in checked(Path("content")).problems] == []
    assert "hub content check" in done.stdout


def test_every_fresh_file_names_its_schema_and_keeps_it() -> None:
    hub("init")

    for path in Path("content").rglob("[!.]*.yaml"):
        text = path.read_text("utf-8")
        schema = path.parent / text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
        assert underlined(schema, loaded(text)) == [], path


def test_the_fresh_checklist_is_there_in_every_language() -> None:
    hub("init")

    checklist = read_catalogue(Path("content")).checklists["welcome"]
    guides = [step.guide for step in checklist.steps if step.guide]
    assert len(guides) == 1
    for words in (
        checklist.title,
        checklist.intro,
        checklist.finish,
        *(step.text for step in checklist.steps),
        *guides,
    ):
        assert set(words.languages) == {"en", "de", "es", "ru"}


def test_settings_come_from_the_example_for_their_owner_alone() -> None:
    hub("init")

    assert Path(".env").read_bytes() == (ROOT / ".env.example").read_bytes()
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600


def test_nothing_that_is_there_is_touched() -> None:
    Path(".env").write_text("HUB_LOG=debug\n")
    Path("content").mkdir()
    Path("content/mine.yaml").write_text("mine\n")

    done = hub("init")

    assert done.exit_code == 1
    assert done.stderr.endswith("Nothing was written; name another folder, as `hub init my-content`.\n")
    assert [path.name for path in Path("content").iterdir()] == ["mine.yaml"]
    assert sorted(path.name for path in Path().iterdir()) == [".env", "content"]


def test_an_empty_folder_is_filled_and_settings_that_are_there_stay() -> None:
    Path(".env").write_text("HUB_LOG=debug\n")
    Path("mine").mkdir()

    done = hub("init", "mine")

    assert done.exit_code == 0
    assert Path(".env").read_text() == "HUB_LOG=debug\n"
    assert "HUB_CONTENT=mine" in done.stdout
    assert len(read_catalogue(Path("mine")).checklists) == 1


def test_an_installed_package_brings_all_that_is_needed(somewhere: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(somewhere / "wheel"), versions=["standard"])
    zipfile.ZipFile(wheel).extractall(somewhere / "installed")
    code = "import sys; sys.path.insert(0, 'installed'); import hub.cli; sys.argv[1:] = ['init']; hub.cli.main()"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=somewhere, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert (somewhere / "installed/hub/starter/phrases").is_dir()
    assert read_catalogue(Path("content")).phrases.languages == ("en", "de", "es", "ru")
    assert Path(".env").read_bytes() == (ROOT / ".env.example").read_bytes()
