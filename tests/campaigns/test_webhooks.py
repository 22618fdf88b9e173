"""Providers' webhooks: their documented shapes become events of ours, and whatever else comes does no harm."""

import hmac
import io
import json
import logging
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from core.campaigns.happenings import Happening, hashed
from core.campaigns.tokens import Caller
from hub.feed.problems import Refusal
from hub.feed.webhooks import READERS, mailgun, sendgrid, ses
from storage.database import Database
from tests.campaigns.desk import NOW, platform

SENT = 1762164000
WHO = Caller(1, "postino", frozenset(), None, None)
DANA = "dana@x.example"


def told(name: str, body: Any, who: Caller = WHO) -> list[tuple[str, str, str, str]]:
    """Campaign, key, kind and reason of each event."""
    heard = READERS[name](body, who, float(SENT))
    return [(campaign, one.key, one.kind, one.reason) for campaign, one in heard.batch]


def of_sendgrid(event: str, **more: Any) -> dict[str, Any]:
    return {
        "email": DANA,
        "timestamp": SENT,
        "event": event,
        "sg_event_id": f"id-{event}",
        "sg_message_id": "m.1",
        "category": ["spring", "news"],
    } | more


def test_sendgrids_events_are_understood() -> None:
    body = [
        of_sendgrid("processed"),
        of_sendgrid("delivered", response="250 OK"),
        of_sendgrid("deferred", response="400 try again later", attempt="5"),
        of_sendgrid("open", campaign_id="autumn"),
        of_sendgrid("bounce", type="bounce", reason="550 5.1.1 no such user", status="5.1.1"),
        of_sendgrid("dropped", reason="Bounced Address", category="cat facts"),
        of_sendgrid("spamreport", sg_event_id=None),
        of_sendgrid("click", category=None),
        of_sendgrid("processed", timestamp="yesterday"),
    ]

    assert told("sendgrid", body) == [
        ("spring", "id-processed", "sent", ""),
        ("spring", "id-delivered", "delivered", ""),
        ("autumn", "id-open", "opened", ""),
        ("spring", "id-bounce", "bounced", "unknown_address"),
        ("cat facts", "id-dropped", "failed", "other"),
        ("spring", f"m.1:complained:{DANA}:2025-11-03T10:00:00+00:00", "complained", ""),
    ]
    assert sendgrid.read(body, WHO, SENT).ignored == 3


def of_mailgun(event: str, **more: Any) -> dict[str, Any]:
    moment, token = str(SENT), "t" * 50
    signature = hmac.new(b"the key of Mailgun", f"{moment}{token}".encode(), sha256).hexdigest()
    data = {
        "event": event,
        "id": f"id-{event}",
        "timestamp": SENT + 0.25,
        "recipient": DANA,
        "tags": ["spring"],
        "user-variables": {},
    }
    return {"signature": {"timestamp": moment, "token": token, "signature": signature}, "event-data": data | more}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (of_mailgun("accepted"), [("spring", "id-accepted", "sent", "")]),
        (of_mailgun("opened", **{"user-variables": {"campaign_id": 7}}), [("7", "id-opened", "opened", "")]),
        (of_mailgun("failed", severity="temporary"), []),
        (
            of_mailgun("failed", severity="permanent", reason="generic", **{"delivery-status": {"code": 550}}),
            [("spring", "id-failed", "bounced", "unknown_address")],
        ),
        (
            of_mailgun("failed", severity="permanent", reason="suppress-unsubscribe"),
            [("spring", "id-failed", "failed", "unsubscribed")],
        ),
        (of_mailgun("delivered", tags=[]), []),
        (of_mailgun("stored"), []),
    ],
)
def test_mailguns_events_are_understood(body: Any, wanted: list[Any]) -> None:
    assert told("mailgun", body) == wanted


def test_mailguns_signature_is_checked_where_we_know_its_key() -> None:
    who = Caller(1, "mailgun", frozenset(), None, "the key of Mailgun")
    good = of_mailgun("delivered")
    forged = good | {"signature": good["signature"] | {"signature": "0" * 64}}

    assert len(mailgun.read(good, who, SENT).batch) == 1
    for body, now in ((forged, SENT), ({"event-data": good["event-data"]}, SENT), (good, SENT + 2 * 86400)):
        with pytest.raises(Refusal) as refused:
            mailgun.read(body, who, now)
        assert refused.value.status == 401


def of_ses(event: str, about: str, **more: Any) -> dict[str, Any]:
    return {
        "eventType": event,
        "mail": {
            "timestamp": "2026-11-03T09:58:00.000Z",
            "messageId": "m-1",
            "destination": [DANA, "omar@x.example"],
            "tags": {"campaign_id": ["spring"], "ses:configuration-set": ["set"]},
        },
        about: {"timestamp": "2026-11-03T09:59:00.000Z"} | more,
    }


