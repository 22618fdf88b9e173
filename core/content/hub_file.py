"""Reads `hub.yaml`: what holds for everything."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from core.content.catalogue import Rules
from core.content.fields import Fields, keys
from core.content.reading import Node, Sheet
from core.content.shape import Shape
from core.content.shapes import LANGUAGE, RULES, ZONE


@dataclass(frozen=True, slots=True)
class HubFile:
    """The rules, and where the file says `language` (1 when it does not)."""

    rules: Rules
    language_line: int = 1


def read_rules(sheet: Sheet, node: Node) -> HubFile:
    """Whole, but with the usual values where problems were noted."""
    fields = Fields(sheet, node, RULES)
    vendor, usual = fields.scalar("vendor"), Rules("")
    per_day, per_week = fields.number("most_per_day"), fields.number("most_per_week")
    rules = Rules(
        vendor=vendor.value if vendor else "",
        language=_language(fields) or usual.language,
        timezone=_zone(fields, "timezone") or usual.timezone,
        region_timezones=_regions(fields),
        quiet_from=fields.clock("quiet_from") or usual.quiet_from,
        quiet_until=fields.clock("quiet_until") or usual.quiet_until,
        quiet_weekdays=fields.weekdays("quiet_weekdays") if "quiet_weekdays" in fields else usual.quiet_weekdays,
        most_per_day=per_day or usual.most_per_day,
        most_per_week=per_week or usual.most_per_week,
        invitation_days=fields.number("invitation_days") or usual.invitation_days,
        admins=fields.addresses("admins"),
    )
    if rules.most_per_day > rules.most_per_week:
        sheet.problem(fields.line_of("most_per_day"), "more messages in a day than in a week", "lower it")
    if len(rules.quiet_weekdays) == 7:
        sheet.problem(fields.line_of("quiet_weekdays"), "every day is quiet", "leave a day to write on")
    return HubFile(rules, fields.line_of("language") if "language" in fields else 1)


def _language(fields: Fields) -> str:
    text = fields.scalar("language")
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


def _regions(fields: Fields) -> dict[str, str]:
    node = fields.node("region_timezones")
    if node is None:
        return {}
    regions = Fields(fields.sheet, node, Shape.of("region_timezones", keys(node), ZONE))
    return {region: _zone(regions, region) for region, _, _ in regions.entries()}
