"""A checklist while its files are read: its texts by language and slot, with the lines they come from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from core.content.reading.fields import Fields
from core.content.reading.sheets import Sheet, Text
from core.content.texts.phrases import Words
from core.content.texts.variables import Known, Variable, for_checklists, for_labels
from core.content.texts.wording import Sort, checked, is_web_address

Slot: TypeAlias = tuple[str, ...]
"""Where a text belongs: `("steps", "invite-team", "title")`."""

LARGEST_MEDIA: Final = 50_000_000
"""Bytes a bot may upload (Bot API: sending files)."""

_LONGER: Final = frozenset({"intro", "finish", "gate", "text", "guide"})
"""Texts that are shown where it is known how far their reader has come."""


@dataclass(slots=True)
class Draft:
    """A checklist while its files are read."""

    id: str
    sheet: Sheet
    language: str
    """Of the main file."""
    folder: Path
    """Of all content."""
    labels: Known = field(default_factory=for_labels)
    """What titles, buttons and options may use."""
    texts: Known = field(default_factory=for_checklists)
    """What longer texts may use."""
    slots: dict[Slot, dict[str, str]] = field(default_factory=dict)
    """Every text by language. Translations add to it after the checklist was made."""
    guides: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By step: the guide it names, and the line where it does."""
    lines: dict[Slot, int] = field(default_factory=dict)
    """Where things stand in the main file: `("steps", id)`, `("steps", id, "needs")`, `("after",)`."""

    def words(self, *slot: str) -> Words:
        """The text of a slot; a stand-in where there is none, which was noted."""
        return Words(self.slots.get(slot) or {self.language: "…"}, self.language)

    def several(self, *slot: str) -> tuple[Words, ...]:
        """The texts of a list, in order."""
        found: list[Words] = []
        while (*slot, str(len(found))) in self.slots:
            found.append(self.words(*slot, str(len(found))))
        return tuple(found)

    def take(self, fields: Fields, slot: Slot, key: str, language: str = "") -> None:
        """Keep the text behind a key, if there is one. `language`: of a translation."""
        text = fields.scalar(key)
        if text is not None:
            self._keep(fields.sheet, text, (*slot, key), fields.sort(key), language)

    def take_several(self, fields: Fields, slot: Slot, key: str, language: str = "") -> int:
        """Keep the texts of a list; returns how many there are."""
        texts = fields.scalars(key)
        for number, text in enumerate(texts):
            self._keep(fields.sheet, text, (*slot, key, str(number)), fields.sort(key), language)
        if language and key in fields and self.sheet.is_sound and len(texts) != len(self.several(*slot, key)):
            what = f"{len(texts)} {key} where {self.sheet.short} has {len(self.several(*slot, key))}"
            fields.sheet.problem(fields.line_of(key), what, "translate each of them, in the same order")
        return len(texts)

    def _keep(self, sheet: Sheet, text: Text, slot: Slot, sort: Sort, language: str) -> None:
        if language and slot not in self.slots:
            if not slot[-1].isdigit() and self.sheet.is_sound:
                # A lone value stands for the mapping that begins with it.
                named = slot[-2] if slot[-2:] in (("guide", "text"), ("video", "source")) else slot[-1]
                what = f"{self.sheet.short} has no such {named!r}"
                sheet.problem(text.line, what, "write it there first, or delete it here")
            return
        language = language or self.language
        source = slot[-1] == "source"
        known = frozenset[Variable]() if source else self.texts if slot[-1] in _LONGER else self.labels
        self.slots.setdefault(slot, {})[language] = checked(sheet, text, sort, language, known)
        if source:
            check_media(sheet, text, self.folder)


def check_media(sheet: Sheet, text: Text, folder: Path, what: str = "video") -> None:
    """Note it when there is no such file below the content folder, and no such address can be."""
    source = text.value
    if "://" in source:
        if not is_web_address(source):
            sheet.problem(text.line, f"the {what}'s address {source!r} leads nowhere", "write it whole, as https://…")
        return
    path = folder / source
    try:
        inside = path.resolve().is_relative_to(folder.resolve()) and not Path(source).is_absolute()
        size = path.stat().st_size if inside and path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # a name no file system takes, a loop of links
        inside, size = True, None
    if not inside:
        sheet.problem(text.line, f"the file {source!r} lies outside the content folder", "copy it in")
    elif size is None:
        sheet.problem(
            text.line, f"there is no file {source!r}", "put it below the content folder, or give a web address"
        )
    elif size > LARGEST_MEDIA:
        sheet.problem(text.line, f"the file {source!r} has more than 50 MB", "make it smaller, or give a web address")
