"""The live card of a mailing says at every moment what the platforms saw, on a day when much goes wrong."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import Session

from playground.faults import lost_answer, server_error, too_many
from storage.tables import Account, Chat, Contact
from tests.stories.town import Town


@dataclass(frozen=True, slots=True)
class Crowd:
    """Recipients; strangers among those in Telegram never pressed Start, so that it refuses them."""

    telegram: int
    slack: int
    strangers: int

    @property
    def size(self) -> int:
        return self.telegram + self.slack


WORDS = "next week we show how"


async def test_the_card_says_what_the_platforms_saw_with_faults_switched_on(here: Town) -> None:
    await _send_on_a_bad_day(here, Crowd(telegram=32, slack=8, strangers=4))


@pytest.mark.soak
async def test_the_same_for_five_hundred(here: Town) -> None:
    await _send_on_a_bad_day(here, Crowd(telegram=420, slack=80, strangers=40))


async def _send_on_a_bad_day(here: Town, crowd: Crowd) -> None:
    ida = here.of_slack("ida", "Ida Berg", "ida@relay.example")
    await here.hub.look_around()
    await _let_in(here, crowd)
    await ida.say("/hub mailings")
    await ida.tap_label("Prepare reports-webinar")
    await ida.sees(f"{crowd.size} people in 1 company")
    await ida.tap_label("Send it")
    await ida.sees("can be called off")
    for world, method in ((here.telegram, "sendMessage"), (here.slack, "chat.postMessage")):
        world.faults.next(too_many(2), 3, method=method)
        world.faults.often(server_error(502), 0.05, method=method)
        world.faults.often(lost_answer(), 0.06, method=method)
    await here.turn(seconds=120)
    for moment in range(40):
        told, seen = _told(ida.screen()), _shown(here, crowd)
        assert told.get("Accepted", 0) <= sum(seen.values()) <= crowd.size - crowd.strangers
        assert sum(told.values()) in (0, crowd.size), told
        if "Finished" in ida.screen():
            break
        if moment == 20:
            for world in (here.telegram, here.slack):
                world.faults.clear()
        await here.turn(seconds=5)

    told, seen, lost = _told(ida.screen()), _shown(here, crowd), _lost(here)
    assert "Finished: nothing is left to send." in ida.screen()
    assert told["Accepted"] == sum(count for chat, count in seen.items() if chat not in lost)
    assert sum(count for chat, count in seen.items() if chat in lost) <= told["Uncertain"]
    assert max(seen.values()) == 1
    assert here.slack.faults.struck


async def _let_in(here: Town, crowd: Crowd) -> None:
    """Make them known to the hub as if they had joined, and to the platforms as if they had pressed Start."""
    addresses: list[str] = []
    for number in range(crowd.telegram):
        person = here.of_telegram(f"one{number}", f"One{number}")
        here.telegram.telegram.chats[person.chat_id].started = number >= crowd.strangers
        addresses.append(f"telegram:{person.chat_id}")
    for number in range(crowd.slack):
        member = here.of_slack(f"two{number}", f"Two{number}", f"two{number}@crowd.example").member
        addresses.append(f"slack:{member.team}/{member.id}")

    def known(session: Session) -> None:
        now = here.hub.now()
        account = Account(name="Crowd", created_at=now, region="DACH")
        session.add(account)
        session.flush()
        for number, address in enumerate(addresses):
            row = Contact(
                account_id=account.id or 0,
                name=f"Person {number}",
                email=f"p{number}@crowd.example",
                created_at=now,
                joined_at=now - timedelta(days=30),
            )
            session.add(row)
            session.flush()
            session.add(Chat(address=address, contact_id=row.id, last_heard_at=now))

    await here.hub.database.transact(known)


def _told(screen: str) -> dict[str, int]:
    """The counts on the newest card."""
    found = re.findall(r"^\W*(Planned|Held|Queued|Accepted|Failed|Uncertain): (\d+)", screen, re.MULTILINE)
    return {label: int(count) for label, count in found}


def _shown(here: Town, crowd: Crowd) -> dict[str, int]:
    """How often it stands in each one's chat, by the platform's name of the chat."""
    everybody = here.telegram.people.items()
    found = {str(one.chat_id): one.screen().count(WORDS) for key, one in everybody if key.startswith("one")}
    for number in range(crowd.slack):
        person = here.of_slack(f"two{number}")
        found[here.slack.workspace.direct(person.member.id).id] = person.screen().count(WORDS)
    return found


def _lost(here: Town) -> set[str]:
    """Chats where something was done and nobody was told."""
    struck = (*here.telegram.faults.struck, *here.slack.faults.struck)
    return {chat for fault, _, chat in struck if fault.kind == "lost_answer"}
