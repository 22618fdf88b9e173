"""Reads YAML as editors do, and holds it against our schemas."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator


class AsEditors(yaml.SafeLoader):
    """YAML 1.2, core schema: `yes` and `20:00` are words (PyYAML alone reads YAML 1.1)."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way to say so


for tag, pattern, first in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    AsEditors.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def loaded(text: str) -> object:
    """Raises yaml.YAMLError."""
    return yaml.load(text, AsEditors)


def underlined(schema: Path, document: object) -> list[str]:
    """What an editor would underline, as `path: message`."""
    validator = Draft7Validator(json.loads(schema.read_text("utf-8")))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
