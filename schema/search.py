"""Search: media, people, tags, genres, channels and collections in one list, the best first.

docs/search.md says what is found, and how it is ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry

from domain.enums import SearchCorrect, SearchType
from domain.search_query import MAX_QUERY_LETTERS, MAX_QUERY_WORDS, SearchQuery, parse_query
from engine.relation import ROOT_KEY, Declaration, Known, Load, Site, declared
from loaders.highlight import MAX_HIGHLIGHTS
from loaders.media import MediaLoaders
from loaders.registry import Loaders
from loaders.search.counting import SearchCountArguments
from loaders.search.found import SearchFound
from loaders.search.lookup import lookup_of
from loaders.search.page import SearchArguments, SearchHit, SearchPage, search_arguments
from loaders.sql.condition import All
from loaders.sql.count_mode import CountPrecision, MeasuredCount
from loaders.sql.facets import Facets
from loaders.sql.measured_count import checked_limit
from loaders.sql.unknown_name import filter_names
from schema.core.enums import HighlightField
from schema.core.paging import PageInfo, argument
from schema.count import Count, counted_field
from schema.facet import Facet, facets_field, load_facets_of
from schema.filter.media_filter import MediaFilter
from schema.filter.search_fields import read_conditions
from schema.search_result import REFS, TYPES_ARGUMENT, SearchResult, chosen_types, load_result, result_field


@strawberry.type(description="A part of a fragment that is to be marked.")
class HighlightMark:
    start: int = strawberry.field(description="Where it begins, from 0, in code units of UTF-16.")
    end: int = strawberry.field(description="The place after its last one.")


@strawberry.type(description="A text in which words of a search stand, or the part of it with most of them.")
class Highlight:
    field: HighlightField = strawberry.field(description="What the text is.")
    fragment: str = strawberry.field(description="The text as it was written, with … where it was cut; never HTML.")
    marks: list[HighlightMark] = strawberry.field(description="The words in it, in order and apart.")


def load_highlights(hit: SearchHit, context: Any, arguments: Mapping[str, Any]) -> Load:
    """The highlights of a hit."""
    return Load(Loaders.highlights_by_found_id, (hit.type, hit.id), hit.wanted)


@strawberry.type(description="Something that was found, and its place.")
class SearchEdge:
    cursor: str = strawberry.field(description="Its cursor: pass it as `after`.")
    score: float = strawberry.field(
        description="How well it fits, from 1 down to 0: it never rises along a list, and tells nothing beyond that."
    )
    node: SearchResult = result_field()
    highlights: list[Highlight] = declared(
        Declaration("lookup", target=load_highlights, refs=(Loaders.highlights_by_found_id,), bound=MAX_HIGHLIGHTS),
        {},
        f"Where words of the search stand in it, what counts most first; at most {MAX_HIGHLIGHTS}. Costs a statement.",
    )


@strawberry.type(description="A word of a search, and one that was read in its place.")
class SearchCorrection:
    word: str = strawberry.field(description="The word, folded.")
    read: str = strawberry.field(description="The word that was read: it is in what can be found.")


def load_results(page: SearchPage, context: Any, arguments: Mapping[str, Any]) -> list[Load | Exception]:
    """The objects of all hits of a page."""
    return [load_result(hit, context, arguments) for hit in page.edges]


def load_total(page: SearchPage, context: Any, arguments: Mapping[str, Any]) -> Load:
    """How many results the list of a page has."""
    return Load(Loaders.search_count, ROOT_KEY, page.arguments.counted)


def unread_pages(keys: Sequence[int], arguments: SearchArguments) -> list[SearchPage]:
    """Pages of which nothing but the totals is asked for."""
    return [SearchPage(arguments, []) for _ in keys]


MEDIA_FACETS: Facets = vars(MediaLoaders)["media_facets"]


def media_found(page: SearchPage) -> All | None:
    """The media that the search finds, as a filter of all media; None where it looks for none."""
    if page.known is None or SearchType.MEDIA not in page.arguments.types:
        return None
    filter = page.arguments.filter
    parts = filter.parts if isinstance(filter, All) else ()
    return All((SearchFound(lookup_of(page.query), page.known), *parts), tuple(filter_names(filter)))


def load_facets(page: SearchPage, context: Any, arguments: Mapping[str, Any]) -> Load | Known:
    """Facets of all media that the search finds."""
    found = media_found(page)
    return Known([]) if found is None else load_facets_of(MEDIA_FACETS, ROOT_KEY, found, context, arguments)


def load_count(page: SearchPage, context: Any, arguments: Mapping[str, Any]) -> Load | Known:
    """The number of results. Words are found by an index: an estimate would be no cheaper than the number."""
    mode, types = arguments["mode"], page.arguments.types
    if page.known is None:
        return Known(MeasuredCount(0, CountPrecision.EXACT))
    limit = checked_limit(mode, arguments["limit"])
    found = SearchFound(lookup_of(page.query), page.known)
    return Load(
        Loaders.search_measured_count, ROOT_KEY, SearchCountArguments(found, types, page.arguments.filter, limit)
    )


@strawberry.type(description="A page of what a search found, the best first.")
class SearchConnection:
    edges: list[SearchEdge] = strawberry.field(description="What was found, each with its cursor and score.")
    nodes: list[SearchResult] = declared(
        Declaration("lookup", target=load_results, refs=REFS, sized_above=True, required=True),
        {},
        "What was found. Costs a statement for each type of what was found.",
    )
    page_info: PageInfo = strawberry.field(description="Position of this page in the list.")
    total_count: int | None = declared(
        Declaration("total", target=load_total, refs=(Loaders.search_count,)),
        {},
        "Number of results in the whole list; null if counting took too long. Costs two statements only if selected.",
    )
    corrections: list[SearchCorrection] = strawberry.field(
        description="The words that were read otherwise than they were written; without them nothing is wrong."
    )
    facets: list[Facet] | None = facets_field(
        load_facets,
        "How many of all media that are found have each genre, year and the like: all facets in one statement. Other "
        "types have none.",
        reads_page=True,
    )
    count: Count | None = counted_field(
        load_count,
        "Number of results in the whole list, of every type, and what it is worth; ESTIMATED counts them. Takes one "
        "statement.",
        reads_page=True,
    )


def bind_search(context: Any, arguments: Mapping[str, Any], site: Site) -> SearchArguments:
    """BAD_ARGUMENT, BAD_ID, BAD_PAGE_SIZE or BAD_CURSOR for what cannot be searched."""
    query = parse_query(arguments["query"])
    filter = read_conditions(arguments["filter"], query.fields)
    if filter is not None:
        context.filter_names += [(site(), one) for one in filter_names(filter)]
    return search_arguments(
        context.loaders.reader.budget,
        query=query,
        types=searched_types(query, arguments["types"]),
        filter=filter,
        correct=arguments["correct"] or SearchCorrect.AUTO,
        first=arguments["first"],
        after=arguments["after"],
    )


def searched_types(query: SearchQuery, given: list[SearchType] | None) -> tuple[SearchType, ...]:
    """The types that are searched: media alone where conditions on them are asked for, or nothing is."""
    types = chosen_types(given)
    return tuple(one for one in types if one == SearchType.MEDIA) if query.fields or not query.text else types


@strawberry.type
class SearchRoot:
    """The root field of search."""

    search: SearchConnection | None = declared(
        Declaration("page", Loaders.search_pages, loader_arguments=bind_search, unread=unread_pages),
        {
            "query": argument(
                str,
                'Words, all of which have to be there; the last one may be half typed. "words in quotes" are adjacent, '
                "-word must not be there; year:1999, year:1990..1999, kind:movie, genre:noir, tag:, person: and "
                f"channel: are conditions on media. At most {MAX_QUERY_LETTERS} letters and {MAX_QUERY_WORDS} words. "
                "Without words it is all media, as far as the conditions allow.",
            ),
            "types": TYPES_ARGUMENT,
            "filter": argument(
                MediaFilter | None, "Only media for which these conditions hold; other types are not filtered."
            ),
            "correct": argument(
                SearchCorrect | None, "When words are read that differ in a letter or two; AUTO if not given."
            ),
            "first": argument(int | None, "Number of results; 20 if not given. 0 reads none, for totalCount alone."),
            "after": argument(str | None, "Only results that follow the one with this cursor."),
        },
        "What fits these words: media, people, tags, genres, channels and collections, the best first.",
    )
