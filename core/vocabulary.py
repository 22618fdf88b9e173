"""Every phrase the hub says with the values it may use: what `content/phrases/*.yaml` is held against."""

from collections.abc import Mapping
from typing import Final

EVERYWHERE: Final = frozenset({"vendor"})
"""Values that every text may use."""

IN_CONTENT: Final = EVERYWHERE | {"name", "first_name", "account", "csm"}
"""Values that the texts of checklists may use. In a group both names are the account's."""

SAID: Final[Mapping[str, str]] = {}
"""By key: the values the phrase may use, separated by blanks."""
