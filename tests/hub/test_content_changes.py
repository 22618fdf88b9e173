"""An admin looks before saving, reads what was in force when, and goes back, in a folder that git keeps."""

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from hub import logs
from hub.cli import app
from hub.running import running
from hub.settings import Settings
from storage.database import make_engine
from storage.tables import ContentVersion
from tests.stories.town import ROOT, free_port

STEP = """
  - title: Meet the team
    text: Say hello to everybody.
"""


@dataclass
class Admin:
    """Somebody with a repository that has the content in a folder, and something else beside it."""

    root: Path
    type_: Callable[..., Result]

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def quickstart(self) -> Path:
        return self.content / "onboarding" / "quickstart.yaml"

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=Ida", "-c", "user.email=ida@relay.example", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *who, "-C", str(self.root), *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, words: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", words)
        return self.git("rev-parse", "HEAD")

    def start(self) -> None:
        """Start the hub and stop it again: what is in the folder is in force from then on."""
        url = SecretStr(f"sqlite:///{self.root / 'hub.db'}")
        settings = Settings(_env_file=None, database_url=url, hub_content=self.content, hub_http_port=free_port())

        async def for_a_moment() -> None:
            async with running(settings):
                pass

        asyncio.run(for_a_moment())

    def versions(self) -> list[ContentVersion]:
        engine = make_engine(f"sqlite:///{self.root / 'hub.db'}")
        with Session(engine) as session:
            found = list(session.exec(select(ContentVersion).order_by(ContentVersion.number)).all())  # type: ignore[arg-type]  # a column
        engine.dispose()
        return found


