"""The Web API's views.* methods, and what an acknowledged form does to the modals."""

import json

from playground.slack import payloads
from playground.slack.backend import Arguments, Backend, RefusedError, refusal
from playground.slack.blockkit import VIEW_BYTES, problems_in_view
from playground.slack.checks import Json
from playground.slack.state import Member, View

MOST_MODALS = 3
"""docs.slack.dev: views.push, `push_limit_reached`."""


def open_view(backend: Backend, args: Arguments) -> Json:
    body = _body(backend, args, "modal")
    member = _triggered(backend, args)
    for old in member.modals:
        backend.workspace.views.pop(old.id, None)
    member.modals = []
    return _answer(backend, add_modal(backend, member, body))


def push(backend: Backend, args: Arguments) -> Json:
    body = _body(backend, args, "modal")
    member = _triggered(backend, args)
    if not member.modals:
        raise RefusedError("not_found")
    if len(member.modals) >= MOST_MODALS:
        raise RefusedError("push_limit_reached")
    return _answer(backend, add_modal(backend, member, body))


def update(backend: Backend, args: Arguments) -> Json:
    view = _find(backend, args)
    body = _body(backend, args, view.body["type"], known=view)
    _same_hash(args, view)
    replace(backend, view, body)
    return _answer(backend, view)


def publish(backend: Backend, args: Arguments) -> Json:
    member = backend.person(args.required("user_id"))
    if member.deleted:
        raise RefusedError("user_not_found")
    body = _body(backend, args, "home", known=member.home)
    if member.home is None:
        member.home = _new(backend, member, body)
    else:
        _same_hash(args, member.home)
        replace(backend, member.home, body)
    backend.workspace.changed([member.id])
    return _answer(backend, member.home)


def checked(backend: Backend, body: object, kind: str) -> Json:
    """A view that Slack accepts, its ids filled in. Raises RefusedError with everything that is wrong."""
    if problems := problems_in_view(body, kind):
        raise refusal("invalid_arguments", problems)
    assert isinstance(body, dict)  # noqa: S101 - the check above has said so
    if len(json.dumps(body)) > VIEW_BYTES:
        raise RefusedError("view_too_large")
    return {**body, "blocks": payloads.with_ids(backend.workspace, body["blocks"])}


def add_modal(backend: Backend, member: Member, body: Json) -> View:
    """Put a checked modal on top of the person's open ones."""
    previous = member.modals[-1] if member.modals else None
    view = _new(backend, member, body)
    if previous:
        view.previous, view.root = previous.id, previous.root
    member.modals.append(view)
    backend.workspace.changed([member.id])
    return view


def replace(backend: Backend, view: View, body: Json) -> None:
    """Show this in the same place. What was filled in stays where block and action ids are the same."""
    view.body = body
    view.hash = _hash(backend)
    view.errors = {}
    there = {block["block_id"] for block in body["blocks"]}
    view.state = {block: values for block, values in view.state.items() if block in there}
    backend.workspace.changed([view.user])


def close(backend: Backend, member: Member, *, everything: bool) -> list[View]:
    """Close the top modal or all of them; the closed ones, the top one first."""
    closed = [member.modals.pop() for _ in range(len(member.modals) if everything else 1)]
    for view in closed:
        backend.workspace.views.pop(view.id, None)
    backend.workspace.changed([member.id])
    return closed


def _new(backend: Backend, member: Member, body: Json) -> View:
    view_id = backend.workspace.new_id("V")
    view = View(view_id, member.id, body, _hash(backend), root=view_id)
    backend.workspace.views[view_id] = view
    return view


def _hash(backend: Backend) -> str:
    return f"{backend.workspace.seconds()}.{backend.workspace.random.getrandbits(32):08x}"


def _answer(backend: Backend, view: View) -> Json:
    return {"view": payloads.view(backend.workspace, view)}


def _body(backend: Backend, args: Arguments, kind: str, known: View | None = None) -> Json:
    body = checked(backend, args.json("view", "invalid_arguments"), kind)
    external = body.get("external_id")
    others = (view for view in backend.workspace.views.values() if view is not known)
    if external and any(view.body.get("external_id") == external for view in others):
        raise RefusedError("duplicate_external_ids")
    return body


def _triggered(backend: Backend, args: Arguments) -> Member:
    try:
        user = backend.interactions.use_trigger(args.text("trigger_id") or args.text("interactivity_pointer"))
    except LookupError as gone:
        raise RefusedError(str(gone.args[0])) from None
    return backend.person(user)


def _find(backend: Backend, args: Arguments) -> View:
    view_id, external = args.text("view_id"), args.text("external_id")
    for view in backend.workspace.views.values():
        if view.id == view_id or (external and view.body.get("external_id") == external):
            return view
    raise RefusedError("not_found")


def _same_hash(args: Arguments, view: View) -> None:
    if args.text("hash") and args.text("hash") != view.hash:
        raise RefusedError("hash_conflict")
