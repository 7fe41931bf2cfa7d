"""The SELECT of a page: a walk along an order, within the positions that it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from loaders.core.read_session import NO_PAGE_SIDES, PageSides
from loaders.sql.condition import All
from loaders.sql.cursor import Position
from loaders.sql.keyset import Walk, beyond, branches
from loaders.sql.source import Filter, OrderBy, Source, drive_from_join, where
from loaders.sql.statement import Composer

SORT_CHECKS = 1  # of an order that no index has: every match is looked at


class PageArguments(NamedTuple):
    """What a page is asked by, the same for every parent. `after` and `before` are positions in the order.

    A tuple, since it is made and hashed several times a request: as a dataclass that took three times as long."""

    size: int
    backward: bool
    filter: Filter
    order: tuple[OrderBy, ...]
    after: Position | None
    before: Position | None


def page_sql(source: Source[Any], args: PageArguments, composer: Composer, sides: PageSides) -> str:
    """The SELECT of one parent's page, or of the root's.

    With sides its rows have a column of that name: 0 on the page, else -1 or 1 for one row that stands before or after
    it. A cursor alone does not say that: its row may be gone."""
    source, filter = drive_from_join(source, args.filter)
    keys = tuple(key.placed(composer.parameter) for key in source.keys(args.order))
    if len(keys) > 1 or any(key.value is not None or "(" in key.sql for key in keys):
        composer.checks += SORT_CHECKS
    else:
        composer.walks = True
    onward = Walk(keys, source.id_sql, backward=False)
    walk = onward.reversed() if args.backward else onward
    bounds = [
        (bound, position)
        for bound, position in ((onward, args.after), (onward.reversed(), args.before))
        if position is not None
    ]
    limit = int(args.size) + 1  # a number in the text: a parameter would make the planner guess a tenth of all rows
    nulls = len(keys) != 1 or not rules_out_null(source, filter, keys[0].sql)
    ranges = Ranges(source, where(source, filter, composer), composer, nulls)
    if sides == NO_PAGE_SIDES:
        return ranges.select(walk, bounds, limit)
    parts = [ranges.select(walk, bounds, limit, ", 0 AS side")]
    if sides.before:
        parts.append(ranges.select(onward.reversed(), [(onward.reversed(), args.after)], 1, ", -1 AS side", at=True))
    if sides.after:
        parts.append(ranges.select(onward, [(onward, args.before)], 1, ", 1 AS side", at=True))
    return f"SELECT * FROM ({union(parts)}) AS beside ORDER BY {walk.order_by(ranges.names(walk), 'sort_id')}"


def union(selects: Iterable[str]) -> str:
    return " UNION ALL ".join(f"({select})" for select in selects)


@dataclass(frozen=True, slots=True)
class Ranges:
    """What the SELECTs of one page have in common. `fixed`: the conditions that do not depend on the place in the
    order; `nulls`: whether rows without a value in the one key can be met."""

    source: Source[Any]
    fixed: str
    composer: Composer
    nulls: bool

    def names(self, walk: Walk) -> list[str]:
        return [f"sort_{place}" for place in range(len(walk.keys))]

    def select(
        self, walk: Walk, bounds: Sequence[tuple[Walk, Any]], limit: int, more: str = "", *, at: bool = False
    ) -> str:
        """The first rows of a walk within bounds. `more`: further columns; `at`: rows at the bounds' positions too."""
        source, several = self.source, len(walk.keys) > 1
        names, parameter = self.names(walk), self.composer.parameter
        if several:
            ranges = [" AND ".join(beyond(bound, position, parameter, at=at) for bound, position in bounds)]
        else:
            ranges = branches(walk, bounds, parameter, nulls=self.nulls, at=at)
        sorts = "".join(f", {key.sql} AS {name}" for key, name in zip(walk.keys, names, strict=True))
        columns = f"{{columns:{source.alias}}}{more}{sorts}, {source.id_sql} AS sort_id"
        inner = walk.order_by([key.sql for key in walk.keys], source.id_sql, place_nulls=several)
        if source.parent:
            # Only an index that begins with the parent has this order. With `parent = x` the planner would drop the
            # parent from the order and might walk an index of the whole table, past the rows of every other parent.
            inner = f"{source.parent}{' DESC' if walk.id_descends else ''}, {inner}"
        selects = [
            f"SELECT {columns} FROM {source.table} WHERE {self.fixed}{' AND ' if extent else ''}{extent}"
            f" ORDER BY {inner} LIMIT {limit}"
            for extent in ranges
        ]
        if len(selects) == 1:
            return selects[0]
        return f"SELECT * FROM ({union(selects)}) AS branch ORDER BY {walk.order_by(names, 'sort_id')} LIMIT {limit}"


def rules_out_null(source: Source[Any], filter: Filter, column: str) -> bool:
    """Whether a filter leaves out rows without a value in a column, or in the one of which it is the copy."""
    originals = [original for original, copy in source.copies.items() if copy == column]
    return isinstance(filter, All) and any(filter.rules_out_null(one) for one in [column, *originals])
