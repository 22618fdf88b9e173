"""What people see of their campaigns: live, their own alone, and a new message only when it matters."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from core.actions import FollowCampaign, ShowCampaign, pack
from core.attention.judge import Drop, Hold, judge
from core.campaigns.accepting import EDITED_EVERY
from core.campaigns.cards import CHANNELS
from core.campaigns.happenings import FATES, Fate, Happening, hashed
from core.campaigns.looking import look_at_due
from core.campaigns.reasons import REASONS
from core.campaigns.standing import STATES
from core.cards import Card
from core.content.texts.phrases import Voice
from storage.tables import Chat, Delivery
from tests.campaigns.conftest import CLARA, DANA, Sender
from tests.core.stage import buttons, labels


def sent(sender: Sender, first: int, last: int, kind: Fate = "sent", reason: str = "") -> list[Happening]:
    return [
        Happening(f"{kind}-{number}", kind, sender.now, hashed(f"{number}@x.example"), reason=reason)
        for number in range(first, last)
    ]


def started(sender: Sender) -> Happening:
    return Happening("go", "started", sender.now)


def card(sender: Sender, who: str = DANA) -> Card:
    (found,) = [one for one in sender.cards(who) if one.title == "Spring"]
    return found


def pushed(sender: Sender) -> list[str]:
    return list(sender.session.exec(select(Delivery.key).where(Delivery.lane == 1).order_by(Delivery.key)).all())


def test_a_campaign_is_one_message_that_edits_itself(sender: Sender) -> None:
    sender.announce()
    sender.look()
    sender.command(DANA, "mailings")
    sender.tap(DANA, "Spring")

    sender.tell(started(sender), *sent(sender, 0, 40), *sent(sender, 0, 30, "delivered"))
    sender.tell(*sent(sender, 40, 50, "failed", "unknown_address"), *sent(sender, 30, 34, "bounced", "mailbox_full"))
    sender.now += timedelta(seconds=5)
    sender.look()
    half = card(sender)
    sender.now += timedelta(minutes=1)
    sender.tell(*sent(sender, 50, 100))
    sender.look()
    whole = card(sender)

    assert half.progress is not None
    assert half.progress.percent == 50
    assert ("Delivered", "30 · 75 %") in half.facts
    assert ("Bounced", "4 · 10 %") in half.facts  # of what left, as what was delivered is
    assert ("Not sent", "10 · 10 %") in half.facts  # of all: it never left
    assert "No such address: 10." in half.text
    assert whole.progress is not None
    assert whole.progress.percent == 100
    assert "done" in whole.text


def test_a_card_is_edited_every_few_seconds_and_the_last_state_wins(sender: Sender) -> None:
    sender.announce()
    sender.look()
    sender.press(DANA, pack(ShowCampaign(sender.campaign().id or 0)))
    sender.now += EDITED_EVERY
    before = sender.sent
    for number in range(20):
        sender.tell(*sent(sender, number, number + 1))
        sender.look()
        sender.now += timedelta(seconds=0.1)
    soon = sender.sent - before
    sender.now += EDITED_EVERY
    sender.look()

    assert soon <= 2  # an edit, and that it has begun
    assert ("Sent", "20 · 20 %") in card(sender).facts


def test_long_after_its_end_a_card_is_edited_seldom(sender: Sender) -> None:
    sender.announce()
    sender.tell(started(sender), Happening("end", "finished", sender.now))
    sender.look()
    sender.now += timedelta(hours=2)
    sender.look()
    sender.press(DANA, pack(ShowCampaign(sender.campaign().id or 0)))
    sender.tell(*sent(sender, 0, 1, "opened"))
    sender.look()
    before = card(sender)
    sender.now += timedelta(seconds=30)
    sender.tell(*sent(sender, 1, 2, "opened"))
    sender.look()
    meanwhile = card(sender)
    sender.now += timedelta(seconds=30)
    sender.look()

    assert meanwhile == before
    assert ("Opened", "2 · 2 %") in card(sender).facts


def test_what_is_announced_again_as_it_was_draws_nothing(sender: Sender) -> None:
    sender.announce()
    sender.look()
    sender.announce()

    assert sender.campaign().look_at is None


def test_new_messages_come_at_the_turns_and_each_once(sender: Sender) -> None:
    number = sender.announce().id
    sender.tell(started(sender), *sent(sender, 0, 10))
    sender.look()
    sender.now += timedelta(minutes=31)
    sender.look()
    stalled_at = sender.campaign().heard_at
    sender.tell(*sent(sender, 10, 20))
    sender.look()
    sender.tell(*sent(sender, 20, 100), Happening("end", "finished", sender.now))
    sender.now += timedelta(minutes=1)
    sender.look()
    sender.tell(Happening("end-2", "finished", sender.now))
    sender.now += timedelta(minutes=1)
    sender.look()

    since = stalled_at.isoformat(timespec="minutes")
    dana = sender.dana.id
    assert pushed(sender) == [
        f"campaign:{number}:done:{dana}",
        f"campaign:{number}:stalled:{since}:{dana}",
        f"campaign:{number}:started:{dana}",
    ]
    sender.tap(DANA, "See how it goes")
    assert "done" in card(sender).text


def test_what_happened_long_ago_is_shown_and_not_told(sender: Sender) -> None:
    sender.announce()
    before = sender.now - timedelta(days=5)
    sender.tell(Happening("go", "started", before), Happening("end", "finished", before + timedelta(hours=1)))
    sender.look()

    assert pushed(sender) == []
    assert sender.campaign().state == "done"


def test_a_turn_that_has_passed_is_not_told_any_more(sender: Sender) -> None:
    sender.announce()
    sender.now = sender.now.replace(hour=22)
    sender.tell(started(sender), *sent(sender, 0, 10))
    look_at_due(sender.session, sender.content, sender.now)
    (waiting,) = sender.session.exec(select(Delivery).where(Delivery.lane == 1)).all()
    at_night = judge(sender.session, sender.content, waiting, sender.now)
    sender.tell(Happening("end", "finished", sender.now))
    in_the_morning = judge(sender.session, sender.content, waiting, sender.now + timedelta(hours=11))

    assert isinstance(at_night, Hold)
    assert in_the_morning == Drop("no reason any more")


def test_people_choose_what_to_follow(sender: Sender) -> None:
    sender.announce()
    sender.look()
    sender.command(DANA, "mailings")
    sender.tap(DANA, "Spring")
    sender.tap(DANA, "Stop telling me")
    offered = labels(card(sender))
    sender.tell(started(sender))
    sender.now += timedelta(seconds=5)
    sender.look()

    assert "Tell me about it" in offered
    assert pushed(sender) == []


def test_a_content_may_tell_only_those_who_ask(sender: Sender) -> None:
    sender.content = replace(sender.content, rules=replace(sender.content.rules, campaigns_followed=False))
    one, other = sender.announce("spring"), sender.announce("autumn")
    sender.look()
    sender.press(DANA, pack(FollowCampaign(other.id or 0, 1)))
    for name in ("spring", "autumn"):
        sender.tell(Happening(f"go-{name}", "started", sender.now), name=name)
    sender.now += timedelta(seconds=5)
    sender.look()

    assert one.state == "sending"
    assert pushed(sender) == [f"campaign:{other.id}:started:{sender.dana.id}"]


def test_nobody_sees_another_accounts_campaign(sender: Sender) -> None:
    number = sender.announce().id or 0
    sender.tell(started(sender), *sent(sender, 0, 10))
    sender.look()
    sender.command(CLARA, "mailings")
    for action in (ShowCampaign(number), FollowCampaign(number, 1)):
        sender.press(CLARA, pack(action))
    sender.now += timedelta(seconds=5)
    sender.tell(*sent(sender, 10, 20))
    sender.look()

    seen = " ".join(f"{one.title} {one.text} {labels(one)}" for one in sender.cards(CLARA))
    assert "Spring" not in seen
    assert "No campaign of yours" in seen


def test_a_chat_that_became_somebody_elses_is_drawn_no_more(sender: Sender) -> None:
    sender.announce()
    sender.look()
    sender.press(DANA, pack(ShowCampaign(sender.campaign().id or 0)))
    sender.session.get_one(Chat, DANA).contact_id = sender.session.get_one(Chat, CLARA).contact_id
    sender.now += timedelta(seconds=5)
    before = card(sender)
    sender.tell(*sent(sender, 0, 100))
    sender.look()

    assert card(sender) == before


def test_home_says_how_many_run(sender: Sender) -> None:
    sender.announce()
    sender.look()
    sender.command(DANA, "home")
    before = sender.last(DANA)
    sender.tell(started(sender))
    sender.now += timedelta(seconds=5)
    sender.look()

    (now,) = [one for one in sender.cards(DANA) if ("Mailings" in dict(one.facts))]
    assert dict(before.facts)["Mailings"] == "0 running, 1 scheduled"
    assert dict(now.facts)["Mailings"] == "1 running"
    assert any("Mailings · 1" in one.label for one in buttons(now))


@pytest.mark.parametrize("language", ["en", "ru", "de", "es"])
def test_every_state_reason_and_kind_has_its_words(sender: Sender, language: str) -> None:
    voice: Voice = sender.content.voice(language)
    texts = sender.content.phrases.texts[language]
    wanted = [f"short.{state}" for state in STATES] + [f"fate.{fate}" for fate in FATES]
    wanted += [f"reason.{reason}" for reason in REASONS] + [f"advice.{reason}" for reason in REASONS]
    wanted += [f"channel.{channel}" for channel in CHANNELS]
    wanted += [state for state in STATES if state not in ("stalled",)]

    assert [one for one in wanted if f"campaigns.{one}" not in texts] == []
    assert all(voice.plain(f"campaigns.{one}") for one in wanted)
