"""Writes a content folder to begin with: a small checklist, the phrases in all our languages, with remarks."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.content.schema import write_schemas
from core.content.texts.translations import keep_marks, translations

STARTER: Final = Path(__file__).parent / "starter"
"""What is ours to begin with. An installed package has the phrases and the example of .env here, too."""

_CLONE: Final = Path(__file__).parents[1]
"""Where phrases and .env.example lie when the hub runs from its sources."""


class AlreadyThere(Exception):
    """There is something where we would write."""


def write_content(folder: Path) -> None:
    """Write it whole or not at all. Raises AlreadyThere unless there is nothing or an empty folder, OSError else."""
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AlreadyThere(f"{folder} is there already, and not empty.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        fresh = Path(beside) / folder.name
        for source, name in _files():
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        write_schemas(fresh)
        keep_marks(fresh, (one for one in translations(fresh) if one.lines))
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)


def write_settings(file: Path) -> bool:
    """Write .env from the example, readable for its owner alone: it will hold tokens. False when there is one."""
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(number, "wb") as env:
        env.write(_shipped(STARTER / "env.example", _CLONE / ".env.example").read_bytes())
    return True


def _files() -> Iterator[tuple[Path, str]]:
    """What is copied, and the name it gets."""
    for path in sorted((*STARTER.rglob("*.yaml"), *STARTER.rglob("*.md"))):
        name = path.relative_to(STARTER).as_posix()
        if not name.startswith("phrases/"):
            yield path, name
    for path in sorted(_shipped(STARTER / "phrases", _CLONE / "content/phrases").glob("*.yaml")):
        yield path, f"phrases/{path.name}"


def _shipped(packaged: Path, cloned: Path) -> Path:
    return packaged if packaged.exists() else cloned
