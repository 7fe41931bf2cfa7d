"""Totals: how many rows a list has, for all the parents that ask in one statement."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Generic, TypeVar

from database.row import Row
from database.statement import PlanMode, Statement, with_label
from domain.errors import CatalogError, Code
from loaders.core.batch_loader import LoaderRef
from loaders.core.read_session import ReadSession
from loaders.sql.condition import All, Has, OneOf
from loaders.sql.named_condition import NamedCondition
from loaders.sql.source import Filter, NoFilter, Source, drive_from_join, where
from loaders.sql.statement import Composer
from loaders.sql.unknown_name import filter_names, known_rows, with_unknown

R = TypeVar("R", bound=Row)


class Counts(LoaderRef[int, "int | None"], Generic[R]):
    """The loader of a source's totals by parent, its arguments the filter. None: counting took longer than it may."""

    def __init__(self, source: Source[R]) -> None:
        self.source = source

    async def batch(self, reader: ReadSession, keys: list[int], arguments: Filter) -> list[int | None]:
        try:
            totals = await self.totals(reader, arguments, keys)
        except (TimeoutError, CatalogError) as error:
            if too_slow(error):
                return [None] * len(keys)
            raise
        return [totals.get(key, 0) for key in keys]

    async def totals(self, reader: ReadSession, filter: Filter, parents: list[int]) -> dict[int, int]:
        """Totals by parent, those of nothing left out; TimeoutError when the time for counts is over."""
        statement, values = self.compose(reader, filter, parents)
        rows = await reader.fetch(statement, values, reader.budget.count_seconds)
        if filter_names(filter):
            rows = known_rows(reader, rows, "parent")
        return {row[0]: row[1] for row in rows}

    def compose(self, reader: ReadSession, filter: Filter, parents: list[int]) -> tuple[Statement[Row], list[object]]:
        """Kept counts are summed where nothing is filtered; anything else is counted."""
        text, composer = total_sql(self.source, filter, reader, parents)
        if called := filter_names(filter):
            text = with_unknown("page.*, names.unknown", text, called, composer)
        statement = Statement(
            self.name, with_label(self.name, composer.finish(text)), Row, PlanMode.CUSTOM, checks=composer.checks
        )
        return statement, composer.values


def too_slow(error: TimeoutError | CatalogError) -> bool:
    """Whether counting took too long: by the time for counts, or by that for any statement where it is the shorter."""
    return isinstance(error, TimeoutError) or error.extensions["code"] == Code.STATEMENT_TIMEOUT


def count_timeout(what: str, instead: str) -> CatalogError:
    """The error for what could not be counted in time."""
    return CatalogError(Code.COUNT_TIMEOUT, f"Counting {what} took longer than it may: ask for {instead}.")


def total_sql(source: Source[Any], filter: Filter, reader: ReadSession, parents: list[int]) -> tuple[str, Composer]:
    """The SELECT of exact totals by parent."""
    composer = Composer(reader, Row)
    if isinstance(filter, NoFilter) and source.count_table:
        keys = f"any({composer.parameter(parents)}::bigint[])" if source.parent else ""
        return sum_of_counts_sql(source, keys), composer
    if (kept := kept_by(source, filter)) is not None:
        return kept_sql(kept, filter, composer), composer
    return counted_sql(source, filter, reader, parents)


def has_kept_count(source: Source[Any], filter: Filter) -> bool:
    """Whether the total is a sum of kept counts."""
    return (isinstance(filter, NoFilter) and source.count_table is not None) or kept_by(source, filter) is not None


def kept_by(source: Source[Any], filter: Filter) -> str | None:
    """The noun whose kept counts say how many media a filter of everything lets through: that of one thing that media
    carry, of libraries, or of one thing in libraries."""
    if source.parent is not None or not source.join_sources or not isinstance(filter, All):
        return None
    others = [part for part in filter.parts if not (isinstance(part, OneOf) and part.column == source.visible)]
    if not others:
        return "library" if filter.parts else None
    has = others[0]
    is_one = isinstance(has, Has) and isinstance(has.where, NamedCondition) and has.where.is_one
    if len(others) > 1 or not is_one or has.table not in source.join_sources:  # type: ignore[attr-defined]
        return None
    return str(has.table.removeprefix("media_"))  # type: ignore[attr-defined]


def kept_sql(noun: str, filter: Filter, composer: Composer) -> str:
    """The sum of a noun's kept counts within a filter of which `kept_by` says that they are enough."""
    composer.copies = {"m.library_id": "c.library_id"}
    conditions = []
    for part in filter.parts if isinstance(filter, All) else ():
        if isinstance(part, Has) and isinstance(part.where, NamedCondition):
            part = replace(part.where, column=part.where.column.replace("f.", "c."))
        conditions.append(part.sql(composer))
    return (
        f"SELECT 0::bigint AS parent, coalesce(sum(c.media_count), 0)::bigint AS count FROM {noun}_media_count c"
        f" WHERE {' AND '.join(conditions)}{{visible:c.library_id}}"
    )


def sum_of_counts_sql(source: Source[Any], keys: str) -> str:
    """The sum of kept counts: `kept_count` names the table, its column of the parent has the name of the source's."""
    if source.parent is None:
        total = "coalesce(sum(c.media_count), 0)::bigint"
        kept = f"{source.count_table} c WHERE true{{visible:c.library_id}}"
        return f"SELECT 0::bigint AS parent, {total} AS count FROM {kept}"
    parent = f"c.{source.parent.split('.')[1]}"
    return (
        f"SELECT {parent} AS parent, sum(c.media_count)::bigint AS count FROM {source.count_table} c"
        f" WHERE {parent} = {keys}{{visible:c.library_id}} GROUP BY {parent}"
    )


def counted_sql(source: Source[Any], filter: Filter, reader: ReadSession, parents: list[int]) -> tuple[str, Composer]:
    """The count of what a filter lets through: of one thing's join table, if all that is asked stands there."""
    beside, rest = drive_from_join(source, filter)
    if beside is not source:
        composer = Composer(reader, Row)
        text, alone = count_sql(beside, rest, composer, parents)
        if alone:
            return text, composer
    composer = Composer(reader, Row)
    return count_sql(source, filter, composer, parents)[0], composer


def count_sql(source: Source[Any], filter: Filter, composer: Composer, parents: list[int]) -> tuple[str, bool]:
    """The statement, and whether it reads `source.counted` alone: a join for nothing cost ten times as much."""
    keys = f"any({composer.parameter(parents)}::bigint[])" if source.parent else ""
    conditions = where(source, filter, composer, parent=keys)
    if not (source.parent and isinstance(filter, NoFilter)):  # every match is looked at
        composer.checks += 1
    alone = bool(source.counted_table) and re.search(rf"\b{source.alias}\.", conditions) is None
    table = source.counted_table if alone else source.table
    group = f" GROUP BY {source.parent}" if source.parent else ""
    return f"SELECT {source.parent or '0::bigint'} AS parent, count(*) FROM {table} WHERE {conditions}{group}", alone
