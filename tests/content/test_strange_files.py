"""What may lie in a folder that people and programs write to: each gets one clear line, and nothing waits or breaks."""

import os
import socket
from pathlib import Path

import pytest

from core.content.catalogue import BrokenContent
from core.content.checking import Reader, check_content, read_catalogue
from core.content.reading.files import Files

STEP = "title: Tour\nsteps:\n  - title: Look around\n    text: |\n      Open\n      the app.\n"


def told(content: Path) -> list[str]:
    return [str(problem) for problem in check_content(content)]


def test_windows_line_ends_say_the_same(content: Path) -> None:
    path = content / "onboarding/tour.yaml"
    path.write_text(STEP)
    plain = read_catalogue(content).checklists

    path.write_bytes(STEP.replace("\n", "\r\n").encode())

    assert read_catalogue(content).checklists == plain


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_count_them(content: Path, end: str) -> None:
    text = f"{STEP}    titel: Tour\n".replace("\n", end)
    (content / "onboarding/tour.yaml").write_bytes(text.encode())

    (problem,) = told(content)

    assert problem.startswith("content/onboarding/tour.yaml:7: a step has no 'titel'")


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"])
def test_what_ends_a_line_for_nobody_but_yaml_is_refused(content: Path, sign: str) -> None:
    (content / "onboarding/tour.yaml").write_text(f"{STEP}# one{sign}two\n", "utf-8")

    (problem,) = told(content)

    assert problem == "content/onboarding/tour.yaml:7: a character that cannot be seen; delete it"


def test_two_files_with_one_id_are_told(content: Path) -> None:
    for name in ("tour.yaml", "tour.yml"):
        (content / "onboarding" / name).write_text(STEP)

    (problem,) = told(content)

    assert problem == (
        "content/onboarding/tour.yml:1: the file's name says nothing to the hub; "
        "delete it, for there is a tour.yaml, or name it differently"
    )


def test_ten_megabytes_are_not_even_read(content: Path) -> None:
    path = content / "onboarding/tour.yaml"
    path.write_text(STEP)
    os.truncate(path, 10_000_000)

    (problem,) = told(content)

    assert problem == (
        "content/onboarding/tour.yaml:1: the file has more than 1,000,000 bytes; split it, or remove what is no text"
    )


def test_a_label_of_300_characters_is_told(content: Path) -> None:
    (content / "onboarding/tour.yaml").write_text(f"{STEP}    skip_reasons: [{'x' * 300}]\n")

    (problem,) = told(content)

    assert problem == "content/onboarding/tour.yaml:7: the text has 300 characters, 40 fit; shorten it"


def test_a_pipe_is_not_waited_for(content: Path) -> None:
    os.mkfifo(content / "onboarding/tour.yaml")

    (problem,) = told(content)

    assert problem == ("content/onboarding/tour.yaml:1: this is no file but something else; take it out of the folder")


