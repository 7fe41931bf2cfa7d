"""Counts that say what they are worth: exact, estimated, or at least so many; for all parents in one statement."""

from __future__ import annotations

from functools import partial
from typing import Any

from database.row import Row
from database.statement import PlanMode, Statement
from domain.errors import CatalogError, Code
from loaders.core.batch_loader import LoaderRef
from loaders.core.read_session import ReadSession
from loaders.sql.count import count_timeout, has_kept_count, too_slow, total_sql
from loaders.sql.count_mode import CountArguments, CountMode, CountPrecision, MeasuredCount
from loaders.sql.estimate import estimate_sql, estimated
from loaders.sql.source import Filter, Source, drive_from_join, where
from loaders.sql.statement import Composer
from loaders.sql.unknown_name import filter_names, finished, known_rows

USUAL_LIMIT = 1_000
MAX_LIMIT = 100_000
INSTEAD = {
    CountMode.EXACT: "mode ESTIMATED or AT_MOST, or use a narrower filter",
    CountMode.ESTIMATED: "mode AT_MOST, or use a simpler filter",
    CountMode.AT_MOST: "a lower limit, or use a simpler filter",
}


def checked_limit(mode: CountMode, limit: int | None) -> int:
    """Where a count stops, 0 for nowhere; BAD_ARGUMENT."""
    if mode is not CountMode.AT_MOST:
        if limit is not None:
            raise CatalogError(Code.BAD_ARGUMENT, "limit goes with mode AT_MOST alone.")
        return 0
    limit = USUAL_LIMIT if limit is None else limit
    if not 1 <= limit <= MAX_LIMIT:
        raise CatalogError(Code.BAD_ARGUMENT, f"limit is 1 to {MAX_LIMIT}: this is {limit}.")
    return limit


class MeasuredCounts(LoaderRef[int, MeasuredCount]):
    """The loader of a source's counts by parent, in one of the modes of CountMode."""

    def __init__(self, source: Source[Any]) -> None:
        self.source = source

    def count_arguments(self, filter: Any, mode: CountMode, limit: int | None) -> CountArguments:
        """What the field's arguments say; BAD_ARGUMENT."""
        return CountArguments(filter, mode, checked_limit(mode, limit))

    async def batch(self, reader: ReadSession, keys: list[int], arguments: CountArguments) -> list[MeasuredCount]:
        """One count a key. COUNT_TIMEOUT."""
        statement, values = self.compose(reader, arguments, keys)
        try:
            rows = await reader.fetch(statement, values, reader.budget.count_seconds)
        except (TimeoutError, CatalogError) as error:
            if too_slow(error):
                raise count_timeout("these media", INSTEAD[arguments.mode]) from None
            raise
        if filter_names(arguments.filter):
            rows = known_rows(reader, rows, "parent")
        found = {row["parent"]: self.measured(row, arguments) for row in rows}
        nothing = MeasuredCount(0, CountPrecision.EXACT)
        return [found.get(key, nothing) for key in keys]

    def measured(self, row: Any, args: CountArguments) -> MeasuredCount:
        """What a row of the statement says."""
        if self._is_exact(args):
            return MeasuredCount(row["count"], CountPrecision.EXACT)
        if args.mode is CountMode.ESTIMATED:
            return estimated(row)
        is_whole = row["count"] < args.limit
        return MeasuredCount(row["count"], CountPrecision.EXACT if is_whole else CountPrecision.AT_LEAST)

    def _is_exact(self, args: CountArguments) -> bool:
        """Whether all are counted, or known: where that is asked, where counts are kept, and of lists that have none,
        which are short, in place of an estimate."""
        if args.mode is CountMode.EXACT or has_kept_count(self.source, args.filter):
            return True
        return args.mode is CountMode.ESTIMATED and self.source.count_table is None

    def compose(
        self, reader: ReadSession, args: CountArguments, parents: list[int]
    ) -> tuple[Statement[Row], list[object]]:
        """The statement of some counts, and its values."""
        if self._is_exact(args):
            text, composer = total_sql(self.source, args.filter, reader, parents)
        else:
            composer = Composer(reader, Row)
            keys = f"unnest({composer.parameter(parents)}::bigint[])" if self.source.parent else "(SELECT 0::bigint)"
            composed = estimate_sql if args.mode is CountMode.ESTIMATED else partial(bounded_sql, args.limit)
            text = composed(self.source, args.filter, reader, composer, f"{keys} AS parent(id)")
        text = finished(self.name, text, args.filter, composer)
        return Statement(self.name, text, Row, PlanMode.CUSTOM, checks=composer.checks), composer.values


def bounded_sql(
    limit: int, source: Source[Any], filter: Filter, reader: ReadSession, composer: Composer, parents: str
) -> str:
    """The SELECT of counts that stop at a limit."""
    source, filter = drive_from_join(source, filter)
    conditions = where(source, filter, composer, parent="parent.id")
    composer.checks += 1
    return (
        f"SELECT parent.id AS parent, counted.n AS count FROM {parents} CROSS JOIN LATERAL (SELECT count(*) AS n FROM"
        f" (SELECT FROM {source.table} WHERE {conditions} LIMIT {int(limit)}) AS found) AS counted"
    )
