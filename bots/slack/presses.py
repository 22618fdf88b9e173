"""What people press, fill in and command in Slack, as the hub's events."""

from collections.abc import Iterator, Mapping

from bots.slack.fields import HOME, Identity, Json, message_id, object_at, objects_at, person_at, place_at, text_at
from bots.slack.words import typed
from core.events import Address, Commanded, Event, Filled, Tapped


def _presser(payload: Json, us: Identity) -> Address | None:
    user = text_at(payload, "user", "id")
    return person_at(text_at(payload, "user", "team_id") or text_at(payload, "team", "id"), user, us) if user else None


def taps(payload: Json, us: Identity) -> Iterator[Event]:
    sender = _presser(payload, us)
    if sender is None:
        return
    if text_at(payload, "view", "type") == "modal":
        yield from _pressed_within(payload, sender)
        return
    channel = text_at(payload, "channel", "id") or text_at(payload, "container", "channel_id")
    ts = text_at(payload, "message", "ts") or text_at(payload, "container", "message_ts")
    private = not channel or channel.startswith("D") or text_at(payload, "channel", "name") == "directmessage"
    message = None
    if text_at(payload, "view", "type") == HOME:
        message = HOME
    elif channel and ts and not object_at(payload, "container").get("is_ephemeral"):
        message = message_id(channel, ts)
    for number, action in enumerate(objects_at(payload, "actions")):
        meant = _chosen(action)
        if not meant:
            continue  # a link button that nobody counts: the browser went there, there is nothing for us to do
        once = text_at(payload, "trigger_id") or f"{sender.chat}:{text_at(action, 'action_ts')}"
        yield Tapped(
            key=f"slack:{once}" if number == 0 else f"slack:{once}:{number}",
            sender=sender,
            chat=sender if private else place_at(channel, us),
            action=meant,
            message=message,
        )


def _chosen(element: Json) -> str:
    """What a button means, or what was chosen or typed, whatever kind of element it is."""
    for name in ("value", "selected_date", "selected_time", "selected_user"):
        if found := text_at(element, name):
            return found
    several = objects_at(element, "selected_options")
    return text_at(element, "selected_option", "value") or ",".join(text_at(one, "value") for one in several)


def filled(payload: Json, us: Identity) -> Iterator[Event]:
    sender = _presser(payload, us)
    view = object_at(payload, "view")
    if sender is None or not text_at(view, "callback_id"):
        return
    # A form that came back with remarks keeps its hash; the trigger tells each sending from the one before.
    once = (text_at(view, "id"), text_at(view, "hash"), text_at(payload, "trigger_id"))
    yield _filled(":".join(filter(None, once)), view, sender, text_at(view, "callback_id"))


def _pressed_within(payload: Json, sender: Address) -> Iterator[Event]:
    """A button within a dialog brings what is filled in so far; menus and fields there say nothing by themselves."""
    for action in objects_at(payload, "actions"):
        if text_at(action, "type") == "button" and text_at(action, "value"):
            once = text_at(payload, "trigger_id") or f"{sender.chat}:{text_at(action, 'action_ts')}"
            yield _filled(once, object_at(payload, "view"), sender, text_at(action, "value"))


def _filled(once: str, view: Json, sender: Address, action: str) -> Filled:
    answers = [
        (field, _chosen(element))
        for field, elements in object_at(object_at(view, "state"), "values").items()
        if isinstance(elements, Mapping)
        for element in elements.values()
        if isinstance(element, Mapping)
    ]
    begun_in = text_at(view, "private_metadata")
    return Filled(
        key=f"slack:{once}",
        sender=sender,
        chat=Address("slack", begun_in) if begun_in else sender,
        action=action,
        answers=tuple(answers),
    )


def commanded(payload: Json, us: Identity) -> Iterator[Event]:
    """`/hub invite ann@acme.com` is the command `invite`; bare `/hub` asks for home; another slash word is itself."""
    user, channel = text_at(payload, "user_id"), text_at(payload, "channel_id")
    if not user or not text_at(payload, "trigger_id"):
        return
    sender = person_at(text_at(payload, "team_id"), user, us)
    private = not channel or channel.startswith("D") or text_at(payload, "channel_name") == "directmessage"
    name, words = text_at(payload, "command").removeprefix("/").lower(), text_at(payload, "text").strip()
    if name == "hub":
        name, _, words = words.partition(" ")
    yield Commanded(
        key=f"slack:{text_at(payload, 'trigger_id')}",
        sender=sender,
        chat=sender if private else place_at(channel, us),
        command=name.lower() or HOME,
        words=typed({"text": words}, us.user),
    )
