"""The statement that finds: what matches best, then what is looked at only where that does not fill a page."""

from __future__ import annotations

from collections.abc import Sequence

from domain.enums import SearchType
from loaders.search.beside_sql import by_names, other_titles, rest
from loaders.search.corrected_sql import Corrected, corrected_names, corrected_titles
from loaders.search.lookup import Lookup
from loaders.search.name_sql import named
from loaders.search.position import GATHERED, ORDER, WALKED, HitPosition
from loaders.search.title_sql import Titles
from loaders.search.words import KnownWords
from loaders.sql.source import Filter, NoFilter
from loaders.sql.statement import Composer

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
    parts = []
    if has_media:
        found = titles.walked(after, limit) if mode == WALKED else titles.gathered()
        parts.append(f"SELECT tier, 0 AS place, extra, low, id FROM ({found}) AS title")
    if others and not lookup.is_empty:
        parts.append(f"SELECT tier, place, extra, low, id FROM ({named(titles.matcher(), others)}) AS name")
    if not parts:
        return f"SELECT {ORDER} FROM (VALUES (0, 0, 0, 0, 0)) AS none({ORDER}) WHERE false"
    ctes = [f"best AS MATERIALIZED ({first_of(' UNION ALL '.join(parts), beyond, limit)})"]
    # Where so many titles match that they are walked nobody reads on to what matches less.
    if has_media and not lookup.is_empty and (mode == GATHERED or filter != NoFilter()):
        ctes += beside(titles, beyond, limit)
    if known.near and mode == GATHERED:
        ctes.append(corrected_sql(titles, known, types, beyond, limit))
    selects = [f"SELECT {ORDER} FROM {cte.split(' ')[0]}" for cte in ctes if cte.startswith(("best", "first_"))]
    hits = " UNION ALL ".join(selects)
    return f"WITH {', '.join(ctes)} SELECT {ORDER} FROM ({hits}) AS hit ORDER BY {ORDER} LIMIT {limit}"


def beside(titles: Titles, beyond: str, limit: int) -> list[str]:
    """What is looked at only where those before it are too few. Each leaves out what those before it have."""
    ctes: list[str] = []
    fuller, seen = "(SELECT count(*) FROM best)", ""
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
        unseen = " AND ".join(f"id NOT IN (SELECT id FROM {one})" for one in ("other", "credited", "described"))
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
