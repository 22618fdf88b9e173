"""What Slack accepts as Block Kit: the limits of messages, App Homes and modals, written out by hand.

Limits: docs.slack.dev/reference/block-kit and the doc comments of @slack/types. Lengths count code points. The
types listed here are all the playground can show; any other is refused as Slack refuses an unknown one.
"""

import re
from collections.abc import Iterator

from playground.slack.checks import (
    Check,
    Json,
    Problem,
    anything,
    array,
    at_least_one,
    boolean,
    by_type,
    choice,
    exactly_one,
    number,
    record,
    string,
)

VIEW_BYTES = 250_000
"""A view's JSON may not be larger (docs.slack.dev: views.open, `view_too_large`)."""


def _type(name: str) -> Check:
    return choice(name)


def _plain(most: int = 3000) -> Check:
    return by_type(
        {"plain_text": record({"type": _type("plain_text"), "text": string(most)}, {"emoji": boolean})},
    )


def _text(most: int = 3000) -> Check:
    return by_type(
        {
            "plain_text": record({"type": _type("plain_text"), "text": string(most)}, {"emoji": boolean}),
            "mrkdwn": record({"type": _type("mrkdwn"), "text": string(most)}, {"verbatim": boolean}),
        }
    )


def _pattern(expression: str, what: str, most: int = 3000) -> Check:
    length, compiled = string(most), re.compile(expression)

    def check(value: object, where: str) -> list[Problem]:
        found = length(value, where)
        return found or ([] if compiled.fullmatch(str(value)) else [Problem(where, what)])

    return check


