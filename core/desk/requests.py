"""Finds requests for help: the one a client's words belong to, the one a CSM has in hand, and who reads its answer."""

from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue
from core.events import Address
from core.onboarding.moves import latest_chat
from core.people.accounts import Member, private_chats
from core.people.readers import Circle, Reader, gather, reader_at
from core.screens import Place
from storage.tables import Account, HelpRequest


def open_request(
    session: Session, who: Member, place: Place, step: str | None, update: str | None = None, mailing: int | None = None
) -> HelpRequest | None:
    """Their newest one that is not settled, about this step, update or mailing if any; what they ask in private stays
    out of groups.
    """
    private = [chat.address for chat in private_chats(session, who.contact.id or 0)]
    here = private if str(place.chat) in private else [str(place.chat)]
    statement = (
        select(HelpRequest)
        .where(HelpRequest.contact_id == who.contact.id, col(HelpRequest.origin).in_(here))
        .where(col(HelpRequest.solved_at).is_(None))
        .order_by(col(HelpRequest.id).desc())
        .with_for_update()
    )
    if step is not None:
        statement = statement.where(HelpRequest.step == step)
    if update is not None:
        statement = statement.where(HelpRequest.update == update)
    if mailing is not None:
        statement = statement.where(HelpRequest.mailing_id == mailing)
    return session.exec(statement).first()


def locked(session: Session, number: int) -> HelpRequest | None:
    """The request as it is now, for this transaction alone; None: there is none with this number."""
    statement = select(HelpRequest).where(HelpRequest.id == number).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).one_or_none()


def asker(session: Session, catalogue: Catalogue, request: HelpRequest) -> tuple[Address, Reader] | None:
    """Where the client can be answered: where they asked, else where they were heard last; None: nowhere."""
    circle: Circle = gather(session, session.get_one(Account, request.account_id))
    origin = circle.chats.get(request.origin)
    address: str | None = request.origin
    if origin is None or origin.unreachable is not None:
        address = latest_chat(circle, request.contact_id)
    if address is None:
        return None
    to = Address.parse(address)
    reader = reader_at(session, catalogue, circle, to)
    return (to, reader) if reader is not None else None
