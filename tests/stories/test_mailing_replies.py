"""What becomes of a mailing after it arrived: followed, replied to, mended, taken back; in both messengers."""

from dataclasses import replace

import aiohttp
from sqlmodel import Session, select

from core.mailings.amending import amend, recall
from core.mailings.approving import approve
from core.mailings.counting import Counts, counts
from core.mailings.drafting import Draft, Press, Written, draft
from storage.tables import Mailing
from tests.stories.town import Town

SAID = Written(
    "New prices",
    "Hello {{ contact.first_name }}, Relay costs **10**.",
    (Press("The price list", "https://relay.example/prices"), Press("Fine", answer="fine")),
)
NEWS = Draft(key="story:2", name="prices", title="New prices", texts={"en": SAID}, category="service")


def _send(session: Session, here: Town) -> int:
    mailing = draft(session, here.hub.catalogue, NEWS, None, here.hub.now())
    approve(session, here.hub.catalogue, mailing.id or 0, None, here.hub.now())
    return mailing.id or 0


def _amend(session: Session, here: Town, number: int) -> str:
    said = replace(SAID, body=SAID.body.replace("10", "12"))
    return amend(session, here.hub.catalogue, number, {"en": said}, here.hub.now())


def _counted(session: Session, number: int) -> Counts:
    return counts(session, number)


async def test_after_it_arrived(sqlite_town: Town) -> None:
    here = sqlite_town
    here.hub.catalogue = replace(here.hub.catalogue, public_url=f"http://127.0.0.1:{here.settings.hub_http_port}")
    ann = here.of_slack("ann", "Ann Novak", "ann@relay.example")
    dana = here.of_telegram("dana", "Dana")
    omar = here.of_slack("omar", "Omar Haddad", "omar@acme.example")
    await here.joins(dana, "dana@acme.example")
    await omar.say("hello")
    await omar.tap_label("Yes, that's me")
    await ann.say("hello")
    await here.turn(days=1)
    number = await here.hub.database.transact(_send, here)
    await here.turn(minutes=2)
    await dana.sees("Hello Dana, Relay costs 10.")
    await omar.sees("Hello Omar, Relay costs 10.")

    # Omar follows the link: the hub leads on, and counts.
    shown = await omar.sees_button("The price list")
    link = next(button.url or "" for row in shown.rows for button in row if button.label == "The price list")
    async with aiohttp.ClientSession(headers={"User-Agent": "Mozilla/5.0"}) as browser:
        async with browser.get(link, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, "https://relay.example/prices")
        async with browser.get(f"{link[:-3]}xyz", allow_redirects=False) as answer:
            assert answer.status == 404
    assert (await here.hub.database.read(_counted, number))["interacted"] == 1

    # Both reply; Ann answers both at once.
    await omar.tap_label("Comment")
    await omar.sees("What would you like to tell us about New prices?")
    await omar.say("Does it hold for old contracts?")
    await here.at_rest()
    letter = (await dana.sees("Relay costs 10.")).id
    await dana.say("does it hold for old contracts", reply_to=letter)
    await ann.sees("and 1 other much alike")
    await ann.tap_label("Reply to 1 (2 people)")
    await ann.sees_modal()
    await ann.submit_modal({"to": "all", "reply": "No, only for new ones."})
    await dana.sees("No, only for new ones.")
    await omar.sees("No, only for new ones.")
    await here.at_rest()

    # Dana, who had replied, is told of the right price; nobody sees the wrong one without it.
    assert await here.hub.database.transact(_amend, here, number) == "amended"
    await here.turn(seconds=5)
    await dana.sees("Relay costs 12.")
    await omar.sees("Relay costs 12.")

    # An admin takes it back.
    mailing = await here.hub.database.read(lambda session: session.exec(select(Mailing)).one())
    assert await here.hub.database.transact(recall, mailing.id or 0, here.hub.now())
    await here.turn(seconds=5)
    for person in (dana, omar):
        assert "Relay costs" not in person.screen()
        assert "No, only for new ones." in person.screen()