def in_sns(message: Any, kind: str = "Notification", **more: Any) -> dict[str, Any]:
    return {"Type": kind, "MessageId": "n-1", "TopicArn": "arn:aws:sns:x", "Message": json.dumps(message)} | more


def test_amazons_events_are_understood_within_sns_and_raw() -> None:
    bounced = {"emailAddress": DANA, "status": "5.2.2", "diagnosticCode": "smtp; 552 mailbox full"}
    bounce = of_ses("Bounce", "bounce", bounceType="Permanent", bouncedRecipients=[bounced])

    assert told("ses", in_sns(of_ses("Send", "send"))) == [
        ("spring", f"n-1:{DANA}", "sent", ""),
        ("spring", "n-1:omar@x.example", "sent", ""),
    ]
    assert told("ses", in_sns(bounce)) == [("spring", f"n-1:{DANA}", "bounced", "mailbox_full")]
    assert told("ses", of_ses("Delivery", "delivery", recipients=[DANA])) == [
        ("spring", f"m-1:Delivery:2026-11-03T09:59:00+00:00:{DANA}", "delivered", "")
    ]
    assert told("ses", in_sns(of_ses("DeliveryDelay", "deliveryDelay"))) == []


def test_a_topic_is_confirmed_by_a_person_and_nobody_is_called(lines: io.StringIO) -> None:
    address = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=x"
    for url in (address, "https://sns.evil.example/amazonaws.com", "https://[", 7):
        heard = ses.read(in_sns({}, "SubscriptionConfirmation", SubscribeURL=url), WHO, SENT)
        assert (heard.batch, heard.ignored) == ((), 1)

    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["open"] for line in said] == [address]


def test_a_token_of_ours_is_never_logged(lines: io.StringIO) -> None:
    token = "hub_" + "a1B2-" * 8 + "xyz"
    logging.getLogger("anything").warning("POST /api/v1/webhooks/sendgrid?token=%s", token)

    assert "webhooks/sendgrid" in lines.getvalue()
    assert token not in lines.getvalue()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(READERS)), st.data())
@settings(max_examples=60)
def test_whatever_a_webhook_brings_is_taken_or_refused_kindly(name: str, data: st.DataObject) -> None:
    good: dict[str, Any] = {
        "sendgrid": [of_sendgrid("bounce")],
        "mailgun": of_mailgun("failed", severity="permanent"),
        "ses": of_ses("Bounce", "bounce", bouncedRecipients=[{"emailAddress": DANA}]),
    }[name]  # type: ignore[assignment]  # lists and objects
    body = json.loads(json.dumps(good))
    spot: Any = body[0] if isinstance(body, list) else body
    for _ in range(data.draw(st.integers(0, 3))):
        inner = [key for key, value in spot.items() if isinstance(value, dict)]
        if inner:
            spot = spot[data.draw(st.sampled_from(inner))]
    if spot:
        spot[data.draw(st.sampled_from(sorted(spot)))] = data.draw(values)

    try:
        heard = READERS[name](data.draw(st.sampled_from([body, data.draw(values)])), WHO, float(SENT))
    except Refusal as refusal:
        event(f"refused: {refusal.detail}")
        return
    for campaign, one in heard.batch:
        assert isinstance(one, Happening)
        assert 0 < len(campaign) <= 100
        assert 0 < len(one.key) <= 200
        assert "\x00" not in campaign + one.key


async def test_over_http_what_is_too_old_is_left_out_and_the_rest_is_kept(sqlite_url: str) -> None:
    database, today = Database(sqlite_url), int(NOW.timestamp()) - 60
    async with platform(database) as postino:
        await postino.announce()
        body = [of_sendgrid("processed", timestamp=today), of_sendgrid("open", timestamp=today - 40 * 86400)]
        status, answer = await postino.post("/api/v1/webhooks/sendgrid", body)
        as_text, _ = await postino.post(
            "/api/v1/webhooks/ses", json.dumps(in_sns(of_ses("Send", "send"))), headers={"content-type": "text/plain"}
        )
        _, campaign = await postino.get("/api/v1/campaigns/spring")
    database.close()

    assert (status, answer) == (202, {"accepted": 1, "repeated": 0, "ignored": 1})
    assert as_text == 202
    assert campaign["sent"] == 2  # Dana once, whoever told of it, and Omar


def test_a_recipient_is_known_again_and_nobodys_address() -> None:
    assert hashed("Dana@X.example ") == hashed(DANA)
    assert DANA not in hashed(DANA)
