"""The statement that finds: what matches best, then what is looked at only where that does not fill a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.enums import SearchType
from loaders.search.beside_sql import by_names, other_titles, rest
from loaders.search.lookup import Lookup
from loaders.search.name_sql import named
from loaders.search.position import ORDER, WALKED, HitPosition
from loaders.search.title_sql import Titles
from loaders.sql.source import Filter
from loaders.sql.statement import Composer

BACKWARDS = "tier, place, extra, low, id DESC"


def find_sql(
    lookup: Lookup,
    types: Sequence[SearchType],
    filter: Filter,
    composer: Composer,
    *,
    mode: int,
    is_common: Callable[[Lookup], bool],
    after: HitPosition | None,
    limit: int,
) -> str:
    """SELECT of tier, place, extra, low, minus_id, in their order: the first hits after a position."""
    titles = Titles(lookup, filter, composer, is_common)
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
    if has_media and not lookup.is_empty:
        ctes += beside(titles, beyond, limit)
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
