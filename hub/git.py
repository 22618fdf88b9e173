"""The git repository a folder may lie in: which commit it is at, and how its files were at another."""

import subprocess
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
