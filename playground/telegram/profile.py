"""The Bot API's methods about the bot itself and the chats it is in: who, which commands, which words."""

import re
from collections.abc import Callable

from playground.telegram.chats import Chat, User, member_json
from playground.telegram.platform import Telegram
from playground.telegram.wire import Json, JsonValue, Params, Refusal, an_object, field_number, field_text

MOST_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_WIDE_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_WORDS = {"name": 64, "description": 512, "short_description": 120}
"""Longest in characters. Bot API: setMyName, setMyDescription, setMyShortDescription."""


def get_me(telegram: Telegram, _params: Params) -> JsonValue:
    return {
        **telegram.bot.json(),
        "can_join_groups": True,
        "can_read_all_group_messages": telegram.reads_groups,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _readable(telegram: Telegram, params: Params) -> Chat:
    chat = telegram.chat_for(params)
    if chat.kind == "private" and not chat.started:
        raise Refusal("chat not found")
    if chat.kind == "supergroup" and not chat.is_in(telegram.bot.id):
        return telegram.writable(chat)
    return chat


def get_chat(telegram: Telegram, params: Params) -> JsonValue:
    chat = _readable(telegram, params)
    shown: dict[str, JsonValue] = {
        **chat.json(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }
    if chat.pinned and chat.pinned[-1] in chat.messages:
        shown["pinned_message"] = chat.messages[chat.pinned[-1]].json(deep=False)
    return shown


def get_chat_member(telegram: Telegram, params: Params) -> JsonValue:
    chat = _readable(telegram, params)
    user = telegram.users.get(params.number("user_id"))
    if user is None:
        raise Refusal("user not found" if not params.number("user_id") else "PARTICIPANT_ID_INVALID")
    if chat.kind == "private":
        if user.id not in (chat.id, telegram.bot.id):
            raise Refusal("user not found")
        return member_json(user, "member")
    return member_json(user, chat.members.get(user.id, "left"))


def get_chat_administrators(telegram: Telegram, params: Params) -> JsonValue:
    chat = _readable(telegram, params)
    if chat.kind == "private":
        raise Refusal("there are no administrators in the private chat")
    return [
        member_json(telegram.users[user_id], status)
        for user_id, status in chat.members.items()
        if status in ("creator", "administrator")
    ]


def get_chat_member_count(telegram: Telegram, params: Params) -> JsonValue:
    chat = _readable(telegram, params)
    return 2 if chat.kind == "private" else len(chat.present())


def leave_chat(telegram: Telegram, params: Params) -> JsonValue:
    chat = telegram.writable(telegram.chat_for(params))
    if chat.kind == "private":
        raise Refusal("chat member status can't be changed in private chats")
    telegram.post(chat, telegram.bot, service={"left_chat_member": telegram.bot.json()}, notice="left the group")
    telegram.bot_status(chat, "left", telegram.bot)
    return True


def get_file(telegram: Telegram, params: Params) -> JsonValue:
    return telegram.shelf.open_link(params.text("file_id"), telegram.clock.now())


def _scope(telegram: Telegram, params: Params) -> str:
    asked = an_object(params.parsed("scope", "BotCommandScope"), "BotCommandScope")
    if not asked:
        return "default"
    where = "BotCommandScope"
    kind = field_text(asked, "type", where=where, required=True)
    if kind in _WIDE_SCOPES:
        return kind
    if kind not in ("chat", "chat_administrators", "chat_member"):
        raise Refusal(f"Can't parse {where}: Unsupported type specified")
    chat = telegram.chat_for(Params({"chat_id": field_text(asked, "chat_id", where=where, required=True)}))
    if kind != "chat" and chat.kind == "private":
        raise Refusal("Can't use specified scope in private chats")
    return f"{kind}:{chat.id}" + (f":{field_number(asked, 'user_id')}" if kind == "chat_member" else "")


def _language(params: Params) -> str:
    code = params.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise Refusal("Invalid language code specified")
    return code


def _command(item: JsonValue) -> tuple[str, str]:
    given = an_object(item, "BotCommand") or {}
    command = field_text(given, "command", where="BotCommand", required=True).strip().removeprefix("/")
    description = field_text(given, "description", where="BotCommand", required=True).strip()
    if not command:
        raise Refusal("command must not be empty")
    if len(command) > 32:
        raise Refusal("command length must not exceed 32")
    if not _COMMAND.fullmatch(command):
        raise Refusal("BOT_COMMAND_INVALID")
    if not description:
        raise Refusal("command description must not be empty")
    if len(description) > 256:
        raise Refusal("command description length must not exceed 256")
    return command, description


def set_my_commands(telegram: Telegram, params: Params) -> JsonValue:
    given = params.parsed("commands", "commands") or ()
    if not isinstance(given, (list, tuple)):
        raise Refusal("Expected an Array of BotCommand")
    if len(given) > MOST_COMMANDS:
        raise Refusal("BOT_COMMANDS_TOO_MUCH")
    commands = tuple(_command(item) for item in given)
    telegram.commands[_scope(telegram, params), _language(params)] = commands
    telegram.redraw_all()
    return True


def delete_my_commands(telegram: Telegram, params: Params) -> JsonValue:
    telegram.commands.pop((_scope(telegram, params), _language(params)), None)
    telegram.redraw_all()
    return True


def get_my_commands(telegram: Telegram, params: Params) -> JsonValue:
    commands = telegram.commands.get((_scope(telegram, params), _language(params)), ())
    return [{"command": command, "description": description} for command, description in commands]


def commands_for(telegram: Telegram, user: User) -> tuple[tuple[str, str], ...]:
    """The commands a private chat offers: the narrowest scope first, each in the person's language, then in any.

    Bot API: determining list of commands. A person's `pt-br` counts as `pt`.
    """
    language = user.language_code[:2].lower()
    for scope in (f"chat:{user.id}", "all_private_chats", "default"):
        for code in (language, ""):
            if (scope, code) in telegram.commands:
                return telegram.commands[scope, code]
    return ()


def _set_words(what: str) -> Callable[[Telegram, Params], JsonValue]:
    def set_words(telegram: Telegram, params: Params) -> JsonValue:
        words, language = params.text(what).strip(), _language(params)
        if len(words) > _WORDS[what]:
            raise Refusal(f"BOT_{'TITLE' if what == 'name' else what.upper()}_INVALID")
        if what == "name" and not language and words:
            telegram.bot.first_name = words
        telegram.words_of_bot[what, language] = words
        return True

    return set_words


def _get_words(what: str) -> Callable[[Telegram, Params], JsonValue]:
    def get_words(telegram: Telegram, params: Params) -> JsonValue:
        default = telegram.words_of_bot.get((what, ""), telegram.bot.first_name if what == "name" else "")
        return {what: telegram.words_of_bot.get((what, _language(params))) or default}

    return get_words


def set_chat_menu_button(telegram: Telegram, params: Params) -> JsonValue:
    button = an_object(params.parsed("menu_button", "menu button"), "menu button") or {"type": "default"}
    kind = field_text(button, "type", where="MenuButton", required=True)
    if kind not in ("commands", "web_app", "default"):
        raise Refusal("Can't parse MenuButton: MenuButton has unsupported type")
    telegram.menu_buttons[_menu_chat(telegram, params)] = button
    return True


def get_chat_menu_button(telegram: Telegram, params: Params) -> JsonValue:
    default: Json = telegram.menu_buttons.get(0, {"type": "commands"})
    return telegram.menu_buttons.get(_menu_chat(telegram, params), default)


def _menu_chat(telegram: Telegram, params: Params) -> int:
    if not params.has("chat_id"):
        return 0
    chat = telegram.chat_for(params)
    if chat.kind != "private":
        raise Refusal("chat not found")
    return chat.id


METHODS: dict[str, Callable[[Telegram, Params], JsonValue]] = {
    "getme": get_me,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "getchatadministrators": get_chat_administrators,
    "getchatmembercount": get_chat_member_count,
    "leavechat": leave_chat,
    "getfile": get_file,
    "setmycommands": set_my_commands,
    "deletemycommands": delete_my_commands,
    "getmycommands": get_my_commands,
    "setchatmenubutton": set_chat_menu_button,
    "getchatmenubutton": get_chat_menu_button,
    **{f"setmy{what.replace('_', '')}": _set_words(what) for what in _WORDS},
    **{f"getmy{what.replace('_', '')}": _get_words(what) for what in _WORDS},
}
