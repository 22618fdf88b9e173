"""The bad days a playground can be told to have: refusals, silence, slowness, repeats; one seed, one story."""

import random
from dataclasses import dataclass
from typing import Literal

Kind = Literal["too_many", "server_error", "lost_answer", "slow", "disconnect", "duplicate"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `too_many`      refused with 429; `seconds` is the retry_after.
    `server_error`  refused with HTTP `status`; nothing was done.
    `lost_answer`   the request is carried out, then the connection drops without an answer.
    `slow`          answered `seconds` late (real seconds), after it was carried out.
    `disconnect`    the connection drops before anything is done.
    `duplicate`     an update or event reaches the bot twice.
    """

    kind: Kind
    seconds: float = 0.0
    status: int = 0


def too_many(retry_after: int) -> Fault:
    """Refuse with 429; `retry_after` in whole seconds, at least 1, as both platforms send it."""
    return Fault("too_many", seconds=max(1, retry_after))


def server_error(status: int = 502) -> Fault:
    return Fault("server_error", status=status)


def lost_answer() -> Fault:
    return Fault("lost_answer")


def slow(seconds: float) -> Fault:
    return Fault("slow", seconds=seconds)


def disconnect() -> Fault:
    return Fault("disconnect")


def duplicate() -> Fault:
    return Fault("duplicate")


@dataclass(slots=True)
class _Rule:
    fault: Fault
    method: str
    chat: str
    left: int | None
    rate: float

    def fits(self, method: str, chat: str, kinds: tuple[Kind, ...]) -> bool:
        return (
            (not kinds or self.fault.kind in kinds)
            and self.method in ("", method)
            and self.chat in ("", chat)
            and (self.left is None or self.left > 0)
        )


class Faults:
    """What shall go wrong, in the order it was asked for. Nothing goes wrong until something is injected.

    `method` is a platform's own name (`sendMessage`, `chat.postMessage`) or, for `duplicate` and other faults of
    delivery to the bot, the kind of update or event (`message`, `callback_query`, `block_actions`); "" fits any.
    `chat` is a chat or channel id as text; "" fits any.
    """

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._rules: list[_Rule] = []
        self.struck: list[tuple[Fault, str, str]] = []
        """(fault, method, chat) of everything that went wrong so far."""

    def next(self, fault: Fault, times: int = 1, *, method: str = "", chat: str = "") -> None:
        """Let the next `times` fitting calls meet `fault`."""
        self._rules.append(_Rule(fault, method, chat, times, 1.0))

    def often(self, fault: Fault, rate: float, *, method: str = "", chat: str = "") -> None:
        """Let each fitting call meet `fault` with probability `rate` (0 to 1), drawn from the seed."""
        if not 0 <= rate <= 1:
            raise ValueError(f"a rate lies between 0 and 1, not {rate}")
        self._rules.append(_Rule(fault, method, chat, None, rate))

    def clear(self) -> None:
        """Nothing goes wrong any more; what already did stays in `struck`."""
        self._rules.clear()

    def draw(self, method: str, chat: str = "", kinds: tuple[Kind, ...] = ()) -> Fault | None:
        """The fault this call meets, used up by asking; None when all is well.

        A server asks with the `kinds` it can act on at that place, so that a `duplicate` meant for events is
        not wasted on a call. No `kinds` means any.
        """
        for rule in self._rules:
            if rule.fits(method, chat, kinds) and (rule.rate >= 1 or self._random.random() < rule.rate):
                if rule.left is not None:
                    rule.left -= 1
                self.struck.append((rule.fault, method, chat))
                return rule.fault
        return None
