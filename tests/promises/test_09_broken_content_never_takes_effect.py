"""Broken content never takes effect, and says which file, which line and what to do.

`tests/content` has every kind of mistake; here is what they do to a hub.
"""

import re
import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.content.catalogue import BrokenContent
from hub.running import running
from hub.settings import Settings
from storage.database import Database
from tests.stories.town import ROOT, free_port


def _broken(folder: Path, *, slightly: bool = False) -> Path:
    """One name is misspelt; unless only `slightly`, the rules are wrong too."""
    shutil.copytree(ROOT / "content", folder / "content")
    file = folder / "content" / "onboarding" / "quickstart.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("needs: [workspace]", "needs: [worksapce]", 1), encoding="utf-8")
    if not slightly:
        (folder / "content" / "hub.yaml").write_text("vendor: Relay\nmost_per_day: many\n", encoding="utf-8")
    return folder / "content"


async def test_a_hub_refuses_to_start_and_names_every_place(sqlite_url: str, tmp_path: Path) -> None:
    content = _broken(tmp_path)
    settings = Settings(
        _env_file=None, database_url=SecretStr(sqlite_url), hub_content=content, hub_http_port=free_port()
    )

    with pytest.raises(BrokenContent) as broken:
        async with running(settings):
            raise AssertionError("it runs")

    told = str(broken.value)
    assert re.search(r"quickstart\.yaml:\d+: .*worksapce.*; ", told)
    assert re.search(r"hub\.yaml:2: .*most_per_day.*; ", told)


async def test_a_start_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    content, file = _broken(tmp_path, slightly=True), tmp_path / "never.db"
    url = SecretStr(f"sqlite:///{file}")
    settings = Settings(_env_file=None, database_url=url, hub_content=content, hub_http_port=free_port())

    with pytest.raises(BrokenContent):
        async with running(settings):
            raise AssertionError("it runs")

    assert not file.exists()
    Database(url.get_secret_value()).close()
