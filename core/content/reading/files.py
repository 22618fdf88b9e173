"""The bytes of the content folder: each file is read once, and again only when it may have changed."""

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

LARGEST_FILE: Final = 1_000_000
"""Bytes."""

OURS: Final = (".yaml", ".yml", ".md")
"""How files end that somebody wrote for the hub. Others in its folders are warned of, and passed over."""

_TRIES: Final = 3
"""How often a file is read that changes under our hands."""

_Stamp: TypeAlias = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A file as it was when it was looked at, or what kept it from being read."""

    data: bytes
    digest: bytes
    trouble: tuple[str, str] | None = None
    """What is wrong, and how to mend it; then there is no data."""


@dataclass(frozen=True, slots=True)
class _Kept:
    page: Page
    stamp: _Stamp | None
    sure: bool
    """Read twice with this stamp: then a file with the same stamp is not read again."""


class Files:
    """A content folder. Names are relative to it, as `onboarding/tour.yaml`.

    Whether a file may have changed is told by its inode, size and times. Two saves in one tick of the file system's
    clock leave the same: so a stamp is believed from the second reading on, and one in whole seconds never.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, _Kept] = {}
        self._seen: dict[str, Page] = {}

    def begin(self) -> str:
        """Begin a new reading. Returns why the folder cannot be read, or nothing."""
        self._kept = {name: kept for name, kept in self._kept.items() if name in self._seen}
        self._seen = {}
        try:
            with os.scandir(self.folder):
                return ""
        except OSError as error:
            return _reason(error)

    def names(self, part: str) -> list[str]:
        """What lies in a folder of the content, in order. Raises OSError when it cannot be read."""
        path = self.folder / part
        if not self._inside(path):
            raise OSError(errno.EXDEV, "it lies outside the content folder")
        return sorted(entry.name for entry in path.iterdir())

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def page(self, name: str) -> Page:
        """What a file holds. The same all through a reading."""
        page = self._seen.get(name)
        if page is None:
            page = self._seen[name] = self._look(name)
        return page

    def version(self) -> str:
        """Of the very bytes that were read, so that a file changed meanwhile makes another version."""
        digest = hashlib.sha256()
        for name, page in sorted(self._seen.items()):
            digest.update(f"{name}\0".encode("utf-8", "surrogateescape") + page.digest)
        return digest.hexdigest()[:12]

    def shown(self, name: str) -> str:
        """A file's path for people: what cannot be printed is written out."""
        path = str(self.folder / name) if name else str(self.folder)
        safe = path.encode("utf-8", "backslashreplace").decode()
        return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in safe)

    def _look(self, name: str) -> Page:
        path = os.path.join(self.folder, name)  # noqa: PTH118 - of thousands of files, and a Path costs ten times as much
        kept = self._kept.get(name)
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                if not self._inside(path):
                    return _troubled(
                        "the file lies outside the content folder", "copy it in, links out are not followed"
                    )
                status = os.stat(path)  # noqa: PTH116 - the same
            stamp = _stamp(status)
            if kept is not None and kept.sure and kept.stamp == stamp:
                return kept.page
            if not stat.S_ISREG(status.st_mode):
                return _troubled("this is no file but something else", "take it out of the folder")
            if status.st_size > LARGEST_FILE:
                return _too_large()
            page, fresh = _read(path, stamp)
        except OSError as error:
            return _troubled(f"the file cannot be read: {_reason(error)}", "check that it is there and may be read")
        if kept is not None and kept.page.digest == page.digest:
            page = kept.page  # what was made of it is known by this very value
        self._kept[name] = _Kept(page, fresh, _is_sure(kept, fresh, page))
        return page

    def _inside(self, path: str | Path) -> bool:
        try:
            return Path(path).resolve().is_relative_to(self.folder.resolve())
        except RuntimeError as error:  # a loop of links, before Python 3.13
            raise OSError(errno.ELOOP, "it links to itself") from error


def _is_sure(kept: _Kept | None, stamp: _Stamp | None, page: Page) -> bool:
    if kept is None or stamp is None or stamp[-1] % 1_000_000_000 == 0:
        return False
    return kept.stamp == stamp and kept.page is page


def _read(path: str, stamp: _Stamp) -> tuple[Page, _Stamp | None]:
    """What a file holds, and its stamp. Raises OSError."""
    for _ in range(_TRIES):
        # Should a pipe have taken its place meanwhile, nobody must wait for whoever writes into it.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(number, "rb") as file:  # noqa: PTH123 - of a number there is no Path
            data = file.read(LARGEST_FILE + 1)
            after = _stamp(os.fstat(number))
        if len(data) > LARGEST_FILE:
            return _too_large(), None
        if after == stamp:
            return Page(data, hashlib.sha256(data).digest()), stamp
        stamp = after
    return _troubled("the file is being written", "it is read again as soon as it is whole"), None


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _troubled(what: str, mend: str) -> Page:
    return Page(b"", what.encode(), (what, mend))


_OUTSIDE: Final = _troubled("the file lies outside the content folder", "copy it in, links out are not followed")


def _too_large() -> Page:
    return _troubled(f"the file has more than {LARGEST_FILE:,} bytes", "split it, or remove what is no text")


def _reason(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "it links to itself"
    return error.strerror or type(error).__name__


def is_about_files(name: str) -> bool:
    """Whether a file by this name tells people of those beside it."""
    return name.upper().startswith(("README", "LICENSE"))
