"""Reads `phrases/*.yaml`: every sentence the bots say, in one language per file."""

from collections.abc import Iterator

from core.content.fields import Fields, keys
from core.content.reading import Mapped, Node, Sheet, Text, meant
from core.content.shape import Said, Shape
from core.content.vocabulary import EVERYWHERE, IN_DIALOGS, ROLES, SAID
from core.content.wording import DIALOG, LABEL, TEXT, Sort, checked


def read_phrases(sheet: Sheet, node: Node, language: str) -> dict[str, str]:
    """The phrases of one language by their keys with dots: `step.done`, `desk.why.blocked`."""
    found: dict[str, str] = {}
    for key, text in _flat(sheet, node, ""):
        found[key] = text.value
        if key in SAID:
            known = EVERYWHERE | set(SAID[key].split())
            checked(sheet, text, _sort(key), language, known)
        elif key.startswith(ROLES):
            checked(sheet, text, LABEL, language, EVERYWHERE)
        else:
            sheet.problem(text.line, f"the hub never says {key!r}", meant(key, sorted(SAID)))
    return found


def _sort(key: str) -> Sort:
    if key in IN_DIALOGS:
        return DIALOG
    return LABEL if key.startswith("button.") else TEXT


def _flat(sheet: Sheet, node: Node, prefix: str) -> Iterator[tuple[str, Text]]:
    what = f"the group {prefix[:-1]!r}" if prefix else "a phrase file"
    fields = Fields(sheet, node, Shape.of(what, keys(node), Said(TEXT)))
    for name, _, inner in fields.entries():
        if isinstance(inner, Mapped):
            yield from _flat(sheet, inner, f"{prefix}{name}.")
        else:
            text = fields.scalar(name)
            if text is not None:
                yield f"{prefix}{name}", text
