"""Searches: media and names by words, the best first. Two statements a page: one tells of the words, one finds."""

from __future__ import annotations

from collections.abc import Sequence

from database.row import Row
from database.statement import PlanMode, Statement
from domain.errors import CatalogError
from loaders.core.batch_loader import LoaderGroup, LoaderRef
from loaders.core.read_session import ReadSession
from loaders.search.counting import SearchMeasuredCounts
from loaders.search.find_sql import count_hits_sql, find_sql
from loaders.search.lookup import Lookup, lookup_of
from loaders.search.match_sql import CORRECTED
from loaders.search.page import Correction, HitRow, SearchArguments, SearchPage
from loaders.search.position import GATHERED, WALKED, HitPosition
from loaders.search.words import KnownWords, known_words
from loaders.sql.count import too_slow
from loaders.sql.source import NoFilter
from loaders.sql.statement import Composer
from loaders.sql.unknown_name import filter_names, finished, known_rows

# Words that are told for each that was written.
MAX_CORRECTIONS = 3


class SearchPages(LoaderRef[int, SearchPage]):
    """The loader of a search's pages; its arguments are the search, its one key is 0."""

    async def batch(self, reader: ReadSession, keys: list[int], arguments: SearchArguments) -> list[SearchPage]:
        if not arguments.types:
            return [SearchPage(arguments, []) for _ in keys]
        lookup = lookup_of(arguments.query)
        known = await known_words(reader, lookup, arguments.correct)
        rows = await reader.fetch(*self.compose(reader, arguments, lookup, known))
        if filter_names(arguments.filter):
            rows = known_rows(reader, rows, "tier")
        mode = mode_of(arguments, lookup, known)
        hits = [HitPosition(mode, row.tier, row.place, row.extra, row.low, row.minus_id) for row in rows]
        return [SearchPage(arguments, hits, corrections(hits[: arguments.size], known), known) for _ in keys]

    def compose(
        self, reader: ReadSession, arguments: SearchArguments, lookup: Lookup, known: KnownWords
    ) -> tuple[Statement[HitRow], list[object]]:
        """The statement that finds, and its values. One more hit than the page has tells whether there are more."""
        composer, mode = Composer(reader, Row), mode_of(arguments, lookup, known)
        text = find_sql(
            lookup,
            arguments.types,
            arguments.filter,
            composer,
            mode=mode,
            known=known,
            after=arguments.after,
            limit=arguments.size + 1,
        )
        # Words are looked up alike whatever they are: planning that anew each time takes longer than all the rest.
        plan = PlanMode.GENERIC if isinstance(arguments.filter, NoFilter) else PlanMode.CUSTOM
        text = finished(self.name, text, arguments.filter, composer)
        # What is gathered is bounded: a filter is checked for that alone.
        checks = composer.checks if mode == WALKED else 0
        return Statement(self.name, text, HitRow, plan, checks=checks), composer.values


def mode_of(arguments: SearchArguments, lookup: Lookup, known: KnownWords) -> int:
    """How titles are found; a page that goes on goes on alike."""
    if arguments.after is not None:
        return arguments.after.mode
    return WALKED if lookup.is_empty or known.is_walked(lookup) else GATHERED


def corrections(hits: Sequence[HitPosition], known: KnownWords) -> list[Correction]:
    """Which words were read in place of which, where a page has hits by them: the nearest few."""
    if all(hit.tier < CORRECTED for hit in hits):
        return []
    return [
        Correction(word, read)
        for word, near in known.near.items()
        for wrong, read in near[:MAX_CORRECTIONS]
        if wrong == near[0][0]
    ]


class SearchCounts(LoaderRef[int, "int | None"]):
    """The loader of how many hits the pages of a search have; its arguments are the search, `counted`.

    None: more than are counted, or counting took longer than it may."""

    async def batch(self, reader: ReadSession, keys: list[int], arguments: SearchArguments) -> list[int | None]:
        if not arguments.types:
            return [0 for _ in keys]
        lookup = lookup_of(arguments.query)
        known = await known_words(reader, lookup, arguments.correct)
        statement, values = self.compose(reader, arguments, lookup, known)
        try:
            rows = await reader.fetch(statement, values, reader.budget.count_seconds)
        except (TimeoutError, CatalogError) as error:
            if too_slow(error):
                return [None] * len(keys)
            raise
        if filter_names(arguments.filter):
            rows = known_rows(reader, rows, "number")
        return [rows[0]["number"] if rows else 0 for _ in keys]

    def compose(
        self, reader: ReadSession, arguments: SearchArguments, lookup: Lookup, known: KnownWords
    ) -> tuple[Statement[Row], list[object]]:
        composer = Composer(reader, Row)
        text = count_hits_sql(
            lookup, arguments.types, arguments.filter, composer, mode=mode_of(arguments, lookup, known), known=known
        )
        text = finished(self.name, text, arguments.filter, composer)
        return Statement(self.name, text, Row, PlanMode.CUSTOM, checks=composer.checks + 1), composer.values


class SearchLoaders(LoaderGroup):
    """Loaders of searches."""

    search_pages = SearchPages()
    search_count = SearchCounts()
    search_measured_count = SearchMeasuredCounts()
