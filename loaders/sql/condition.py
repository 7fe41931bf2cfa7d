"""Conditions of filters: a small algebra of frozen, canonical values. Equal conditions are equal values, since cursors
are bound to them; every value is a parameter.

A condition holds or it does not. What SQL calls unknown, as of a NULL, does not hold, and `not` of it does."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from loaders.sql.exists import checked_sql, exists_sql, joined_sql
from loaders.sql.statement import Composer

# EXISTS that the planner may begin with. It looks at every order of them: a hundred took 2.4 s to plan, so the others
# are fenced off and checked row by row.
MAX_JOINED = 3

# How values of a type stand in SQL, one and many. "decimal": a number of any size, sent as text.
ValueType = Literal["text", "integer", "bigint", "decimal", "time", "boolean"]
VALUE_SQL: dict[ValueType, str] = {
    "text": "{}::text",
    "integer": "{}::integer",
    "bigint": "{}::bigint",
    "decimal": "{}::text::numeric",
    "time": "{}::timestamptz",
    "boolean": "{}::boolean",
}
ARRAY_SQL: dict[ValueType, str] = {
    "text": "{}::text[]",
    "integer": "{}::integer[]",
    "bigint": "{}::bigint[]",
    "decimal": "{}::text[]::numeric[]",
    "time": "{}::timestamptz[]",
    "boolean": "{}::boolean[]",
}


class Condition(Hashable, Protocol):
    """Something that holds for a row or not."""

    def sql(self, composer: Composer) -> str:
        """An SQL expression."""
        ...


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts always. Made by `all_of`. As a filter of a list each part is a condition.

    `filter_names`: the names in a filter (unknown_name.py). They are in its parts, so it is the same without them."""

    parts: tuple[Condition, ...] = ()
    filter_names: tuple[Any, ...] = field(default=(), compare=False, repr=False)

    def sql(self, composer: Composer) -> str:
        parts = sorted(self.parts, key=asks_other_rows)  # checked from the left
        return f"({' AND '.join(part.sql(composer) for part in parts)})" if parts else "true"

    def conditions(self, composer: Composer) -> Iterator[str]:
        joined = 0
        for part in sorted(with_joined(self.parts), key=lambda part: isinstance(part, Not)):
            has = part.part if isinstance(part, Not) else part
            if isinstance(has, Has | Relative):
                joined += 1
                if joined > MAX_JOINED:
                    has = replace(has, fenced=True)
                    part = Not(has) if isinstance(part, Not) else has
            yield part.sql(composer)

    def rules_out_null(self, column: str) -> bool:
        """Whether rows without a value in this column are left out."""
        return any(
            isinstance(part, OneOf | InRange | IsNull)
            and part.column == column
            and (not isinstance(part, IsNull) or not part.is_null)
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; without parts never. Made by `any_of`."""

    parts: tuple[Condition, ...] = ()

    def sql(self, composer: Composer) -> str:
        with composer.within_any():
            return f"({' OR '.join(part.sql(composer) for part in self.parts)})" if self.parts else "false"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold. Made by `negated`."""

    part: Condition

    def sql(self, composer: Composer) -> str:
        text = self.part.sql(composer)
        return f"NOT {text}" if isinstance(self.part, Has | Relative) else f"({text}) IS NOT TRUE"


ALWAYS = All()
NEVER = AnyOf()


def all_of(parts: Iterable[Condition]) -> Condition:
    """Canonical: flat, sorted, each part once; one part alone stands for itself."""
    found = {inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,))}
    if NEVER in found:
        return NEVER
    return found.pop() if len(found) == 1 else All(tuple(sorted(found, key=repr)))


def any_of(parts: Iterable[Condition]) -> Condition:
    """Canonical, as `all_of` is."""
    found = {inner for part in parts for inner in (part.parts if isinstance(part, AnyOf) else (part,))}
    if ALWAYS in found:
        return ALWAYS
    return found.pop() if len(found) == 1 else AnyOf(tuple(sorted(found, key=repr)))


def negated(part: Condition) -> Condition:
    """Canonical: nothing is negated twice."""
    if part in (ALWAYS, NEVER):
        return NEVER if part == ALWAYS else ALWAYS
    return part.part if isinstance(part, Not) else Not(part)


@dataclass(frozen=True, slots=True)
class OneOf:
    """That a column has one of these values; sorted. Made by `one_of`. `column`: SQL, as in all conditions."""

    column: str
    values: tuple[object, ...]
    type: ValueType = "text"

    def sql(self, composer: Composer) -> str:
        column = composer.column(self.column)
        if len(self.values) == 1:
            return f"{column} = {VALUE_SQL[self.type].format(composer.parameter(self.values[0]))}"
        return f"{column} = any({ARRAY_SQL[self.type].format(composer.parameter(self.values))})"


def one_of(
    column: str, values: Iterable[str] | Iterable[int] | Iterable[datetime], type: ValueType = "text"
) -> Condition:
    """That a column has one of these values; without any, nothing has."""
    found = tuple(sorted(set(values)))  # type: ignore[type-var]
    return OneOf(column, found, type) if found else NEVER


@dataclass(frozen=True, slots=True)
class HasAny:
    """That an array of numbers has one of these; sorted. Made by `has_any`."""

    column: str
    values: tuple[int, ...]

    def sql(self, composer: Composer) -> str:
        return f"{composer.column(self.column)} && {ARRAY_SQL['integer'].format(composer.parameter(self.values))}"


