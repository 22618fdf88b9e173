"""Texts with places to fill in: Jinja2 shut in a sandbox, with each language's plurals, dates and numbers."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.markup import Markdown, escape

LONGEST_VALUE: Final = 12_000
"""Characters of one value filled in; the rest is cut, so that nobody's words make a text that cannot be sent."""

LONGEST_TEXT: Final = 20_000
"""Characters of a text as filled in; the rest is cut."""

_USUAL_FILTERS: Final = (
    "capitalize",
    "default",
    "first",
    "join",
    "last",
    "length",
    "lower",
    "trim",
    "upper",
    "urlencode",
)
_CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")
_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Add,
    nodes.Sub,
    nodes.Concat,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Tuple,
    nodes.Keyword,
)


@lru_cache(maxsize=64)
def plural_categories(language: str) -> tuple[str, ...]:
    """The CLDR categories that whole numbers up to 1,000 fall into, in CLDR's order: one, few, many for Russian."""
    rule = Locale.parse(language).plural_form
    met = {rule(number) for number in range(1001)}
    return tuple(category for category in _CATEGORIES if category in met)


class Tongue:
    """Compiles and fills texts of one language. `given` are values every text may use."""

    def __init__(self, language: str, given: Mapping[str, object]) -> None:
        """Raises babel.UnknownLocaleError for a language nobody has written down."""
        self.language = language
        self.locale = Locale.parse(language)
        self.environment = _environment(self, given, escaping=True)
        self._bare = _environment(self, given, escaping=False)
        self.compile = lru_cache(maxsize=8192)(self._compile)

    def _compile(self, source: str, marked: bool) -> Template:
        """Raises TemplateSyntaxError. `marked`: the text is Markdown, values are escaped as they are filled in."""
        return (self.environment if marked else self._bare).from_string(source)

    def plural(self, number: float, *forms: str) -> str:
        """The form for this number. Forms come in the order of `plural_categories`; others take the last."""
        categories = plural_categories(self.language)
        if len(forms) != len(categories):
            raise TemplateRuntimeError(f"plural takes {len(categories)} forms here: {', '.join(categories)}")
        category = self.locale.plural_form(number)
        return forms[categories.index(category)] if category in categories else forms[-1]

    def date(self, day: date) -> str:
        return format_skeleton("MMMd", day, locale=self.locale)

    def moment(self, at: datetime, zone: str) -> str:
        local = at.astimezone(ZoneInfo(zone))
        clock = format_time(local.time(), "short", locale=self.locale)
        return f"{format_skeleton('MMMEd', local, locale=self.locale)}, {clock}"

    def number(self, number: float) -> str:
        return format_decimal(number, locale=self.locale)

    def percent(self, share: float) -> str:
        """Of a share from 0 to 1."""
        return format_percent(share, locale=self.locale)

    def money(self, amount: float, currency: str) -> str:
        """`currency` is its ISO 4217 code."""
        return format_currency(amount, currency, locale=self.locale)

    def duration(self, span: timedelta) -> str:
        """In its largest fitting unit: `3 days`."""
        return format_timedelta(span, locale=self.locale)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Nothing in a text may multiply itself."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        raise SecurityError(f"{left!r} {operator} {right!r} in {context.name}: there is no such reckoning in a text")


def _environment(tongue: Tongue, given: Mapping[str, object], *, escaping: bool) -> _Sandbox:
    environment = _Sandbox(
        undefined=StrictUndefined,
        finalize=_marked_value if escaping else _bare_value,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        cache_size=0,
    )
    environment.filters = {name: FILTERS[name] for name in _USUAL_FILTERS} | {
        "plural": tongue.plural,
        "date": tongue.date,
        "moment": tongue.moment,
        "number": tongue.number,
        "percent": tongue.percent,
        "money": tongue.money,
        "duration": tongue.duration,
    }
    environment.globals = dict(given)
    return environment


def _bare_value(value: object) -> str:
    if value is None:
        raise UndefinedError("a place has nothing to fill it with: None")
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _marked_value(value: object) -> str:
    return value if isinstance(value, Markdown) else escape(_bare_value(value))


def fill(template: Template, values: Mapping[str, object]) -> str:
    """Raises jinja2.UndefinedError when a value is missing or None."""
    text = template.render(values)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


@lru_cache(maxsize=4096)
def faults(source: str, language: str, known: frozenset[str]) -> tuple[tuple[int, str, str], ...]:
    """What keeps a text from being used: (its line from 1, what is wrong, how to mend it). Remembered for reloads."""
    tongue = _parsing(language)
    try:
        return tuple(_misuses(tongue.environment.parse(source), tongue, known))
    except TemplateSyntaxError as error:
        what = f"the text cannot be read as a template: {(error.message or '').rstrip('.')}"
        return ((error.lineno, what, "check its {{ }} and {% %}"),)


@lru_cache(maxsize=64)
def _parsing(language: str) -> Tongue:
    return Tongue(language, {})


def _misuses(tree: nodes.Template, tongue: Tongue, known: frozenset[str]) -> Iterator[tuple[int, str, str]]:
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            yield node.lineno, f"{_spoken(node)} has no place in a text", "use only values, filters, if and for"
        if isinstance(node, nodes.For) and next(node.find_all(nodes.For), None) is not None:
            yield node.lineno, "a loop inside a loop", "use one loop, or join the list with the filter join"
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            yield node.lineno, f"{node.attr!r} is not for texts", "use a value's own name"
        if isinstance(node, nodes.Filter):
            yield from _filter_faults(node, tongue)
        if isinstance(node, nodes.Test) and node.name not in tongue.environment.tests:
            yield node.lineno, f"there is no test {node.name!r}", "use == or defined"
    for line, name in _unknown_names(tree, known):
        names = ", ".join(sorted(known)) or "none"
        yield line, f"nothing is known as {name!r} here", f"use one of: {names}"


def _filter_faults(node: nodes.Filter, tongue: Tongue) -> Iterator[tuple[int, str, str]]:
    if node.name not in tongue.environment.filters:
        yield node.lineno, f"there is no filter {node.name!r}", f"use one of: {', '.join(tongue.environment.filters)}"
    wanted = plural_categories(tongue.language)
    if node.name == "plural" and len(node.args) != len(wanted):
        what = f"plural has {len(node.args)} forms, the language {tongue.language!r} needs {len(wanted)}"
        yield node.lineno, what, f"give them in this order: {', '.join(wanted)}"


def _unknown_names(tree: nodes.Template, known: frozenset[str]) -> Iterator[tuple[int, str]]:
    own = {name.name for loop in tree.find_all(nodes.For) for name in loop.target.find_all(nodes.Name)}
    own |= {loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)}
    if next(tree.find_all(nodes.For), None) is not None:
        own.add("loop")
    for name in tree.find_all(nodes.Name):
        if name.name not in known and name.name not in own:
            yield name.lineno, name.name


def _spoken(node: nodes.Node) -> str:
    return {"Call": "a call", "Mul": "*", "Pow": "**", "Mod": "%"}.get(type(node).__name__, type(node).__name__.lower())
