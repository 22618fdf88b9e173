"""`hub content preview` shows what a file leads to, and leaves everything as it was."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub import logs
from hub.cli import app

ROOT = Path(__file__).parents[2]
PEOPLE = "account,contact,email,role,language\nAcme,Olga Lind,olga@acme.example,admin,ru\n"
FILE = "onboarding/quickstart.yaml"


class Desk:
    """An admin's folder with a copy of the content, and a command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content = folder / "content"
        shutil.copytree(ROOT / "content", self.content)

    def hub(self, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), env={"COLUMNS": "100"})

    def preview(self, *words: str) -> Result:
        return self.hub("content", "preview", *words)

    def change(self, name: str, old: str, new: str) -> None:
        file = self.content / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_CONTENT", str(tmp_path / "content"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hub.db'}")
    monkeypatch.setattr(logs, "configure", lambda *_args, **_more: None)  # it would take pytest's own logging away
    return Desk(tmp_path)


def test_a_checklist_is_shown_as_both_messengers_show_it(desk: Desk) -> None:
    said = desk.preview(FILE)

    assert said.exit_code == 0
    assert "─ Telegram ─" in said.stdout
    assert "─ Slack ─" in said.stdout
    assert "│ See Relay in two minutes " in said.stdout
    assert "[Skip]  [I'm stuck]" in said.stdout
    assert "(https://app.relay.example/start)" in said.stdout
    assert "would not take" not in said.stdout


def test_one_messenger_can_be_asked_for(desk: Desk) -> None:
    said = desk.preview(FILE, "--messenger", "slack")

    assert "─ Slack ─" in said.stdout
    assert "─ Telegram ─" not in said.stdout


def test_a_save_that_is_not_in_force_yet_is_what_is_shown(desk: Desk) -> None:
    desk.change(FILE, "title: See Relay in two minutes", "title: See it at once")

    assert "See it at once" in desk.preview(FILE).stdout


def test_broken_files_list_every_problem_and_show_nothing(desk: Desk) -> None:
    desk.change(FILE, "title: See Relay in two minutes", "titel: See Relay in two minutes")
    desk.change("hub.yaml", "language: en", "language: xx")

    said = desk.preview(FILE)

    assert said.exit_code == 1
    assert said.stdout == ""
    assert "quickstart.yaml:" in said.stderr
    assert "hub.yaml:" in said.stderr
    assert "Nothing is shown before that is mended." in said.stderr


def test_a_contact_is_spoken_to_by_name_and_in_their_language(desk: Desk) -> None:
    people = desk.folder / "people.csv"
    people.write_text(PEOPLE, "utf-8")
    assert desk.hub("import", str(people)).exit_code == 0

    said = desk.preview("hub.yaml", "--as", "Olga@acme.example")

    assert "Olga Lind, admin · Acme · ru" in said.stdout
    assert "Здравствуйте, Olga!" in said.stdout


def test_another_language_can_be_tried_on(desk: Desk) -> None:
    assert "Hello Alex" in desk.preview("hub.yaml").stdout
    assert "Здравствуйте, Alex" in desk.preview("hub.yaml", "--lang", "ru").stdout
    assert "Relay за две минуты" in desk.preview("onboarding/quickstart.ru.yaml").stdout


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("nothing.yaml",), 2, "There is no file nothing.yaml"),
        (("../secret.yaml",), 2, "There is no file ../secret.yaml"),
        ((), 2, "Which file?"),
        ((FILE, "--lang", "xx"), 2, "There are no phrases in 'xx'; --lang is one of: "),
        ((FILE, "--messenger", "icq"), 2, "There is no messenger 'icq'"),
        ((FILE, "--as", "olga@acme.example"), 1, "Nobody is known yet"),
        ((FILE, "--as", "olga@acme.example", "--role", "admin"), 2, "--role is for somebody made up"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_sentence(
    desk: Desk, words: tuple[str, ...], code: int, sentence: str
) -> None:
    (desk.folder / "secret.yaml").write_text("token: 1", "utf-8")

    said = desk.preview(*words)

    assert said.exit_code == code
    assert sentence in said.stderr
    assert said.stdout == ""


def test_an_email_nobody_has_is_told(desk: Desk) -> None:
    people = desk.folder / "people.csv"
    people.write_text(PEOPLE, "utf-8")
    desk.hub("import", str(people))

    said = desk.preview(FILE, "--as", "pavel@acme.example")

    assert said.exit_code == 2
    assert "Nobody is known as pavel@acme.example." in said.stderr


def test_looking_makes_no_database(desk: Desk) -> None:
    desk.preview(FILE)

    assert not (desk.folder / "hub.db").exists()


def test_a_page_to_keep_needs_nothing_else(desk: Desk) -> None:
    desk.change(FILE, "title: See Relay in two minutes", 'title: "<script>alert(1)</script>"')

    page = desk.preview(FILE, "--html").stdout

    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'src="/' not in page
    assert 'href="/' not in page


def test_a_slip_in_a_role_is_told(desk: Desk) -> None:
    said = desk.preview(FILE, "--role", "admn")

    assert said.exit_code == 2
    assert "Nothing here is for the role 'admn'; did you mean 'admin'?" in said.output
    assert desk.preview(FILE, "--role", "Admin").exit_code == 0
