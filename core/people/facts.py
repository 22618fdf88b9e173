"""What conditions are asked about: what is known of a client and of a person, each fact of its field's kind."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from core.content.catalogue import Catalogue, Rules
from core.content.conditions.condition import Kind, Value
from core.content.conditions.parser import day_of
from core.people.accounts import Member, local
from storage.tables import Account, Csm
from storage.tables.people import Own


def facts(catalogue: Catalogue, who: Member, now: datetime) -> Mapping[str, Value]:
    """All a condition about this person may ask (`known_fields`); what is not known is left out.

    Days are counted on the person's own clock.
    """
    known = account_facts(catalogue.rules, who.account, who.csm)
    if who.account.renewal is not None:
        known["days_to_renewal"] = (who.account.renewal - local(now, who.zone).date()).days
    return known | _without_empty({"role": who.contact.role, "language": who.voice.language})


def account_facts(rules: Rules, account: Account, csm: Csm | None) -> dict[str, Value]:
    """All a checklist may ask about a client (`checklist_fields`); what is not known is left out."""
    known = _without_empty(
        {
            "segment": account.segment,
            "region": account.region,
            "product": tuple(account.products),
            "phase": account.phase,
            "mrr": account.mrr,
            "renewal": account.renewal,
            "csm": csm.email if csm is not None else None,
        }
    )
    for name, kind in rules.fields.items() if account.custom else ():
        value = own_value(kind, account.custom.get(name))
        if value is not None:
            known[name] = value
    return known


def own_value(kind: Kind, kept: Own | None) -> Value | None:
    """A value of a field of the vendor's own, as it is kept. None: it is not known, or was kept as another kind."""
    match kind, kept:
        case "text", str():
            return kept or None
        case "texts", list():
            return tuple(kept) or None
        case "number", str():
            return _number(kept)
        case "date", str():
            return day_of(kept)
        case "flag", bool():
            return kept
        case _:
            return None


def kept_value(value: Value) -> Own:
    """The form in which a value of a field of the vendor's own is kept."""
    match value:
        case bool() | str():
            return value
        case int() | Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case tuple():
            return list(value)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _without_empty(values: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None and value not in ("", ())}
