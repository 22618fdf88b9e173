"""The demo says where things are, and leaves nothing behind however it is ended."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.demo import first_morning
from tests.stories.town import ROOT, free_port

NOON = datetime(2027, 5, 5, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("files", "begins"),
    [
        ((), (2027, 5, 5)),
        (("2026-11-05-one.md", "2026-11-05-one.de.md", "2026-13-45-two.md", "notes.md"), (2026, 11, 4)),
        (("2026-11-02-monday.md",), (2026, 10, 30)),
        (tuple(f"2026-11-{day:02}-news.md" for day in range(3, 13)), (2026, 11, 6)),
    ],
    ids=("none", "one", "after a weekend", "many"),
)
def test_a_demo_begins_on_a_working_morning_before_the_news(
    tmp_path: Path, files: tuple[str, ...], begins: tuple[int, int, int]
) -> None:
    (tmp_path / "updates").mkdir()
    for name in files:
        (tmp_path / "updates" / name).touch()

    assert first_morning(tmp_path, NOON) == datetime(*begins, 9, tzinfo=UTC)


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_a_demo_tells_its_database_and_what_is_broken_and_cleans_up_when_it_is_told_to_end(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    place = tmp_path / "tmp"
    place.mkdir()
    surroundings = os.environ | {"HUB_NO_BROWSER": "1", "TMPDIR": str(place), "HUB_CONTENT": str(tmp_path / "content")}
    command = [sys.executable, "-m", "hub", "demo", "--port", str(free_port())]
    demo = subprocess.Popen(
        command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(60, demo.kill)
    watchdog.start()
    try:
        assert demo.stdout is not None
        assert demo.stderr is not None
        said = next(line for line in demo.stdout if "DATABASE_URL=" in line)
        assert f"DATABASE_URL=sqlite:///{place}/hub-demo-" in said
        (tmp_path / "content" / "hub.yaml").write_text("vendr: Relay\n", "utf-8")
        problem = next(line for line in demo.stderr if "hub.yaml:1" in line)
        assert "has no 'vendr'" in problem
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=30)
    finally:
        watchdog.cancel()
        demo.kill()
        demo.wait()

    assert list(place.glob("hub-demo-*")) == []
