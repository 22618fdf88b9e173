"""What a text may hold: values, filters, if and else; so that a text which passed can always be filled in."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from jinja2 import TemplateSyntaxError, nodes

from core.content.templates import Tongue, plural_categories
from core.content.vocabulary import NUMBERS, TIMES

_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)
_SPOKEN: Final = {
    "Call": "a call",
    "For": "a loop",
    "Getattr": "a dot behind a value",
    "Getitem": "a bracket behind a value",
    "Assign": "set",
    "Add": "+",
    "Sub": "-",
    "Mul": "*",
    "Div": "/",
    "Mod": "%",
    "Pow": "**",
}
_TESTS: Final = ("defined", "none", "undefined")
_FOR_NUMBERS: Final = ("plural", "number", "percent", "money")
_FOR_TIMES: Final = ("date", "moment", "duration")
_ARGUMENTS: Final = {"default": 1, "money": 1, "moment": 1}
_Fault = tuple[int, str, str]


@lru_cache(maxsize=4096)
def faults(source: str, language: str, known: frozenset[str]) -> tuple[_Fault, ...]:
    """What keeps a text from being used: (its line from 1, what is wrong, how to mend it). Remembered for reloads.

    `known`: the values it may use; which of them are numbers or times the vocabulary knows.
    """
    tongue = _parsing(language)
    try:
        tree = tongue.environment.parse(source)
    except TemplateSyntaxError as error:
        what = f"the text cannot be read as a template: {(error.message or '').rstrip('.')}"
        return ((error.lineno, what, "check its {{ }} and {% %}"),)
    return tuple(fault for node in tree.find_all(nodes.Node) for fault in _misuses(node, tongue, known))


@lru_cache(maxsize=64)
def _parsing(language: str) -> Tongue:
    return Tongue(language, {})


def _misuses(node: nodes.Node, tongue: Tongue, known: frozenset[str]) -> Iterator[_Fault]:
    match node:
        case nodes.Filter():
            yield from _filter_faults(node, tongue)
        case nodes.Compare():
            yield from _compare_faults(node)
        case nodes.Test(name=name) if name not in _TESTS:
            yield node.lineno, f"there is no test {name!r}", "use == or `is defined`"
        case nodes.Const(value=None):
            yield node.lineno, "there is nothing to show: none", "write the words"
        case nodes.CondExpr(expr2=None):
            yield node.lineno, "an if without else says nothing when it does not hold", "add `else ''`"
        case nodes.Name(name=name) if name not in known:
            yield node.lineno, f"nothing is known as {name!r} here", f"use one of: {', '.join(sorted(known)) or 'none'}"
        case _ if not isinstance(node, _ALLOWED):
            kind = type(node).__name__
            what = f"{_SPOKEN.get(kind, kind.lower())} has no place in a text"
            yield node.lineno, what, "use only values, filters, if and else"


def _filter_faults(node: nodes.Filter, tongue: Tongue) -> Iterator[_Fault]:
    name, line = node.name, node.lineno
    if name not in tongue.environment.filters:
        yield line, f"there is no filter {name!r}", f"use one of: {', '.join(sorted(tongue.environment.filters))}"
        return
    forms = plural_categories(tongue.language)
    wanted = len(forms) if name == "plural" else _ARGUMENTS.get(name, 0)
    if name == "plural" and len(node.args) != wanted:
        what = f"plural has {len(node.args)} forms, the language {tongue.language!r} needs {wanted}"
        yield line, what, f"give them in this order: {', '.join(forms)}"
    elif len(node.args) != wanted or node.kwargs or node.dyn_args or node.dyn_kwargs:
        yield line, f"the filter {name!r} takes {wanted} values in brackets", "look it up in the guide to content"
    if not all(isinstance(word, nodes.Const) and isinstance(word.value, str) for word in node.args):
        yield line, f"the filter {name!r} takes fixed words in brackets", "write them in quotes"
    for filters, names, what in ((_FOR_NUMBERS, NUMBERS, "a number"), (_FOR_TIMES, TIMES, "a time")):
        if name in filters and not (isinstance(node.node, nodes.Name) and node.node.name in names):
            yield (
                line,
                f"the filter {name!r} needs {what} before it",
                f"use it on: {', '.join(sorted(names)) or 'none'}",
            )


def _compare_faults(node: nodes.Compare) -> Iterator[_Fault]:
    for operand in node.ops:
        if operand.op in ("eq", "ne"):
            continue
        left, right = node.expr, operand.expr
        counted = isinstance(left, nodes.Name) and left.name in NUMBERS and len(node.ops) == 1
        if operand.op in ("in", "notin") or not counted or not _is_number(right):
            yield node.lineno, "only numbers are more or less than each other", "write it as `days > 1`, or use =="


def _is_number(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, int | float)
