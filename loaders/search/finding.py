"""Searches: media and names by words, the best first. Two statements a page: one tells of the words, one finds."""

from __future__ import annotations

from database.row import Row
from database.statement import PlanMode, Statement, with_label
from loaders.core.batch_loader import LoaderGroup, LoaderRef
from loaders.core.read_session import ReadSession
from loaders.search.find_sql import find_sql
from loaders.search.lookup import Lookup, lookup_of
from loaders.search.page import HitRow, SearchArguments, SearchPage
from loaders.search.position import GATHERED, WALKED, HitPosition
from loaders.search.word_frequency import WORD_FREQUENCIES, Frequencies, WordRow, asked_words
from loaders.sql.source import NoFilter
from loaders.sql.statement import Composer
from loaders.sql.unknown_name import filter_names, known_rows, with_unknown

# What is known of the words of a search.
SEARCH_WORDS: Statement[WordRow] = Statement(
    "search_words", with_label("search_words", WORD_FREQUENCIES.strip()), WordRow, PlanMode.GENERIC
)


class SearchPages(LoaderRef[int, SearchPage]):
    """The loader of a search's pages; its arguments are the search, its one key is 0."""

    async def batch(self, reader: ReadSession, keys: list[int], arguments: SearchArguments) -> list[SearchPage]:
        if not arguments.types:
            return [SearchPage(arguments, []) for _ in keys]
        lookup = lookup_of(arguments.query)
        words = await reader.fetch(SEARCH_WORDS, asked_words(lookup))
        rows = await reader.fetch(*self.compose(reader, arguments, lookup, Frequencies.of(words)))
        if filter_names(arguments.filter):
            rows = known_rows(reader, rows, "tier")
        mode = self.mode(arguments, lookup, Frequencies.of(words))
        hits = [HitPosition(mode, row.tier, row.place, row.extra, row.low, row.minus_id) for row in rows]
        return [SearchPage(arguments, hits) for _ in keys]

    @staticmethod
    def mode(arguments: SearchArguments, lookup: Lookup, frequencies: Frequencies) -> int:
        """How titles are found; a page that goes on goes on alike."""
        if arguments.after is not None:
            return arguments.after.mode
        return WALKED if lookup.is_empty or frequencies.is_walked(lookup) else GATHERED

    def compose(
        self, reader: ReadSession, arguments: SearchArguments, lookup: Lookup, frequencies: Frequencies
    ) -> tuple[Statement[HitRow], list[object]]:
        """The statement that finds, and its values. One more hit than the page has tells whether there are more."""
        composer, mode = Composer(reader, Row), self.mode(arguments, lookup, frequencies)
        text = find_sql(
            lookup,
            arguments.types,
            arguments.filter,
            composer,
            mode=mode,
            is_common=frequencies.is_walked,
            after=arguments.after,
            limit=arguments.size + 1,
        )
        if called := filter_names(arguments.filter):
            text = with_unknown("page.*, names.unknown", text, called, composer)
        # Gathering looks up words whatever they are: planning it anew each time takes longer than all the rest.
        plan = PlanMode.GENERIC if mode == GATHERED and isinstance(arguments.filter, NoFilter) else PlanMode.CUSTOM
        text = with_label(self.name, composer.finish(text))
        return Statement(self.name, text, HitRow, plan, checks=composer.checks), composer.values


class SearchLoaders(LoaderGroup):
    """Loaders of searches."""

    search_pages = SearchPages()
