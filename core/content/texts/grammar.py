"""What a text may hold: values, filters, if and else; so that a text which passed can always be filled in."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from jinja2 import nodes

from core.content.reading.sheets import meant
from core.content.texts.filters import DATE_FORMS, fits, plural_categories
from core.content.texts.presence import absent_when, path_of, present_when
from core.content.texts.templates import ALLOWED, Tongue, Unreadable
from core.content.texts.variables import FORMER, Kind, Known, Variable

_SPOKEN: Final = {
    "Call": "a call",
    "For": "a loop",
    "Getitem": "a bracket behind a value",
    "Assign": "set",
    "Add": "+",
    "Sub": "-",
    "Mul": "*",
    "Div": "/",
    "FloorDiv": "//",
    "Mod": "%",
    "Pow": "**",
    "Neg": "-",
    "Macro": "a macro",
    "Dict": "a mapping",
    "Tuple": "a list in round brackets",
}
_TESTS: Final = ("defined", "none", "undefined")
_TAKES: Final[dict[str, tuple[tuple[Kind, ...], str]]] = {
    "plural": (("number",), "a number"),
    "number": (("number",), "a number"),
    "percent": (("number",), "a number"),
    "money": (("number",), "a number"),
    "date": (("date", "moment"), "a day"),
    "time": (("moment",), "a moment"),
    "moment": (("moment",), "a moment"),
    "duration": (("number", "span"), "a number of days"),
}
"""By filter: the kinds of value it may stand behind, and how they are called."""

_OPTIONAL_WORD: Final[dict[str, str]] = {
    "money": "a currency's code, as 'EUR'",
    "date": f"one of {', '.join(map(repr, DATE_FORMS))}",
    "time": "a zone, as 'Europe/Berlin'",
    "moment": "a zone, as 'Europe/Berlin'",
}
_Fault = tuple[int, str, str]
_NONE: Final[frozenset[str]] = frozenset()


@lru_cache(maxsize=65_536)
def faults(source: str, language: str, known: Known) -> tuple[_Fault, ...]:
    """What keeps a text from being used: (its line from 1, what is wrong, how to mend it). Remembered for reloads."""
    if "{" not in source:
        return ()
    tongue = _parsing(language)
    try:
        tree = tongue.parse(source)
    except Unreadable as error:
        return ((error.line, error.what, error.mend),)
    strays = tuple(_stray(node) for node in tree.find_all(nodes.Node) if not isinstance(node, ALLOWED))
    return strays or tuple(dict.fromkeys(_Check(tongue, known).shown(tree.body, _NONE)))


@lru_cache(maxsize=64)
def _parsing(language: str) -> Tongue:
    return Tongue(language, {})


def _stray(node: nodes.Node) -> _Fault:
    kind = type(node).__name__
    what = f"{_SPOKEN.get(kind, kind.lower())} has no place in a text"
    return node.lineno or 1, what, "use only values, filters, if and else"


@lru_cache(maxsize=256)
def _by_name(known: Known) -> dict[str, Variable]:
    return {variable.name: variable for variable in known}


class _Check:
    """Walks one text. `sure`: the values that may be empty but, where we are, are not."""

    def __init__(self, tongue: Tongue, known: Known) -> None:
        self.tongue = tongue
        self.known = _by_name(known)

    def shown(self, parts: Sequence[nodes.Node], sure: frozenset[str]) -> Iterator[_Fault]:
        """Parts whose outcome people read."""
        for part in parts:
            match part:
                case nodes.TemplateData():
                    pass
                case nodes.Output():
                    yield from self.shown(part.nodes, sure)
                case nodes.If():
                    yield from self._if(part, sure)
                case nodes.Name() | nodes.Getattr():
                    yield from self._value(part, sure)
                case nodes.Filter():
                    yield from self._filter(part, sure)
                case nodes.Or() | nodes.And() | nodes.CondExpr() | nodes.Concat():
                    yield from self._joined(part, sure)
                case nodes.Const():
                    yield from _const(part)
                case nodes.List():
                    yield part.lineno, "a list has no place here", "use it behind `in`"
                case _:
                    yield from self.asked(part, sure)
                    yield part.lineno, "yes or no cannot be shown", "write {% if … %}words{% endif %}"

    def _joined(self, part: nodes.Node, sure: frozenset[str]) -> Iterator[_Fault]:
        """An expression of which one side or all are shown."""
        match part:
            case nodes.CondExpr(test=test, expr1=one, expr2=other):
                yield from self.asked(test, sure)
                yield from self.shown([one], sure | present_when(test))
                if other is None:
                    yield part.lineno, "an if without else says nothing when it does not hold", "add `else ''`"
                else:
                    yield from self.shown([other], sure | absent_when(test))
            case nodes.Or(left=left, right=right):
                yield from self.shown([left], sure | present_when(left))
                yield from self.shown([right], sure | absent_when(left))
            case nodes.And(left=left, right=right):
                yield from self.shown([left], sure)
                yield from self.shown([right], sure | present_when(left))
            case nodes.Concat():
                yield from self.shown(part.nodes, sure)
                for one in part.nodes:
                    if self._kind(one) not in ("", "text"):
                        what = f"{path_of(one)!r} is no text to join with others"
                        yield one.lineno, what, "add a filter: `| number`, `| date`"

    def asked(self, node: nodes.Node, sure: frozenset[str]) -> Iterator[_Fault]:
        """An expression that only decides: what it asks for may be empty."""
        match node:
            case nodes.Not(node=inner):
                yield from self.asked(inner, sure)
            case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
                yield from self.asked(left, sure)
                yield from self.asked(right, sure)
            case nodes.Test(node=inner, name=name):
                if name not in _TESTS:
                    yield node.lineno, f"there is no test {name!r}", "use == or `is defined`"
                yield from self.asked(inner, sure)
            case nodes.Compare():
                yield from self._compare(node, sure)
            case nodes.Filter():
                yield from self._filter(node, frozenset(self.known))
            case nodes.Name() | nodes.Getattr():
                yield from self._named(node)
            case nodes.Const(value=value) if value is not None:
                pass
            case _:
                yield from self.shown([node], sure)

    def _if(self, part: nodes.If, sure: frozenset[str]) -> Iterator[_Fault]:
        yield from self.asked(part.test, sure)
        yield from self.shown(part.body, sure | present_when(part.test))
        sure |= absent_when(part.test)
        for other in part.elif_:
            yield from self.asked(other.test, sure)
            yield from self.shown(other.body, sure | present_when(other.test))
            sure |= absent_when(other.test)
        yield from self.shown(part.else_, sure)

    def _named(self, node: nodes.Node) -> Iterator[_Fault]:
        """Is there a value of this name?"""
        name = path_of(node)
        if name is None:
            yield node.lineno, "a dot behind a value has no place in a text", "use only values, filters, if and else"
        elif name not in self.known:
            inner = sorted(other for other in self.known if other.startswith(f"{name}."))
            if FORMER.get(name) in self.known:
                yield node.lineno, f"nothing is known as {name!r} here", f"did you mean {FORMER[name]!r}?"
            elif inner:
                yield node.lineno, f"{name!r} is several values", f"use one of: {', '.join(inner)}"
            else:
                mend = meant(name, sorted(self.known)) if self.known else "delete it"
                yield node.lineno, f"nothing is known as {name!r} here", mend

    def _value(self, node: nodes.Node, sure: frozenset[str]) -> Iterator[_Fault]:
        """A value that is shown as it is."""
        yield from self._named(node)
        variable = self.known.get(path_of(node) or "")
        if variable is None:
            return
        if variable.kind == "flag":
            mend = f"write {{% if {variable.name} %}}words{{% endif %}}"
            yield node.lineno, f"{variable.name!r} is yes or no, it cannot be shown", mend
        elif variable.kind == "moment":
            yield node.lineno, f"{variable.name!r} is a moment", "add a filter: `| moment`, `| date` or `| time`"
        elif variable.optional and variable.name not in sure:
            yield node.lineno, *_may_be_empty(variable)

    def _filter(self, node: nodes.Filter, sure: frozenset[str]) -> Iterator[_Fault]:
        yield from self._filter_form(node)
        inner = node.node
        if inner is None:
            return
        if node.name == "default":
            sure = frozenset(self.known)
        takes = _TAKES.get(node.name)
        variable = self.known.get(path_of(inner) or "")
        if takes is None:
            yield from self.shown([inner], sure)
            return
        kinds, what = takes
        if variable is None or variable.kind not in kinds:
            names = sorted(one.name for one in self.known.values() if one.kind in kinds)
            mend = f"use it on: {', '.join(names)}" if names else "delete it"
            yield node.lineno, f"the filter {node.name!r} needs {what} before it", mend
        elif variable.optional and variable.name not in sure:
            yield node.lineno, *_may_be_empty(variable)
        if variable is None:
            yield from self.shown([inner], sure)

    def _filter_form(self, node: nodes.Filter) -> Iterator[_Fault]:
        name, line = node.name, node.lineno
        if name not in self.tongue.environment.filters:
            yield line, f"there is no filter {name!r}", meant(name, sorted(self.tongue.environment.filters))
            return
        if not all(isinstance(word, nodes.Const) and isinstance(word.value, str) for word in node.args):
            yield line, f"the filter {name!r} takes fixed words in brackets", "write them in quotes"
            return
        words = [word.value for word in node.args if isinstance(word, nodes.Const)]
        odd = bool(node.kwargs or node.dyn_args or node.dyn_kwargs)
        if name == "plural":
            forms = plural_categories(self.tongue.language)
            if len(words) != len(forms) or odd:
                what = f"plural has {len(words)} forms, the language {self.tongue.language!r} needs {len(forms)}"
                yield line, what, f"give them in this order: {', '.join(forms)}"
        elif name == "default":
            if len(words) != 1 or odd:
                yield line, "the filter 'default' takes 1 value in brackets", "write what to say instead, in quotes"
        elif odd or len(words) > (name in _OPTIONAL_WORD):
            least = f"at most {_OPTIONAL_WORD[name]}" if name in _OPTIONAL_WORD else "nothing"
            yield line, f"the filter {name!r} takes {least} in brackets", "look it up in the guide to content"
        elif words and not fits(name, words[0]):
            yield line, f"{words[0]!r} is not what the filter {name!r} takes", f"use {_OPTIONAL_WORD[name]}"

    def _compare(self, node: nodes.Compare, sure: frozenset[str]) -> Iterator[_Fault]:
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        operators = {operand.op for operand in node.ops}
        if operators <= {"eq", "ne"}:
            for side in sides:
                yield from self.asked(side, sure)
            return
        left, right = sides[0], sides[-1]
        for side in sides:
            if isinstance(side, nodes.Name | nodes.Getattr):
                yield from self._named(side)
        if len(sides) == 2 and operators <= {"in", "notin"}:
            listed = isinstance(right, nodes.List) and all(map(_is_word, right.items)) and self._kind(left) == "text"
            if not listed and not (_is_word(left) and self._kind(right) == "texts"):
                yield node.lineno, "`in` stands between a value and words", "write it as client.segment in ['a', 'b']"
        elif len(sides) != 2 or self._kind(left) != "number" or not _is_number(right):
            yield node.lineno, "only numbers are more or less than each other", "write it as `days > 1`, or use =="

    def _kind(self, node: nodes.Node) -> str:
        variable = self.known.get(path_of(node) or "")
        return variable.kind if variable is not None else ""


def _const(node: nodes.Const) -> Iterator[_Fault]:
    if node.value is None:
        yield node.lineno, "there is nothing to show: none", "write the words"
    elif isinstance(node.value, bool):
        yield node.lineno, "yes or no cannot be shown", "write the words"


def _may_be_empty(variable: Variable) -> tuple[str, str]:
    name = variable.name
    mend = f"write {{% if {name} %}}…{{% endif %}} around it, or `| default('…')` behind it"
    return f"{name!r} may be empty", mend


def _is_word(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def _is_number(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
