"""A client joins and goes through onboarding, in Telegram and in Slack."""

from tests.stories.town import Town


async def test_a_client_follows_an_invitation_and_sees_who_invited_them(here: Town) -> None:
    dana = here.of_telegram("dana", "Dana Lee")

    await dana.open_link(await here.invitation("dana@acme.example"))

    await dana.sees("Acme Logistics")
    await dana.sees("Ann Novak")
