"""Turns a condition into SQL, so that everybody it holds for is found by one statement, however many there are.

Upper and lower case are told apart by databases in ways of their own; so the spellings a condition asks about are
looked up first, and the statement names them exactly.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Numeric,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlmodel import Session, SQLModel

from core.content.catalogue import Catalogue
from core.content.conditions.condition import Condition
from core.content.conditions.tree import (
    SIGNS,
    Among,
    Compared,
    Every,
    Kind,
    Leaf,
    Not,
    NotAmong,
    Paired,
    Set,
    Some,
    Tree,
    Value,
    folded,
)
from core.people.accounts import known_zone, local

Clause: TypeAlias = ColumnElement[bool]

_ACCOUNT = SQLModel.metadata.tables["account"]
_CONTACT = SQLModel.metadata.tables["contact"]
_CSM = SQLModel.metadata.tables["csm"]

MEMBERS: FromClause = _CONTACT.join(_ACCOUNT, _ACCOUNT.c.id == _CONTACT.c.account_id).outerjoin(
    _CSM, _CSM.c.id == _ACCOUNT.c.csm_id
)
"""What a clause is about: every contact with their account and who of us looks after it."""


def clause(session: Session, catalogue: Catalogue, condition: Condition, now: datetime) -> Clause:
    """Is true of a row of MEMBERS where `condition.holds(facts(catalogue, member, now))`, else false, never NULL.

    The language is the one of a member of whom no messenger says anything: contact, account, region, default. The
    clause is for this transaction: it names spellings and zones as they are in the database now.
    """
    return _Writer(session, catalogue, now).tree(condition.tree)


@dataclass(frozen=True, slots=True)
class _Writer:
    session: Session
    catalogue: Catalogue
    now: datetime

    def tree(self, tree: Tree) -> Clause:
        match tree:
            case Not(of):
                return not_(self.tree(of))
            case Every(parts):
                return and_(true(), *map(self.tree, parts))
            case Some(parts):
                return or_(false(), *map(self.tree, parts))
            case _:
                return func.coalesce(self._leaf(tree), false(), type_=Boolean)

    def _leaf(self, leaf: Leaf) -> Clause:
        match "flag" if isinstance(leaf, Set) else leaf.kind:
            case "flag":
                return self._about_flag(leaf)
            case "text":
                return self._about_text(leaf)
            case "texts":
                return self._about_texts(leaf)
            case _:
                return self._about_order(leaf)

    def _about_flag(self, leaf: Leaf) -> Clause:
        match leaf:
            case Set(name):
                return self._flag(name, wanted=True)
            case Compared(name, _, sign, value):
                return self._flag(name, wanted=(value is True) is (sign == "=="))
            case Among(name, _, values):
                return or_(*(self._flag(name, wanted=value is True) for value in values))
            case NotAmong(name, _, values):
                return and_(*(self._flag(name, wanted=value is not True) for value in values))
            case Paired(name, _, sign, other):
                yes = and_(self._flag(name, wanted=True), self._flag(other, wanted=sign == "=="))
                return or_(yes, and_(self._flag(name, wanted=False), self._flag(other, wanted=sign != "==")))

    def _about_text(self, leaf: Leaf) -> Clause:
        match leaf:
            case Compared(name, _, sign, value):
                return self._among_texts(name, [value], wanted=sign == "==")
            case Among(name, _, values):
                return self._among_texts(name, values, wanted=True)
            case NotAmong(name, _, values):
                return self._among_texts(name, values, wanted=False)
            case Paired(name, _, sign, other):
                return self._same_texts(name, other, wanted=sign == "==")
            case _:
                return false()

    def _about_texts(self, leaf: Leaf) -> Clause:
        match leaf:
            case Among(name, _, values):
                return self._holds_one(name, values)
            case NotAmong(name, _, values):
                return and_(self._holds_one(name, None), not_(self._holds_one(name, values)))
            case _:
                return false()

    def _about_order(self, leaf: Leaf) -> Clause:
        match leaf:
            case Compared(name, kind, sign, value):
                return _clause(SIGNS[sign], self._ordered(name, kind), _fixed(value))
            case Among(name, kind, values):
                return self._ordered(name, kind).in_([_fixed(value) for value in values])
            case NotAmong(name, kind, values):
                return self._ordered(name, kind).not_in([_fixed(value) for value in values])
            case Paired(name, kind, sign, other):
                return _clause(SIGNS[sign], self._ordered(name, kind), self._ordered(other, kind))
            case _:
                return false()

    # Texts

    def _text(self, name: str) -> ColumnElement[Any]:
        match name:
            case "segment" | "region" | "phase":
                return _ACCOUNT.c[name]
            case "csm":
                return _CSM.c.email
            case "role":
                return _CONTACT.c.role
            case "language":
                return self._language()
            case _:
                return self._kept_text(name)

    def _among_texts(self, name: str, values: Iterable[Value], *, wanted: bool) -> Clause:
        column, asked = self._text(name), {folded(value) for value in values}
        spelled = [text for fold, texts in self._spellings(column).items() if fold in asked for text in texts]
        among = column.in_(spelled)
        return among if wanted else and_(column != "", not_(among))

    def _same_texts(self, name: str, other: str, *, wanted: bool) -> Clause:
        one, two = self._text(name), self._text(other)
        ones, twos = self._spellings(one), self._spellings(two)
        same = or_(false(), *(and_(one.in_(ones[text]), two.in_(twos[text])) for text in ones.keys() & twos.keys()))
        return same if wanted else and_(one != "", two != "", not_(same))

    def _spellings(self, column: ColumnElement[Any]) -> Mapping[str, list[str]]:
        """How each text of a column is written there, by what it is without upper and lower case."""
        found: dict[str, list[str]] = defaultdict(list)
        for text in self.session.execute(select(column).select_from(MEMBERS).distinct()).scalars():
            if text:
                found[text.casefold()].append(text)
        return found

    def _language(self) -> ColumnElement[Any]:
        """The first that there are phrases for, of the contact's, the account's and the region's, else the default."""
        phrases, rules = self.catalogue.phrases, self.catalogue.rules
        for_regions = {
            region: language for region, language in rules.region_languages.items() if language in phrases.languages
        }
        ways = [_spoken(column, phrases.languages) for column in (_CONTACT.c.language, _ACCOUNT.c.language)]
        if for_regions:
            ways.append(case(for_regions, value=_ACCOUNT.c.region, else_=null()))
        return func.coalesce(*ways, rules.language, type_=String)

    # Several texts

    def _holds_one(self, name: str, values: Collection[Value] | None) -> Clause:
        """Is one of the values among the field's texts? `values` None: has it any?"""
        words = self._words(name)
        if values is None:
            return exists(select(literal(1)).select_from(words))
        asked = {folded(value) for value in values}
        there = select(words.c.value).select_from(_ACCOUNT.join(words, true())).distinct()
        spelled = [text for text in self.session.execute(there).scalars() if text.casefold() in asked]
        return exists(select(literal(1)).select_from(words).where(words.c.value.in_(spelled)))

    def _words(self, name: str) -> FromClause:
        listed: ColumnElement[Any] = _ACCOUNT.c.products
        if name != "product":
            empty = func.jsonb_build_array() if self._postgresql else func.json_array()
            listed = case((self._kept_as(name) == "array", self._kept(name)), else_=empty)
        if self._postgresql:
            return func.jsonb_array_elements_text(listed).table_valued("value").render_derived()
        return func.json_each(listed).table_valued("value")

    # Numbers and dates

    def _ordered(self, name: str, kind: Kind) -> ColumnElement[Any]:
        """Numbers as numbers, dates as 2026-11-03, which sort as they follow each other."""
        match name:
            case "mrr":
                return _ACCOUNT.c.mrr
            case "renewal":
                return cast(_ACCOUNT.c.renewal, String)
            case "days_to_renewal":
                return self._days_to_renewal()
            case _:
                text = self._kept_text(name)
        if kind == "date":
            return case((self._looks(text, "[0-9]{4}-[0-9]{2}-[0-9]{2}", ("[0-9]" * 4 + "-[0-9][0-9]" * 2,)), text))
        number = self._looks(text, r"-?[0-9]+(\.[0-9]+)?", ("[0-9]*", "-[0-9]*"))
        if not self._postgresql:
            number = and_(number, not_(_globs(text, "?*[^0-9.]*", "*.*.*", "*.")))
        return case((number, cast(text, Numeric)))

    def _looks(self, text: ColumnElement[Any], regular: str, globs: tuple[str, ...]) -> Clause:
        """Whether the whole text has this form: in the words of PostgreSQL, and in those of SQLite."""
        if self._postgresql:
            return text.regexp_match(f"^{regular}$")
        return _globs(text, *globs)

    def _days_to_renewal(self) -> ColumnElement[Any]:
        """Counted on each person's own clock, on which it may be another day."""
        rules = self.catalogue.rules
        ways: list[tuple[Clause, ColumnElement[Any]]] = []
        for column in (_CONTACT.c.timezone, _ACCOUNT.c.timezone):
            there = self.session.execute(select(column).select_from(MEMBERS).distinct()).scalars()
            ways += self._days(column, {zone: zone for zone in there if zone})
        ways += self._days(_ACCOUNT.c.region, rules.region_timezones)
        today: ColumnElement[Any] = literal(self._today(rules.timezone), String)
        today = case(*ways, else_=today) if ways else today
        if self._postgresql:
            return cast(_ACCOUNT.c.renewal.op("-")(cast(today, Date)), Numeric)
        return cast(func.julianday(_ACCOUNT.c.renewal) - func.julianday(today), Numeric)

    def _days(self, column: ColumnElement[Any], zones: Mapping[str, str]) -> list[tuple[Clause, ColumnElement[Any]]]:
        """Which day it is where the column has these values; zones nobody knows are passed over."""
        days: dict[str, list[str]] = defaultdict(list)
        for value, zone in zones.items():
            if known_zone(zone, default=""):
                days[self._today(zone)].append(value)
        return [(column.in_(values), literal(day, String)) for day, values in days.items()]

    def _today(self, zone: str) -> str:
        return local(self.now, zone).date().isoformat()

    # Fields of the vendor's own

    def _flag(self, name: str, *, wanted: bool) -> Clause:
        said = "true" if wanted else "false"
        if self._postgresql:
            return and_(self._kept_as(name) == "boolean", self._kept_plain(name) == said)
        return self._kept_as(name) == said

    def _kept_text(self, name: str) -> ColumnElement[Any]:
        """NULL when it is not known, or was kept as something that is no text."""
        return case((self._kept_as(name) == ("string" if self._postgresql else "text"), self._kept_plain(name)))

    def _kept(self, name: str) -> ColumnElement[Any]:
        if self._postgresql:
            return _ACCOUNT.c.custom.op("->")(literal(name, String))
        return func.json_extract(_ACCOUNT.c.custom, f"$.{name}", type_=String)

    def _kept_plain(self, name: str) -> ColumnElement[Any]:
        if self._postgresql:
            return _ACCOUNT.c.custom.op("->>", return_type=String())(literal(name, String))
        return self._kept(name)

    def _kept_as(self, name: str) -> ColumnElement[Any]:
        """What sort of thing JSON has there, in the database's words."""
        if self._postgresql:
            return func.jsonb_typeof(self._kept(name), type_=String)
        return func.json_type(_ACCOUNT.c.custom, f"$.{name}", type_=String)

    @property
    def _postgresql(self) -> bool:
        return self.session.get_bind().dialect.name == "postgresql"


def _globs(text: ColumnElement[Any], *patterns: str) -> Clause:
    return or_(*(text.op("GLOB", return_type=Boolean())(pattern) for pattern in patterns))


def _spoken(column: ColumnElement[Any], languages: Iterable[str]) -> ColumnElement[Any]:
    """The two letters, of these languages; written as messengers do, `pt-br` is `pt`. NULL: none of them."""
    plain = or_(func.length(column) == 2, func.substr(column, 3, 1).in_(("-", "_")))
    code = func.lower(func.substr(column, 1, 2), type_=String)
    return case((and_(plain, code.in_(list(languages))), code), else_=null())


def _fixed(value: Value) -> ColumnElement[Any]:
    if isinstance(value, date):
        return literal(value.isoformat(), String)
    return literal(value, Numeric) if isinstance(value, Decimal | int) else literal(value)


def _clause(compare: Any, one: ColumnElement[Any], other: ColumnElement[Any]) -> Clause:
    made: Clause = compare(one, other)
    return made