def has_any(column: str, values: Iterable[int]) -> Condition:
    """That an array has one of these numbers; without any, none has."""
    found = tuple(sorted(set(values)))
    return HasAny(column, found) if found else NEVER


@dataclass(frozen=True, slots=True)
class InRange:
    """That a column lies within bounds, both inclusive; at least one is given."""

    column: str
    min: object | None
    max: object | None
    type: ValueType

    def sql(self, composer: Composer) -> str:
        column, one = composer.column(self.column), VALUE_SQL[self.type]
        bounds = [
            f"{column} {sign} {one.format(composer.parameter(bound))}"
            for sign, bound in ((">=", self.min), ("<=", self.max))
            if bound is not None
        ]
        return " AND ".join(bounds)


@dataclass(frozen=True, slots=True)
class IsNull:
    """That a column has no value, or that it has one."""

    column: str
    is_null: bool

    def sql(self, composer: Composer) -> str:
        return f"{composer.column(self.column)} IS {'' if self.is_null else 'NOT '}NULL"


@dataclass(frozen=True, slots=True)
class Like:
    """That a text contains this one, or starts with it, letter by letter."""

    column: str
    text: str
    starts: bool = False

    def sql(self, composer: Composer) -> str:
        escaped = self.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"{'' if self.starts else '%'}{escaped}%"
        composer.checks += 1
        return f"{composer.column(self.column)} LIKE {composer.parameter(pattern)}::text"


@dataclass(frozen=True, slots=True)
class StartsWith:
    """That a text of a "C" collated column starts with this one: a range of its index."""

    column: str
    text: str

    def sql(self, composer: Composer) -> str:
        # Every text from this prefix to the last one that can follow it.
        start, end = composer.parameter(self.text), composer.parameter(self.text + "\U0010ffff")
        return f"{self.column} >= {start}::text AND {self.column} < {end}::text"


@dataclass(frozen=True, slots=True)
class HasWords:
    """That a text has these words, in the syntax of web searches."""

    column: str
    words: str

    def sql(self, composer: Composer) -> str:
        words = composer.parameter(self.words)
        composer.checks += 1
        return f"to_tsvector('simple', {self.column}) @@ websearch_to_tsquery('simple', {words}::text)"


@dataclass(frozen=True, slots=True)
class Has:
    """That a media has a row in a table, alias `f`, for which a condition holds.

    `single`: it has one such row at most. `fenced`: the planner may not begin with it. `beside`: and a row for which
    another one holds, which the planner may look for before it looks at the media."""

    table: str
    where: Condition
    single: bool = False
    fenced: bool = False
    beside: Has | None = None

    def sql(self, composer: Composer) -> str:
        where = self.where_sql(composer)
        if self.beside is not None:
            return joined_sql(self.table, where, self.beside.table, self.beside.where_sql(composer))
        if composer.checks_rows and not self.fenced:
            return checked_sql(self.table, where)
        return exists_sql(self.table, where, fenced=self.fenced)

    def where_sql(self, composer: Composer) -> str:
        composer.checks += 1
        return "" if self.where == ALWAYS else f" AND {self.where.sql(composer)}"


def has(table: str, where: Condition = ALWAYS, *, single: bool = False) -> Condition:
    """That a media has such a row; nothing has one for which nothing holds."""
    return NEVER if where == NEVER else Has(table, where, single)


def with_joined(parts: Sequence[Condition]) -> list[Condition]:
    """The parts, the single row of a media and the next thing that it has as one: with two EXISTS PostgreSQL looks up
    every media that one of them finds before it looks at the other."""
    one = next((part for part in parts if isinstance(part, Has) and part.single and not part.fenced), None)
    other = next((part for part in parts if isinstance(part, Has) and part is not one and not part.fenced), None)
    if one is None or other is None:
        return list(parts)
    joined = replace(one, beside=other)
    return [joined if part is one else part for part in parts if part is not other]


def asks_other_rows(part: Condition) -> bool:
    """Whether a condition is more than a comparison of a column."""
    return not isinstance(part, OneOf | HasAny | InRange | IsNull)


@dataclass(frozen=True, slots=True)
class Relative:
    """That another media to which a media is linked is one for which a condition, over alias `m`, holds.

    `link`: SQL over the media, alias `m`, and the other one, `{other}`. `fenced`: the planner may not begin with it."""

    link: str
    where: Condition
    fenced: bool = False

    def sql(self, composer: Composer) -> str:
        composer.checks += 1
        other, where = composer.for_other_row("m", lambda: self.where.sql(composer))
        link = self.link.replace("{other}", other)
        fence = " OFFSET 0" if self.fenced else ""
        return f"EXISTS (SELECT FROM media {other} WHERE {link} AND {where}{{visible:{other}.library_id}}{fence})"


# How many rows of a table a media has.
ROW_COUNT = "(SELECT count(*) FROM {table} f WHERE f.media_id = m.id)"

CHILD = "{other}.parent_id = m.id"
PARENT = "{other}.id = m.parent_id"
CHILD_COUNT = "(SELECT count(*) FROM media k WHERE k.parent_id = m.id{visible:k.library_id})"


def relative(link: str, where: Condition = ALWAYS) -> Condition:
    """That a media has such a relative; nothing has one for which nothing holds."""
    return NEVER if where == NEVER else Relative(link, where)
