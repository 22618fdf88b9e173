"""What the page of previews is given: the files as they are now, or the last good ones with what is wrong."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.people.importing import import_people
from hub.content.previewing import ContentPreview, files_of
from playground.sights import Showing, Wish, wish_of
from storage.database import Database

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 9, 10, tzinfo=UTC)
FILE = "onboarding/quickstart.yaml"
HOSTILE = "<img src=x onerror=alert(1)> *Bold* `x` {{ 7 * 7 }} [a](javascript:alert(1))"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


@pytest.fixture
def previewer(folder: Path) -> ContentPreview:
    return ContentPreview(folder, lambda: NOW)


def change(folder: Path, old: str, new: str, name: str = FILE) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def said(showing: Showing) -> str:
    return "\n".join(
        "\n".join((message.text, *(button.label for buttons in message.rows for button in buttons)))
        for row in showing.rows
        for sights in row.sights
        for sight in sights
        for message in sight.messages
    )


async def test_both_messengers_take_every_card_of_the_sample_content(folder: Path, previewer: ContentPreview) -> None:
    for file in files_of(folder):
        showing = await previewer.show(Wish(file))

        assert showing.rows
        sights = [sight for row in showing.rows for sights in row.sights for sight in sights]
        assert [sight.objection for sight in sights if sight.objection] == []
        assert {sight.messenger for sight in sights} == {"telegram", "slack"}
        assert len({row.key for row in showing.rows}) == len(showing.rows)


async def test_the_first_checklist_is_shown_when_nothing_was_chosen(previewer: ContentPreview) -> None:
    showing = await previewer.show(Wish())

    assert showing.file == FILE
    assert showing.readers[0].name.startswith("Alex Doe")


async def test_a_broken_save_keeps_the_last_good_cards_and_says_what_is_wrong(
    folder: Path, previewer: ContentPreview
) -> None:
    good = await previewer.show(Wish(FILE))
    change(folder, "title: See Relay in two minutes", "titel: See Relay in two minutes")
    change(folder, "language: en", "language: xx", "hub.yaml")

    broken = await previewer.show(Wish(FILE))

    assert broken.rows == good.rows
    assert [trouble.where.partition(":")[0] for trouble in broken.troubles if trouble.here] != []
    assert {trouble.where.partition(":")[0] for trouble in broken.troubles} >= {FILE, "hub.yaml"}

    change(folder, "titel:", "title:")
    change(folder, "language: xx", "language: en", "hub.yaml")
    assert (await previewer.show(Wish(FILE))).troubles == ()


async def test_files_that_were_never_good_show_their_problems_alone(folder: Path, previewer: ContentPreview) -> None:
    (folder / FILE).write_text("title: [", "utf-8")

    showing = await previewer.show(Wish(FILE))

    assert showing.rows == ()
    assert showing.troubles


async def test_what_is_in_force_is_shown_while_the_files_are_broken(folder: Path) -> None:
    in_force, _ = await ContentPreview(folder, lambda: NOW).catalogue()
    (folder / FILE).write_text("title: [", "utf-8")

    showing = await ContentPreview(folder, lambda: NOW, None, lambda: in_force).show(Wish(FILE))

    assert showing.rows
    assert showing.troubles


async def test_several_readers_stand_in_the_same_rows(database: Database, folder: Path) -> None:
    people = "account,contact,email,role,language\nAcme,Dana Lee,dana@acme.example,admin,en\n"
    await database.transact(import_people, people, NOW)
    previewer = ContentPreview(folder, lambda: NOW, database)

    showing = await previewer.show(Wish(FILE, (("dana@acme.example", ""), ("", "ru"), ("gone@acme.example", ""))))

    names = [reader.name for reader in showing.readers]
    assert names == ["Dana Lee, admin · Acme · en", "Alex Doe · Example Ltd · ru", "gone@acme.example"]
    assert all(len(row.sights) == 3 and row.sights[2] == () for row in showing.rows)
    assert showing.note == "Nobody is known as gone@acme.example."
    assert ("dana@acme.example", "Acme") in {(one.value, one.group) for one in showing.people}


async def test_hostile_names_and_texts_show_as_they_are(database: Database, folder: Path) -> None:
    quoted = HOSTILE.replace('"', '""')
    await database.transact(import_people, f'account,contact,email\n"{quoted}",Eve,eve@acme.example\n', NOW)
    change(folder, "    text: |\n", "    text: |\n      <b onclick=alert(1)>Hi</b> {{ client.name }}\n")

    showing = await ContentPreview(folder, lambda: NOW, database).show(Wish(FILE, (("eve@acme.example", ""),)))

    assert f"<b onclick=alert(1)>Hi</b> {HOSTILE}" in said(showing)
    for row in showing.rows:
        for message in (message for sights in row.sights for sight in sights for message in sight.messages):
            assert "<img" not in message.html
            assert "<b onclick" not in message.html
            assert 'href="javascript' not in message.html


@pytest.mark.parametrize("name", ["hub.yaml", "../secret.png", "/etc/passwd", "missing.png", "onboarding", ""])
def test_only_pictures_and_films_of_the_folder_are_served(folder: Path, previewer: ContentPreview, name: str) -> None:
    (folder.parent / "secret.png").write_bytes(b"x")

    assert previewer.media(name) is None


def test_a_picture_of_the_folder_is_served(folder: Path, previewer: ContentPreview) -> None:
    (folder / "pictures").mkdir()
    (folder / "pictures" / "hello.png").write_bytes(b"x")

    assert previewer.media("pictures/hello.png") == folder / "pictures" / "hello.png"


async def test_the_state_changes_with_a_save_and_stands_still_without(folder: Path, previewer: ContentPreview) -> None:
    before = await previewer.state()
    assert await previewer.state() == before

    change(folder, "title: See Relay in two minutes", "title: See it")

    assert await previewer.state() != before


def test_at_most_three_readers_are_wished_for() -> None:
    assert len(wish_of(FILE, ["", "a@b.example", "c@d.example", "e@f.example"], ["", "ru"]).readers) == 3
    assert wish_of(FILE, [], []).readers == (("", ""),)


async def test_a_language_that_is_a_draft_can_be_looked_at_until_something_is_wrong_with_it(
    folder: Path, previewer: ContentPreview
) -> None:
    draft = folder / "phrases/it.yaml"
    draft.write_text("button:\n  done: Fatto\n", "utf-8")

    showing = await previewer.show(Wish(FILE, (("", "it"),)))

    assert {"English (en)", "English (it)"} <= {one.label for one in showing.languages}
    assert "Fatto" in said(showing)

    draft.write_text("button:\n  done: '{{'\n", "utf-8")
    showing = await previewer.show(Wish(FILE))
    assert showing.troubles == ()
    assert "it" not in {one.value for one in showing.languages}
