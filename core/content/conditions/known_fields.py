"""What conditions may ask about: the facts every hub knows of clients and people, and the fields of one's own."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.content.catalogue import Rules
from core.content.conditions.condition import Kind
from core.content.conditions.parser import KEYWORDS

CLIENT: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "segment": "text",
        "region": "text",
        "product": "texts",
        "phase": "text",
        "mrr": "number",
        "renewal": "date",
        "days_to_renewal": "number",
        "csm": "text",
    }
)
"""Of a client's company. `days_to_renewal`: 0 on the day itself, below 0 after it. `csm`: an e-mail, lower case."""

PERSON: Final[Mapping[str, Kind]] = MappingProxyType({"role": "text", "language": "text"})
"""Of one contact. `language`: two letters."""

OWN_KINDS: Final[tuple[Kind, ...]] = ("text", "texts", "number", "date", "flag")
"""What a field of one's own may be."""

LISTED: Final = ("segment", "region", "product", "phase", "role")
"""Those of ours of which all values may be declared; of the others there is no list, or it is known anyway."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN: Final = frozenset(
    {*CLIENT, *PERSON, "account", "contact", "email", "timezone", "csm_email", "name", "first_name", "client", "vendor"}
)


def known_fields(rules: Rules) -> Mapping[str, Kind]:
    """All a condition about one person may ask."""
    return person_fields(rules.fields)


def checklist_fields(own: Mapping[str, Kind]) -> Mapping[str, Kind]:
    """What a checklist and its steps may ask: facts that one client's people share and that change by an import alone.

    So nobody's checklist grows or shrinks overnight. `own`: the fields of hub.yaml.
    """
    shared: dict[str, Kind] = {name: kind for name, kind in CLIENT.items() if name != "days_to_renewal"}
    return {**shared, **own}


def person_fields(own: Mapping[str, Kind]) -> Mapping[str, Kind]:
    """The same as `known_fields`, of the fields of hub.yaml: what an update may ask about who reads it."""
    return {**CLIENT, **PERSON, **own}


def why_not(name: str) -> str:
    """Why a field of one's own cannot be called so; empty when it can."""
    if name in _TAKEN:
        return f"{name!r} is known already"
    if name in KEYWORDS:
        return f"{name!r} is a word of conditions"
    if not _NAME.fullmatch(name) or len(name) > 32:
        return f"{name[:40]!r} is no field's name"
    return ""
