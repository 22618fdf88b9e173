"""A text cannot run for ever, grow without end or reach what is not its own: seen when checked, held when run."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from core.content.texts.grammar import faults
from core.content.texts.templates import LONGEST_SOURCE, LONGEST_TEXT, Tongue, Unreadable, fill
from core.content.texts.variables import NOTHING, Group, for_checklists, values
from storage.tables import Csm

KNOWN = values("x", "days") | for_checklists()
GIVEN = {"x": "Ida", "days": 3, "client": Group({"name": "Acme"})}

ATTACKS = [
    "{% for a in range(10**9) %}{% endfor %}",
    "{% for a in x %}{% for b in x %}{% for c in x %}{{ a }}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in client %}{{ loop(client) }}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call x() %}{% endcall %}",
    "{% set x = x * 2 %}",
    "{% filter upper %}x{% endfilter %}",
    "{% block a %}{% endblock %}",
    "{% include 'hub.yaml' %}",
    "{% extends 'x' %}",
    "{% import 'os' as os %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape false %}{% endautoescape %}",
    "{{ 'x' * 10**9 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ range(10**9) }}",
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ x['__class__'] }}",
    "{{ client.__class__.__init__.__globals__ }}",
    "{{ client._values }}",
    "{{ self.__init__ }}",
    "{{ x.join(x) }}",
    "{{ '%099999999d' % 1 }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ x.format_map(x) }}",
    "{{ x | format(1) }}",
    "{{ x | attr('__class__') }}",
    "{{ x | center(1000000000) }}",
    "{{ x | list | join(x) }}",
    "{{ lipsum(1000) }}",
    "{{ cycler('a') }}",
    "{{ dict(a=1) }}",
    "{{ [x, x, x] }}",
    "{{ {'a': x} }}",
    "{{ x[0:1] }}",
    "{{ -days }}",
    "{{ days // 0 }}",
    "{{ days % 0 }}",
    "{{ 1" + "0" * 5000 + " }}",
    "{{ " + "(" * 500 + "x" + ")" * 500 + " }}",
    "{{ x" + " | upper" * 500 + " }}",
    "{{ x" + " ~ x" * 5000 + " }}",
    "{{ x" + " or x" * 500 + " }}",
    "{% if x %}" * 200 + "a" + "{% endif %}" * 200,
    "{{ x }}" * 5000,
    "a" * LONGEST_SOURCE + "{{ x }}",
    "{{ x",
    "{% if %}{% endif %}",
    "{% raw %}{{ x }}",
    "{{ 'a' 'b' x }}",
]


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_what_could_do_harm_is_refused_when_it_is_checked_in_one_clear_line(text: str) -> None:
    found = faults(text, "en", KNOWN)

    assert found != ()
    for line, what, mend in found[:3]:
        assert 1 <= line <= text.count("\n") + 1
        assert "\n" not in what + mend
        assert len(what) < 200


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_and_does_nothing_even_when_nobody_checked_it(text: str) -> None:
    tongue = Tongue("en", {"vendor": "Relay"})

    with pytest.raises((SecurityError, Unreadable, UndefinedError, TypeError)):
        pytest.fail(fill(tongue.compile(text, True), GIVEN)[:100])


def test_a_long_text_stops_when_it_is_long_enough() -> None:
    tongue = Tongue("en", {})
    text = fill(tongue.compile("{{ x }}" * 500, True), {"x": "a" * 12_000})

    assert len(text) == LONGEST_TEXT


@pytest.mark.parametrize("value", [object(), Csm(email="a@b.example"), {"a": 1}, ["a"], sys, len, NOTHING, None, True])
def test_only_plain_values_are_shown(value: object) -> None:
    with pytest.raises((TypeError, UndefinedError)):
        Tongue("en", {}).shown(value)


@pytest.mark.parametrize("value", [Csm(email="a@b.example"), {"a": 1}, "text", 5])
def test_nothing_is_behind_a_value_that_is_no_group(value: object) -> None:
    tongue = Tongue("en", {})

    with pytest.raises((SecurityError, UndefinedError)):
        fill(tongue.compile("{{ x.email }}", True), {"x": value})


def test_a_group_keeps_what_it_was_given_and_has_no_methods() -> None:
    tongue = Tongue("en", {})

    assert fill(tongue.compile("{{ x.items }}", True), {"x": Group({"items": "9"})}) == "9"
    with pytest.raises(UndefinedError):
        fill(tongue.compile("{{ x.keys }}", True), {"x": Group({"items": "9"})})


def test_empty_values_fit_no_comparison() -> None:
    def never(compare: Callable[[object], bool]) -> bool:
        return not compare("a") and not compare(5) and not compare(NOTHING)

    assert never(lambda other: other == NOTHING)
    assert never(lambda other: other != NOTHING)
    assert never(lambda other: other in NOTHING)
    assert not NOTHING


TOKENS = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", "if", "else", "elif", "endif", "for", "in", "not", "x", "client", ".name", ".",
     "days", "|", "upper", "default", "plural", "('a')", "('a','b')", "(", ")", "[", "]", "'", '"', "1", "*", "~", "is",
     "defined", "and", "or", "\n", " ", "**bold**", "é", "set", "raw", "endraw", "-", "<", "none"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(TOKENS, max_size=25).map(" ".join))
def test_whatever_is_typed_is_refused_or_can_be_filled_in(text: str) -> None:
    found = faults(text, "en", KNOWN)

    assert all(1 <= line <= text.count("\n") + 1 for line, _, _ in found)
    if not found:
        given = GIVEN | {"contact": Group({}), "csm": Group({}), "progress": Group({})}
        assert isinstance(fill(Tongue("en", {"vendor": "Relay"}).compile(text, True), given), str)
