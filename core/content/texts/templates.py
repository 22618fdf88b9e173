"""Texts with places to fill in: Jinja2 shut in a sandbox, bounded in time, memory and output."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeGuard
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, UndefinedError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.content.texts.filters import Manner, Number
from core.content.texts.variables import NOTHING, Group, Nothing, Plain
from core.markup import Markdown, escape

LONGEST_VALUE: Final = 12_000
"""Characters of one value filled in; the rest is cut, so that nobody's words make a text that cannot be sent."""

LONGEST_TEXT: Final = 20_000
"""Characters of a text as filled in; the rest is cut."""

LONGEST_SOURCE: Final = 40_000
"""Characters of a text as written, places included."""

MOST_PARTS: Final = 2_000
"""Nodes of a text's tree: the time it takes is in proportion to them, for there are no loops."""

DEEPEST: Final = 20
"""Parts within each other: ifs, brackets, filters behind each other."""

ZONE: Final = "*zone"
"""Among the values: the reader's IANA zone. No text can spell it."""

ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.List,
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
"""All that a text may be made of. No loops, calls, reckoning: nothing that could run long or grow."""

_BEGINS: Final = re.compile(r"\s*(?:$|[-+*]\s|\d{1,9}[.)]\s|>|#{1,6}\s|```)")
_ALONE: Final = re.compile(r"\s*(?:$|>|#{1,6}\s)|.*(?:\\|  )$")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def unwrapped(source: str) -> str:
    """The text with every paragraph and item on one line: authors wrap their lines for themselves, not for readers.

    A line that ends with a backslash or two spaces keeps its break; code, quotes and headings stay as they are.
    """
    lines: list[str] = []
    fenced = goes_on = False
    for line in source.split("\n"):
        fence = line.lstrip().startswith("```")
        if goes_on and not fenced and not _BEGINS.match(line):
            lines[-1] += f" {line.strip()}" if not line.endswith("  ") else f" {line.lstrip()}"
        else:
            lines.append(line)
        fenced ^= fence
        goes_on = not fenced and not fence and _ALONE.match(line) is None
    return "\n".join(lines)


class Unreadable(Exception):
    """A text is no template, or more of one than fits."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        """`line` from 1, in the text."""
        super().__init__(f"line {line}: {what}; {mend}")
        self.line = line
        self.what = what
        self.mend = mend


class Tongue(Manner):
    """Compiles and fills texts of one language. `given` are values every text may use."""

    def __init__(self, language: str, given: Mapping[str, Plain], currency: str = "") -> None:
        """Raises babel.UnknownLocaleError for a language nobody has written down."""
        super().__init__(language, currency)
        self.environment = _Sandbox(self, given, marked=True)
        self._bare = _Sandbox(self, given, marked=False)
        self.compile = lru_cache(maxsize=8192)(self._compile)

    def parse(self, source: str) -> nodes.Template:
        """The text's tree, of a bounded size. Raises Unreadable."""
        try:
            tree = self.environment.parse(source)
        except TemplateSyntaxError as error:
            what = f"the text cannot be read as a template: {(error.message or '').rstrip('.')}"
            raise Unreadable(error.lineno, what, "check its {{ }} and {% %}") from error
        except (RecursionError, ValueError) as error:  # ValueError: a number of more than 4,300 digits
            raise Unreadable(1, "the text has too much within one place", "write it simpler") from error
        if len(source) > LONGEST_SOURCE:
            raise Unreadable(1, f"the text has {len(source):,} characters with its places", "shorten it")
        _bound(tree)
        return tree

    def _compile(self, source: str, marked: bool) -> Template:
        """`marked`: the text is Markdown, values are escaped. Raises Unreadable, SecurityError for what is forbidden.

        Content is checked before; this holds for whatever else may come here.
        """
        tree = self.parse(unwrapped(source))
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, ALLOWED):
                raise SecurityError(f"{type(node).__name__} has no place in a text")
        try:
            return (self.environment if marked else self._bare).from_string(tree)
        except TemplateSyntaxError as error:  # a filter or test there is not
            raise Unreadable(error.lineno, str(error.message), "use only those there are") from error

    def shown(self, value: object) -> str:
        """A value as the language writes it. Raises UndefinedError for nothing, TypeError for what nobody can show."""
        match value:
            case str():
                text = value
            case None | Nothing():
                raise UndefinedError("a place has nothing to fill it with")
            case bool():
                raise TypeError("yes or no cannot be shown")
            case int():
                return str(value)
            case Decimal() | float():
                return self.number(value)
            case datetime():
                raise TypeError("a moment needs a filter: its zone is not known here")
            case date():
                return self.date(value)
            case timedelta():
                return self.duration(value)
            case tuple():
                text = self.listed([str(one) for one in value])
            case Undefined():
                text = str(value)  # raises UndefinedError, which names it
            case _:
                raise TypeError(f"{type(value).__name__} is no value for a text")
        text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
        return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"

    def shown_in_markdown(self, value: object) -> str:
        """The same, its every character escaped."""
        return value if isinstance(value, Markdown) else escape(self.shown(value))


