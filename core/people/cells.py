"""Reads single cells of a CSV of clients as numbers, days, flags and words; what is wrong joins a list."""

from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from core.content.catalogue import Rules
from core.content.conditions.condition import Kind
from core.content.conditions.parser import LONGEST_NUMBER, day_of
from core.people.facts import kept_value
from storage.tables.people import Own

MOST_WORDS = 50
"""Of a cell that holds several."""


def own_values(row: dict[str, str], rules: Rules, found: list[str]) -> dict[str, Own | None]:
    """The fields of the vendor's own in a row; None: the cell is empty or missing."""
    return {name: _own(name, kind, row.get(name, ""), rules, found) for name, kind in rules.fields.items()}


def _own(name: str, kind: Kind, cell: str, rules: Rules, found: list[str]) -> Own | None:
    if not cell:
        return None
    match kind:
        case "text":
            return listed(name, cell, rules, found)
        case "texts":
            return several(name, cell, rules, found)
        case "date":
            when = day(name, cell, found)
            return kept_value(when) if when is not None else None
        case "flag":
            return _flag(name, cell, found)
        case "number":
            count = number(cell)
            if count is None or len(count.as_tuple().digits) > LONGEST_NUMBER:
                found.append(f"{name} {cell!r} is no number; write it like 1250 or 12.5")
                return None
            return kept_value(count)


def listed(name: str, cell: str, rules: Rules, found: list[str]) -> str:
    """The text as it is declared, in whatever case it was written; as it is where nothing is declared."""
    declared = rules.values.get(name)
    if not cell or declared is None:
        return cell
    spelled = {text.casefold(): text for text in declared}
    if cell.casefold() in spelled:
        return spelled[cell.casefold()]
    close = get_close_matches(cell.casefold(), spelled, n=1, cutoff=0.6)
    meant = f"did you mean {spelled[close[0]]!r}?" if close else f"known are {', '.join(declared)}"
    found.append(f"no {name} is called {cell!r}; {meant}")
    return cell


def several(name: str, cell: str, rules: Rules, found: list[str]) -> list[str] | None:
    """Words with ; between them, each once, sorted; None when there are none."""
    words = {word.casefold(): listed(name, word, rules, found) for word in map(str.strip, cell.split(";")) if word}
    if len(words) > MOST_WORDS:
        found.append(f"{name} has {len(words)} values, at most {MOST_WORDS} fit")
    return sorted(words.values()) or None


def day(name: str, cell: str, found: list[str]) -> date | None:
    """Written as 2027-03-31; None when the cell is empty or says something else."""
    read = day_of(cell) if cell else None
    if cell and read is None:
        found.append(f"{name} {cell!r} is no date; write it like 2027-03-31")
    return read


def number(cell: str) -> Decimal | None:
    """A number with a point and perhaps blanks between thousands; None when it is none."""
    try:
        read = Decimal(cell.replace(" ", ""))
    except InvalidOperation:
        return None
    return read if read.is_finite() and abs(read.adjusted()) <= LONGEST_NUMBER else None


def _flag(name: str, cell: str, found: list[str]) -> bool | None:
    if cell.lower() in ("yes", "true", "1"):
        return True
    if cell.lower() in ("no", "false", "0"):
        return False
    found.append(f"{name} {cell!r} is neither yes nor no")
    return None
