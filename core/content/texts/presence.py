"""What a condition in a text says about values that may be empty: which are there when it holds, and when not."""

from jinja2 import nodes

_NONE: frozenset[str] = frozenset()


def path_of(node: nodes.Node) -> str | None:
    """`client.name` as it is written; None for anything else, deeper paths included."""
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=nodes.Name(name=group), attr=attr):
            return f"{group}.{attr}"
        case _:
            return None


def present_when(test: nodes.Node) -> frozenset[str]:
    """Values that are certainly not empty where `test` holds."""
    match test:
        case nodes.Name() | nodes.Getattr():
            return frozenset(filter(None, (path_of(test),)))
        case nodes.Not(node=inner):
            return absent_when(inner)
        case nodes.And(left=left, right=right):
            return present_when(left) | present_when(right)
        case nodes.Or(left=left, right=right):
            return present_when(left) & present_when(right)
        case nodes.Test(node=inner, name="defined"):
            return present_when(inner) if path_of(inner) else _NONE
        case nodes.Compare(expr=left, ops=[nodes.Operand(op=operator, expr=right)]) if operator != "notin":
            # Nothing fits no comparison, so whoever fits one is there.
            return present_when(left) | present_when(right) if path_of(left) or path_of(right) else _NONE
        case _:
            return _NONE


def absent_when(test: nodes.Node) -> frozenset[str]:
    """Values that are certainly not empty where `test` does not hold."""
    match test:
        case nodes.Not(node=inner):
            return present_when(inner)
        case nodes.And(left=left, right=right):
            return absent_when(left) & absent_when(right)
        case nodes.Or(left=left, right=right):
            return absent_when(left) | absent_when(right)
        case nodes.Test(node=inner, name="none" | "undefined"):
            return present_when(inner) if path_of(inner) else _NONE
        case _:
            return _NONE
