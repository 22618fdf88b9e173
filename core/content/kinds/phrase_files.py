"""Reads `phrases/*.yaml`: every sentence the bots say, in one language per file."""

from collections.abc import Iterator

from core.content.kinds.known import phrase_sort
from core.content.reading.fields import Fields, keys
from core.content.reading.shape import Said, Shape
from core.content.reading.sheets import Mapped, Node, Sheet, Text, meant
from core.content.texts.variables import for_phrase
from core.content.texts.vocabulary import NAMES, SAID
from core.content.texts.wording import LABEL, TEXT, checked


def read_phrases(sheet: Sheet, node: Node, language: str) -> dict[str, str]:
    """The phrases of one language by their keys with dots: `step.done`, `desk.why.blocked`."""
    found: dict[str, str] = {}
    for key, text in _flat(sheet, node, ""):
        found[key] = text.value
        if key in SAID:
            checked(sheet, text, phrase_sort(key), language, for_phrase(key))
        elif key.startswith(NAMES):
            checked(sheet, text, LABEL, language, for_phrase(key))
        else:
            sheet.problem(text.line, f"the hub never says {key!r}", meant(key, sorted(SAID)))
    return found


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