def test_a_socket_is_no_file(content: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("content/onboarding/tour.yaml")

        (problem,) = told(content)

    assert "this is no file but something else" in problem


def test_a_folder_called_like_a_file_is_no_file(content: Path) -> None:
    (content / "onboarding/tour.yaml").mkdir()

    (problem,) = told(content)

    assert "this is no file but something else" in problem


def test_a_device_behind_a_link_is_not_read(content: Path) -> None:
    (content / "onboarding/tour.yaml").symlink_to("/dev/zero")

    (problem,) = told(content)

    assert "the file lies outside the content folder" in problem


def test_a_folder_that_is_a_link_out_is_not_followed(content: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/tour.yaml").write_text(STEP)
    (content / "onboarding").rmdir()
    (content / "onboarding").symlink_to(tmp_path / "elsewhere")

    (problem,) = told(content)

    assert problem == "content/onboarding:1: the folder cannot be read: it lies outside the content folder; make it"


def test_links_within_the_folder_are_followed(content: Path) -> None:
    """So do the volumes of Kubernetes show their files."""
    (content / "..2026").mkdir()
    (content / "..2026/tour.yaml").write_text(STEP)
    (content / "..data").symlink_to("..2026")
    (content / "onboarding/tour.yaml").symlink_to("../..data/tour.yaml")

    assert list(read_catalogue(content).checklists) == ["tour"]


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_a_file_nobody_may_read_is_told(content: Path) -> None:
    path = content / "onboarding/tour.yaml"
    path.write_text(STEP)
    path.chmod(0)

    (problem,) = told(content)

    assert "the file cannot be read: Permission denied" in problem


def test_a_link_to_nothing_is_told(content: Path) -> None:
    (content / "onboarding/tour.yaml").symlink_to("gone.yaml")

    (problem,) = told(content)

    assert problem == (
        "content/onboarding/tour.yaml:1: the file cannot be read: No such file or directory; "
        "check that it is there and may be read"
    )


def test_a_file_that_vanishes_after_it_was_listed_is_told(content: Path) -> None:
    (content / "onboarding/tour.yaml").write_text(STEP)
    files = Files(content)
    files.begin()
    (name,) = files.names("onboarding")

    (content / "onboarding" / name).unlink()

    assert files.page(f"onboarding/{name}").trouble == (
        "the file cannot be read: No such file or directory",
        "check that it is there and may be read",
    )


@pytest.mark.parametrize("name", [b"\xff\xfe.yaml", "тур.yaml".encode(), b"to\nur.yaml", "e\u0301.yaml".encode()])
def test_a_name_in_odd_characters_can_be_told(content: Path, name: bytes) -> None:
    Path(os.fsdecode(b"content/onboarding/" + name)).write_text(STEP)

    (problem,) = told(content)

    assert "the file's name says nothing to the hub; name it as quickstart.yaml" in problem
    assert len(problem.encode().splitlines()) == 1


def test_a_folder_that_is_gone_gets_one_line(tmp_path: Path) -> None:
    (problem,) = told(tmp_path / "nowhere")

    assert problem == (
        f"{tmp_path}/nowhere:1: the folder cannot be read: No such file or directory; "
        "make it, or set HUB_CONTENT to yours"
    )


def test_a_folder_that_was_gone_for_a_moment_is_as_it_was(content: Path, tmp_path: Path) -> None:
    (content / "onboarding/tour.yaml").write_text(STEP)
    reader = Reader(content)
    before = reader.read()

    content.rename(tmp_path / "away")
    with pytest.raises(BrokenContent):
        reader.read()
    (tmp_path / "away").rename(content)

    assert reader.read().version == before.version


def test_a_broken_save_leaves_what_was_read_before_as_it_was(content: Path) -> None:
    path = content / "onboarding/tour.yaml"
    path.write_text(STEP)
    reader = Reader(content)
    before = reader.read()
    title = before.checklists["tour"].title

    path.write_text(STEP[:60])
    with pytest.raises(BrokenContent):
        reader.read()

    assert before.checklists["tour"].title is title
    path.write_text(STEP)
    assert reader.read().version == before.version


def test_a_film_that_goes_missing_is_told_though_no_text_changed(content: Path) -> None:
    (content / "tour.mp4").write_bytes(b"film")
    (content / "onboarding/tour.yaml").write_text(f"{STEP}    video: tour.mp4\n")
    reader = Reader(content)
    reader.read()

    (content / "tour.mp4").unlink()

    with pytest.raises(BrokenContent) as broken:
        reader.read()
    assert [problem.what for problem in broken.value.problems] == ["there is no file 'tour.mp4'"]


def test_two_saves_of_one_length_at_one_moment_are_both_seen(content: Path) -> None:
    path = content / "onboarding/tour.yaml"
    path.write_text(STEP)
    status = path.stat()
    reader = Reader(content)
    before = reader.read()

    path.write_text(STEP.replace("Tour", "Walk"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    after = reader.read()
    assert after.version != before.version
    assert after.checklists["tour"].title.by_language["en"] == "Walk"
