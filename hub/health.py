"""Which parts of the hub work, since when, and why not: what `/readyz` says and what operators are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Part:
    """One part (database, content, telegram, slack): whether it works, since when, and the reason if it does not."""

    ok: bool
    since: datetime
    reason: str
    needed: bool
    hears: bool
    """It hears people: without a single one of these the hub is down."""


@dataclass(slots=True)
class Health:
    """The parts by name. `tell` hears every change of a part between working and not working."""

    tell: Callable[[str, Part], None] = lambda _name, _part: None
    _parts: dict[str, Part] = field(default_factory=dict)

    def expect(self, part: str, now: datetime, *, needed: bool = True, hears: bool = False) -> None:
        """Announce a part, which is down until it says otherwise. Without a needed one the hub is not ready."""
        self._parts[part] = Part(False, now, "starting", needed, hears)
        self.tell(part, self._parts[part])

    def set(self, part: str, ok: bool, reason: str, now: datetime) -> None:
        """Say how an announced part is; `reason` tells an operator what to mend, and is empty when it works."""
        before = self._parts[part]
        since = before.since if before.ok == ok else now
        self._parts[part] = Part(ok, since, "" if ok else reason, before.needed, before.hears)
        if before.ok != ok:
            self.tell(part, self._parts[part])

    @property
    def parts(self) -> Mapping[str, Part]:
        return self._parts

    @property
    def status(self) -> Literal["ready", "degraded", "down"]:
        """`down`: a needed part does not work, or every part that hears people; `degraded`: some other part."""
        broken = [part for part in self._parts.values() if not part.ok]
        ears = [part for part in self._parts.values() if part.hears]
        if any(part.needed for part in broken) or (ears and not any(part.ok for part in ears)):
            return "down"
        return "degraded" if broken else "ready"
