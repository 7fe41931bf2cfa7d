"""Keyset conditions: which rows lie beyond a position in an order, NULLs last, the id as the last key.

An order by one key is walked along its index in one or two branches, non-null rows and NULL rows, each a range of
that index (class A: flat however deep). Orders by several keys compare key by key (class B)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from loaders.sql.cursor import Position, SortType

Parameter = Callable[[object], str]

CASTS: dict[SortType, str] = {"text": "::text", "integer": "::integer", "bigint": "::bigint", "time": "::timestamptz"}


@dataclass(frozen=True, slots=True)
class SortKey:
    """A key of an order: its SQL expression, type and whether it may be NULL.

    `{value}` in the SQL stands for `value`, which an order brings: a seed, or what was searched for."""

    sql: str
    type: SortType
    nullable: bool = False
    descending: bool = False
    value: object = None

    @property
    def takes_value(self) -> bool:
        return "{value}" in self.sql

    def placed(self, parameter: Parameter) -> SortKey:
        """The key with its value as a parameter."""
        return replace(self, sql=self.sql.replace("{value}", parameter(self.value))) if self.takes_value else self


@dataclass(frozen=True, slots=True)
class Walk:
    """A direction through an order: forwards as it stands, or backwards (NULLs first then)."""

    keys: tuple[SortKey, ...]
    id_sql: str
    backward: bool

    def descends(self, key: SortKey) -> bool:
        """Whether this walk goes through a key from high to low."""
        return key.descending != self.backward

    @property
    def id_descends(self) -> bool:
        """The id goes with the last key, so that one index serves both directions."""
        return (self.keys[-1].descending if self.keys else False) != self.backward

    def reversed(self) -> Walk:
        """The same order walked the other way."""
        return Walk(self.keys, self.id_sql, not self.backward)

    def order_by(self, names: Sequence[str], id_name: str, *, place_nulls: bool = True) -> str:
        """ "a DESC NULLS LAST, id DESC" over the given names of the keys.

        Within a branch no NULLs need a place, and without one an index serves both directions."""
        nulls = "FIRST" if self.backward else "LAST"
        parts = [
            f"{name}{' DESC' if self.descends(key) else ''}{f' NULLS {nulls}' if key.nullable and place_nulls else ''}"
            for name, key in zip(names, self.keys, strict=True)
        ]
        return ", ".join([*parts, f"{id_name}{' DESC' if self.id_descends else ''}"])


def compare(walk: Walk, position: Position, parameter: Parameter, *, at: bool = False) -> str:
    """The rows beyond a position for non-null values of at most one key: a row comparison, a range of the index.

    `at`: the row at the position as well, here and below."""
    names = ", ".join([*(key.sql for key in walk.keys), walk.id_sql])
    casts = [*(CASTS[key.type] for key in walk.keys), CASTS["bigint"]]
    values = ", ".join(parameter(value) + cast for value, cast in zip(position, casts, strict=True))
    return f"({names}) {sign(walk.id_descends, at=at)} ({values})"


def sign(descends: bool, *, at: bool = False) -> str:
    return ("<" if descends else ">") + ("=" if at else "")


def branches(
    walk: Walk, bounds: Sequence[tuple[Walk, Position]], parameter: Parameter, *, nulls: bool = True, at: bool = False
) -> list[str]:
    """Conditions of the branches of a walk by at most one key; `bounds`: beyond which positions, in whose direction.

    `nulls`: whether any row without a value can be met. If no branch can match, the one branch is `false`."""
    if not walk.keys or not walk.keys[0].nullable:
        return [" AND ".join(compare(bound, position, parameter, at=at) for bound, position in bounds)]
    key = walk.keys[0].sql
    found = [
        nullable_branch(f"{key} IS NOT NULL", bounds, parameter, is_null=False, at=at),
        nullable_branch(f"{key} IS NULL", bounds, parameter, is_null=True, at=at) if nulls else None,
    ]
    return [condition for condition in found if condition is not None] or ["false"]


def nullable_branch(
    base: str, bounds: Sequence[tuple[Walk, Position]], parameter: Parameter, *, is_null: bool, at: bool
) -> str | None:
    """The condition of one branch, None where no row of it lies within the bounds."""
    within = [(walk, position) for walk, position in bounds if (position[0] is None) == is_null]
    # Walking forwards NULLs come after every value, walking backwards before: this branch may be passed already.
    if any((position[0] is None) != is_null and is_null == walk.backward for walk, position in bounds):
        return None
    parts = [base]
    for walk, position in within:
        only_id = Walk((), walk.id_sql, walk.id_descends)
        parts.append(compare(only_id if is_null else walk, position[1:] if is_null else position, parameter, at=at))
    return " AND ".join(parts)


def beyond(walk: Walk, position: Position, parameter: Parameter, *, at: bool = False) -> str:
    """The rows beyond a position in an order by several keys: equal in the first ones, beyond in the next."""
    cases: list[str] = []
    equal: list[str] = []
    for key, value in zip(walk.keys, position[:-1], strict=True):
        step = beyond_key(walk, key, value, parameter)
        if step is not None:
            cases.append(" AND ".join([*equal, step]))
        equal.append(f"{key.sql} IS NULL" if value is None else f"{key.sql} = {parameter(value)}{CASTS[key.type]}")
    last = f"{walk.id_sql} {sign(walk.id_descends, at=at)} {parameter(position[-1])}{CASTS['bigint']}"
    cases.append(" AND ".join([*equal, last]))
    return f"({' OR '.join(f'({case})' for case in cases)})"


def beyond_key(walk: Walk, key: SortKey, value: object, parameter: Parameter) -> str | None:
    """Beyond one value of one key, None where nothing can be."""
    if value is None:
        return f"{key.sql} IS NOT NULL" if walk.backward else None
    step = f"{key.sql} {sign(walk.descends(key))} {parameter(value)}{CASTS[key.type]}"
    return f"({step} OR {key.sql} IS NULL)" if key.nullable and not walk.backward else step