@pytest.fixture
def ida(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Admin:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_CONTENT", str(tmp_path / "content"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hub.db'}")
    monkeypatch.setattr(logs, "configure", lambda *_args, **_more: None)  # it would take pytest's own logging away

    def type_(*words: str) -> Result:
        return CliRunner().invoke(app, ["content", *words])

    admin = Admin(tmp_path, type_)
    admin.git("init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text("hub.db*\n", "utf-8")
    (tmp_path / "notes.txt").write_text("mine\n", "utf-8")
    admin.commit("First")
    return admin


def test_a_plan_needs_something_in_force_and_says_so(ida: Admin) -> None:
    said = ida.type_("plan")

    assert said.exit_code == 0
    assert "Nothing is known of what is in force" in said.stdout


def test_a_plan_tells_kept_added_and_retired_and_changes_nothing(ida: Admin) -> None:
    ida.start()
    assert "No change." in ida.type_("plan").stdout
    text = ida.quickstart.read_text("utf-8")
    new = ida.root / "new"
    shutil.copytree(ida.content, new)
    (new / "onboarding" / "quickstart.yaml").write_text(text.rstrip("\n") + "\n" + STEP, "utf-8")
    for file in (new / "onboarding").glob("team-rollout*"):
        file.unlink()

    said = ida.type_("plan", str(new)).stdout

    assert "added    meet-the-team: Meet the team (for newcomers alone)" in said
    assert "kept     workspace:" in said
    assert "team-rollout:" in said
    assert "retired" in said
    assert len(ida.versions()) == 1


def test_a_plan_of_broken_content_lists_the_problems(ida: Admin) -> None:
    ida.start()
    ida.quickstart.write_text("title: [\n", "utf-8")

    said = ida.type_("plan")

    assert said.exit_code == 1
    assert "quickstart.yaml:" in said.stderr


def test_history_tells_what_was_in_force_when_and_from_which_commit(ida: Admin) -> None:
    first = ida.git("rev-parse", "HEAD")
    ida.start()
    ida.quickstart.write_text(ida.quickstart.read_text("utf-8").rstrip("\n") + "\n" + STEP, "utf-8")
    ida.start()

    lines = ida.type_("history").stdout.splitlines()

    assert len(lines) == 2
    assert f"commit: {first[:12]}" in lines[0]
    assert "1 new step" in lines[1]
    assert "commit" not in lines[1]
    assert [row.outline is None for row in ida.versions()] == [True, False]


def test_a_rollback_brings_the_folder_back_and_touches_nothing_else(ida: Admin) -> None:
    before = ida.quickstart.read_text("utf-8")
    ida.start()
    ida.quickstart.write_text(before.rstrip("\n") + "\n" + STEP, "utf-8")
    shutil.copy(ida.quickstart, ida.content / "onboarding" / "another.yaml")
    ida.commit("Second")
    ida.start()
    (ida.root / "notes.txt").write_text("changed by somebody\n", "utf-8")

    said = ida.type_("rollback")

    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines()[:2] == ["onboarding/another.yaml", "onboarding/quickstart.yaml"]
    assert ida.quickstart.read_text("utf-8") == before
    assert not (ida.content / "onboarding" / "another.yaml").exists()
    assert (ida.root / "notes.txt").read_text("utf-8") == "changed by somebody\n"
    ida.start()
    assert ida.versions()[2].version == ida.versions()[0].version


def test_a_rollback_goes_to_a_version_a_number_or_a_commit(ida: Admin) -> None:
    first = ida.git("rev-parse", "HEAD")
    ida.start()
    version = ida.versions()[0].version
    ida.quickstart.write_text(ida.quickstart.read_text("utf-8").rstrip("\n") + "\n" + STEP, "utf-8")
    second = ida.commit("Second")

    for name in (version, "1", first, first[:10], "HEAD~1"):
        assert "1 file" in ida.type_("rollback", name).stdout
        ida.git("checkout", "-q", second, "--", "content")

    assert "already" in ida.type_("rollback", second).stdout


def test_a_rollback_refuses_while_something_is_not_committed(ida: Admin) -> None:
    first = ida.git("rev-parse", "HEAD")
    (ida.content / "onboarding" / "draft.yaml").write_text("title: Draft\n", "utf-8")
    ida.quickstart.write_text("# mine\n" + ida.quickstart.read_text("utf-8"), "utf-8")

    said = ida.type_("rollback", first)

    assert said.exit_code == 1
    assert "onboarding/draft.yaml" in said.stderr
    assert "2 files" in said.stderr
    assert f"git stash push --include-untracked -- {ida.content}" in said.stderr
    assert ida.quickstart.read_text("utf-8").startswith("# mine\n")


@pytest.mark.parametrize("name", ["nowhere", "--output=/tmp/x", "main:content", "$(touch /tmp/x)"])
def test_a_rollback_to_what_is_no_commit_says_so(ida: Admin, name: str) -> None:
    said = ida.type_("rollback", "--", name)

    assert said.exit_code == 1
    assert "no version and no commit is called" in said.stderr


def test_a_rollback_outside_a_repository_says_so(ida: Admin) -> None:
    shutil.rmtree(ida.root / ".git")

    said = ida.type_("rollback", "HEAD")

    assert said.exit_code == 1
    assert "Nothing was done" in said.stderr
    assert "is in no repository" in said.stderr
    assert "is in no repository" in ida.type_("rollback").stderr


def test_a_rollback_to_a_version_that_git_does_not_have_says_so_and_the_next_step(ida: Admin) -> None:
    assert "hub content rollback COMMIT" in ida.type_("rollback").stderr  # nothing was ever in force
    text = ida.quickstart.read_text("utf-8")
    ida.quickstart.write_text(text.rstrip("\n") + "\n" + STEP, "utf-8")
    ida.start()
    ida.quickstart.write_text(text, "utf-8")

    for name in ("1", ida.versions()[0].version):
        said = ida.type_("rollback", name)
        assert said.exit_code == 1
        assert "was never committed" in said.stderr
        assert f"git log --oneline -- {ida.content}" in said.stderr


def test_history_says_when_there_is_more(ida: Admin) -> None:
    ida.start()
    ida.quickstart.write_text(ida.quickstart.read_text("utf-8").rstrip("\n") + "\n" + STEP, "utf-8")
    ida.start()

    assert ida.type_("history", "--most", "1").stderr == "The newest 1 of 2 versions; --most 2 lists all.\n"
    assert ida.type_("history").stderr == "2 versions.\n"


def test_a_rollback_to_broken_content_is_refused(ida: Admin) -> None:
    good = ida.quickstart.read_text("utf-8")
    ida.quickstart.write_text("titel: Oh\n", "utf-8")
    broken = ida.commit("Broken")
    ida.quickstart.write_text(good, "utf-8")
    ida.commit("Mended")

    said = ida.type_("rollback", broken)

    assert said.exit_code == 1
    assert "onboarding/quickstart.yaml:1: " in said.stderr
    assert ida.quickstart.read_text("utf-8") == good
