"""What a person chooses in a menu or fills into a form, as the state Slack keeps and sends of it."""

import re
from datetime import date

from playground.slack.checks import Json
from playground.slack.screen import filled, options
from playground.slack.state import View

REQUIRED = "Please complete this required field."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_MANY = {"checkboxes", "multi_static_select"}
_ONE = {"static_select", "radio_buttons", "overflow"}
_NAMED = {"datepicker": "selected_date", "timepicker": "selected_time", "users_select": "selected_user"}


def state(element: Json, value: str) -> Json:
    """The state of one element with this value; several choices are comma-separated. "" chooses nothing.

    Raises LookupError when an option is not offered, ValueError when a date is none.
    """
    kind = element["type"]
    if kind in _ONE:
        return {"type": kind, "selected_option": _option(element, value) if value else None}
    if kind in _MANY:
        picked = [_option(element, one.strip()) for one in value.split(",") if one.strip()]
        return {"type": kind, "selected_options": picked}
    if kind in _NAMED:
        shown = date.fromisoformat(value).isoformat() if kind == "datepicker" and value else value
        return {"type": kind, _NAMED[kind]: shown or None}
    return {"type": kind, "value": value or None}


def action(block: Json, element: Json, value: str) -> Json:
    """One entry of a block_actions payload: this element pressed, or this value chosen from it."""
    base: Json = {"action_id": element["action_id"], "block_id": block["block_id"]}
    if element["type"] == "button":
        shown: Json = {name: element[name] for name in ("text", "value", "style", "url") if name in element}
        return {**base, "type": "button", **shown}
    if element["type"] in _MANY | _ONE and not value and element["type"] not in _MANY:
        raise LookupError(f"choose one of {[option.get('value') for option in options(element)]}")
    return {**base, **state(element, value)}


def kept(action: Json) -> Json:
    """What of an action stays as the element's state."""
    return {name: action[name] for name in action if name in {"type", "value"} or name.startswith("selected_")}


def fill(view: View, values: dict[str, str]) -> dict[str, str]:
    """Put values (by block id or label) into an open form; block id -> what Slack's own app says is wrong.

    Fields that are not named keep what stands in them. Raises LookupError for a field that is not there.
    """
    inputs = [block for block in view.body["blocks"] if block["type"] == "input"]
    labels = {block["label"]["text"]: block["block_id"] for block in inputs}
    given = {labels.get(name, name): value for name, value in values.items()}
    if unknown := set(given) - {block["block_id"] for block in inputs}:
        raise LookupError(f"no fields {sorted(unknown)}; there are {sorted(labels)}")
    errors: dict[str, str] = {}
    for block in inputs:
        element = block["element"]
        value = given.get(block["block_id"], filled(view, block))
        if wrong := _wrong(block, element, value):
            errors[block["block_id"]] = wrong
        view.state[block["block_id"]] = {element["action_id"]: state(element, value)}
    return errors


def _wrong(block: Json, element: Json, value: str) -> str:
    if not value.strip():
        return "" if block.get("optional") else REQUIRED
    if len(value) > element.get("max_length", 3000):
        return f"Must be at most {element.get('max_length', 3000)} characters."
    if len(value) < element.get("min_length", 0):
        return f"Must be at least {element['min_length']} characters."
    patterns = {"email_text_input": _EMAIL, "url_text_input": _URL, "number_input": _NUMBER}
    pattern = patterns.get(element["type"])
    return "Please enter a valid value." if pattern and not pattern.fullmatch(value) else ""


def _option(element: Json, value: str) -> Json:
    for option in options(element):
        if value in {option.get("value"), option["text"]["text"]}:
            return {name: option[name] for name in ("text", "value", "description") if name in option}
    raise LookupError(f"no option {value!r} among {[option['text']['text'] for option in options(element)]}")
