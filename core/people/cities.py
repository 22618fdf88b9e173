"""Finds a person's clock by what they type: a city or a country in their language, an IANA zone, hours from UTC."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.core import get_global

from core.people.accounts import known_zone

MOST: Final = 6
"""Zones to choose from: of a country with more a city must be named."""

_LONGEST: Final = 60
"""Characters of a place's name: what is longer is none."""

_OFFSET: Final = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?00)?", re.IGNORECASE)


def zones_of(words: str, language: str) -> tuple[str, ...]:
    """IANA zones that may be meant, at most MOST; one: it is that. None: no place is known by these words.

    `language`: two letters of the person's; names in English and of zones themselves are understood, too.
    """
    name = " ".join(words.strip().rstrip(".!").casefold().split())
    if not name or len(name) > _LONGEST:
        return ()
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        sign = "-" if offset[1] == "+" else "+"  # POSIX counts the other way round: Etc/GMT-3 is three hours ahead
        zone = known_zone(f"Etc/GMT{sign}{int(offset[2])}" if int(offset[2]) else "Etc/UTC", default="")
        return (zone,) if zone else ()
    cities = _cities(language)
    if name in cities:
        return (cities[name],)
    countries = _countries(language)
    if name in countries:
        found = _zones_in(countries[name])
        return found if len(found) <= MOST else ()
    close = (cities[one] for one in get_close_matches(name, cities, n=3, cutoff=0.8))
    return tuple(dict.fromkeys(close))


@lru_cache(maxsize=16)
def _cities(language: str) -> Mapping[str, str]:
    """By name in lower case."""
    found: dict[str, str] = {}
    for zone in _territories():
        found.setdefault(zone.casefold(), zone)
        found.setdefault(zone.rpartition("/")[2].replace("_", " ").casefold(), zone)
    for code in ("en", language):  # what is called so in their own language goes before
        for zone, names in Locale.parse(code).time_zones.items():
            city = str(names.get("city", ""))
            if city and "/" in zone and known_zone(zone, default=""):
                found[city.casefold()] = zone
    return found


@lru_cache(maxsize=16)
def _countries(language: str) -> Mapping[str, str]:
    """Two letters by name in lower case."""
    named = (Locale.parse(code).territories.items() for code in ("en", language))
    return {name.casefold(): code for names in named for code, name in names if len(code) == 2 and code.isalpha()}


def _zones_in(country: str) -> tuple[str, ...]:
    return tuple(sorted(zone for zone, territory in _territories().items() if territory == country))


@lru_cache(maxsize=1)
def _territories() -> Mapping[str, str]:
    """The country of each zone in which people live (CLDR)."""
    told = get_global("zone_territories").items()
    return {zone: territory for zone, territory in told if "/" in zone and known_zone(zone, default="") == zone}
