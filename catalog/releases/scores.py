"""Scores of release groups. docs/release-scores.md has the formula in words, with examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from catalog.transaction import Writer

# A group counts as if it had so many releases more, each half good: a few releases say little.
ASSUMED_RELEASES, ASSUMED_POINTS = 10, 50

# The next releases that a run has analysed, in that order, with their groups.
NEXT_ANALYSED = """
SELECT r.analysed_at, r.id, r.release_group_id FROM release r
WHERE r.state = 'ANALYSED' AND (r.analysed_at, r.id) > ($1::timestamptz, $2::bigint)
ORDER BY r.analysed_at, r.id LIMIT $3::integer
"""

# Their groups, which nobody changes until the end of the transaction, without those that the run has scored already.
LOCK_GROUPS = """
SELECT g.id FROM release_group g
WHERE g.id = any($1::bigint[]) AND coalesce(g.analysed_at NOT BETWEEN $2::timestamptz AND now(), true)
ORDER BY g.id FOR NO KEY UPDATE
"""

# The points of their analysed releases. $2: the libraries that may be changed: a group with releases elsewhere is left
# alone, as by edits.
POINTS = """
SELECT r.release_group_id, count(*) FILTER (WHERE r.state = 'ANALYSED') AS releases,
    coalesce(sum(CASE WHEN r.nuke_reason IS NULL THEN coalesce(r.completeness, 100) ELSE 0 END)
        FILTER (WHERE r.state = 'ANALYSED'), 0)::bigint AS points
FROM release r WHERE r.release_group_id = any($1::bigint[])
GROUP BY r.release_group_id
HAVING $2::bigint[] IS NULL OR NOT bool_or(r.library_id IS NOT NULL AND NOT r.library_id = any($2::bigint[]))
"""

STORE_SCORES = """
UPDATE release_group g SET score_thousandths = given.score, analysed_at = now(), version = g.version + 1
FROM unnest($1::bigint[], $2::integer[]) AS given(id, score) WHERE g.id = given.id
"""


# When a release was analysed, and its id.
AnalysedAt: TypeAlias = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class ScoredGroups:
    """What was done of a run's releases. last: the last one whose group was looked at, None where there was none;
    number: of the groups whose score was stored."""

    last: AnalysedAt | None
    number: int


def score_of(releases: int, points: int) -> int | None:
    """The score in thousandths, from 0 to 1000; None for a group without an analysed release.

    points: of all its analysed releases together, of each from 0 to 100. The mean of them and the assumed ones, halves
    rounded up: exact, in whole numbers."""
    if releases == 0:
        return None
    total, number = (points + ASSUMED_RELEASES * ASSUMED_POINTS) * 10, releases + ASSUMED_RELEASES
    return (2 * total + number) // (2 * number)


async def score_groups(writer: Writer, after: AnalysedAt, most: int, since: datetime) -> ScoredGroups:
    """Computes and stores the scores of the groups of the next releases that were analysed: by a run that has begun at
    `since`, which looks at no other groups."""
    releases = await writer.fetch(NEXT_ANALYSED, *after, most)
    if not releases:
        return ScoredGroups(None, 0)
    groups = {row["release_group_id"] for row in releases} - {None}
    locked = [row[0] for row in await writer.fetch(LOCK_GROUPS, sorted(groups), since)]
    scores = {
        row["release_group_id"]: score
        for row in await writer.fetch(POINTS, locked, writer.libraries)
        if (score := score_of(row["releases"], row["points"])) is not None
    }
    await writer.fetch(STORE_SCORES, list(scores), list(scores.values()))
    return ScoredGroups((releases[-1]["analysed_at"], releases[-1]["id"]), len(scores))
