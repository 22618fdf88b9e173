"""JSON Schema for editors, made of the shapes that the loader itself reads by.

Draft 7, which every editor's YAML language server takes. The schemas hold the structure: keys, kinds of values, bounds,
choices. What needs more than one look at one file (ids that exist, places, links) is for `hub content check`.
"""

import json
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from core.content.kinds.known import KINDS, FileKind
from core.content.reading.shape import (
    Choice,
    Either,
    Expression,
    Field,
    Flag,
    Kind,
    Media,
    Name,
    Said,
    Several,
    Shape,
    Table,
    Whole,
)

FOLDER: Final = ".schemas"
"""In the content folder; the loader passes over what begins with a dot."""

Json: TypeAlias = str | int | bool | list["Json"] | dict[str, "Json"]

_SCALARS: Final[tuple[Json, ...]] = ("string", "number")
"""A text without quotes may look like a number to an editor; the hub reads it as written. (One that looks like `true`
is underlined until it is quoted: were it allowed, editors would propose true and false for every text.)"""

_SOMETHING: Final[dict[str, Json]] = {"pattern": "\\S", "patternErrorMessage": "Write it, or delete the key."}
_ONE_LINE: Final[dict[str, Json]] = {
    "pattern": "^[^\\n]*[^\\s][^\\n]*\\s*$",
    "patternErrorMessage": "Write it on one line.",
}


def schemas() -> dict[str, str]:
    """By file name, `checklist.json`: the schema as it stands in the file. Of Markdown: of the keys above the text."""
    return {f"{kind.name}.json": json.dumps(schema(kind), ensure_ascii=False, indent=1) + "\n" for kind in KINDS}


def write_schemas(folder: Path) -> tuple[str, ...]:
    """Write them all below the content folder; returns the names of those that were new or other before.

    Raises OSError when the folder cannot be written.
    """
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    written = []
    for name, text in schemas().items():
        path = place / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            written.append(name)
    return tuple(written)


def editor_line(path: str) -> str:
    """The first line of a content file that tells an editor its schema. `path`: from the content folder on."""
    kind = next(kind for kind in KINDS if kind.path.fullmatch(path))
    up = "../" * (len(PurePosixPath(path).parts) - 1) or "./"
    return f"# yaml-language-server: $schema={up}{FOLDER}/{kind.name}.json"


def schema(kind: FileKind) -> dict[str, Json]:
    definitions: dict[str, Json] = {}
    body = _shape(kind.shape, definitions)
    head: dict[str, Json] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": kind.name,
        "description": kind.about,
    }
    return head | body | ({"definitions": definitions} if definitions else {})


def _shape(shape: Shape, definitions: dict[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {
        "type": "object",
        "properties": {key: _field(entry, definitions) for key, entry in shape.fields.items()},
        "additionalProperties": False,
    }
    required: list[Json] = [key for key, entry in shape.fields.items() if entry.required and entry.only is None]
    if required:
        made["required"] = required
    if shape.one_of:
        made["oneOf"] = [{"required": [key]} for key in shape.one_of]
    places = [_place(key, entry, *entry.only) for key, entry in shape.fields.items() if entry.only is not None]
    if places:
        made["allOf"] = places
    return made


def _place(key: str, entry: Field, beside: str, wanted: str) -> Json:
    """The key has a place only beside this value."""
    told: Json = {"required": [beside], "properties": {beside: {"const": wanted}}}
    there: Json = {"required": [key]}
    return {"if": told, "then": there if entry.required else {}, "else": {"not": there}}


def _field(entry: Field, definitions: dict[str, Json]) -> Json:
    made = _kind(entry.kind, definitions)
    return {"description": entry.about} | made if entry.about else made


def _kind(kind: Kind, definitions: dict[str, Json]) -> dict[str, Json]:
    match kind:
        case Several(of, least, most):
            several: dict[str, Json] = {"type": "array", "items": _shared(of, definitions), "minItems": least}
            return several | ({"maxItems": most} if most else {})
        case Table(of, names):
            table: dict[str, Json] = {"type": "object", "additionalProperties": _shared(of, definitions)}
            return table | ({"propertyNames": _pattern(names)} if names else {})
        case Either(short, shape):
            return {"anyOf": [_kind(shape.fields[short].kind, definitions), _shape(shape, definitions)]}
        case Shape():
            return _shape(kind, definitions)
        case _:
            return _scalar(kind)


def _scalar(kind: Said | Name | Flag | Whole | Choice | Expression | Media) -> dict[str, Json]:
    match kind:
        case Said():
            text: dict[str, Json] = {"type": [*_SCALARS]}
            return text | (_ONE_LINE if kind.sort.one_line else _SOMETHING)
        case Name():
            return _name(kind)
        case Flag():
            return {"enum": ["yes", "no", True, False]}
        case Whole(least, most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case Choice(options):
            words: list[Json] = [*options]
            return {"enum": words}
        case Expression():
            return {"type": "string", **_SOMETHING}
        case Media(longest):
            return {"type": "string", "maxLength": longest, **_SOMETHING}


def _shared(kind: Kind, definitions: dict[str, Json]) -> dict[str, Json]:
    """A shape that is repeated is written once."""
    if not isinstance(kind, Shape):
        return _kind(kind, definitions)
    called = kind.what.replace(" ", "-")
    if called not in definitions:
        definitions[called] = _shape(kind, definitions)
    return {"$ref": f"#/definitions/{called}"}


def _name(name: Name) -> dict[str, Json]:
    looks = {"integer": "12", "number": "1.5"}
    types: list[Json] = ["string", *(other for other, sample in looks.items() if name.fits(sample))]
    made = _pattern(name) | {"type": types if len(types) > 1 else "string"}
    if name.words:
        made["examples"] = [*name.words]
    if "integer" in types and not name.fits("-12"):
        made["minimum"] = 0
    return made


def _pattern(name: Name) -> dict[str, Json]:
    made: dict[str, Json] = {"pattern": f"^(?:{name.pattern.pattern})$", "maxLength": name.longest}
    return made | {"patternErrorMessage": f"This is no {name.called}; {name.mend}."}