def _bound(tree: nodes.Template) -> None:
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    for count, (node, depth) in enumerate(waiting):  # grows while it is walked
        if depth > DEEPEST or count > MOST_PARTS:
            what = "too much within each other" if depth > DEEPEST else "too many places"
            raise Unreadable(node.lineno or 1, f"the text has {what}", "make simpler texts of it")
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]


class _Sandbox(ImmutableSandboxedEnvironment):
    """Knows no functions, only the filters below, and nothing behind a value but what a group was given."""

    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(self, tongue: Tongue, given: Mapping[str, Plain], *, marked: bool) -> None:
        super().__init__(
            undefined=StrictUndefined,
            finalize=tongue.shown_in_markdown if marked else tongue.shown,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            cache_size=0,
        )
        self.filters = _filters(tongue)
        self.tests = {"defined": _is_there, "none": _is_missing, "undefined": _is_missing}
        self.globals = dict(given)

    def getattr(self, obj: object, attribute: str) -> object:
        if isinstance(obj, Group):
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(name=attribute)
        return self.undefined(name=attribute) if isinstance(obj, Undefined) else self.unsafe_undefined(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        return self.unsafe_undefined(obj, str(argument))

    def call_binop(self, *what: object) -> object:
        raise SecurityError(f"there is no such reckoning in a text: {what[1]}")


def _filters(tongue: Tongue) -> dict[str, Callable[..., object]]:
    """Nothing stays nothing behind every filter, until `default` says what to show instead."""

    @pass_context
    def date_of(context: Context, value: object, form: str = "medium") -> object:
        if isinstance(value, datetime):
            value = value.astimezone(ZoneInfo(_zone(context)))
        return tongue.date(value, form) if isinstance(value, date) else _unfit(value, "date")

    @pass_context
    def time_of(context: Context, value: object, zone: str = "") -> object:
        return tongue.time(value, zone or _zone(context)) if isinstance(value, datetime) else _unfit(value, "time")

    @pass_context
    def moment_of(context: Context, value: object, zone: str = "") -> object:
        return tongue.moment(value, zone or _zone(context)) if isinstance(value, datetime) else _unfit(value, "moment")

    def duration_of(value: object) -> object:
        return tongue.duration(value) if isinstance(value, timedelta) or _counts(value) else _unfit(value, "duration")

    return {
        "capitalize": _of_words(str.capitalize, tongue),
        "lower": _of_words(str.lower, tongue),
        "trim": _of_words(str.strip, tongue),
        "upper": _of_words(str.upper, tongue),
        "default": lambda value, instead: instead if _is_missing(value) or value == "" else value,
        "date": date_of,
        "time": time_of,
        "moment": moment_of,
        "duration": duration_of,
        "plural": _of_numbers("plural", tongue.plural),
        "number": _of_numbers("number", tongue.number),
        "percent": _of_numbers("percent", tongue.percent),
        "money": _of_numbers("money", tongue.money),
    }


def _of_words(change: Callable[[str], str], tongue: Tongue) -> Callable[[object], object]:
    def changed(value: object) -> object:
        return value if _is_missing(value) else change(tongue.shown(value))

    return changed


def _of_numbers(name: str, write: Callable[..., str]) -> Callable[..., object]:
    def written(value: object, *words: str) -> object:
        return write(value, *words) if _counts(value) else _unfit(value, name)

    return written


def _counts(value: object) -> TypeGuard[Number]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _unfit(value: object, name: str) -> object:
    """Nothing, or what is not there, goes on to `default`."""
    if _is_missing(value):
        return value
    raise TypeError(f"the filter {name} takes no {type(value).__name__}")


def _is_missing(value: object) -> bool:
    return value is None or value is NOTHING or isinstance(value, Undefined)


def _is_there(value: object) -> bool:
    return not _is_missing(value)


def _zone(context: Context) -> str:
    return str(context.get(ZONE) or "UTC")


def fill(template: Template, values: Mapping[str, object]) -> str:
    """Values are plain ones and groups of them. Raises jinja2.UndefinedError when one is missing or empty."""
    pieces: list[str] = []
    left = LONGEST_TEXT
    environment = template.environment  # of a text's own globals there are none: new_context looks at them one by one
    context = Context(environment, {**environment.globals, **values}, template.name, template.blocks)
    for piece in template.root_render_func(context):
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            return "".join(pieces)[: LONGEST_TEXT - 1] + "…"
    return "".join(pieces)
