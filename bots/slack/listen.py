"""Hears Slack: every payload is committed by the inbox before Slack is told that we have it.

Bolt acknowledges events before its listeners run, so one that fails has lost its event. Here a payload is turned into
events, and acknowledged when those are committed. Over HTTP bolt checks the signature first; over a socket of our own
there is nothing to check.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

from bots.slack.client import SlackMessenger
from bots.slack.fields import Identity, Json, kind_of, text_at
from bots.slack.payloads import revokes, translate
from bots.slack.render import modal
from bots.slack.sockets import Sockets
from core.events import Address, Event, Grouped, Introduced, Profile
from core.outbox import Refused, Revoked, TryLater, Uncertain, Unreachable
from core.receipts import Receipt, Receive

if TYPE_CHECKING:
    from bots.slack.signed import SignedRequests

BUDGET = 2.8
"""Seconds an HTTP request may take; Slack waits 3 (docs.slack.dev: Events API, error handling)."""
REMARK = 300
"""Characters of a remark below a field of a dialog; no limit is published, and nobody reads more."""
ASKS = 5
"""How often users.info is tried for one introduction; after that the next start asks again."""

OnTrouble = Callable[[str, str], None]
"""(messenger, reason): why nothing can be heard; an empty reason: all is well again."""

_T = TypeVar("_T")

log = logging.getLogger(__name__)


class SlackListener:
    """One bot's ears. Events of one chat are committed in the order in which they came, those of others beside them."""

    def __init__(
        self,
        messenger: SlackMessenger,
        receive: Receive,
        on_trouble: OnTrouble,
        *,
        signing_secret: str = "",
        notice_after: timedelta = timedelta(seconds=1.5),
    ) -> None:
        """`signing_secret`: needed for `http` alone; while it is empty every request over HTTP is refused.

        `notice_after`: how long a tap in private may wait for a card before its notice is shown instead.
        """
        self._messenger = messenger
        self._receive = receive
        self._on_trouble = on_trouble
        self._signed = self._signed_requests(signing_secret) if signing_secret else None
        self._notice_after = notice_after.total_seconds()
        self._sockets: Sockets | None = None
        self._order: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asking: Counter[Address] = Counter()
        self._stopping = asyncio.Event()

    @property
    def connections(self) -> int:
        """Open WebSockets; 0 over HTTP."""
        return self._sockets.connected if self._sockets else 0

    async def start_socket(self, app_token: str, connections: int = 2) -> None:
        """Hear through Socket Mode. Two connections cover the moments in which Slack renews one.

        Raises Revoked when Slack knows one of the tokens no longer; while Slack is out of reach it keeps trying.
        """
        try:
            await self._messenger.whoami()
        except Revoked as problem:
            raise Revoked(f"SLACK_BOT_TOKEN: {problem}") from None
        except (TryLater, Uncertain) as problem:
            self._trouble(f"cannot connect: {type(problem).__name__}")
        self._sockets = Sockets(
            self._messenger.calls, app_token, self._envelope, self._trouble, connections=connections
        )
        try:
            await self._sockets.start()
        except Revoked as problem:
            raise Revoked(f"SLACK_APP_TOKEN: {problem}") from None

    async def stop(self) -> None:
        """Take nothing new and finish what is in hand, within about six seconds."""
        self._stopping.set()
        if self._sockets is not None:
            await self._sockets.stop()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=2)
            for task in late:
                task.cancel()

    async def http(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Answer one signed request (events, interactions and commands alike) with (status, headers, body).

        What is not committed in time is answered 503: Slack sends an event again, and a commit that came late makes
        the repeat a repeat.
        """
        if self._signed is None:
            return 401, {}, b""
        task = self._beside(self._signed.answer(body, headers))
        done, _ = await asyncio.wait({task}, timeout=BUDGET)
        if not done:
            log.warning("not committed in time")
            return 503, {}, b""
        return task.result()

    async def reintroduce(self, people: Iterable[Address]) -> None:
        """Ask once more who these people are: their events wait since a process stopped. Returns at once."""
        for person in people:
            if person not in self._asking:
                self._beside(self._introduce(f"who:{person}:{uuid4().hex}", person, person))

    def _signed_requests(self, secret: str) -> "SignedRequests":
        from bots.slack.signed import SignedRequests  # bolt takes a tenth of the start; Socket Mode needs nothing of it

        return SignedRequests(self._messenger.calls.token, secret, self._take)

    async def _envelope(self, envelope: Json) -> Json | None:
        payload = envelope.get("payload")
        return await self._take(payload if isinstance(payload, dict) else {})

    async def _take(self, payload: Json) -> Json | None:
        """Commit what this payload tells. Returns what goes with the acknowledgement, most often nothing.

        None: it is not committed, so Slack must not think that we have it.
        """
        said: Json = {}
        try:
            us = await self._messenger.whoami()
            events = translate(payload, us)
            if events:
                async with self._turn(events[0].chat):
                    for event in events:
                        before = self._messenger.shown_in(event.chat)
                        receipt = await self._commit(event)
                        said = _within(event, receipt, payload) or said
                        self._follow_up(event, receipt, payload, before)
            self._look_for_trouble(payload, us)
        except Exception:  # the listening must go on; without the acknowledgement Slack sends an event again
            log.exception("not committed", extra={"event_id": str(payload.get("event_id", ""))})
            return None
        return said

    def _turn(self, chat: Address) -> asyncio.Lock:
        """asyncio's lock lets waiters in by the order in which they came; it is forgotten when nobody holds it.

        A person's App Home and private chat share one.
        """
        name = chat.chat.removesuffix("/home")
        lock = self._order.get(name)
        if lock is None:
            lock = self._order[name] = asyncio.Lock()
        return lock

    async def _commit(self, event: Event) -> Receipt:
        if isinstance(event, Grouped):
            event = await self._described(event)
        return await self._receive(event)

    async def _described(self, event: Grouped) -> Grouped:
        """With the channel's name; an event must not fail for want of it."""
        try:
            async with asyncio.timeout(1):
                title, shared = await self._messenger.describe(event.chat)
        except (*_PROBLEMS, TimeoutError):
            return event
        return replace(event, title=title, shared=shared or event.shared)

    def _follow_up(self, event: Event, receipt: Receipt, payload: Json, shown: int) -> None:
        """What the receipt asks for, beside the acknowledgement: both have three seconds."""
        trigger = str(payload.get("trigger_id") or "")
        if receipt.form and payload.get("type") == "block_actions" and _is_dialog(payload):
            view = text_at(payload, "view", "id")
            self._beside(self._messenger.update_form(view, receipt.form, _begun_in(event)))
        elif receipt.form and trigger and payload.get("type") != "view_submission":
            self._beside(self._messenger.open_form(trigger, receipt.form, _begun_in(event)))
        if receipt.toast:
            self._beside(self._notice(event, receipt.toast, shown))
        if receipt.introduce:
            self._beside(self._introduce(f"who:{event.key}", event.sender, event.chat))

    async def _notice(self, event: Event, words: str, shown: int) -> None:
        """Slack has no notices for taps, so one is whispered: in a channel always, for the others saw no tap.

        In private it would only stand below the card that has just changed, so it is left out when a card came since.
        """
        if kind_of(event.chat) == "private":
            await self._pause(self._notice_after)
            if self._messenger.shown_in(event.chat) != shown:
                return
        await self._messenger.whisper(event.chat, event.sender, words)

    async def _introduce(self, key: str, person: Address, chat: Address) -> None:
        self._asking[person] += 1
        try:
            profile = await self._ask_about(person, key)
            if profile is not None:
                await self._receive(Introduced(key=key, sender=person, chat=chat, profile=profile))
        finally:
            self._asking[person] -= 1
            if not self._asking[person]:
                del self._asking[person]

    async def _ask_about(self, person: Address, key: str) -> Profile | None:
        """None: Slack was asked in vain; the next start asks again. Raises the outbox's errors but TryLater."""
        for attempt in range(ASKS):
            try:
                return await self._messenger.profile(person)
            except TryLater as later:
                if self._stopping.is_set():
                    break
                await self._pause(min(later.after.total_seconds(), 60) if attempt < ASKS - 1 else 0)
        log.warning("slack does not say who this is", extra={"key": key})
        return None

    async def _pause(self, seconds: float) -> None:
        """Shorter when the listener stops: nobody waits for a wait."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _look_for_trouble(self, payload: Json, us: Identity) -> None:
        if payload.get("type") == "app_rate_limited":
            log.warning("slack holds events back: more than 30,000 in an hour")
        event = payload.get("event")
        if isinstance(event, dict) and revokes(event, us):
            self._trouble("the app was removed from the workspace")

    def _trouble(self, reason: str) -> None:
        self._on_trouble("slack", reason)

    def _beside(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        problem = task.exception()
        log.warning("a follow-up failed", extra={"error": type(problem).__name__}, exc_info=problem)


def _within(event: Event, receipt: Receipt, payload: Json) -> Json:
    """What becomes of a sent dialog, told with the acknowledgement (docs.slack.dev: modals, view submissions).

    Without a word it closes.
    """
    if payload.get("type") != "view_submission":
        return {}
    if receipt.errors:
        return {"response_action": "errors", "errors": {field: words[:REMARK] for field, words in receipt.errors}}
    if receipt.form:
        begun_in = _begun_in(event)
        return {"response_action": "update", "view": modal(receipt.form, begun_in.chat if begun_in else "")}
    return {}


def _begun_in(event: Event) -> Address | None:
    return None if kind_of(event.chat) == "private" else event.chat


def _is_dialog(payload: Json) -> bool:
    return text_at(payload, "view", "type") == "modal"


_PROBLEMS = (Refused, Revoked, TryLater, Uncertain, Unreachable)
