"""One person's Slack app: what it shows, and what it sends when they write, tap, choose and fill in."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from playground.slack import files, forms, payloads, responses, screen, views
from playground.slack.backend import Backend, RefusedError
from playground.slack.checks import Json
from playground.slack.delivery import Answer, Deliveries
from playground.slack.mrkdwn import escape, stored
from playground.slack.state import Channel, File, Member, Message, View
from playground.views import PATIENCE, MessageView, SeatView

Found = TypeVar("Found")
TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack's app says when the bot does not acknowledge in time."""


class SlackSeat:
    """Implements `Seat`. Taps and commands travel by themselves; a sent form waits for its answer, as Slack's does."""

    def __init__(
        self, backend: Backend, deliveries: Deliveries, member: Member, commands: tuple[tuple[str, str], ...]
    ) -> None:
        self.member = member
        self._backend = backend
        self._deliveries = deliveries
        self._commands = commands
        self._listeners: list[Callable[[], None]] = []
        self._waiting: list[asyncio.Event] = []
        backend.workspace.on_change(member.id, self._changed)

    @property
    def key(self) -> str:
        return f"slack:{self.member.key}"

    @property
    def id(self) -> str:
        """The member's id, `U…`."""
        return self.member.id

    @property
    def dm(self) -> str:
        """The id of the direct message with the bot, `D…`: what `Faults` calls `chat`."""
        return self._backend.workspace.direct(self.id).id

    def view(self) -> SeatView:
        return screen.seat(self._backend.workspace, self.member, self._commands)

    def screen(self) -> str:
        """The whole screen as text."""
        return screen.printed(self.view())

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def _changed(self) -> None:
        for event in self._waiting:
            event.set()
        for listener in tuple(self._listeners):
            listener()

    async def until(self, look: Callable[[], Found | None], within: float = PATIENCE) -> Found | None:
        """Look after every change until `look` finds something; None after `within` real seconds."""
        changed = asyncio.Event()
        self._waiting.append(changed)
        try:
            async with asyncio.timeout(within):
                while (found := look()) is None:
                    changed.clear()
                    await changed.wait()
                return found
        except TimeoutError:
            return look()
        finally:
            self._waiting.remove(changed)

    def messages(self, conversation: str | None = None) -> tuple[MessageView, ...]:
        """What stands in the direct message with the bot (None), in `home`, or in a channel by id or name."""
        wanted = "home" if conversation == "home" else self._channel(conversation).id
        return next((shown.messages for shown in self.view().conversations if shown.id == wanted), ())

    # What a person's app does

    async def say(self, text: str, conversation: str | None = None, reply_to: str | None = None) -> None:
        channel = self._channel(conversation)
        if text.startswith("/"):
            command, _, rest = text.partition(" ")
            await self.command(command, rest.strip(), conversation)
            return
        workspace = self._backend.workspace
        said = escape(text)
        for member in workspace.members.values():
            said = said.replace(f"@{escape(member.name)}", f"<@{member.id}>")
        parent = channel.messages.get(reply_to or "")
        self._post(channel, stored(said), [], parent)

    async def share(
        self, name: str, content: bytes, mime: str, conversation: str | None = None, words: str = ""
    ) -> None:
        channel = self._channel(conversation)
        file = files.new_file(self._backend, name, content, mime, self.id)
        file.channels.append(channel.id)
        self._post(channel, escape(words), [file], None)

    def _post(self, channel: Channel, text: str, shared: list[File], parent: Message | None) -> None:
        workspace = self._backend.workspace
        self._signed_in()
        message = Message(workspace.next_ts(), channel.id, self.id, text, files=shared)
        message.client_msg_id = payloads.client_msg_id(workspace)
        message.subtype = "file_share" if shared else ""
        message.thread_ts = (parent.thread_ts or parent.ts) if parent else ""
        if text:
            message.blocks = payloads.typed(workspace, text)
        channel.messages[message.ts] = message
        self._notice("")
        workspace.message_changed(message)
        self._backend.events.posted(message)

    async def command(self, command: str, text: str = "", conversation: str | None = None) -> None:
        """Run a slash command. The app itself refuses one nobody registered, and any of an outsider's."""
        self._signed_in()
        if command not in dict(self._commands) or self._backend.workspace.is_outsider(self.id):
            self._notice(f"{command} is not a valid command.")
            return
        self._notice("")
        self._deliveries.start(self._run(command, text, self._channel(conversation)))

    async def _run(self, command: str, text: str, channel: Channel) -> None:
        answer = await self._backend.interactions.command(self.member, channel, command, text)
        if not answer.acknowledged:
            self._notice(f"{command} failed with the error “dispatch_failed”")
        elif answer.body:
            said = answer.body if isinstance(answer.body, dict) else {"text": str(answer.body)}
            try:
                responses.respond(self._backend, channel, self.id, said)
            except RefusedError as refused:
                self._notice(f"{command} failed with the error “{refused.error}”")

    async def tap(self, message: str, button: str, value: str = "", conversation: str | None = None) -> None:
        source, block, element = self._element(message, button, conversation)
        action = forms.action(block, element, value)
        if isinstance(source, View):
            source.state.setdefault(block["block_id"], {})[element["action_id"]] = forms.kept(action)
        elif element["type"] != "button":
            kept = self.member.drafts.setdefault(source.ts, {}).setdefault(block["block_id"], {})
            kept[element["action_id"]] = forms.kept(action)
        self._act(source, action)

    def _act(self, source: Message | View, action: Json) -> None:
        self._signed_in()
        self._notice("")
        payload = self._backend.interactions.action(self.member, source, action)
        where = source.channel if isinstance(source, Message) else ""
        self._deliveries.start(self._tell("block_actions", payload, where))

    async def _tell(self, kind: str, payload: Json, channel: str) -> None:
        answer = await self._backend.interactions.ask(kind, payload, channel)
        if not answer.acknowledged:
            self._notice(TROUBLE)

    async def forge_action(self, message: str, action_id: str, value: str, conversation: str | None = None) -> None:
        """Press a button that is not there, as a hostile client might, on a message that is."""
        source = self._source(message, conversation)
        text = {"type": "plain_text", "text": "forged", "emoji": True}
        self._act(
            source, {"type": "button", "block_id": "forged", "action_id": action_id, "text": text, "value": value}
        )

    async def open_home(self) -> None:
        self._signed_in()
        self._backend.events.home_opened(self.member, "home", self.member.home)

    async def open_messages(self) -> None:
        """Open the app's Messages tab: tells the bot app_home_opened too."""
        self._backend.events.home_opened(self.member, "messages", None)

    async def submit_modal(self, values: dict[str, str], button: str = "") -> None:
        """Fields by id or label. What the app itself refuses is on the field at once, and the bot hears nothing.

        `button`: one within the modal, by label or action id, is pressed instead, with what is filled in so far.
        """
        if not self.member.modals:
            raise LookupError(f"no modal is open. On the screen:\n{self.screen()}")
        view = self.member.modals[-1]
        errors = forms.fill(view, values)
        if button:
            self._press_within(view, button)
            return
        view.errors = errors
        self._notice("")
        if not view.errors:
            payload = self._backend.interactions.submission(self.member, view)
            self._answered(view, await self._backend.interactions.ask("view_submission", payload))
        self._backend.workspace.changed([self.id])

    def _press_within(self, view: View, button: str) -> None:
        for block, element in screen.elements(view.body["blocks"]):
            if element["type"] == "button" and button in (element["action_id"], element["text"]["text"]):
                self._act(view, forms.action(block, element, ""))
                return
        raise LookupError(f"no button {button!r} in the modal. On the screen:\n{self.screen()}")

    def _answered(self, view: View, answer: Answer) -> None:
        said = answer.body if isinstance(answer.body, dict) else {}
        inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
        try:
            match said.get("response_action") if answer.acknowledged else "trouble":
                case None:
                    if view in self.member.modals:
                        self.member.modals.remove(view)
                        self._backend.workspace.views.pop(view.id, None)
                case "clear":
                    views.close(self._backend, self.member, everything=True)
                case "errors" if said.get("errors") and set(said["errors"]) <= inputs:
                    view.errors = {str(block): str(words) for block, words in said["errors"].items()}
                case "update":
                    views.replace(self._backend, view, views.checked(self._backend, said.get("view"), "modal"))
                case "push" if len(self.member.modals) < views.MOST_MODALS:
                    views.add_modal(self._backend, self.member, views.checked(self._backend, said["view"], "modal"))
                case _:
                    self._notice(TROUBLE)
        except RefusedError as refused:
            self._notice(f"{TROUBLE} ({refused.error} {refused.more})")

    async def close_modal(self) -> None:
        if not self.member.modals:
            raise LookupError("no modal is open")
        everything = bool(self.member.modals[-1].body.get("clear_on_close"))
        for view in views.close(self._backend, self.member, everything=everything):
            if view.body.get("notify_on_close"):
                payload = self._backend.interactions.closing(self.member, view, cleared=everything)
                self._deliveries.start(self._tell("view_closed", payload, ""))

    async def block(self) -> None:
        await self._set_deleted(deleted=True)

    async def unblock(self) -> None:
        await self._set_deleted(deleted=False)

    async def _set_deleted(self, *, deleted: bool) -> None:
        workspace = self._backend.workspace
        self.member.deleted, self.member.updated = deleted, workspace.seconds()
        self._backend.events.user_changed(self.member)
        workspace.changed()

    # Where things are on the screen

    def _signed_in(self) -> None:
        if self.member.deleted:
            raise LookupError(f"{self.member.name} is deactivated and can do nothing in Slack")

    def _notice(self, words: str) -> None:
        if self.member.toast != words:
            self.member.toast = words
            self._backend.workspace.changed([self.id])

    def _channel(self, conversation: str | None) -> Channel:
        if conversation in {None, "", "home"}:
            return self._backend.workspace.direct(self.id)
        channel = self._backend.workspace.channel_named(str(conversation))
        if channel is None or self.id not in channel.members:
            raise LookupError(f"{self.member.name} is in no conversation {conversation!r}")
        return channel

    def _source(self, message: str, conversation: str | None) -> Message | View:
        for view in self._backend.workspace.views_of(self.id):
            if view.id == message:
                return view
        for channel in self._backend.workspace.channels.values():
            if self.id in channel.members and conversation in {None, "", channel.id, channel.name}:
                found = channel.messages.get(message)
                if found and found.only_for in {"", self.id}:
                    return found
        raise LookupError(f"no message {message!r}. On the screen:\n{self.screen()}")

    def _element(self, message: str, button: str, conversation: str | None) -> tuple[Message | View, Json, Json]:
        source = self._source(message, conversation)
        blocks = source.body["blocks"] if isinstance(source, View) else source.blocks
        for block, element in screen.elements(blocks):
            if element["action_id"] == button:
                return source, block, element
        raise LookupError(f"no button {button!r} on {message!r}. On the screen:\n{self.screen()}")
