"""The git repository a folder may lie in: which commit it is at, and how its files were at another."""

import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

PATIENCE = 20.0
"""Seconds that git may take; longer means that it waits for something, which it must not."""


class GitProblem(Exception):
    """Git could not do it; the text says why, as git does."""


def run(folder: Path, arguments: Sequence[str]) -> str:
    """What git prints when called in this folder. Raises GitProblem. Nothing goes through a shell."""
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)  # noqa: S603 - a list, no shell
    except FileNotFoundError:
        raise GitProblem("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise GitProblem(f"git {arguments[0]} took longer than {PATIENCE:.0f} seconds") from None
    if done.returncode:
        raise GitProblem(done.stderr.decode("utf-8", "replace").strip() or f"git {arguments[0]} failed")
    return done.stdout.decode("utf-8", "replace")


def commit_of(folder: Path) -> str | None:
    """The commit the folder is at, in full; None when it lies in no repository, or differs from what is committed."""
    try:
        if changed(folder):
            return None
        return run(folder, ["rev-parse", "--verify", "HEAD"]).strip()
    except GitProblem:
        return None


def changed(folder: Path) -> list[str]:
    """Files below the folder that are not as committed, new ones included, by path from it. Raises GitProblem."""
    listed = run(folder, ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", "."])
    root = Path(run(folder, ["rev-parse", "--show-toplevel"]).rstrip("\n"))
    return [_from(folder, root / entry[3:]) for entry in listed.split("\0") if entry]


def _from(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder.resolve()))


def known_commit(folder: Path, name: str) -> str:
    """The commit of this name, in full. Raises GitProblem when there is none."""
    try:
        return run(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]).strip()
    except GitProblem as problem:
        raise GitProblem(f"no version and no commit is called {name!r}") from problem


def export(folder: Path, commit: str, place: Path) -> None:
    """Write the folder as it was at that commit into `place`, an empty folder. Raises GitProblem."""
    archive = place / "content.tar"
    run(folder, ["archive", "--format=tar", f"--output={archive}", commit, "--", "."])
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(place, filter="data")
    except tarfile.TarError as error:
        raise GitProblem(f"{commit[:12]} has something in the folder that is no plain file") from error
    finally:
        archive.unlink()


def bring_back(folder: Path, commit: str) -> list[str]:
    """Make the folder's files what they were at that commit; those that came since go. Only the folder is touched.

    Returns what differed, by path from the folder. Nothing is committed. Raises GitProblem.
    """
    listed = run(folder, ["diff", "--name-only", "-z", "--no-renames", "--relative", commit, "--", "."])
    different = [name for name in listed.split("\0") if name]
    if different:
        run(folder, ["restore", f"--source={commit}", "--worktree", "--", "."])
    return different
