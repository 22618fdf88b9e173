"""Mailgun's webhooks (Mailgun: "Webhook Payloads", "Securing Webhooks")."""

import hmac
from hashlib import sha256
from typing import Any, Final

from core.campaigns.happenings import Kind
from core.campaigns.tokens import Caller
from hub.feed.problems import Refusal, Wrong
from hub.feed.webhooks.reading import Heard, event, name, part, text, unix

KINDS: Final[dict[str, Kind]] = {
    "accepted": "sent",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "clicked",
    "rejected": "failed",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}

SIGNED_WITHIN: Final = 24 * 3600
"""Seconds: Mailgun repeats a webhook that was not taken for eight hours; a repeat of an event changes nothing."""


def read(body: Any, who: Caller, now: float) -> Heard:
    """Mailgun's webhooks. The campaign's id is the user variable `campaign_id`, else the first tag.

    With `hub token create --signing-key` (the HTTP webhook signing key of Mailgun's settings) its signature is checked:
    HMAC-SHA256 over timestamp and token, both in the body.
    """
    data = part(body, "event-data")
    if not isinstance(data, dict):
        raise Refusal(422, "Mailgun sends one event.", [Wrong("event-data", "it is missing")])
    if who.signing_key is not None:
        _check(body, who.signing_key, now)
    said, at = text(data.get("event")), unix(data.get("timestamp"))
    kind = _failed(data) if said == "failed" else KINDS.get(said)
    variables, campaigns = data.get("user-variables"), data.get("campaigns")
    first = campaigns[0] if isinstance(campaigns, list) and campaigns else None
    campaign = name((part(variables, "campaign_id"), part(variables, "campaign"), part(first, "id"), data.get("tags")))
    if kind is None or at is None or not campaign:
        return Heard((), 1)
    who_got_it = text(data.get("recipient"), 320)
    key = text(data.get("id")) or f"{text(part(data, 'message', 'headers', 'message-id'))}:{kind}:{who_got_it}"
    status = data.get("delivery-status")
    words = (data.get("reason"), part(status, "code"), part(status, "message"), part(status, "description"))
    return Heard([(campaign, event(key, kind, at, who_got_it, " ".join(text(one, 300) for one in words)))])


def _failed(data: dict[str, Any]) -> Kind | None:
    """What is temporary is tried again; what Mailgun itself holds back (`suppress-bounce` …) never left."""
    if data.get("severity") != "permanent":
        return None
    return "failed" if text(data.get("reason")).startswith("suppress") else "bounced"


def _check(body: Any, key: str, now: float) -> None:
    signature = part(body, "signature")
    moment, token = text(part(signature, "timestamp")), text(part(signature, "token"))
    given = text(part(signature, "signature"))
    wanted = hmac.new(key.encode(), f"{moment}{token}".encode(), sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise Refusal(401, "This is not signed with Mailgun's key.", [Wrong("signature", "it does not fit")])
    if not moment.isdecimal() or abs(now - int(moment)) > SIGNED_WITHIN:
        raise Refusal(
            401, "This was signed long ago.", [Wrong("signature.timestamp", "it is more than a day from now")]
        )
