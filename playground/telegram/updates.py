"""What the bot has not heard yet: updates waiting to be fetched or pushed, until they are confirmed or too old."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playground.clock import Clock
from playground.faults import Faults
from playground.telegram.wire import Json, Refusal

KEPT = timedelta(hours=24)
"""Counted from the message's own date. Bot API: getting updates."""
CALLBACK_KEPT = timedelta(seconds=150)
LONGEST_POLL = 50
"""Seconds; a longer timeout is cut to this."""
ALL_KINDS = frozenset(
    (
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
    )
)
UNASKED_KINDS = ALL_KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
"""What allowed_updates=[] means. Bot API: getUpdates."""


@dataclass(slots=True, eq=False)
class Update:
    id: int
    kind: str
    text: str
    """The Update object as JSON, frozen at the moment it happened."""
    chat: str
    lane: str
    """Updates of one lane are pushed to a webhook one after another; lanes do not wait for each other."""
    expires: datetime
    again: int = 0
    """How often it is delivered once more after having been confirmed (the fault `duplicate`)."""


@dataclass(slots=True)
class Waiting:
    """The queue of one bot."""

    clock: Clock
    faults: Faults
    queue: deque[Update] = field(default_factory=deque)
    allowed: frozenset[str] = UNASKED_KINDS
    next_id: int = 700_000_001
    pushed: deque[str] = field(default_factory=lambda: deque(maxlen=10_000))
    """The newest updates as JSON, confirmed or not: a record for assertions."""
    count: int = 0
    """Updates ever created for the bot."""
    polls: int = 0
    listener: Callable[[Update], None] | None = None
    """Takes each new update while a webhook is set."""
    _soonest: datetime | None = None
    _poll: "asyncio.Future[None] | None" = None

    def allow(self, asked: object) -> None:
        """Take allowed_updates: None keeps the previous setting, an empty list means all but the three unasked."""
        if asked is None:
            return
        if isinstance(asked, str) or not isinstance(asked, Sequence):
            raise Refusal("Expected an Array of String")
        known = frozenset(str(kind).lower() for kind in asked) & ALL_KINDS
        self.allowed = known or UNASKED_KINDS

    def push(self, kind: str, payload: Json, *, chat: int, lane: str, at: datetime) -> None:
        """Let the bot know. `at` is when it happened: what is kept, is kept from then on."""
        if kind not in self.allowed:
            return
        text = json.dumps({"update_id": self.next_id, kind: payload}, ensure_ascii=False, separators=(",", ":"))
        kept = CALLBACK_KEPT if kind == "callback_query" else KEPT
        update = Update(self.next_id, kind, text, str(chat), lane, at + kept)
        if self.faults.draw(kind, str(chat), ("duplicate",)):
            update.again = 1
        self.next_id += 1
        self.count += 1
        self.pushed.append(text)
        self.queue.append(update)
        self._soonest = min(self._soonest or update.expires, update.expires)
        if self.listener is not None:
            self.listener(update)
        elif self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def drop_expired(self) -> None:
        now = self.clock.now()
        if self._soonest is None or now < self._soonest:
            return
        self.queue = deque(update for update in self.queue if update.expires > now)
        self._soonest = min((update.expires for update in self.queue), default=None)

    def confirm(self, offset: int) -> None:
        """Forget everything before `offset`; a negative one keeps only that many of the newest."""
        once_more = []
        while self.queue and self.queue[0].id < offset:
            update = self.queue.popleft()
            if update.again > 0:
                update.again -= 1
                once_more.append(update)
        self.queue.extendleft(reversed(once_more))
        while offset < 0 and len(self.queue) > -offset:
            self.queue.popleft()

    def done(self, update: Update) -> None:
        """A webhook has taken it, or it became too old."""
        if update in self.queue:
            self.queue.remove(update)

    def interrupt(self, words: str) -> None:
        """End the poll that is waiting now, with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(Refusal(words, 409))
        self._poll = None

    def release(self) -> None:
        """Let a waiting poll answer at once with nothing: the server stops."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    async def poll(self, offset: int, limit: int, seconds: float) -> str:
        """Answer getUpdates: a JSON array of at most `limit` (1-100) updates, waiting up to `seconds` (real)."""
        self.polls += 1
        self.interrupt("terminated by other getUpdates request; make sure that only one bot instance is running")
        self.confirm(offset)
        self.drop_expired()
        if not self.queue and seconds > 0:
            poll: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._poll = poll
            try:
                async with asyncio.timeout(min(seconds, LONGEST_POLL)):
                    await poll
            except TimeoutError:
                pass
            finally:
                if self._poll is poll:
                    self._poll = None
            self.drop_expired()
        batch: list[str] = []
        for update in self.queue:
            if len(batch) == limit:
                break
            batch.append(update.text)
        return f"[{','.join(batch)}]"
