"""What people see of their campaigns: live, their own alone, and a new message only when it matters."""

from datetime import timedelta

from core.campaigns.happenings import Happening, hashed
from tests.campaigns.conftest import DANA, Sender


def sent(sender: Sender, first: int, last: int, kind: str = "sent") -> list[Happening]:
    return [
        Happening(f"{kind}-{number}", kind, sender.now, hashed(f"{number}@x.example"))  # type: ignore[arg-type]  # a fate
        for number in range(first, last)
    ]


def test_a_campaign_is_one_message_that_edits_itself(sender: Sender) -> None:
    sender.announce()
    sender.look()
    sender.command(DANA, "mailings")
    sender.tap(DANA, "Spring")
    shown = len(sender.cards(DANA))

    sender.tell(Happening("go", "started", sender.now), *sent(sender, 0, 40))
    sender.now += timedelta(seconds=5)
    sender.look()
    sender.tell(*sent(sender, 40, 100))
    sender.now += timedelta(seconds=5)
    sender.look()

    assert [card.progress.percent for card in sender.cards(DANA) if card.progress and card.title == "Spring"] == [100]
    assert len(sender.cards(DANA)) == shown + 2
