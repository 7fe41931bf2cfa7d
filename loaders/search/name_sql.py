"""People, tags, genres, channels and collections found by their own names, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.enums import SearchType
from domain.memberships import BY_NOUN
from loaders.search.match_sql import Matcher, plain_words
from loaders.search.position import PLACES
from loaders.sql.statement import kept_media_count

# Of each type; more than so many names with the same words are not told apart by looking at them.
MAX_NAMES = 200


def named(match: Matcher, types: Iterable[SearchType]) -> str:
    """All names of these types that match, with their ranks: tier, place, extra, low, id."""
    parts = [f"({ranked_names(match, one)})" for one in types if one != SearchType.MEDIA]
    return " UNION ALL ".join(parts)


def ranked_names(match: Matcher, type: SearchType) -> str:
    """Those of one type; what has several names by the best of them. The more media it has, the higher its rank."""
    noun = type.value.lower()
    table, id, folded = names_table(noun)
    plain, key = plain_words("n.words"), "search_key(n.words)"
    count = kept_media_count(noun, "found")
    return (
        f"SELECT found.tier, {PLACES.index(type)} AS place, found.extra, (-{count})::integer AS low, found.id FROM ("
        f"SELECT n.id, min({match.tier(plain, key)}) AS tier, min({match.extra(plain)}) AS extra FROM ("
        f"SELECT n.{id} AS id, search_words(n.{folded}) AS words FROM {table} n"
        f" WHERE {match.by_index(f'search_words(n.{folded})')} ORDER BY n.{id} LIMIT {MAX_NAMES}"
        ") AS n GROUP BY n.id) AS found"
    )


def names_table(noun: str) -> tuple[str, str, str]:
    """Where a noun's names stand: the table, its column of the noun's id, and that of the folded name."""
    return (f"{noun}_name", f"{noun}_id", "folded") if noun in BY_NOUN else (noun, "id", "folded_name")


def nouns() -> Iterator[str]:
    """Everything that has names by which media are found too."""
    return (place.lower() for place in PLACES if place != SearchType.MEDIA)
