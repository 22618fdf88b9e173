"""Databases by the dozen here, too."""

from tests.promises.conftest import make_database

__all__ = ["make_database"]
