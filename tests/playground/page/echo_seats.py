"""People at make-believe messengers that answer by themselves, so that the page is tested without bots or wires."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Literal

from playground.clock import Clock
from playground.views import (
    ButtonView,
    ConversationView,
    FieldView,
    MediaView,
    MessageView,
    ModalView,
    SeatView,
)
from playground.web import Playground

BOT = "Client Hub"
COMMANDS = (
    ("/home", "Where am I, what is next"),
    ("/help", "What this bot can do"),
    ("/language", "Change the language"),
)


class EchoSeat:
    """Echoes words, edits the message whose button is tapped, and writes down everything done to it."""

    def __init__(self, key: str, name: str, clock: Clock) -> None:
        self.key = key
        self.messenger: Literal["telegram", "slack"] = "slack" if key.startswith("slack:") else "telegram"
        self.clock = clock
        self.done: list[tuple[str, ...]] = []
        self._listeners: list[Callable[[], None]] = []
        self.trouble: Exception | None = None
        """What this person's app answers instead of blocking."""
        self._next = 0
        self._view = SeatView(
            key=key,
            name=name,
            messenger=self.messenger,
            conversations=(ConversationView(id="private", title=BOT, kind="private", messages=()),),
            commands=COMMANDS,
        )

    def view(self) -> SeatView:
        return self._view

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def show(self, view: SeatView) -> None:
        """Put this on the person's screen."""
        self._view = view
        for listener in self._listeners:
            listener()

    def add(self, conversation: ConversationView) -> None:
        self.show(replace(self._view, conversations=(*self._view.conversations, conversation)))

    def change(self, conversation: str, act: Callable[[ConversationView], ConversationView]) -> None:
        """Change one conversation."""
        changed = tuple(act(each) if each.id == conversation else each for each in self._view.conversations)
        self.show(replace(self._view, conversations=changed))

    def write(
        self,
        text: str,
        *,
        author: str = BOT,
        html: str | None = None,
        rows: tuple[tuple[ButtonView, ...], ...] = (),
        media: tuple[MediaView, ...] = (),
        ephemeral: bool = False,
        conversation: str = "private",
        at: datetime | None = None,
    ) -> str:
        """A message appears; its id is returned."""
        self._next += 1
        message = MessageView(
            id=f"m{self._next}",
            author=author,
            mine=author == self._view.name,
            at=at or self.clock.now(),
            text=text,
            html=escape(text) if html is None else html,
            ephemeral=ephemeral,
            media=media,
            rows=rows,
        )
        self.change(conversation, lambda it: replace(it, messages=(*it.messages, message)))
        return message.id

    def edit(self, message: str, text: str, rows: tuple[tuple[ButtonView, ...], ...] = ()) -> None:
        def edited(it: ConversationView) -> ConversationView:
            return replace(
                it,
                messages=tuple(
                    replace(each, text=text, html=escape(text), rows=rows, edited=True) if each.id == message else each
                    for each in it.messages
                ),
            )

        for conversation in self._view.conversations:
            self.change(conversation.id, edited)

    async def say(self, text: str, conversation: str | None = None, reply_to: str | None = None) -> None:
        self.done.append(("say", text, conversation or "", reply_to or ""))
        self.write(text, author=self._view.name, conversation=conversation or "private")
        if text == "/refuse":
            raise ValueError("The app refuses that.")
        keys = ((ButtonView("done", "Done"), ButtonView("stuck", "Stuck")), (ButtonView("undo", "Undo"),))
        self.write(f"You said: {text}", conversation=conversation or "private", rows=keys)

    async def tap(self, message: str, button: str, value: str = "", conversation: str | None = None) -> None:
        self.done.append(("tap", message, button, value, conversation or ""))
        if button == "form":
            self.show(replace(self._view, modal=FORM))
            return
        if self.messenger == "telegram":
            self.show(replace(self._view, toast=f"Saved: {button}"))
        self.edit(message, f"Tapped {button}{' ' + value if value else ''}", ((ButtonView("undo", "Undo"),),))

    async def share(
        self, name: str, content: bytes, mime: str, conversation: str | None = None, words: str = ""
    ) -> None:
        self.done.append(("share", name, str(len(content)), mime, words))
        kind: Literal["photo", "voice", "file"] = (
            "photo" if mime.startswith("image/") else "voice" if mime == "audio/ogg" else "file"
        )
        self.write(words, author=self._view.name, media=(MediaView(kind, name, "/icon.svg"),))

    async def open_home(self) -> None:
        self.done.append(("open_home",))
        if self.messenger == "telegram":
            self.write("Welcome! Your bot is ready.", rows=((ButtonView("begin", "Begin"),),))
        elif all(each.kind != "home" for each in self._view.conversations):
            self.add(ConversationView(id="home", title="Home", kind="home", messages=()))
            self.write(
                "This is Home.", conversation="home", rows=((ButtonView("form", "Open the form", style="primary"),),)
            )

    async def submit_modal(self, values: dict[str, str], button: str = "") -> None:
        if self._view.modal is None:
            raise LookupError("No form is open.")
        self.done.append(("submit", *(f"{key}={value}" for key, value in sorted(values.items()))))
        if values["why"] == "no":
            fields = tuple(
                replace(field, error="Say a little more.") if field.id == "why" else field
                for field in self._view.modal.fields
            )
            self.show(replace(self._view, modal=replace(self._view.modal, fields=fields)))
            return
        self.show(replace(self._view, modal=None))
        self.write(f"Thank you: {values['why']}")

    async def close_modal(self) -> None:
        self.done.append(("close",))
        self.show(replace(self._view, modal=None))

    async def block(self) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.done.append(("block",))
        self.change("private", lambda it: replace(it, blocked=True))

    async def unblock(self) -> None:
        self.done.append(("unblock",))
        self.change("private", lambda it: replace(it, blocked=False))


class LinkedEchoSeat(EchoSeat):
    """A Telegram person, who can open t.me links."""

    async def open_link(self, url: str) -> None:
        self.done.append(("open_link", url))
        self.write("/start", author=self._view.name)
        self.write("Ann from Acme invited you. Is that right?", rows=((ButtonView("yes", "Yes, that is me"),),))


FORM = ModalView(
    id="form",
    title="Where are you stuck?",
    submit="Send",
    fields=(
        FieldView("note", "Ann reads this and answers you here.", "note"),
        FieldView("why", "What happens", "multiline", hint="A sentence is enough."),
        FieldView("area", "Which part", "select", options=(("dns", "DNS"), ("sso", "Single sign-on")), required=False),
        FieldView("until", "Needed by", "date", required=False),
    ),
)


@dataclass
class Stage:
    """The playground as it runs, and the people in it."""

    playground: Playground
    url: str
    clock: Clock
    dana: LinkedEchoSeat
    omar: LinkedEchoSeat
    dana_in_slack: EchoSeat
    ann: EchoSeat
    ran: list[str]


START = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
