"""Twilio SendGrid's event webhook (SendGrid: "Event Webhook Reference")."""

from typing import Any, Final

from core.campaigns.happenings import Happening, Kind
from core.campaigns.tokens import Caller
from hub.feed.problems import Refusal, Wrong
from hub.feed.webhooks.reading import Heard, event, name, part, text, unix

KINDS: Final[dict[str, Kind]] = {
    "processed": "sent",
    "delivered": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "dropped": "failed",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
"""`deferred` is tried again and comes to one of these; account events are of no campaign."""

NAMED_BY: Final = ("campaign_id", "campaign", "singlesend_id", "marketing_campaign_id", "category")
"""Unique arguments of ours, what SendGrid's own campaigns bring, or the first category."""


def read(body: Any, _who: Caller, _now: float) -> Heard:
    """SendGrid's Event Webhook. The campaign's id is the unique argument `campaign_id`, else the first category.

    Its ECDSA signature (X-Twilio-Email-Event-Webhook-Signature) is not checked: the token in the address counts.
    """
    if not isinstance(body, list):
        raise Refusal(422, "SendGrid sends a list of events.", [Wrong("", "the body is no list")])
    found = [_read_one(one) for one in body]
    batch = [one for one in found if one is not None]
    return Heard(batch, len(found) - len(batch))


def _read_one(one: Any) -> tuple[str, Happening] | None:
    kind, at = KINDS.get(text(part(one, "event"))), unix(part(one, "timestamp"))
    campaign = name(part(one, key) for key in NAMED_BY)
    if kind is None or at is None or not campaign:
        return None
    who = text(part(one, "email"), 320)
    key = text(part(one, "sg_event_id"))
    if not key:
        key = f"{text(part(one, 'sg_message_id'))}:{kind}:{who}:{at.isoformat()}"
    why = " ".join(text(part(one, field), 500) for field in ("type", "reason", "response"))
    return campaign, event(key, kind, at, who, why)
