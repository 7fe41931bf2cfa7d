"""The statement that finds: what matches best, then what is looked at only where that does not fill a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.enums import SearchType
from loaders.search.beside_sql import by_names, other_titles, rest, whole_other_titles
from loaders.search.corrected_sql import Corrected, corrected_names, corrected_titles
from loaders.search.lookup import Lookup
from loaders.search.name_sql import named
from loaders.search.position import GATHERED, ORDER, WALKED, HitPosition
from loaders.search.title_sql import Titles
from loaders.search.words import KnownWords
from loaders.sql.source import Filter, NoFilter
from loaders.sql.statement import Composer

# Hits that are ranked to be counted.
MAX_COUNTED = 10_000
# Those that have media which are not found by their own titles.
CTES_OF_MEDIA = ("called", "other", "credited", "described")
BACKWARDS = "tier, place, extra, low, id DESC"


def find_sql(
    lookup: Lookup,
    types: Sequence[SearchType],
    filter: Filter,
    composer: Composer,
    *,
    mode: int,
    known: KnownWords,
    after: HitPosition | None,
    limit: int,
) -> str:
    """SELECT of tier, place, extra, low, minus_id, in their order: the first hits after a position."""
    titles = Titles(lookup, filter, composer, known.is_walked)
    beyond = after_sql(after, composer)
    has_media, others = SearchType.MEDIA in types, [one for one in types if one != SearchType.MEDIA]
    ctes, parts = [], []
    if has_media:
        found = titles.walked(after, limit) if mode == WALKED else titles.gathered()
        parts.append(f"SELECT tier, 0 AS place, extra, low, id FROM ({found}) AS title")
    if has_media and not lookup.is_empty:
        ctes.append(f"called AS MATERIALIZED ({whole_other_titles(titles)})")
        parts.append("SELECT tier, 0 AS place, extra, low, id FROM called")
    if others and not lookup.is_empty:
        parts.append(f"SELECT tier, place, extra, low, id FROM ({named(titles.matcher(), others)}) AS name")
    if not parts:
        return f"SELECT {ORDER} FROM (VALUES (0, 0, 0, 0, 0)) AS none({ORDER}) WHERE false"
    ctes.append(f"best AS MATERIALIZED ({first_of(' UNION ALL '.join(parts), beyond, limit)})")
    # Where so many titles match that they are walked nobody reads on to what matches less.
    if has_media and not lookup.is_empty and (mode == GATHERED or filter != NoFilter()):
        ctes += beside(titles, beyond, limit)
    if known.near and mode == GATHERED:
        ctes.append(corrected_sql(titles, known, types, beyond, limit))
    selects = [f"SELECT {ORDER} FROM {cte.split(' ')[0]}" for cte in ctes if cte.startswith(("best", "first_"))]
    hits = " UNION ALL ".join(selects)
    return f"WITH {', '.join(ctes)} SELECT {ORDER} FROM ({hits}) AS hit ORDER BY {ORDER} LIMIT {limit}"


def count_hits_sql(
    lookup: Lookup, types: Sequence[SearchType], filter: Filter, composer: Composer, *, mode: int, known: KnownWords
) -> str:
    """SELECT of `number`: of all hits that pages have, NULL for more than MAX_COUNTED of them that are to be ranked."""
    if mode == WALKED and isinstance(filter, NoFilter):
        titles = Titles(without_parts(lookup), filter, composer, known.is_walked)
        parts = counted_titles(titles) if SearchType.MEDIA in types else []
        if others := [one for one in types if one != SearchType.MEDIA and not lookup.is_empty]:
            parts.append(f"SELECT count(*) FROM ({named(titles.matcher(), others)}) AS name")
        counts = " UNION ALL ".join(parts) or "SELECT 0"
        return f"SELECT coalesce(sum(number), 0)::bigint AS number FROM ({counts}) AS part(number)"
    hits = find_sql(lookup, types, filter, composer, mode=mode, known=known, after=None, limit=MAX_COUNTED + 1)
    return f"SELECT CASE WHEN count(*) <= {MAX_COUNTED} THEN count(*) END AS number FROM ({hits}) AS hit"


def counted_titles(titles: Titles) -> list[str]:
    """SELECTs of how many media have the words in their titles, or are called so otherwise."""
    if titles.lookup.is_empty:
        return [f"SELECT count(*) FROM media m WHERE true{titles.allowed}"]
    matched = titles.matcher().by_index("m.title_words")
    others = f"({whole_other_titles(titles)}) AS called"
    return [
        f"SELECT count(*) FROM media m WHERE {matched}{titles.allowed}",
        f"SELECT count(*) FROM {others} JOIN media m ON m.id = called.id WHERE NOT ({matched})",
    ]


def without_parts(lookup: Lookup) -> Lookup:
    """The lookup as titles are walked by it: no word is read as two."""
    needed = (tuple(one for one in readings if not one.is_parted) for readings in lookup.needed)
    return replace(lookup, needed=tuple(needed))


def beside(titles: Titles, beyond: str, limit: int) -> list[str]:
    """What is looked at only where those before it are too few. Each leaves out what those before it have."""
    ctes: list[str] = []
    fuller, seen = "(SELECT count(*) FROM best)", " AND id NOT IN (SELECT id FROM called)"
    for name, sql in (("other", other_titles(titles)), ("credited", by_names(titles)), ("described", rest(titles))):
        rows = f"SELECT tier, 0 AS place, extra, low, id FROM {name} WHERE {fuller} < {limit}{seen}"
        ctes += [
            f"{name} AS MATERIALIZED ({sql})",
            f"first_{name} AS MATERIALIZED ({first_of(rows, beyond, limit)})",
        ]
        fuller += f" + (SELECT count(*) FROM first_{name})"
        seen += f" AND id NOT IN (SELECT id FROM {name})"
    return ctes


def corrected_sql(titles: Titles, known: KnownWords, types: Sequence[SearchType], beyond: str, limit: int) -> str:
    """What is found by other words than those that were written, where these find too little. Titles and names that
    are found by the words as they were written are not among them."""
    corrected = Corrected(titles.lookup, known.near, titles.composer)
    parts, seen = [], ["best", "first_other", "first_credited", "first_described"]
    if SearchType.MEDIA in types:
        found = corrected_titles(titles, corrected)
        unseen = " AND ".join(f"id NOT IN (SELECT id FROM {one})" for one in CTES_OF_MEDIA)
        parts.append(f"SELECT tier, 0 AS place, extra, low, id FROM ({found}) AS title WHERE {unseen}")
    else:
        seen = ["best"]
    if names := corrected_names(titles.matcher(), corrected, types):
        parts.append(f"SELECT tier, place, extra, low, id FROM ({names}) AS name")
    filled = " + ".join(f"(SELECT count(*) FROM {one})" for one in seen)
    rows = f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS part WHERE {filled} < {limit}"
    return f"first_corrected AS MATERIALIZED ({first_of(rows, beyond, limit)})"


def first_of(rows: str, beyond: str, limit: int) -> str:
    """The first rows after the position."""
    hits = f"SELECT tier, place, extra, low, -id AS minus_id FROM ({rows}) AS row"
    return f"{hits}{beyond} ORDER BY {BACKWARDS} LIMIT {limit}"


def after_sql(after: HitPosition | None, composer: Composer) -> str:
    """The condition for rows after a position, nothing for the first page."""
    if after is None:
        return ""
    values = [composer.parameter(value) for value in after.sort_values]
    *numbers, id = values
    casts = ", ".join([*(f"{one}::integer" for one in numbers), f"{id}::bigint"])
    return f" WHERE (tier, place, extra, low, -id) > ({casts})"
