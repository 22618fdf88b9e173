"""Our own people and bots: admins named in content, CSMs still to be found in Slack, and what our bots are called."""

from sqlmodel import Session, col, select

from core.content.catalogue import Rules
from storage.tables import Bot, Csm


def know_admins(session: Session, rules: Rules) -> None:
    """Everybody named as admin in content is one, and nobody else."""
    for csm in session.exec(select(Csm).where(Csm.role == "admin")).all():
        if csm.email not in rules.admins:
            csm.role = "csm"
    for email in rules.admins:
        csm_or_none = session.exec(select(Csm).where(Csm.email == email)).one_or_none()
        if csm_or_none is None:
            session.add(Csm(email=email, role="admin"))
        else:
            csm_or_none.role = "admin"


def not_found_yet(session: Session) -> list[str]:
    """E-mails of CSMs whom we have not met in Slack."""
    return list(session.exec(select(Csm.email).where(col(Csm.address).is_(None)).order_by(Csm.email)).all())


def remember_bot(session: Session, messenger: str, name: str, team: str) -> None:
    """Keep what our bot is called there: links are made of it."""
    bot = session.get(Bot, messenger)
    if bot is None:
        session.add(Bot(messenger=messenger, name=name, team=team))
    else:
        bot.name, bot.team = name, team
