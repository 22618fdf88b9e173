"""What content texts are filled in with for one reader: plain values, never rows."""

from core.cards import Progress
from core.content.texts.phrases import Voice
from core.content.texts.templates import ZONE
from core.content.texts.variables import Group, Plain
from core.people.accounts import first_name
from core.people.facts import own_value
from storage.tables import Account, Contact, Csm


def values_for(
    voice: Voice, zone: str, account: Account, contact: Contact | None, csm: Csm | None
) -> dict[str, object]:
    """Every value of titles and buttons. `contact` None: a group, or one of us, who read the client's name."""
    name = contact.name if contact is not None else account.name
    ours = ((csm.name or csm.email) if csm is not None else "") or voice.vendor
    return {
        "client": Group(_client(voice, account)),
        "contact": Group(
            {
                "name": name,
                "first_name": first_name(name) if contact is not None else name,
                "role": contact.role if contact is not None else None,
                "language": voice.language,
            }
        ),
        "csm": Group({"name": ours, "first_name": first_name(ours) if csm is not None else ours}),
        ZONE: zone,
    }


def _client(voice: Voice, account: Account) -> dict[str, Plain | None]:
    own = {name: own_value(kind, account.custom.get(name)) for name, kind in voice.fields.items()}
    return {
        "name": account.name,
        "segment": account.segment,
        "region": account.region,
        "product": tuple(account.products),
        "phase": account.phase,
        "renewal": account.renewal,
        "mrr": account.mrr,
        **own,
    }


def values_of_progress(counted: Progress) -> dict[str, object]:
    """What texts of a checklist may use besides."""
    left = counted.total - counted.done
    return {"progress": Group({"done": counted.done, "total": counted.total, "left": left, "percent": counted.percent})}
