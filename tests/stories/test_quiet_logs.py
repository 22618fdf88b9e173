"""Whatever people say and whatever goes wrong, the logs keep it to themselves."""

import io
import logging

from sqlalchemy import text
from sqlmodel import Session

from playground.faults import lost_answer, server_error, too_many
from tests.stories.town import Town, town

WORDS = "our revenue fell by half"


def secrets_of(here: Town) -> list[str]:
    """The secret half of Telegram's token (the first is the bot's public id) and both of Slack's."""
    return [here.telegram.token.partition(":")[2], here.slack.bot_token, here.slack.app_token]


async def test_words_and_tokens_stay_out_of_the_log_on_a_bad_day(lines: io.StringIO, sqlite_url: str) -> None:
    async with town(sqlite_url) as here:
        dana = here.of_telegram("dana", "Dana Lee")
        cleo = here.of_slack("cleo", "Cleo Park", "cleo@cinder.example")
        await here.joins(dana, "dana@acme.example")
        await cleo.say("hello")
        await cleo.sees("Cinder Studio")

        here.telegram.faults.next(server_error(502), method="sendMessage")
        here.telegram.faults.next(lost_answer(), method="sendMessage")
        here.slack.faults.next(too_many(1), method="chat.postMessage")
        await dana.say(f"/ask {WORDS}")
        await cleo.say(WORDS)
        await dana.say(WORDS)
        await dana.say(f"/invented {WORDS}")
        await dana.forge_tap(dana.view().conversations[0].messages[-1].id, f"forged:{WORDS}")
        await dana.say("/home")
        await dana.sees("Acme Logistics")
        secrets = secrets_of(here)

    assert lines.getvalue()
    assert WORDS not in lines.getvalue()
    assert [secret for secret in secrets if secret in lines.getvalue()] == []


async def test_slacks_library_does_not_silence_the_hub(lines: io.StringIO, sqlite_url: str) -> None:
    async with town(sqlite_url) as here:
        cleo = here.of_slack("cleo", "Cleo Park", "cleo@cinder.example")
        await cleo.say("hello")
        await cleo.sees("Cinder Studio")

    assert logging.getLogger("hub.running").isEnabledFor(logging.DEBUG)


async def test_an_event_we_fail_at_is_told_without_its_words(lines: io.StringIO, pg_url: str) -> None:
    async with town(pg_url) as here:
        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")
        await here.hub.database.transact(_lose_a_table)

        await dana.say(f"/ask {WORDS}")
        await dana.say("/home")
        await dana.sees("Acme Logistics")

    assert '"event failed"' in lines.getvalue()
    assert WORDS not in lines.getvalue()


def _lose_a_table(session: Session) -> None:
    session.execute(text("ALTER TABLE help_request RENAME TO gone"))
