"""What a request for help looks like, to the CSM and to the client."""

from dataclasses import dataclass

from sqlmodel import Session

from core.actions import GoOn, HelpClaim, HelpReply, HelpSolved, ShowHome, ShowStep, pack
from core.cards import Button, Card, Media
from core.content.catalogue import Catalogue, Step, Update
from core.content.texts.phrases import Voice
from core.desk.alerts import label
from core.people.accounts import colleague, first_name
from core.people.readers import Reader
from storage.tables import Account, Contact, Csm, Enrolment, HelpRequest

TURN = "\n⋯\n"
"""Between what a client wrote before our answer and what they wrote after it."""


@dataclass(frozen=True, slots=True)
class Plea:
    """A request with everything its cards tell."""

    request: HelpRequest
    account: Account
    contact: Contact
    claimed_by: Csm | None
    step: Step | None
    """None: it is about no step, or about one that has been retired."""
    update: Update | None = None
    """None: it is about no update, or about one that has been withdrawn."""


def plea_of(session: Session, catalogue: Catalogue, request: HelpRequest) -> Plea:
    """Read what the cards of this request tell."""
    enrolment = session.get(Enrolment, request.enrolment_id) if request.enrolment_id is not None else None
    checklist = catalogue.checklists.get(enrolment.checklist) if enrolment is not None else None
    return Plea(
        request=request,
        account=session.get_one(Account, request.account_id),
        contact=session.get_one(Contact, request.contact_id),
        claimed_by=session.get(Csm, request.claimed_by) if request.claimed_by is not None else None,
        step=checklist.step(request.step) if checklist is not None and request.step is not None else None,
        update=catalogue.updates.get(request.update) if request.update is not None else None,
    )


def quote(voice: Voice, words: str) -> str:
    """Somebody's words as a quotation, letter by letter."""
    return voice.say("help.quote", words=words)


def help_card(catalogue: Catalogue, plea: Plea, reader: Csm) -> Card:
    """The request as one of us sees it."""
    who = colleague(catalogue, reader)
    voice, request = who.voice, plea.request
    facts = [(voice.plain("help.account"), plea.account.name), (voice.plain("help.contact"), plea.contact.name)]
    if plea.step is not None:
        facts.append((voice.plain("help.step"), label(voice, plea.step.title, plea.account)))
    if plea.update is not None:
        facts.append((voice.plain("updates.about"), label(voice, plea.update.title, plea.account)))
    facts.append((voice.plain("help.asked_at"), voice.moment(request.asked_at, who.zone)))
    return Card(
        text=quote(voice, request.words or voice.plain("help.no_words")),
        title=voice.plain("help.stuck" if request.step is not None else "help.writes", account=plea.account.name),
        facts=tuple(facts),
        note=_state(voice, plea),
        media=media_of(request),
        rows=_rows(voice, plea),
    )


def media_of(request: HelpRequest) -> Media | None:
    """What the client sent with it."""
    kind, bar, source = (request.file or "").partition("|")
    match kind:
        case "photo" | "video" | "voice" | "file" if bar:
            return Media(kind, source)
        case _:
            return None


def _state(voice: Voice, plea: Plea) -> str:
    name = first_name(plea.claimed_by.name or plea.claimed_by.email) if plea.claimed_by is not None else ""
    if plea.request.solved_at is not None:
        return voice.say("help.state_solved", csm=name)
    if plea.request.answered_at is not None:
        return voice.say("help.state_answered", csm=name)
    return voice.say("help.state_claimed", csm=name) if name else voice.say("help.state_open")


def _rows(voice: Voice, plea: Plea) -> tuple[tuple[Button, ...], ...]:
    number = plea.request.id or 0
    buttons = []
    if plea.request.solved_at is None:
        if plea.claimed_by is None:
            buttons.append(Button(voice.plain("button.claim"), pack(HelpClaim(number)), tone="primary"))
        buttons.append(Button(voice.plain("button.reply"), pack(HelpReply(number))))
        buttons.append(Button(voice.plain("button.solved"), pack(HelpSolved(number))))
    else:
        buttons.append(Button(voice.plain("button.reply"), pack(HelpReply(number))))
    return (tuple(buttons),)


def more_card(catalogue: Catalogue, plea: Plea, reader: Csm, words: str) -> Card:
    """What the client added to a request, in short: the request's own card has all of it."""
    voice, number = colleague(catalogue, reader).voice, plea.request.id or 0
    said = voice.say(
        "help.more",
        name=plea.contact.name,
        account=plea.account.name,
        words=_shortened(words) if words else voice.plain("help.no_words"),
    )
    return Card(said, rows=((Button(voice.plain("button.reply"), pack(HelpReply(number))),),))


def notice_card(reader: Reader, request: HelpRequest, text: str) -> Card:
    """What the client sees of their own request, with a way on."""
    return Card(text, rows=((onward(reader, request),),))


def onward(reader: Reader, request: HelpRequest) -> Button:
    """Back to the step it was about, or home."""
    if request.enrolment_id is not None and request.step is not None:
        return Button(reader.voice.plain("button.to_step"), pack(ShowStep(request.enrolment_id, request.step)))
    return Button(reader.voice.plain("button.home"), pack(ShowHome()))


def reply_card(reader: Reader, request: HelpRequest, csm: str, words: str) -> Card:
    """The answer, below what it answers. Its button leads on in a new message: the answer is worth keeping."""
    last = request.words.rpartition(TURN)[2]
    parts = [quote(reader.voice, _shortened(last))] if last else []
    parts.append(reader.voice.say("help.reply", csm=csm, words=words))
    go_on = GoOn(request.enrolment_id or 0, request.step or "") if request.step is not None else GoOn(0, "")
    label = reader.voice.plain("button.home" if go_on.enrolment == 0 else "button.to_step")
    return Card("\n\n".join(parts), rows=((Button(label, pack(go_on)),),))


_REMINDER = 200
"""Characters of the client's own words above the answer: enough to know which question it answers."""


def _shortened(words: str) -> str:
    return words if len(words) <= _REMINDER else words[: _REMINDER - 1] + "…"
