"""How the Bot API speaks: parameters however they were sent, answers, and refusals in the server's own words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
Json: TypeAlias = Mapping[str, JsonValue]

PREFIXES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Refusal(Exception):
    """The Bot API says no. `code` is both HTTP status and error_code; the description carries the usual prefix."""

    def __init__(
        self, words: str, code: int = 400, *, retry_after: int | None = None, migrate_to: int | None = None
    ) -> None:
        super().__init__(words)
        prefix = PREFIXES.get(code)
        self.code = code
        self.description = f"{prefix}: {words[:1].lower()}{words[1:]}" if prefix and words else prefix or words
        if words.isupper() and prefix:  # codes of the inner servers keep their capitals: BUTTON_DATA_INVALID
            self.description = f"{prefix}: {words}"
        self.retry_after = retry_after
        self.migrate_to = migrate_to

    def body(self) -> Json:
        answer: dict[str, JsonValue] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        if self.migrate_to is not None:
            answer["parameters"] = {"migrate_to_chat_id": self.migrate_to}
        return answer


def flooded(seconds: int) -> Refusal:
    return Refusal(f"Too Many Requests: retry after {seconds}", 429, retry_after=seconds)


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart body."""

    name: str
    mime: str
    content: bytes


class Params:
    """One request's parameters. Values arrive as text (query, form, multipart) or as JSON; both read the same."""

    def __init__(self, values: Mapping[str, JsonValue], uploads: Mapping[str, Upload] | None = None) -> None:
        self.values = values
        self.uploads = uploads or {}

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "") or name in self.uploads

    def text(self, name: str) -> str:
        """The parameter as text; "" when absent. A JSON number or boolean is printed."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def number(self, name: str, default: int = 0) -> int:
        """The parameter as an integer; `default` when absent or no number, as the server reads it."""
        try:
            return int(self.text(name).strip())
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in ("true", "1", "yes", "t", "y")

    def parsed(self, name: str, what: str) -> JsonValue:
        """A structured parameter, decoded when it came as text; None when absent. `what` names it in the refusal."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            decoded: JsonValue = json.loads(value)
        except ValueError:
            raise Refusal(f"Can't parse {what} JSON object") from None
        return decoded


def an_object(value: JsonValue, what: str) -> Json | None:
    """`value` as an object; None stays None; anything else is refused naming `what`."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise Refusal(f"Object expected as {what}")
    return value


def field_text(source: Json, name: str, *, where: str = "", required: bool = False) -> str:
    """A string field of an object; numbers are taken too, as the server takes them."""
    value = source.get(name)
    lead = f"Can't parse {where}: " if where else ""
    if value is None:
        if required:
            raise Refusal(f'{lead}Can\'t find field "{name}"')
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Refusal(f'{lead}Field "{name}" must be of type String')
    return str(value)


def field_flag(source: Json, name: str) -> bool:
    value = source.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Refusal(f'Field "{name}" must be of type Boolean')
    return value


def field_number(source: Json, name: str, default: int = 0) -> int:
    value = source.get(name)
    if value is None:
        return default
    try:
        return int(value)  # type: ignore[arg-type]  # the next line refuses what is no number
    except (TypeError, ValueError):
        raise Refusal(f'Field "{name}" must be of type Number') from None


def field_list(source: Json, name: str) -> Sequence[JsonValue]:
    value = source.get(name)
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise Refusal(f'Field "{name}" must be of type Array')
    return value
