"""How many media and names a search finds in all, and what that number is worth."""

from __future__ import annotations

from typing import NamedTuple

from database.row import Row
from database.statement import PlanMode, Statement
from domain.enums import SearchType
from domain.errors import CatalogError
from loaders.core.batch_loader import LoaderRef
from loaders.core.read_session import ReadSession
from loaders.search.corrected_sql import Corrected, corrected_names
from loaders.search.found import SearchFound
from loaders.search.match_sql import Matcher
from loaders.search.name_sql import named
from loaders.sql.count import count_timeout, too_slow
from loaders.sql.count_mode import CountMode, CountPrecision, MeasuredCount
from loaders.sql.measured_count import INSTEAD
from loaders.sql.source import Filter
from loaders.sql.statement import Composer
from loaders.sql.unknown_name import filter_names, finished, known_rows


class SearchCountArguments(NamedTuple):
    """What is counted: the search's media that a filter lets through, and what of other types it finds. `limit`: where
    counting stops, 0 for nowhere."""

    found: SearchFound
    types: tuple[SearchType, ...]
    filter: Filter
    limit: int


class SearchMeasuredCounts(LoaderRef[int, MeasuredCount]):
    """The loader of a search's counts; its one key is 0."""

    async def batch(self, reader: ReadSession, keys: list[int], arguments: SearchCountArguments) -> list[MeasuredCount]:
        """COUNT_TIMEOUT."""
        try:
            rows = await reader.fetch(*self.compose(reader, arguments), reader.budget.count_seconds)
        except (TimeoutError, CatalogError) as error:
            if too_slow(error):
                mode = CountMode.AT_MOST if arguments.limit else CountMode.EXACT
                raise count_timeout("what is found", INSTEAD[mode]) from None
            raise
        if filter_names(arguments.filter):
            rows = known_rows(reader, rows, "count")
        number = rows[0]["count"] if rows else 0
        stopped = arguments.limit and number >= arguments.limit
        return [MeasuredCount(number, CountPrecision.AT_LEAST if stopped else CountPrecision.EXACT) for _ in keys]

    def compose(self, reader: ReadSession, arguments: SearchCountArguments) -> tuple[Statement[Row], list[object]]:
        """The statement of a count, and its values."""
        composer = Composer(reader, Row)
        parts = []
        if SearchType.MEDIA in arguments.types:
            conditions = [arguments.found.sql(composer), *arguments.filter.conditions(composer)]
            parts.append(f"SELECT 1 FROM media m WHERE {' AND '.join(conditions)}{{visible:m.library_id}}")
        others = [one for one in arguments.types if one != SearchType.MEDIA]
        lookup, known = arguments.found.lookup, arguments.found.known
        if others and not lookup.is_empty:
            match = Matcher(lookup, composer)
            parts.append(f"SELECT 1 FROM ({named(match, others)}) AS name")
            if known.near and not known.is_walked(lookup):
                corrected = corrected_names(match, Corrected(lookup, known.near, composer), others)
                parts.append(f"SELECT 1 FROM ({corrected}) AS corrected")
        found = " UNION ALL ".join(parts) or "SELECT 1 WHERE false"
        limit = f" LIMIT {int(arguments.limit)}" if arguments.limit else ""
        text = f"SELECT 0::bigint AS parent, count(*) AS count FROM ({found}{limit}) AS found"
        text = finished(self.name, text, arguments.filter, composer)
        return Statement(self.name, text, Row, PlanMode.CUSTOM, checks=composer.checks), composer.values
