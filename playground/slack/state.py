"""What a Slack workspace remembers: people, channels, messages, views and files, with ids as Slack writes them."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from playground.clock import Clock
from playground.slack.checks import Json

ChannelKind = Literal["im", "channel", "group"]


@dataclass(slots=True)
class Member:
    id: str
    key: str
    """Short name for tests and the page; "" for the bot."""
    name: str
    email: str
    tz: str
    locale: str
    team: str
    """A team other than the workspace's own marks an outsider, known only through shared channels."""
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False
    updated: int = 0
    toast: str = ""
    modals: list["View"] = field(default_factory=list)
    """The stack of open modals, the visible one last; at most 3."""
    home: "View | None" = None
    drafts: dict[str, Json] = field(default_factory=dict)
    """What this person has chosen in a message's menus, by message ts: block id -> action id -> state."""


@dataclass(slots=True)
class Message:
    ts: str
    channel: str
    author: str
    """A member's id; the bot's for its own."""
    text: str
    blocks: list[Json] = field(default_factory=list)
    files: list["File"] = field(default_factory=list)
    thread_ts: str = ""
    subtype: str = ""
    edited_ts: str = ""
    metadata: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    only_for: str = ""
    """The one member who sees an ephemeral message; "" for everybody."""
    client_msg_id: str = ""


@dataclass(slots=True)
class Channel:
    id: str
    kind: ChannelKind
    name: str = ""
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    """By ts, oldest first."""
    shared: bool = False
    """Open to people of other workspaces (Slack Connect)."""
    archived: bool = False
    created: int = 0

    def partner(self, bot: str) -> str:
        """The person at the other end of a direct message."""
        return next(member for member in self.members if member != bot)


@dataclass(slots=True)
class View:
    id: str
    user: str
    body: Json
    """As the bot sent it, with ids filled in."""
    hash: str
    root: str
    previous: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    """Block id -> what is wrong with its value, as the bot or Slack's app said."""
    state: Json = field(default_factory=dict)
    """What was filled in so far: block id -> action id -> state."""


@dataclass(slots=True)
class File:
    id: str
    name: str
    mime: str
    content: bytes
    owner: str
    created: int
    address: str
    """Where the bot downloads it with its token."""
    title: str = ""
    channels: list[str] = field(default_factory=list)
    expected: int = -1
    """Bytes announced for an upload that has not been completed; -1 once it is shared."""


class Workspace:
    """The state itself. It decides nothing about what the bot may do and sends nothing."""

    def __init__(self, clock: Clock, team: str, name: str, bot_name: str, seed: int) -> None:
        self.clock = clock
        self.team = team
        self.name = name
        self.random = random.Random(seed)
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.app_id = self.new_id("A")
        self.bot_id = self.new_id("B")
        self.bot = self.add_member("", bot_name, team=team, is_bot=True)
        self._last_ts = 0
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._directs: dict[str, Channel] = {}

    def new_id(self, prefix: str) -> str:
        """An id of Slack's form: the prefix and ten capitals or digits, unique here and the same for the same seed."""
        return prefix + "0" + "".join(self.random.choices("ABCDEFGHJKMNPQRSTUVWXYZ23456789", k=9))

    def seconds(self) -> int:
        return int(self.clock.now().timestamp())

    def next_ts(self) -> str:
        """Seconds with six decimals, later than every ts before, even when the clock stands still."""
        self._last_ts = max(int(self.clock.now().timestamp() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add_member(
        self,
        key: str,
        name: str,
        *,
        team: str,
        email: str = "",
        tz: str = "UTC",
        locale: str = "en-US",
        is_admin: bool = False,
        is_bot: bool = False,
    ) -> Member:
        member = Member(self.new_id("U"), key, name, email, tz, locale, team, is_admin=is_admin, is_bot=is_bot)
        member.updated = self.seconds()
        self.members[member.id] = member
        return member

    def add_channel(self, kind: ChannelKind, name: str, members: Iterable[str], *, shared: bool = False) -> Channel:
        """A private channel gets a G id, which becomes a C id when it is shared (docs.slack.dev: Slack Connect)."""
        prefix = {"im": "D", "channel": "C", "group": "C" if shared else "G"}[kind]
        channel = Channel(self.new_id(prefix), kind, name, list(members), shared=shared, created=self.seconds())
        self.channels[channel.id] = channel
        return channel

    def direct(self, user: str) -> Channel:
        """The bot's direct message with this member, made when there is none."""
        if user not in self._directs:
            self._directs[user] = self.add_channel("im", "", [user, self.bot.id])
        return self._directs[user]

    def direct_if_any(self, user: str) -> Channel | None:
        return self._directs.get(user)

    def channel_named(self, name: str) -> Channel | None:
        """By id or by name, with or without `#`."""
        bare = name.removeprefix("#")
        named = (channel for channel in self.channels.values() if channel.name and channel.name == bare)
        return self.channels.get(bare) or next(named, None)

    def message(self, channel: str, ts: str) -> Message | None:
        return self.channels[channel].messages.get(ts) if channel in self.channels else None

    def is_outsider(self, user: str) -> bool:
        return self.members[user].team != self.team

    def is_stranger(self, user: str) -> bool:
        """An outsider who shares no channel with the bot."""
        return self.is_outsider(user) and not any(
            channel.kind != "im" and {user, self.bot.id} <= set(channel.members) for channel in self.channels.values()
        )

    def label(self, some_id: str) -> str:
        """What people read for a user or channel id."""
        if some_id in self.members:
            return self.members[some_id].name
        return self.channels[some_id].name if some_id in self.channels else some_id

    def views_of(self, user: str) -> Iterator[View]:
        member = self.members[user]
        yield from member.modals
        if member.home:
            yield member.home

    def on_change(self, user: str, listener: Callable[[], None]) -> None:
        self._listeners.setdefault(user, []).append(listener)

    def changed(self, users: Iterable[str] | None = None) -> None:
        """Tell everybody who looks that these members (None: all) see something new."""
        for user in self._listeners if users is None else set(users):
            for listener in self._listeners.get(user, ()):
                listener()

    def message_changed(self, message: Message) -> None:
        """Tell those who see this message."""
        self.changed([message.only_for] if message.only_for else self.channels[message.channel].members)