_url = _pattern(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+", "must be a valid URL")
_web_url = _pattern(r"https?://\S+", "must be a valid URL")
_date = _pattern(r"\d{4}-\d{2}-\d{2}", "must be a date of the form YYYY-MM-DD")
_time = _pattern(r"([01]\d|2[0-3]):[0-5]\d", "must be a time of the form HH:mm")

_confirm = record(
    {"text": _text(300)},
    {"title": _plain(100), "confirm": _plain(30), "deny": _plain(30), "style": choice("primary", "danger")},
)
_option_extras: dict[str, Check] = {"value": string(150, least=0), "description": _plain(75), "url": _url}
_option = record({"text": _plain(75)}, _option_extras)
_any_option = record({"text": _text(75)}, _option_extras)
_group = record({"label": _plain(75), "options": array(_option, 100)})


def _initial_fits(value: Json, where: str) -> list[Problem]:
    offered = list(value.get("options", [])) + [o for g in value.get("option_groups", []) for o in g["options"]]
    chosen = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", [])
    if all(any(one == other for other in offered) for one in chosen):
        return []
    return [Problem(where, "initial option must exactly match one of the options")]


_common: dict[str, Check] = {"action_id": string(255)}
_asking: dict[str, Check] = {**_common, "confirm": _confirm}
_focus: dict[str, Check] = {**_asking, "focus_on_load": boolean}
_typing: dict[str, Check] = {
    **_common,
    "placeholder": _plain(150),
    "focus_on_load": boolean,
    "dispatch_action_config": anything,
}
_pick = (exactly_one("options", "option_groups"), _initial_fits)
_menu: dict[str, Check] = {**_focus, "placeholder": _plain(150)}
_lists: dict[str, Check] = {"options": array(_option, 100), "option_groups": array(_group, 100)}

BUTTONS: dict[str, Check] = {
    "button": record(
        {"type": _type("button"), "text": _plain(75)},
        {
            **_asking,
            "value": string(2000, least=0),
            "url": _url,
            "style": choice("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "overflow": record({"type": _type("overflow"), "options": array(_option, 5)}, _asking),
}
CHOICES: dict[str, Check] = {
    "static_select": record({"type": _type("static_select")}, {**_menu, **_lists, "initial_option": _option}, *_pick),
    "multi_static_select": record(
        {"type": _type("multi_static_select")},
        {**_menu, **_lists, "initial_options": array(_option, 100), "max_selected_items": number},
        *_pick,
    ),
    "users_select": record({"type": _type("users_select")}, {**_menu, "initial_user": string(255)}),
    "radio_buttons": record(
        {"type": _type("radio_buttons"), "options": array(_any_option, 10)},
        {**_focus, "initial_option": _any_option},
        _initial_fits,
    ),
    "checkboxes": record(
        {"type": _type("checkboxes"), "options": array(_any_option, 10)},
        {**_focus, "initial_options": array(_any_option, 10)},
        _initial_fits,
    ),
    "datepicker": record({"type": _type("datepicker")}, {**_menu, "initial_date": _date}),
    "timepicker": record({"type": _type("timepicker")}, {**_menu, "initial_time": _time, "timezone": string(255)}),
}
TYPED: dict[str, Check] = {
    "plain_text_input": record(
        {"type": _type("plain_text_input")},
        {
            **_typing,
            "initial_value": string(3000, least=0),
            "multiline": boolean,
            "min_length": number,
            "max_length": number,
        },
    ),
    "email_text_input": record({"type": _type("email_text_input")}, {**_typing, "initial_value": string(3000)}),
    "url_text_input": record({"type": _type("url_text_input")}, {**_typing, "initial_value": string(3000)}),
    "number_input": record(
        {"type": _type("number_input"), "is_decimal_allowed": boolean},
        {**_typing, "initial_value": string(3000), "min_value": string(3000), "max_value": string(3000)},
    ),
}
_slack_file = record({}, {"id": string(255), "url": _web_url}, exactly_one("id", "url"))
_picture: dict[str, Check] = {"image_url": _web_url, "slack_file": _slack_file}
_image_element = record(
    {"type": _type("image"), "alt_text": string(2000)}, _picture, exactly_one("image_url", "slack_file")
)
_block: dict[str, Check] = {"block_id": string(255)}


def _dispatches(value: Json, where: str) -> list[Problem]:
    if value.get("dispatch_action") and value["element"]["type"] == "file_input":
        return [Problem(where, "dispatch_action is not supported for file_input")]
    return []


BLOCKS: dict[str, Check] = {
    "section": record(
        {"type": _type("section")},
        {
            **_block,
            "text": _text(3000),
            "fields": array(_text(2000), 10),
            "accessory": by_type({**BUTTONS, **CHOICES, "image": _image_element}),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "actions": record({"type": _type("actions"), "elements": array(by_type({**BUTTONS, **CHOICES}), 25)}, _block),
    "context": record(
        {
            "type": _type("context"),
            "elements": array(
                by_type(
                    {
                        "image": _image_element,
                        "plain_text": _plain(),
                        "mrkdwn": _text(),
                    }
                ),
                10,
            ),
        },
        _block,
    ),
    "divider": record({"type": _type("divider")}, _block),
    "header": record({"type": _type("header"), "text": _plain(150)}, _block),
    "image": record(
        {"type": _type("image"), "alt_text": string(2000)},
        {**_block, **_picture, "title": _plain(2000)},
        exactly_one("image_url", "slack_file"),
    ),
    "input": record(
        {"type": _type("input"), "label": _plain(2000), "element": by_type({**CHOICES, **TYPED})},
        {**_block, "hint": _plain(2000), "optional": boolean, "dispatch_action": boolean},
        _dispatches,
    ),
    "markdown": record({"type": _type("markdown"), "text": string(12_000)}, _block),
    "rich_text": record(
        {
            "type": _type("rich_text"),
            "elements": array(
                record(
                    {"type": string(255)},
                    {
                        "elements": anything,
                        "style": anything,
                        "indent": number,
                        "offset": number,
                        "border": number,
                        "language": string(255),
                    },
                ),
                3000,
                least=0,
            ),
        },
        _block,
    ),
    "video": record(
        {
            "type": _type("video"),
            "alt_text": string(2000),
            "title": _plain(200),
            "thumbnail_url": _web_url,
            "video_url": _web_url,
        },
        {
            **_block,
            "author_name": string(50),
            "description": _plain(200),
            "provider_icon_url": _web_url,
            "provider_name": string(255),
            "title_url": _web_url,
        },
    ),
}


def _elements(block: Json) -> Iterator[tuple[Json, str]]:
    """(interactive element, its pointer within the block) of one block that is already known to be sound."""
    for index, element in enumerate(block.get("elements", [])) if block["type"] == "actions" else ():
        yield element, f"elements/{index}"
    if "accessory" in block:
        yield block["accessory"], "accessory"
    if "element" in block:
        yield block["element"], "element"


def _unique_ids(blocks: list[Json], where: str) -> list[Problem]:
    found: list[Problem] = []
    blocks_seen: set[str] = set()
    actions_seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in blocks_seen:
            found.append(Problem(f"{where}/{index}/block_id", f'`block_id` "{block_id}" already exists'))
        if block_id:
            blocks_seen.add(block_id)
        for element, path in _elements(block):
            action_id = element.get("action_id")
            if action_id in actions_seen:
                found.append(Problem(f"{where}/{index}/{path}/action_id", f'`action_id` "{action_id}" already exists'))
            if action_id:
                actions_seen.add(action_id)
    return found


def problems_in_blocks(blocks: object, where: str = "/blocks", most: int = 50, least: int = 0) -> list[Problem]:
    """Everything Slack would refuse about these blocks; a message holds at most 50, a view 1 to 100."""
    found = array(by_type(BLOCKS), most, least)(blocks, where)
    return found or (_unique_ids(blocks, where) if isinstance(blocks, list) else [])


def _view_blocks(value: object, where: str) -> list[Problem]:
    return problems_in_blocks(value, where, most=100, least=1)


def _needs_submit(view: Json, where: str) -> list[Problem]:
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        return [Problem(where, "submit is required when an input block is within blocks")]
    return []


_view_extras: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
VIEWS: dict[str, Check] = {
    "home": record({"type": _type("home"), "blocks": _view_blocks}, _view_extras),
    "modal": record(
        {"type": _type("modal"), "title": _plain(24), "blocks": _view_blocks},
        {
            **_view_extras,
            "submit": _plain(24),
            "close": _plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
        },
        _needs_submit,
    ),
}


def problems_in_view(view: object, kind: str) -> list[Problem]:
    """Everything Slack would refuse about this view, which must be a `home` or a `modal` as the method asks."""
    return by_type({kind: VIEWS[kind]})(view, "/view")
