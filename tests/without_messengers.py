"""A pytest plugin (`-p tests.without_messengers`) that runs tests as on a machine without any messenger's library."""

import importlib.abc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

FORBIDDEN = frozenset(
    {"aiohttp", "apscheduler", "fastapi", "httpx", "slack_bolt", "slack_sdk", "starlette", "telegram", "uvicorn"}
)


class _NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in FORBIDDEN:
            raise ModuleNotFoundError(f"{fullname} is not installed in this run: core must not need it", name=fullname)
        return None


def pytest_configure() -> None:
    already = sorted(FORBIDDEN & sys.modules.keys())
    if already:
        raise RuntimeError(f"these were imported before the tests began, so the run would prove nothing: {already}")
    sys.meta_path.insert(0, _NotInstalled())
