"""How a workspace looks on one person's screen: messages, App Home and modals as plain values."""

import html
from datetime import UTC, datetime, timedelta
from typing import Literal

from playground.slack import files, mrkdwn, rich
from playground.slack.checks import Json
from playground.slack.state import Channel, File, Member, Message, View, Workspace
from playground.views import (
    ButtonView,
    ConversationView,
    FieldView,
    MediaView,
    MessageView,
    ModalView,
    SeatView,
)

DAYS_OFFERED = 14
"""How many days the page offers of a date picker in a message; any date can be tapped."""
Rows = tuple[tuple[ButtonView, ...], ...]


def seat(workspace: Workspace, member: Member, commands: tuple[tuple[str, str], ...]) -> SeatView:
    """Everything this person sees in Slack now."""
    painter = _Painter(workspace, member)
    direct = [one for one in workspace.channels.values() if one.kind == "im" and member.id in one.members]
    groups = [one for one in workspace.channels.values() if one.kind != "im" and member.id in one.members]
    return SeatView(
        key=f"slack:{member.key}",
        name=member.name,
        messenger="slack",
        conversations=(
            painter.home(),
            *(painter.conversation(one) for one in direct),
            *(painter.conversation(one) for one in groups),
        ),
        modal=painter.modal(member.modals[-1]) if member.modals else None,
        toast=member.toast,
        commands=() if workspace.is_outsider(member.id) else commands,
    )


def message_view(workspace: Workspace, member: Member, message: Message) -> MessageView:
    """One message as this person sees it."""
    return _Painter(workspace, member).message(message)


def elements(blocks: list[Json]) -> list[tuple[Json, Json]]:
    """(block, interactive element) of everything that can be pressed or chosen from, top to bottom."""
    found = []
    for block in blocks:
        if block["type"] == "actions":
            found += [(block, element) for element in block["elements"]]
        elif block["type"] == "section" and block.get("accessory", {}).get("type") not in {None, "image"}:
            found.append((block, block["accessory"]))
        elif block["type"] == "input":
            found.append((block, block["element"]))
    return found


def options(element: Json) -> list[Json]:
    """The options of a menu, those in groups too."""
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


class _Painter:
    def __init__(self, workspace: Workspace, member: Member) -> None:
        self._workspace = workspace
        self._member = member

    def home(self) -> ConversationView:
        view = self._member.home
        shown: tuple[MessageView, ...] = ()
        if view:
            text, markup = self._blocks(view.body["blocks"])
            rows = self._rows(view.body["blocks"])
            at = datetime.fromtimestamp(float(view.hash.partition(".")[0]), UTC)
            shown = (
                MessageView(view.id, self._workspace.bot.name, mine=False, at=at, text=text, html=markup, rows=rows),
            )
        return ConversationView("home", f"{self._workspace.bot.name}: Home", "home", shown)

    def conversation(self, channel: Channel) -> ConversationView:
        direct = channel.kind == "im"
        shown = tuple(
            self.message(message) for message in channel.messages.values() if message.only_for in {"", self._member.id}
        )
        title = self._workspace.bot.name if direct else channel.name
        blocked = self._member.deleted or channel.archived
        return ConversationView(channel.id, title, "private" if direct else "group", shown, blocked=blocked)

    def message(self, message: Message) -> MessageView:
        if message.blocks and message.author == self._workspace.bot.id:
            text, markup = self._blocks(message.blocks)
        else:
            text, markup = self._mrkdwn(message.text)
        if message.reactions:
            said = " ".join(f":{name}: {len(who)}" for name, who in message.reactions.items())
            text, markup = f"{text}\n{said}", f"{markup}<br><small>{html.escape(said)}</small>"
        return MessageView(
            id=message.ts,
            author=self._workspace.members[message.author].name,
            mine=message.author == self._member.id,
            at=datetime.fromtimestamp(float(message.ts), UTC),
            text=text,
            html=markup,
            edited=bool(message.edited_ts),
            ephemeral=bool(message.only_for),
            media=(*(_media(file) for file in message.files), *self._pictures(message.blocks)),
            rows=self._rows(message.blocks),
        )

    def _pictures(self, blocks: list[Json]) -> list[MediaView]:
        shown = [MediaView("photo", one["alt_text"], one["image_url"]) for one in blocks if "image_url" in one]
        uploaded = [one["slack_file"] for one in blocks if "slack_file" in one]
        for file in self._workspace.files.values():
            if any(one.get("id") == file.id or one.get("url") == file.address for one in uploaded):
                shown.append(_media(file))
        return shown + [MediaView("video", one["alt_text"], one["video_url"]) for one in blocks if "video_url" in one]

    def _name(self, some_id: str) -> str:
        return self._workspace.label(some_id)

    def _mrkdwn(self, text: str) -> tuple[str, str]:
        return mrkdwn.plain(text, self._name), mrkdwn.to_html(text, self._name)

    def _text(self, text: Json) -> tuple[str, str]:
        if text["type"] == "mrkdwn":
            return self._mrkdwn(text["text"])
        return text["text"], html.escape(text["text"]).replace("\n", "<br>")

    def _blocks(self, blocks: list[Json]) -> tuple[str, str]:
        """(words as read aloud, safe HTML) of a message's or view's blocks, without what can be pressed."""
        words: list[str] = []
        markup: list[str] = []
        for block in blocks:
            if block["type"] == "rich_text":
                words.append(rich.plain(block, self._name))
                markup.append(rich.to_html(block, self._name))
            for text, tag in _texts(block):
                said, shown = self._text(text)
                words.append(said)
                markup.append(f"<{tag}>{shown}</{tag}>")
            if block["type"] == "divider":
                markup.append("<hr>")
        return "\n".join(words), "".join(markup)

    def _rows(self, blocks: list[Json]) -> Rows:
        rows: list[tuple[ButtonView, ...]] = []
        last: Json | None = None
        for block, element in elements(blocks):
            button = self._button(element)
            rows[-1:] = [(*rows[-1], button)] if block is last else [*rows[-1:], (button,)]
            last = block
        return tuple(rows)

    def _button(self, element: Json) -> ButtonView:
        kind = element["type"]
        choices = tuple((_value(option), self._text(option["text"])[0]) for option in options(element))
        if kind == "button":
            label = element["text"]["text"]
            return ButtonView(element["action_id"], label, element.get("url"), element.get("style", ""))
        if kind == "datepicker":
            today = self._workspace.clock.now().date()
            days = [today + timedelta(days=ahead) for ahead in range(DAYS_OFFERED)]
            choices = tuple((day.isoformat(), f"{day:%a %d %b}") for day in days)
        label = element.get("placeholder", {}).get("text") or {"overflow": "⋯"}.get(kind, "Choose…")
        return ButtonView(element["action_id"], label, options=choices)

    def modal(self, view: View) -> ModalView:
        fields = []
        for block in view.body["blocks"]:
            if block["type"] == "input":
                fields.append(self._field(view, block))
            elif block["type"] == "actions":
                buttons = [one for one in block["elements"] if one["type"] == "button"]
                fields += [FieldView(one["action_id"], one["text"]["text"], "press", required=False) for one in buttons]
            else:
                words = self._blocks([block])[0]
                if words:
                    fields.append(FieldView(block["block_id"], words, "note", required=False))
        submit = view.body.get("submit", {}).get("text", "")
        return ModalView(view.id, view.body["title"]["text"], submit, tuple(fields))

    def _field(self, view: View, block: Json) -> FieldView:
        element = block["element"]
        kind: Literal["text", "multiline", "select", "date"] = "multiline" if element.get("multiline") else "text"
        if options(element):
            kind = "select"
        elif element["type"] == "datepicker":
            kind = "date"
        return FieldView(
            id=block["block_id"],
            label=block["label"]["text"],
            kind=kind,
            value=filled(view, block),
            options=tuple((_value(option), self._text(option["text"])[0]) for option in options(element)),
            required=not block.get("optional", False),
            error=view.errors.get(block["block_id"], ""),
            hint=block.get("hint", {}).get("text", "") or element.get("placeholder", {}).get("text", ""),
        )


