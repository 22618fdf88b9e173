"""Amazon SES by way of SNS (SES: "Contents of event data that Amazon SES publishes to Amazon SNS").

A topic has to be confirmed: its SubscribeURL is written to the log, and an operator opens it. We call nobody, because
whoever has the token could else make us call any address.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from core.campaigns.happenings import Happening, Kind
from core.campaigns.tokens import Caller
from hub.feed.problems import Refusal, Wrong
from hub.feed.webhooks.reading import Heard, event, moment, name, part, text

log = logging.getLogger(__name__)

KINDS: Final[dict[str, tuple[Kind, str]]] = {
    "Send": ("sent", "mail"),
    "Delivery": ("delivered", "delivery"),
    "Bounce": ("bounced", "bounce"),
    "Complaint": ("complained", "complaint"),
    "Reject": ("failed", "reject"),
    "Rendering Failure": ("failed", "failure"),
    "Open": ("opened", "open"),
    "Click": ("clicked", "click"),
}
"""With the object that says more of it. `DeliveryDelay` is tried again; a soft bounce is told when SES has given up."""


def read(body: Any, _who: Caller, _now: float) -> Heard:
    """Amazon SES by way of SNS, also raw. The campaign's id is the message tag `campaign_id` or `campaign`.

    SNS's own signature is not checked (its certificate would have to be fetched): the token in the address counts.
    """
    kind = text(part(body, "Type"))
    if kind == "SubscriptionConfirmation":
        _tell(body)
        return Heard((), 1)
    if kind == "UnsubscribeConfirmation":
        return Heard((), 1)
    key, told = text(part(body, "MessageId")), body
    if kind == "Notification":
        told = _message(part(body, "Message"))
    if not isinstance(part(told, "mail"), dict):
        raise Refusal(422, "SES sends events with `mail` in them.", [Wrong("mail", "it is missing")])
    batch = list(_read(told, key))
    return Heard(batch, 0 if batch else 1)


def _message(words: Any) -> Any:
    try:
        return json.loads(words) if isinstance(words, str) else None
    except (ValueError, RecursionError) as error:
        raise Refusal(422, "The notification is none of SES.", [Wrong("Message", "it is no JSON")]) from error


def _tell(body: Any) -> None:
    """Where it is confirmed; only if that is Amazon's."""
    url = text(part(body, "SubscribeURL"), 2000)
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if (
        url.startswith("https://")
        and host.startswith("sns.")
        and host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    ):
        log.warning("a topic of Amazon SNS asks to be confirmed: open its address", extra={"open": url})


def _read(told: Any, message: str) -> Iterator[tuple[str, Happening]]:
    mail, said = told["mail"], text(part(told, "eventType")) or text(part(told, "notificationType"))
    if said not in KINDS:
        return
    kind, about = KINDS[said]
    more = part(told, about)
    at = moment(part(more, "timestamp")) or moment(part(mail, "timestamp"))
    tags = part(mail, "tags")
    campaign = name((part(tags, "campaign_id"), part(tags, "campaign")))
    if at is None or not campaign:
        return
    message = message or f"{text(part(mail, 'messageId'))}:{said}:{at.isoformat()}"
    for who, why in _recipients(mail, more, kind):
        yield campaign, event(f"{message}:{who}", kind, at, who, why)


def _recipients(mail: Any, more: Any, kind: Kind) -> Iterator[tuple[str, str]]:
    """Of whom, and why."""
    named = part(more, {"bounced": "bouncedRecipients", "complained": "complainedRecipients"}.get(kind, "recipients"))
    why = " ".join(text(part(more, key)) for key in ("bounceType", "bounceSubType", "reason", "errorMessage"))
    if not isinstance(named, list):
        named = part(mail, "destination")
    for one in named if isinstance(named, list) else []:
        who = text(one, 320) or text(part(one, "emailAddress"), 320)
        if who:
            diagnosis = f"{text(part(one, 'status'))} {text(part(one, 'diagnosticCode'), 400)}"
            yield who, f"{diagnosis} {why}"
