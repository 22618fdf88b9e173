"""The feed over HTTP, on both databases: what is taken, what is refused and how that is said."""

from storage.database import Database
from tests.campaigns.desk import event, platform


async def test_events_are_counted_once_in_any_order_and_before_their_campaign(database: Database) -> None:
    async with platform(database) as postino:
        early = await postino.tell(event(1, recipient="a@x.example"), event(2, "delivered", recipient="a@x.example"))
        unknown, _ = await postino.get("/api/v1/campaigns/spring")
        made = await postino.announce()
        again = await postino.tell(event(1, recipient="a@x.example"), event(3, "opened", recipient="a@x.example"))
        twice = await postino.tell(event(4, "opened", recipient="A@x.example "))
        replaced = await postino.announce(total=200)
        _, status = await postino.get("/api/v1/campaigns/spring")

    assert early == (202, {"accepted": 2, "repeated": 0, "ignored": 0})
    assert unknown == 404
    assert made == (201, {"id": "spring", "created": True})
    assert again == (202, {"accepted": 1, "repeated": 1, "ignored": 0})
    assert twice == (202, {"accepted": 0, "repeated": 1, "ignored": 0})
    assert replaced == (200, {"id": "spring", "created": False})
    assert (status["sent"], status["delivered"], status["opened"], status["total"]) == (1, 1, 1, 200)
