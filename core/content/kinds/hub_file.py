"""Reads `hub.yaml`: what holds for everything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from core.content.catalogue import Cadence, Rules
from core.content.conditions.condition import Kind
from core.content.conditions.known_fields import LISTED, OWN_KINDS, why_not
from core.content.kinds.mailing_files import read_mailing_rules
from core.content.reading.fields import Fields, keys
from core.content.reading.shape import Choice, Name, Several, Shape, Whole
from core.content.reading.shapes import ANYTHING, CADENCES, COUNTRY, CURRENCY, ID, KIND_SAID, LANGUAGE, RULES, ZONE
from core.content.reading.sheets import Node, Sheet

MOST_OWN_FIELDS: Final = 30
"""More are a database of their own."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """The rules, and where the file says `language` (1 when it does not)."""

    rules: Rules
    language_line: int = 1


def read_rules(sheet: Sheet, node: Node) -> HubFile:
    """Whole, but with the usual values where problems were noted."""
    fields = Fields(sheet, node, RULES)
    vendor, usual = fields.scalar("vendor"), Rules("")
    own = _own_fields(fields)
    per_day, per_week = fields.number("most_per_day"), fields.number("most_per_week")
    rules = Rules(
        vendor=vendor.value if vendor else "",
        language=_language(fields) or usual.language,
        timezone=_zone(fields, "timezone") or usual.timezone,
        region_timezones=_by_region(fields, "region_timezones", ZONE, _zone),
        region_languages=_by_region(fields, "region_languages", LANGUAGE, _language),
        currency=_currency(fields, "currency"),
        quiet_from=fields.clock("quiet_from") or usual.quiet_from,
        quiet_until=fields.clock("quiet_until") or usual.quiet_until,
        quiet_weekdays=fields.weekdays("quiet_weekdays") if "quiet_weekdays" in fields else usual.quiet_weekdays,
        spread=timedelta(minutes=spread) if (spread := fields.number("spread_minutes")) is not None else usual.spread,
        most_per_day=per_day or usual.most_per_day,
        most_per_week=per_week or usual.most_per_week,
        most_per_week_of=_caps(fields),
        country=_country(fields, "country"),
        region_countries=_by_region(fields, "region_countries", COUNTRY, _country),
        topics=_topics(fields),
        invitation_days=fields.number("invitation_days") or usual.invitation_days,
        campaigns_followed=fields.flag("campaigns_followed", default=usual.campaigns_followed),
        campaign_stalls_after=fields.number("campaign_stalls_after") or usual.campaign_stalls_after,
        feed_silent_after=fields.number("feed_silent_after") or usual.feed_silent_after,
        fields=own,
        values=_values(fields, own),
        admins=fields.addresses("admins"),
        mailings=read_mailing_rules(fields.inner("mailings")),
    )
    if rules.most_per_day > rules.most_per_week:
        sheet.problem(fields.line_of("most_per_day"), "more messages in a day than in a week", "lower it")
    if len(rules.quiet_weekdays) == 7:
        sheet.problem(fields.line_of("quiet_weekdays"), "every day is quiet", "leave a day to write on")
    return HubFile(rules, fields.line_of("language") if "language" in fields else 1)


def _language(fields: Fields, key: str = "language") -> str:
    text = fields.scalar(key)
    if text is None:
        return ""
    if LANGUAGE.fits(text.value) and is_language(text.value):
        return text.value
    fields.sheet.problem(text.line, f"{text.value[:20]!r} is no language", LANGUAGE.mend)
    return ""


def is_language(language: str) -> bool:
    """True for the code of a language that people speak: `en`, `ru`."""
    try:
        Locale.parse(language)
    except UnknownLocaleError:
        return False
    return True


def _zone(fields: Fields, key: str) -> str:
    text = fields.scalar(key)
    if text is None:
        return ""
    try:
        ZoneInfo(text.value)
    except (KeyError, OSError, ValueError):  # unknown; a folder of zones; no path inside the database
        fields.sheet.problem(text.line, f"no time zone is known as {text.value[:40]!r}", ZONE.mend)
        return ""
    return text.value


def _by_region(fields: Fields, key: str, kind: Name, read: Callable[[Fields, str], str]) -> dict[str, str]:
    """What a table says of each region of the import."""
    node = fields.node(key)
    if node is None:
        return {}
    regions = Fields(fields.sheet, node, Shape.of(key, keys(node), kind))
    return {region: read(regions, region) for region, _, _ in regions.entries()}


def _currency(fields: Fields, key: str) -> str:
    return _code(fields, key, CURRENCY, Locale("en").currencies)


def _country(fields: Fields, key: str) -> str:
    return _code(fields, key, COUNTRY, Locale("en").territories)


def _code(fields: Fields, key: str, kind: Name, known: Mapping[str, str]) -> str:
    """A code that the world agrees on; empty when there is none, or none such (which is noted)."""
    text = fields.scalar(key)
    if text is None:
        return ""
    if kind.fits(text.value) and text.value in known:
        return text.value
    fields.sheet.problem(text.line, f"{text.value[:20]!r} is no {kind.called}", kind.mend)
    return ""


def _caps(fields: Fields) -> dict[str, int]:
    node = fields.node("most_per_week_of")
    if node is None:
        return {}
    caps = Fields(fields.sheet, node, Shape.of("most_per_week_of", KIND_SAID.words, Whole(1, 100)))
    found = {kind: caps.number(kind) for kind, _, _ in caps.entries() if kind in KIND_SAID.words}
    return {kind: most for kind, most in found.items() if most is not None}


def _topics(fields: Fields) -> dict[str, Cadence]:
    node = fields.node("topics")
    if node is None:
        return {}
    topics = Fields(fields.sheet, node, Shape.of("topics", keys(node), Choice(CADENCES)))
    for topic, line, _ in topics.entries():
        if not ID.fits(topic):
            fields.sheet.problem(line, f"{topic[:40]!r} is no id", ID.mend)
    found = {topic: topics.choice(topic) for topic, _, _ in topics.entries()}
    return {topic: cadence for topic, word in found.items() for cadence in CADENCES if cadence == word}


def _own_fields(fields: Fields) -> dict[str, Kind]:
    node = fields.node("fields")
    if node is None:
        return {}
    own = Fields(fields.sheet, node, Shape.of("fields", keys(node), Choice(OWN_KINDS)))
    kinds: dict[str, Kind] = {}
    for name, line, _ in own.entries():
        taken = why_not(name)
        if taken:
            fields.sheet.problem(line, f"a field of your own: {taken}", "call it by another name, as plan or seats")
        kind = own.choice(name)
        for known in OWN_KINDS:
            if known == kind and not taken:
                kinds[name] = known
    if len(kinds) > MOST_OWN_FIELDS:
        what = f"{len(kinds)} fields of your own"
        fields.sheet.problem(fields.line_of("fields"), what, f"keep the {MOST_OWN_FIELDS} you ask about")
    return kinds


def _values(fields: Fields, own: Mapping[str, Kind]) -> dict[str, tuple[str, ...]]:
    node = fields.node("values")
    if node is None:
        return {}
    known = (*LISTED, *(name for name, kind in own.items() if kind in ("text", "texts")))
    values = Fields(fields.sheet, node, Shape.of("values", known, Several(ANYTHING)))
    return {name: values.ids(name) for name, _, _ in values.entries() if name in known}
