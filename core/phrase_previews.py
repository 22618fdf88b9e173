"""Every phrase of a language with its places filled in, as an admin reads them through."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import PurePosixPath
from typing import Final

from core.actions import ShowHome, pack
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.content.texts.vocabulary import IN_DIALOGS, NUMBERS, SAID
from core.markup import escape
from core.onboarding.previews import Preview, Viewer, home_previews
from core.people.accounts import first_name
from core.people.readers import Reader

COUNT: Final = 3
"""Stands where a number would."""


def phrase_previews(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, now: datetime) -> Iterator[Preview]:
    """The home card, all buttons, then the phrases by the first part of their keys."""
    yield from home_previews(catalogue, file, viewer, now)
    reader = viewer.reader(catalogue)
    for group, keys in groupby(sorted(SAID), key=lambda key: key.partition(".")[0]):
        if group == "button":
            yield Preview("buttons", _buttons(reader, list(keys)), group)
        else:
            text = "\n\n".join(f"`{key}`\n{_said(reader, key)}" for key in keys)
            yield Preview("phrases", Card(text), group)


def _buttons(reader: Reader, keys: list[str]) -> Card:
    shown = [key for key in keys if key not in IN_DIALOGS]
    labels = [reader.voice.plain(key, **_values(reader, key)) for key in shown]
    return Card(
        text="\n".join(f"`{key}` {escape(label)}" for key, label in zip(shown, labels, strict=True)),
        rows=tuple((Button(label, pack(ShowHome())),) for label in labels),
    )


def _said(reader: Reader, key: str) -> str:
    return reader.voice.say(key, **_values(reader, key))


def _values(reader: Reader, key: str) -> dict[str, object]:
    """Something fitting for every place of the phrase; where nothing is known, its own name: ‹checklist›."""
    account, contact = reader.circle.account.name, reader.contact
    name = contact.name if contact is not None else account
    known = {"account": account, "name": name, "first_name": first_name(name), "csm": reader.csm_name}
    return {place: COUNT if place in NUMBERS else known.get(place, f"‹{place}›") for place in SAID[key].split()}
