"""Who of us may see, change, send and steer a mailing."""

from typing import Final

from core.people.accounts import Colleague
from storage.tables import Mailing

BEFORE: Final = ("draft", "waiting")
"""Nobody said yes yet."""


def may_steer(who: Colleague, mailing: Mailing) -> bool:
    """Admins, whoever wrote it, and whoever said yes."""
    return who.csm.role == "admin" or who.csm.id in (mailing.csm_id, mailing.approved_by)


def may_edit(who: Colleague, mailing: Mailing) -> bool:
    """Whoever wrote it, in Slack, and admins; what stands in a file is changed there."""
    mine = who.csm.role == "admin" or who.csm.id == mailing.csm_id
    return mine and mailing.state == "draft" and mailing.key.startswith(WRITTEN)


def may_approve(who: Colleague, mailing: Mailing) -> bool:
    """Before anybody did: author and admins; once it waits for a second person, anybody but the author."""
    if mailing.state == "waiting":
        return who.csm.id != mailing.csm_id
    return mailing.state == "draft" and (who.csm.role == "admin" or who.csm.id == mailing.csm_id)


def may_see(who: Colleague, mailing: Mailing) -> bool:
    """A draft is its author's and the admins'; from the first yes on all of us see it."""
    return mailing.state != "draft" or may_steer(who, mailing)


WRITTEN: Final = "desk:"
"""Keys of mailings that were written in Slack: `desk:<event key>`."""
