"""Totals: how many rows a list has, for all the parents that ask in one statement."""

from __future__ import annotations

import re
from typing import Any, Generic, TypeVar

from database.row import Row
from database.statement import PlanMode, Statement, with_label
from domain.errors import CatalogError, Code
from loaders.core.batch_loader import LoaderRef
from loaders.core.read_session import ReadSession
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
        source = self.source
        composer = Composer(reader, Row)
        if isinstance(filter, NoFilter) and source.count_table:
            keys = f"any({composer.parameter(parents)}::bigint[])" if source.parent else ""
            text = sum_of_counts_sql(source, keys)
        else:
            text, composer = counted_sql(source, filter, reader, parents)
        if called := filter_names(filter):
            text = with_unknown("page.*, names.unknown", text, called, composer)
        statement = Statement(
            self.name, with_label(self.name, composer.finish(text)), Row, PlanMode.CUSTOM, checks=composer.checks
        )
        return statement, composer.values


def too_slow(error: TimeoutError | CatalogError) -> bool:
    """Whether counting took too long: by the time for counts, or by that for any statement where it is the shorter."""
    return isinstance(error, TimeoutError) or error.extensions["code"] == Code.STATEMENT_TIMEOUT


def sum_of_counts_sql(source: Source[Any], keys: str) -> str:
    """The sum of kept counts: `kept_count` names the table, its column of the parent has the name of the source's."""
    if source.parent is None:
        total = "coalesce(sum(c.media_count), 0)::bigint"
        return f"SELECT 0::bigint, {total} FROM {source.count_table} c WHERE true{{visible:c.library_id}}"
    parent = f"c.{source.parent.split('.')[1]}"
    return (
        f"SELECT {parent}, sum(c.media_count)::bigint FROM {source.count_table} c"
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
