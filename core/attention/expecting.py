"""When a rule next has something to say to one person: each feature adds a line, for "why did they not get it?"."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from sqlmodel import Session

from core.attention.expected import Expected
from core.campaigns.expecting import expect as expect_campaign
from core.campaigns.expecting import rules as campaign_rules
from core.content.catalogue import Catalogue
from core.digests.expecting import expect as expect_digest
from core.nudges.expecting import expect as expect_nudge
from core.people.accounts import Member
from core.updates.expecting import expect as expect_update

Expect: TypeAlias = Callable[[Session, Catalogue, Member, str, datetime], Expected | None]
"""Takes the rule's second part (`stalled-step` of `nudge:stalled-step`); returns None when there is no such rule."""

EXPECTED: Final[Mapping[str, Expect]] = {
    "nudge": expect_nudge,
    "update": expect_update,
    "digest": expect_digest,
    "campaign": expect_campaign,
}
"""By the first part of a rule."""


def expected(session: Session, catalogue: Catalogue, who: Member, rule: str, now: datetime) -> Expected | None:
    """None: nobody knows of such a rule."""
    kind, _, name = rule.partition(":")
    expect = EXPECTED.get(kind)
    return expect(session, catalogue, who, name, now) if expect is not None else None


def rules_of(catalogue: Catalogue) -> list[str]:
    """Every rule of this content that may speak unasked, as decisions name it."""
    nudges, updates = (f"nudge:{name}" for name in catalogue.nudges), (f"update:{name}" for name in catalogue.updates)
    return [*nudges, *updates, "digest", *campaign_rules()]
