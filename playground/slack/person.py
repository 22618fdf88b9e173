"""A person in the tests' and the demo's cast: acts by what is visible, and comes, goes and shares channels."""

from collections.abc import Iterable

from playground.slack import conversations
from playground.slack.seat import Found, SlackSeat
from playground.slack.state import ChannelKind
from playground.views import PATIENCE, ButtonView, MessageView, ModalView


class Person(SlackSeat):
    """A `Seat` with the verbs of a story.

    `conversation` is an id or a name, `home` for the App Home. None means the direct message with the bot where
    something is written, and every conversation where something is looked for.
    """

    async def tap_label(
        self, label: str, conversation: str | None = None, within: float = PATIENCE, *, value: str = ""
    ) -> None:
        """Press the newest visible button with this label, or choose the option with this label from a menu.

        Signs around the words (✅ Done) need not be repeated. Waits up to `within` real seconds for it to appear
        (0: it must be there now). `value` is what to choose from a menu found by its own label. Raises LookupError
        that lists the labels.
        """
        found = await self.until(lambda: self._labelled(label, conversation), within)
        if found is None:
            there = [one for message in self._newest_first(conversation) for one in labels(message)]
            raise LookupError(f"{self.member.name} sees no {label!r}, only {there}:\n{self.screen()}")
        message, button, choice = found
        await self.tap(message.id, button.id, value or choice)

    def shows(self, words: str, conversation: str | None = None) -> MessageView | None:
        """The newest visible message with these words in it, App Home included; None when there is none."""
        return next((message for message in self._newest_first(conversation) if words in message.text), None)

    async def sees(self, words: str, within: float = PATIENCE, conversation: str | None = None) -> MessageView:
        """Wait until a message with these words is on the screen. AssertionError shows the screen otherwise."""
        found = await self.until(lambda: self.shows(words, conversation), within)
        return self._must(found, f"does not see {words!r}", within)

    async def sees_notice(self, words: str, within: float = PATIENCE) -> str:
        """Wait until Slack's app shows a notice with these words, about a tap or command that failed."""
        found = await self.until(lambda: self.member.toast if words in self.member.toast else None, within)
        return self._must(found, f"gets no notice {words!r}", within)

    async def sees_button(self, label: str, within: float = PATIENCE, conversation: str | None = None) -> MessageView:
        """Wait until a button or option with this label is on the screen; the message it stands under."""
        found = await self.until(lambda: self._labelled(label, conversation), within)
        return self._must(found, f"sees no button {label!r}", within)[0]

    async def sees_modal(self, title: str = "", within: float = PATIENCE) -> ModalView:
        """Wait for an open modal; with this title if one is given."""

        def look() -> ModalView | None:
            modal = self.view().modal
            return modal if modal and title in {"", modal.title} else None

        return self._must(await self.until(look, within), f"sees no modal {title!r}", within)

    async def sees_no_modal(self, within: float = PATIENCE) -> None:
        """Wait until every modal is closed."""
        gone = await self.until(lambda: True if not self.member.modals else None, within)
        self._must(gone, "still sees a modal", within)

    def _must(self, found: Found | None, otherwise: str, within: float) -> Found:
        if found is None:
            raise AssertionError(f"{self.member.name} {otherwise} within {within} s:\n{self.screen()}")
        return found

    def _newest_first(self, conversation: str | None) -> list[MessageView]:
        shown = [
            one for one in self.view().conversations if conversation is None or conversation in {one.id, one.title}
        ]
        return sorted((message for one in shown for message in one.messages), key=lambda one: one.at, reverse=True)

    def _labelled(self, label: str, conversation: str | None) -> tuple[MessageView, ButtonView, str] | None:
        exact, bare = label.strip(), _bare(label)
        for fits in (lambda text: text == exact, lambda text: bool(bare) and _bare(text) == bare):
            for message in self._newest_first(conversation):
                for button in (button for row in message.rows for button in row):
                    choice = next((value for value, words in button.options if fits(words)), "")
                    if choice or fits(button.label):
                        return message, button, choice
        return None

    async def create_channel(
        self,
        name: str,
        members: Iterable["Person"] = (),
        *,
        private: bool = False,
        shared_with_outsiders: bool = False,
        with_bot: bool = False,
    ) -> str:
        """Make a channel with these people in it; its id. The bot comes by `with_bot` or `invite_bot`.

        Raises ValueError for outsiders in a channel that is not shared, and for a name that is taken.
        """
        people = [self, *members]
        workspace = self._backend.workspace
        if workspace.channel_named(name):
            raise ValueError(f"#{name} exists")
        if not shared_with_outsiders and any(workspace.is_outsider(one.id) for one in people):
            raise ValueError(f"#{name} is not shared: people of other workspaces cannot be in it")
        ids = dict.fromkeys(one.id for one in people)
        kind: ChannelKind = "group" if private else "channel"
        channel = workspace.add_channel(kind, name, ids, shared=shared_with_outsiders)
        workspace.changed(channel.members)
        if with_bot:
            await self.invite_bot(channel.id)
        return channel.id

    async def invite(self, other: "Person", conversation: str) -> None:
        """Bring somebody into a channel. Raises ValueError for an outsider when the channel is not shared."""
        channel = self._channel(conversation)
        if self._backend.workspace.is_outsider(other.id) and not channel.shared:
            raise ValueError(f"#{channel.name} is not shared with other workspaces")
        conversations.enter(self._backend, channel, other.id, inviter=self.id)

    async def invite_bot(self, conversation: str) -> None:
        bot = self._backend.workspace.bot.id
        conversations.enter(self._backend, self._channel(conversation), bot, inviter=self.id)

    async def remove_bot(self, conversation: str) -> None:
        conversations.go(self._backend, self._channel(conversation), self._backend.workspace.bot.id)

    async def join(self, conversation: str) -> None:
        """Join a public channel of one's own workspace. Raises LookupError for any other."""
        workspace = self._backend.workspace
        channel = workspace.channel_named(conversation)
        if channel is None or channel.kind != "channel" or workspace.is_outsider(self.id):
            raise LookupError(f"{self.member.name} cannot join {conversation!r}")
        conversations.enter(self._backend, channel, self.id)

    async def leave(self, conversation: str) -> None:
        conversations.go(self._backend, self._channel(conversation), self.id)

    async def archive(self, conversation: str, *, archived: bool = True) -> None:
        channel = self._channel(conversation)
        channel.archived = archived
        self._backend.events.archived(channel, self.id, archived=archived)
        self._backend.workspace.changed(channel.members)

    async def share_channel(self, conversation: str) -> str:
        """Open a channel to other workspaces; a private one gets a new id, which is returned and told to the bot."""
        workspace = self._backend.workspace
        channel = self._channel(conversation)
        channel.shared = True
        if channel.id.startswith("G"):
            old, channel.id = channel.id, workspace.new_id("C")
            workspace.channels = {one.id: one for one in workspace.channels.values()}
            for message in channel.messages.values():
                message.channel = channel.id
            self._backend.events.id_changed(channel, old)
        workspace.changed(channel.members)
        return channel.id

    async def deactivate(self) -> None:
        """An admin deactivates this member: they stay listed as deleted, and nothing can be written to them."""
        await self.block()

    async def change(self, *, name: str = "", email: str = "", tz: str = "", locale: str = "") -> None:
        """Edit the profile; the bot hears user_change."""
        member = self.member
        member.name, member.email = name or member.name, email or member.email
        member.tz, member.locale = tz or member.tz, locale or member.locale
        member.updated = self._backend.workspace.seconds()
        self._backend.events.user_changed(member)
        self._backend.workspace.changed()

    async def delete(self, message: str, conversation: str | None = None) -> None:
        """Delete one's own message. Raises LookupError when it is not there or not one's own."""
        found = self._channel(conversation).messages.get(message)
        if found is None or found.author != self.id:
            raise LookupError(f"{message!r} is no message of {self.member.name}")
        self._backend.erase(found)


def labels(message: MessageView) -> list[str]:
    """Everything on a message that can be pressed or chosen, as it reads."""
    buttons = [button for row in message.rows for button in row]
    return [words for button in buttons for words in (button.label, *(label for _, label in button.options))]


def _bare(label: str) -> str:
    """The label's words without the signs around them, in one case."""
    letters = [index for index, character in enumerate(label) if character.isalnum()]
    return label[letters[0] : letters[-1] + 1].casefold() if letters else ""
