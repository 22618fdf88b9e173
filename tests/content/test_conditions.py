"""Conditions read as people write them, answer as a plain reading of them would, and never crash."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.content.conditions.condition import ALWAYS, BadCondition, Condition, Kind, both, parse_condition
from core.content.conditions.tree import (
    SIGNS,
    Among,
    Compared,
    Every,
    Leaf,
    Not,
    NotAmong,
    Paired,
    Set,
    Sign,
    Some,
    Tree,
    Value,
    told,
)
from core.content.conditions.words import LONGEST

KNOWN: Mapping[str, Kind] = {
    "segment": "text",
    "region": "text",
    "mrr": "number",
    "seats": "number",
    "renewal": "date",
    "since": "date",
    "beta": "flag",
    "trial": "flag",
    "product": "texts",
}
ACME: Mapping[str, Value] = {
    "segment": "Enterprise",
    "region": "dach",
    "mrr": Decimal("1250.00"),
    "seats": 40,
    "renewal": date(2026, 11, 3),
    "beta": True,
    "product": ("Desk", "mobile"),
}


def read(source: str) -> Condition:
    return parse_condition(source, KNOWN)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("segment == 'enterprise'", True),
        ("segment != 'enterprise'", False),
        ('segment in ["smb", "ENTERPRISE"]', True),
        ("segment not in ['smb']", True),
        ("'enterprise' == segment", True),
        ("segment in ['enterprise'] and mrr > 1000", True),
        ("1000 < mrr", True),
        ("mrr == 1250", True),
        ("mrr >= 1250.01", False),
        ("seats in [10, 40,]", True),
        ("mrr > seats", True),
        ("renewal == '2026-11-03'", True),
        ("renewal < '2026-11-03'", False),
        ("renewal not in ['2026-11-03', '2027-01-01']", False),
        ("beta", True),
        ("not beta", False),
        ("beta == yes", True),
        ("beta != true", False),
        ("product in ['desk']", True),
        ("product in ['web', 'Mobile']", True),
        ("product not in ['web']", True),
        ("'mobile' in product", True),
        ("'web' not in product", True),
        ("segment == 'smb' or beta and mrr > 2000", False),
        ("(segment == 'enterprise' or beta) and mrr > 2000", False),
        ("not segment == 'smb' and not (mrr > 2000 or trial)", True),
    ],
)
def test_a_condition_means_what_it_says(source: str, expected: bool) -> None:
    assert read(source).holds(ACME) is expected


@pytest.mark.parametrize(
    "comparison",
    [
        "segment == 'a'",
        "segment != 'a'",
        "segment in ['a']",
        "segment not in ['a']",
        "mrr < 5",
        "mrr != 5",
        "mrr > seats",
        "renewal != since",
        "beta",
        "beta == no",
        "product in ['a']",
        "product not in ['a']",
    ],
)
def test_what_is_not_known_fits_no_comparison_and_not_turns_that_around(comparison: str) -> None:
    assert not read(comparison).holds({})
    assert read(f"not {comparison}").holds({})


@pytest.mark.parametrize(
    ("source", "what", "mend"),
    [
        ("", "the condition is empty", "delete the key"),
        ("segmnt == 'a'", "no field is called 'segmnt' (character 1)", "did you mean 'segment'?"),
        ("client.segment == 'a'", "'client.segment'", "write segment alone"),
        ("Segment == 'a'", "'Segment'", "write it small: segment"),
        ("quota > 3", "'quota'", "use one of: beta, mrr,"),
        ("segment == enterprise", "'enterprise' (character 12)", "put a text in quotes: 'enterprise'"),
        ("segment in [enterprise]", "'enterprise' at character 13 has no quotes", "'enterprise'"),
        ("segment = 'a'", "a single = at character 9", "write =="),
        ("mrr <> 5", "<> at character 5", "!="),
        ("beta && trial", "& at character 6", "write and"),
        ("beta AND trial", "'AND' at character 6 does not fit there", "write it small: and"),
        ("!beta", "! at character 1", "write not"),
        ("segment == ‘a’", "a quotation mark of another kind at character 12", "straight ones"),
        ("segment == 'a", "a quotation mark that is never closed at character 12", "close it"),
        ("segment == ''", "an empty text at character 12 fits nobody", "not known"),
        ("segment", "'segment' at character 1 is a text, not a yes or no", "segment == 'enterprise'"),
        ("segment in 'a'", "after in at character 12 there is no list", "segment in ['enterprise']"),
        ("segment == ['a']", "== with a list at character 12", "write in"),
        ("segment in []", "an empty list at character 12", "what it may be"),
        ("segment > 'a'", "'segment' at character 1 is a text: > means nothing", "== or !="),
        ("segment == 5", "'segment' is a text, but is compared with the number 5 at character 12", "'enterprise'"),
        ("mrr > 'much'", "'mrr' is a number, but is compared with the text 'much'", "mrr == 1000"),
        ("mrr > 1,000", "',' at character 8 does not fit there", "expected is"),
        ("mrr > 1e5", "something that is no number at character 7", "1000"),
        ("mrr > 1000000000000000", "a number of more than 15 digits", "round it"),
        ("100 < mrr < 500", "a second comparison in one at character 11", "with `and` between"),
        ("5 < 6", "two fixed values", "compare a field"),
        ("mrr > renewal", "'renewal' at character 7 is a date", "of one kind"),
        ("renewal > 'soon'", "'soon' at character 11 is no date", "'2026-11-03'"),
        ("renewal > '2026-02-30'", "'2026-02-30' at character 11 is no date", "'2026-11-03'"),
        ("renewal > '2026-W45-1'", "is no date", "'2026-11-03'"),
        ("product == 'desk'", "'product' at character 1 may be several texts", "product in ['one']"),
        ("beta and", "the condition stops in the middle", "a field or a value"),
        ("(beta or trial", "the condition stops in the middle", "the closing )"),
        ("beta)", "')' at character 5 does not fit there", "nothing more"),
        ("beta; trial", "';' at character 5 means nothing here", "delete it"),
        ("().__class__", "'.' at character 3 means nothing here", "delete it"),
        ("()", "')' at character 2 does not fit there", "a field or a value"),
        ("__import__('os')", "'__import__'", "use one of"),
        ("(" * 30 + "beta" + ")" * 30, "more than 20 brackets in each other", "flatter"),
        ("not " * 30 + "beta", "more than 20 brackets", "flatter"),
        (" and ".join(["beta"] * 51), "more than 50 comparisons", "split it"),
        ("beta" + " " * LONGEST, "more than 1000 characters", "split it"),
    ],
)
def test_a_slip_is_told_with_its_place_and_the_way_to_mend_it(source: str, what: str, mend: str) -> None:
    with pytest.raises(BadCondition) as bad:
        read(source)

    assert what in bad.value.what
    assert mend in bad.value.mend


def test_the_most_that_is_allowed_is_read() -> None:
    assert read(" and ".join(["beta"] * 50)).holds(ACME)
    assert read("(" * 20 + "beta" + ")" * 20).holds(ACME)


def test_a_condition_knows_what_it_asks_about() -> None:
    assert read("mrr > seats and not (beta or segment == 'a')").fields == {"mrr", "seats", "beta", "segment"}


def test_everything_fits_what_has_no_condition() -> None:
    assert ALWAYS.holds({})
    assert both(ALWAYS, read("beta")) == read("beta")
    assert both(read("trial or beta"), read("mrr > 1")) == read("(trial or beta) and mrr > 1")


SIGNS_AND_VALUES = "and or not in ( ) [ ] , == != < <= > >= = 'a' \"b\" '2026-11-03' 5 -1.5 true no ' x {{ é ٣ 1.2.3"
WORDS = st.sampled_from([*KNOWN, *SIGNS_AND_VALUES.split(), "\n"])


def read_or_told(source: str) -> Condition | BadCondition:
    try:
        return read(source)
    except BadCondition as bad:
        return bad


@given(st.text() | st.lists(WORDS, max_size=30).map(" ".join) | st.lists(WORDS, max_size=12).map("".join))
def test_any_text_is_a_condition_or_told_why_not(source: str) -> None:
    found = read_or_told(source)

    if isinstance(found, BadCondition):
        assert found.what
        assert found.mend
    else:
        assert found.holds({}) in (True, False)
        assert found.holds(ACME) in (True, False)
        assert found.impossible() is None or found.impossible()


TEXTS = st.sampled_from(["a", "B", "c d", "it's", "ß", "SS", "Ж", "ж"])
NUMBERS = st.sampled_from([Decimal(0), Decimal("-2.5"), Decimal(7), Decimal("7.25")])
DAYS = st.sampled_from([date(2026, 1, 1), date(2026, 11, 3), date.min, date.max])
SIGN: st.SearchStrategy[Sign] = st.sampled_from(list(SIGNS))
EQUAL: st.SearchStrategy[Sign] = st.sampled_from(["==", "!="])


def among(field: str, kind: Kind, values: st.SearchStrategy[Value]) -> st.SearchStrategy[Leaf]:
    several = st.lists(values, min_size=1, max_size=3).map(tuple)
    forms = st.sampled_from([Among, NotAmong])
    return st.builds(lambda form, taken: form(field, kind, taken), forms, several)


LEAVES: st.SearchStrategy[Leaf] = st.one_of(
    st.sampled_from([Set("beta"), Set("trial")]),
    st.builds(lambda field, sign, value: Compared(field, "text", sign, value), st.just("segment"), EQUAL, TEXTS),
    st.builds(lambda sign, value: Compared("mrr", "number", sign, value), SIGN, NUMBERS),
    st.builds(lambda sign, value: Compared("renewal", "date", sign, value), SIGN, DAYS),
    st.builds(lambda sign, value: Compared("beta", "flag", sign, value), EQUAL, st.booleans()),
    st.builds(lambda sign: Paired("mrr", "number", sign, "seats"), SIGN),
    st.builds(lambda sign: Paired("segment", "text", sign, "region"), EQUAL),
    st.builds(lambda sign: Paired("renewal", "date", sign, "since"), SIGN),
    among("segment", "text", TEXTS),
    among("mrr", "number", NUMBERS),
    among("renewal", "date", DAYS),
    among("product", "texts", TEXTS),
)


def joined(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(parts.map(Not), several.map(Every), several.map(Some))


TREES: st.SearchStrategy[Tree] = st.recursive(LEAVES, joined, max_leaves=8)
FACTS: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {},
    optional={
        "segment": TEXTS,
        "region": TEXTS,
        "mrr": NUMBERS,
        "seats": NUMBERS,
        "renewal": DAYS,
        "since": DAYS,
        "beta": st.booleans(),
        "trial": st.booleans(),
        "product": st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(tuple),
    },
)


@given(TREES)
def test_a_condition_written_out_reads_the_same(tree: Tree) -> None:
    assert read(told(tree)).tree == tree


def plainly(tree: Tree, facts: Mapping[str, Value]) -> bool:
    """The slow and obvious reading: sets and Python's own comparisons."""
    match tree:
        case Not(of):
            return not plainly(of, facts)
        case Every(parts):
            return all(plainly(part, facts) for part in parts)
        case Some(parts):
            return any(plainly(part, facts) for part in parts)
        case _:
            pass
    if tree.field not in facts:
        return False
    fact = facts[tree.field]
    mine = {one.casefold() if isinstance(one, str) else one for one in (fact if isinstance(fact, tuple) else (fact,))}
    match tree:
        case Set():
            return fact is True
        case Among(_, _, values) | NotAmong(_, _, values):
            shared = mine & {value.casefold() if isinstance(value, str) else value for value in values}
            return bool(shared) if isinstance(tree, Among) else not shared
        case Compared(_, _, sign, other):
            pass
        case Paired(_, _, sign, name):
            if name not in facts:
                return False
            other = facts[name]
    order = sorted([*mine, other.casefold() if isinstance(other, str) else other])
    (one,) = mine
    same, least = order[0] == order[1], order[0] == one
    return {"==": same, "!=": not same, "<": least and not same, "<=": least, ">": not least, ">=": same or not least}[
        sign
    ]


