"""An update is a file whose name begins with its day; whatever is wrong in it is told with its line."""

from datetime import date
from pathlib import Path

import pytest

from core.content.checking import Reader, check_content, read_catalogue

UPDATE = "---\ntitle: Export\nsummary: In one file\n---\n\nOpen **Contacts**.\n"


@pytest.fixture
def updates(content: Path) -> Path:
    return content / "updates"


def problems(content: Path) -> list[str]:
    return [str(one) for one in check_content(content) if "updates/" in str(one)]


def test_the_day_and_the_id_come_from_the_name(content: Path, updates: Path) -> None:
    (updates / "2026-11-03-bulk-export.md").write_text(UPDATE)
    (updates / "2026-11-03-bulk-export.ru.md").write_text(
        "---\ntitle: Выгрузка\nsummary: Одним файлом\n---\nОткройте.\n"
    )

    update = read_catalogue(content).updates["bulk-export"]

    assert update.published == date(2026, 11, 3)
    assert update.title.by_language == {"en": "Export", "ru": "Выгрузка"}
    assert update.text.by_language["en"] == "Open **Contacts**."
    assert (update.topic, update.importance, update.valid_until) == ("product", "normal", None)


def test_the_newest_comes_first_whatever_the_names(content: Path, updates: Path) -> None:
    for name in ("2026-10-01-b", "2026-11-03-a", "2025-12-31-z"):
        (updates / f"{name}.md").write_text(UPDATE)

    assert list(read_catalogue(content).updates) == ["a", "b", "z"]


def test_a_product_and_a_condition_must_both_fit(content: Path, updates: Path) -> None:
    keys = "summary: In one file\nproduct: Reports\nwhen: role == 'admin'\n"
    (updates / "2026-11-03-export.md").write_text(UPDATE.replace("summary: In one file\n", keys))

    update = read_catalogue(content).updates["export"]

    assert update.when.holds({"product": ("reports",), "role": "admin"})
    assert not update.when.holds({"product": ("Reports",), "role": "finance"})
    assert not update.when.holds({"role": "admin"})


def test_a_picture_of_the_folder_is_looked_for_again(content: Path, updates: Path) -> None:
    (updates / "2026-11-03-export.md").write_text(UPDATE.replace("---\n\n", "picture: pictures/a.png\n---\n\n"))
    reader = Reader(content)
    assert problems(content) == [
        (
            "content/updates/2026-11-03-export.md:4: there is no file 'pictures/a.png'; "
            "put it below the content folder, or give a web address"
        )
    ]
    (content / "pictures").mkdir()
    (content / "pictures/a.png").write_bytes(b"png")

    picture = reader.read().updates["export"].picture
    assert picture is not None
    assert picture.by_language == {"en": "pictures/a.png"}


@pytest.mark.parametrize(
    ("name", "keys", "where"),
    [
        ("bulk-export.md", "", ":1: the file's name does not begin with a day; name it as 2026-11-03-bulk-export.md"),
        ("2026-13-03-export.md", "", ":1: the file's name does not begin with a day"),
        ("2026-02-30-export.md", "", ":1: the file's name does not begin with a day"),
        ("2026-11-03.md", "", ":1: the file's name does not begin with a day"),
        (f"2026-11-03-{'x' * 33}.md", "", ":1: the file's name is its id, of at most 43 characters"),
        ("2026-11-03-a.md", "topic: produkt\n", ":4: hub.yaml has no topic 'produkt'; did you mean 'product'?"),
        ("2026-11-03-a.md", "importance: hihg\n", ":4: 'importance' is 'hihg'; did you mean 'high'?"),
        ("2026-11-03-a.md", "valid_until: 2026-11-31\n", ":4: there is no 2026-11-31"),
        ("2026-11-03-a.md", "valid_until: tomorrow\n", ":4: 'tomorrow' is no day; write it as 2026-12-31"),
        ("2026-11-03-a.md", "valid_until: 2026-11-02\n", ":4: it ends before it begins"),
        ("2026-11-03-a.md", "when: rolle == 'admin'\n", ":4: 'when': "),
        ("2026-11-03-a.md", "picture: http://\n", ":4: the picture's address 'http://' leads nowhere"),
        ("2026-11-03-a.md", "video: {label: Tour}\n", ":4: a video has no 'source'"),
        ("2026-11-03-a.md", "sumary: x\n", ":4: an update has no 'sumary'; did you mean 'summary'?"),
    ],
)
def test_a_broken_update_names_the_line(content: Path, updates: Path, name: str, keys: str, where: str) -> None:
    (updates / name).write_text(UPDATE.replace("---\n\n", f"{keys}---\n\n"))

    assert [one for one in problems(content) if one.startswith(f"content/updates/{name}{where}")], problems(content)


def test_two_updates_of_one_name_are_told(content: Path, updates: Path) -> None:
    (updates / "2026-11-03-export.md").write_text(UPDATE)
    (updates / "2026-10-03-export.md").write_text(UPDATE)

    assert problems(content) == [
        (
            "content/updates/2026-10-03-export.md:1: 'export' is told already, on 2026-11-03; "
            "give it another name behind the day"
        )
    ]


def test_a_translation_has_no_picture_where_its_update_has_none(content: Path, updates: Path) -> None:
    (updates / "2026-11-03-export.md").write_text(UPDATE)
    (updates / "2026-11-03-export.ru.md").write_text(
        "---\ntitle: A\nsummary: B\npicture: https://x.example/a.png\n---\nC\n"
    )

    [problem] = problems(content)
    assert problem.startswith("content/updates/2026-11-03-export.ru.md:4: content/updates/2026-11-03-export.md has no")