def filled(view: View, block: Json) -> str:
    """What stands in a field now: filled in by the person, or given by the bot; several choices comma-separated."""
    element = block["element"]
    state = view.state.get(block["block_id"], {}).get(element["action_id"])
    if state is None:
        state = {name.replace("initial_", "selected_"): value for name, value in element.items()}
        state["value"] = element.get("initial_value")
    for name in ("value", "selected_date", "selected_time", "selected_user"):
        if state.get(name):
            return str(state[name])
    chosen = [state["selected_option"]] if state.get("selected_option") else state.get("selected_options") or []
    return ",".join(_value(option) for option in chosen)


def _value(option: Json) -> str:
    return str(option.get("value") or option["text"]["text"])


def _texts(block: Json) -> list[tuple[Json, str]]:
    """(text object, HTML tag around it) of one block, in reading order."""
    kind = block["type"]
    if kind == "header":
        return [(block["text"], "h4")]
    if kind == "section":
        return [*([(block["text"], "p")] if "text" in block else []), *((one, "p") for one in block.get("fields", []))]
    if kind == "context":
        return [(one, "small") for one in block["elements"] if one["type"] != "image"]
    if kind == "markdown":
        return [({"type": "plain_text", "text": block["text"]}, "p")]
    if kind in {"image", "video"}:
        title = [(block["title"], "small")] if "title" in block else []
        return [*title, ({"type": "plain_text", "text": block["alt_text"]}, "small")]
    if kind == "input":
        return [(block["label"], "p")]
    return []


def _media(file: File) -> MediaView:
    kinds: dict[str, Literal["photo", "video", "voice", "file"]] = {
        "image": "photo",
        "video": "video",
        "audio": "voice",
    }
    kind = kinds.get(file.mime.partition("/")[0], "file")
    return MediaView(kind, file.name, f"{file.address}?see={files.seeing(file.id)}")


def printed(view: SeatView) -> str:
    """The screen as text, for the message of a failed test."""
    lines = [f"{view.name} in Slack"]
    for conversation in view.conversations:
        lines.append(f"— {conversation.title} ({conversation.kind}{', blocked' if conversation.blocked else ''})")
        for message in conversation.messages:
            marks = "".join([" (edited)" * message.edited, " (only visible to you)" * message.ephemeral])
            lines.append(f"  [{message.at:%H:%M}] {message.author}{marks}: {message.text}")
            lines += [f"    <{media.kind}: {media.name}>" for media in message.media]
            lines += ["    " + " ".join(f"[{_shown(button)}]" for button in row) for row in message.rows]
    if view.modal:
        lines.append(f"— modal: {view.modal.title} [{view.modal.submit}]")
        for field in view.modal.fields:
            lines.append(f"  {field.label}: {field.value}{'  ! ' + field.error if field.error else ''}")
    if view.toast:
        lines.append(f"— notice: {view.toast}")
    return "\n".join(lines)


def _shown(button: ButtonView) -> str:
    return " / ".join([button.label, *(label for _, label in button.options)])