@given(TREES, FACTS)
def test_a_condition_answers_as_a_plain_reading_does(tree: Tree, facts: dict[str, Value]) -> None:
    assert read(told(tree)).holds(facts) is plainly(tree, facts)


@given(TREES, TREES, FACTS)
def test_not_and_and_or_follow_de_morgan(one: Tree, other: Tree, facts: dict[str, Value]) -> None:
    neither, either = Not(Some((one, other))), Every((Not(one), Not(other)))
    not_both, some_not = Not(Every((one, other))), Some((Not(one), Not(other)))

    assert read(told(neither)).holds(facts) is read(told(either)).holds(facts)
    assert read(told(not_both)).holds(facts) is read(told(some_not)).holds(facts)


TERMS = st.sampled_from(["beta", "not beta", "trial", "not not trial", "(beta or trial)", "not (beta and trial)"])
TAILS = st.lists(st.tuples(st.sampled_from([" and ", " or "]), TERMS), max_size=8)


@given(TERMS, TAILS, FACTS)
def test_words_bind_as_everywhere(first: str, tail: list[tuple[str, str]], facts: dict[str, Value]) -> None:
    """Python reads the same words the same way; it is asked here alone, of nothing but two flags."""
    source = first + "".join(word + term for word, term in tail)
    flags = {name: facts.get(name, False) for name in ("beta", "trial")}

    assert read(source).holds(facts) is eval(source, {}, flags)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("segment == 'a' and segment == 'b'", "nobody fits segment == 'a' and segment == 'b'"),
        ("segment == 'a' and segment != 'A'", "nobody fits"),
        ("segment in ['a', 'b'] and segment not in ['a', 'b', 'c']", "nobody fits"),
        ("mrr > 5 and mrr < 5", "nobody fits mrr > 5 and mrr < 5"),
        ("mrr > 5 and beta and mrr <= 5", "nobody fits mrr > 5 and mrr <= 5"),
        ("renewal > '2026-01-01' and renewal < '2026-01-02'", "nobody fits"),
        ("beta and not beta", "nobody fits beta and not beta"),
        ("beta == no and beta", "nobody fits"),
        ("(segment == 'a' or segment == 'b') and segment == 'c'", "nobody fits"),
        ("not (segment != 'a' or beta) and segment == 'b'", "nobody fits not segment != 'a' and segment == 'b'"),
        ("not (segment != 'a' or beta) and segment == 'a'", None),
        ("segment != 'a' and not segment != 'a'", "nobody fits"),
        ("product in ['a'] and product not in ['a']", "nobody fits"),
        ("product in ['a'] and product in ['b']", None),
        ("product in ['a', 'b'] and product not in ['a']", None),
        ("mrr > 5 and mrr < 5.01", None),
        ("not mrr > 5 and not mrr <= 5", None),
        ("segment != 'a' and segment != 'b'", None),
        ("beta or not beta", None),
        ("mrr < seats and mrr > seats", None),
    ],
)
def test_what_nobody_can_fit_is_found(source: str, why: str | None) -> None:
    found = read(source).impossible()

    assert (found is None) if why is None else (found is not None and found.startswith(why))


@given(TREES, FACTS)
def test_what_somebody_fits_is_never_called_impossible(tree: Tree, facts: dict[str, Value]) -> None:
    condition = read(told(tree))

    if condition.holds(facts):
        assert condition.impossible() is None


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("segment in ['smb', 'enterprize']", False),
        ("segment in ['enterprize']", True),
        ("segment == 'enterprize' and mrr > 5", True),
        ("segment == 'enterprize' or product in ['SAML']", False),
        ("segment == 'enterprize' or mrr > 5 and mrr < 4", True),
        ("segment != 'enterprize'", False),
        ("not segment in ['enterprize']", False),
    ],
)
def test_a_text_that_no_client_has_is_found_where_they_are_declared(source: str, needed: bool) -> None:
    found = read(source).stranger({"segment": ("smb", "mid-market", "Enterprise")})

    assert found is not None
    assert (found.field, found.text, found.needed) == ("segment", "enterprize", needed)


def test_other_texts_are_left_alone() -> None:
    assert read("region == 'moon' and segment == 'SMB'").stranger({"segment": ("smb",)}) is None
