"""Media whose metadata are to be refreshed: what a service is asked by, and which media are due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.transaction import Writer

REFRESH_PROCESS = "refresh_metadata"  # under which refreshed media are marked as processed
REFRESHED_KINDS = ["MOVIE", "SERIES", "SEASON", "EPISODE"]

# With its own ids, and those of the series that a season or an episode is of. A season's number stands on itself or,
# for an episode, on the season above it.
REFRESH_TARGETS = """
SELECT m.id, m.kind, m.season_number, p.season_number, m.episode_number,
       ARRAY(SELECT ARRAY[x.source, x.value] FROM external_id x WHERE x.media_id = m.id ORDER BY x.source, x.value),
       ARRAY(SELECT ARRAY[x.source, x.value] FROM external_id x
             WHERE x.media_id = CASE WHEN p.kind = 'SERIES' THEN p.id ELSE p.parent_id END
             ORDER BY x.source, x.value)
FROM media m LEFT JOIN media p ON p.id = m.parent_id
WHERE m.id = any($1::bigint[]) AND ($2::bigint[] IS NULL OR m.library_id = any($2::bigint[]))
ORDER BY m.id
"""

# Of what a run is given. $1: a library or null, $2: ids or null, $3: kinds, $4: refreshed before this are due again;
# null: all are due, $5: the libraries that may be changed.
DUE = """
FROM media m WHERE ($1::bigint IS NULL OR m.library_id = $1) AND ($2::bigint[] IS NULL OR m.id = any($2::bigint[]))
  AND m.kind = any($3::text[]) AND ($5::bigint[] IS NULL OR m.library_id = any($5::bigint[]))
  AND ($4::timestamptz IS NULL OR {old})
"""
COUNT_DUE = f"SELECT count(*) {DUE}".replace(
    "{old}",
    """NOT EXISTS (SELECT FROM process_timestamp t
        WHERE t.media_id = m.id AND t.process = 'refresh_metadata' AND t.processed_at >= $4::timestamptz)""",
)
# Asked of one media after the other: by NOT EXISTS all that were ever refreshed would be read for the next few.
IS_OLD = """coalesce((
    SELECT t.processed_at < $4::timestamptz FROM process_timestamp t
    WHERE t.media_id = m.id AND t.process = 'refresh_metadata'
), true)"""
# $6: after this one, $7 and $8: the first and last of ranges that are done, $9: how many.
NEXT_DUE = f"""
SELECT m.id {DUE} AND m.id > $6::bigint AND NOT EXISTS (
    SELECT FROM unnest($7::bigint[], $8::bigint[]) AS done(first, last) WHERE m.id BETWEEN done.first AND done.last
)
ORDER BY m.id LIMIT $9::integer
""".replace("{old}", IS_OLD)


@dataclass(frozen=True, slots=True)
class RefreshTarget:
    """A media as a service is asked for it. ids, series_ids: pairs of source and value; number: of the season."""

    media: int
    kind: str
    season_number: int | None
    episode_number: int | None
    ids: Sequence[tuple[str, str]]
    series_ids: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RefreshScope:
    """Which media are due. None: no such condition."""

    library: int | None = None
    media: Sequence[int] | None = None
    kinds: Sequence[str] = tuple(REFRESHED_KINDS)
    before: datetime | None = None


async def read_targets(writer: Writer, media: Iterable[int]) -> dict[int, RefreshTarget]:
    """Those that are there and may be changed, by id."""
    found = {}
    for id, kind, season, above, episode, ids, of_series in await writer.fetch(
        REFRESH_TARGETS, sorted(set(media)), writer.libraries
    ):
        number = season if season is not None else above
        found[id] = RefreshTarget(id, kind, number, episode, [*map(tuple, ids)], [*map(tuple, of_series)])
    return found


async def count_due(writer: Writer, scope: RefreshScope) -> int:
    return int((await writer.fetch(COUNT_DUE, *values_of_scope(writer, scope)))[0][0])


async def next_due(
    writer: Writer, scope: RefreshScope, after: int, done: Iterable[tuple[int, int]], most: int
) -> list[int]:
    """The ids of the media that come after one, without those in ranges that are done."""
    ranges = list(done)
    firsts, lasts = [first for first, _ in ranges], [last for _, last in ranges]
    values = values_of_scope(writer, scope)
    return [row[0] for row in await writer.fetch(NEXT_DUE, *values, after, firsts, lasts, most)]


def values_of_scope(writer: Writer, scope: RefreshScope) -> list[object]:
    media = None if scope.media is None else list(scope.media)
    return [scope.library, media, list(scope.kinds), scope.before, writer.libraries]
