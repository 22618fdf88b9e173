"""A mailing on its way to real chats: once to each, in their language, held by a person and let go on."""

from sqlmodel import Session, select

from core.mailings import running
from core.mailings.approving import approve
from core.mailings.counting import Counts, counts
from core.mailings.drafting import Draft, Press, Written, draft
from storage.tables import Mailing
from tests.stories.town import Town

NEWS = Draft(
    key="story:1",
    name="prices",
    title="New prices",
    audience="segment in ['mid-market', 'enterprise']",
    texts={
        "en": Written(
            "New prices",
            "Hello {{ contact.first_name }}, from **January** all of {{ client.name }} pays less.",
            (Press("Read more", "https://relay.example/prices"),),
        ),
        "ru": Written("Новые цены", "{{ contact.first_name }}, с **января** всё дешевле."),
    },
)


async def test_a_mailing_reaches_everybody_once_in_their_language_and_says_so(here: Town) -> None:
    dana, boris = here.of_telegram("dana", "Dana"), here.of_telegram("boris", "Борис", language="ru")
    omar = here.of_slack("omar", "Omar Haddad", "omar@acme.example")
    await here.joins(dana, "dana@acme.example")
    await boris.open_link(await here.invitation("boris@borealis.example"))
    await boris.tap_label("Да, это я")
    await omar.say("hello")
    await omar.tap_label("Yes, that's me")
    await here.turn(days=1)

    number = await here.hub.database.transact(_send, here, NEWS)
    await here.turn(seconds=119)
    assert "January" not in dana.screen()
    await here.turn(seconds=1)

    await dana.sees("Hello Dana, from January all of Acme Logistics pays less.")
    assert "[Read more]" in dana.screen()
    await boris.sees("Борис, с января всё дешевле.")
    await omar.sees("Hello Omar, from January all of Acme Logistics pays less.")
    await here.turn(seconds=1)
    counted, mailing = await here.hub.database.read(_read, number)
    assert (mailing.state, counted["accepted"], counted.left) == ("finished", 3, 0)
    assert await here.hub.database.transact(running.cancel, number, here.hub.now()) is False


def _send(session: Session, here: Town, what: Draft) -> int:
    mailing = draft(session, here.hub.catalogue, what, None, here.hub.now())
    approve(session, here.hub.catalogue, mailing.id or 0, None, here.hub.now())
    return mailing.id or 0


def _read(session: Session, number: int) -> tuple[Counts, Mailing]:
    return counts(session, number), session.exec(select(Mailing).where(Mailing.id == number)).one()
