"""The campaigns as operators list them: a line each, also of those that nobody has announced yet."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core.campaigns.happenings import FATES
from core.campaigns.standing import RUNNING, figures, state_of
from storage.tables import Account, Campaign, Integration


def listed(
    session: Session, account: str | None, most: int, now: datetime, patience: timedelta, *, running: bool = False
) -> list[str]:
    """The newest first, at most so many; `account`: its name, None: of all."""
    asked = (
        select(Campaign, Integration.name, Account.name)
        .join(Integration, col(Integration.id) == Campaign.integration_id)
        .outerjoin(Account, col(Account.id) == Campaign.account_id)
        .order_by(col(Campaign.id).desc())
        .limit(most)
    )
    if account is not None:
        asked = asked.where(Account.name == account)
    found = [(*row, state_of(row[0], now, patience)) for row in session.exec(asked).all()]
    return [_line(*one) for one in found if not running or one[3] in RUNNING]


def _line(campaign: Campaign, source: str, owner: str | None, state: str) -> str:
    numbers = figures(campaign)
    of = f"/{numbers.reach}" if numbers.reach else ""
    share = f" ({numbers.percent} %)" if numbers.percent is not None else ""
    counts = [f"{fate} {getattr(campaign, fate)}" for fate in FATES if getattr(campaign, fate)]
    failures = [f"{reason} {number}" for reason, number in sorted(campaign.reasons.items())]
    words = [
        f"{source}:{campaign.name}",
        owner or "not announced yet",
        campaign.title or "–",
        state if owner else "–",
        f"{numbers.handled}{of}{share}",
        ", ".join(counts) or "nothing counted",
        f"heard {campaign.heard_at:%Y-%m-%d %H:%M}",
    ]
    return "  ".join([*words, *([f"[{', '.join(failures)}]"] if failures else [])])
