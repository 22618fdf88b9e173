"""A content folder of one's own to break."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample content without checklists, guides, updates and mailings, below the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "content", "content")
    for part in ("onboarding", "guides", "updates", "mailings"):
        for path in Path("content", part).iterdir():
            path.unlink()
    return Path("content")
