"""A person in the tests' and the demo's cast: acts by what is visible, and comes, goes and shares channels."""

from collections.abc import Iterable

from playground.slack import conversations
from playground.slack.seat import SlackSeat
from playground.views import MessageView, SeatView


class Person(SlackSeat):
    """A `Seat` with the verbs of a story."""

    async def tap_label(self, label: str, value: str = "", conversation: str | None = None) -> None:
        """Press the newest visible button with this label, or choose the option with this label.

        Raises LookupError that lists the visible labels.
        """
        view = self.view()
        shown = [c for c in view.conversations if conversation in {None, c.id, c.title}]
        newest = sorted((m for c in shown for m in c.messages), key=_seen, reverse=True)
        for message in newest:
            for button in (button for row in message.rows for button in row):
                choice = next((v for v, words in button.options if words == label), "")
                if button.label == label or choice:
                    await self.tap(message.id, button.id, value or choice)
                    return
        raise LookupError(f"no button {label!r}; there are {labels(view)}. On the screen:\n{self.screen()}")

    async def sees(self, words: str, within: float = 5.0, conversation: str | None = None) -> SeatView:
        """Wait until these words stand on the screen, or in this conversation (id or title); `within` real seconds.

        Raises AssertionError with the screen.
        """

        def there(view: SeatView) -> bool:
            if conversation is None:
                return words in self.screen()
            shown = (c for c in view.conversations if conversation in {c.id, c.title, c.kind})
            return any(words in "\n".join([m.text, *labels_of(m)]) for c in shown for m in c.messages)

        return await self.until(there, within)

    async def no_longer_sees(self, words: str, within: float = 5.0) -> SeatView:
        """Wait until these words have gone from the screen. Raises AssertionError with the screen."""
        return await self.until(lambda _: words not in self.screen(), within)

    async def has_modal(self, title: str = "", within: float = 5.0) -> SeatView:
        """Wait for an open modal, with this title if one is given."""
        return await self.until(lambda view: view.modal and title in {"", view.modal.title}, within)

    def messages(self, conversation: str | None = None) -> tuple[MessageView, ...]:
        """What stands in the direct message with the bot (None), in `home`, or in a channel by id or name."""
        wanted = self._channel(conversation).id if conversation != "home" else "home"
        return next((c.messages for c in self.view().conversations if c.id == wanted), ())

    def create_channel(
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
        kind = "group" if private else "channel"
        ids = dict.fromkeys(one.id for one in people)
        channel = workspace.add_channel(
            "group" if kind == "group" else "channel", name, ids, shared=shared_with_outsiders
        )
        workspace.changed(channel.members)
        if with_bot:
            self.invite_bot(channel.id)
        return channel.id

    def invite(self, other: "Person", conversation: str) -> None:
        """Bring somebody into a channel. Raises ValueError for an outsider when the channel is not shared."""
        channel = self._channel(conversation)
        if self._backend.workspace.is_outsider(other.id) and not channel.shared:
            raise ValueError(f"#{channel.name} is not shared with other workspaces")
        conversations.enter(self._backend, channel, other.id, inviter=self.id)

    def invite_bot(self, conversation: str) -> None:
        bot = self._backend.workspace.bot.id
        conversations.enter(self._backend, self._channel(conversation), bot, inviter=self.id)

    def remove_bot(self, conversation: str) -> None:
        conversations.go(self._backend, self._channel(conversation), self._backend.workspace.bot.id)

    def join(self, conversation: str) -> None:
        """Join a public channel of one's own workspace. Raises LookupError for any other."""
        workspace = self._backend.workspace
        channel = workspace.channel_named(conversation)
        if channel is None or channel.kind != "channel" or workspace.is_outsider(self.id):
            raise LookupError(f"{self.member.name} cannot join {conversation!r}")
        conversations.enter(self._backend, channel, self.id)

    def leave(self, conversation: str) -> None:
        conversations.go(self._backend, self._channel(conversation), self.id)

    def archive(self, conversation: str, *, archived: bool = True) -> None:
        channel = self._channel(conversation)
        channel.archived = archived
        self._backend.events.archived(channel, self.id, archived=archived)
        self._backend.workspace.changed(channel.members)

    def share_channel(self, conversation: str) -> str:
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

    def change(self, *, name: str = "", email: str = "", tz: str = "", locale: str = "") -> None:
        """Edit the profile; the bot hears user_change."""
        member = self.member
        member.name, member.email = name or member.name, email or member.email
        member.tz, member.locale = tz or member.tz, locale or member.locale
        member.updated = self._backend.workspace.seconds()
        self._backend.events.user_changed(member)
        self._backend.workspace.changed()

    def delete_message(self, message: str, conversation: str | None = None) -> None:
        """Delete one's own message. Raises LookupError when it is not there or not one's own."""
        found = self._channel(conversation).messages.get(message)
        if found is None or found.author != self.id:
            raise LookupError(f"{message!r} is no message of {self.member.name}")
        self._backend.erase(found)


def labels_of(message: MessageView) -> list[str]:
    """Everything on a message that can be pressed or chosen, as it reads."""
    buttons = [button for row in message.rows for button in row]
    return [words for button in buttons for words in (button.label, *(label for _, label in button.options))]


def labels(view: SeatView) -> list[str]:
    return [label for c in view.conversations for message in c.messages for label in labels_of(message)]


def _seen(message: MessageView) -> float:
    return message.at.timestamp()
