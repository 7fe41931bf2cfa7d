"""Scores of release groups. docs/release-scores.md has the formula in words, with examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.transaction import Writer

# A group counts as if it had so many releases more, each half good: a few releases say little.
ASSUMED_RELEASES, ASSUMED_POINTS = 10, 50

# The next groups, which nobody changes until the end of the transaction.
NEXT_GROUPS = """
SELECT g.id, g.score_thousandths FROM release_group g WHERE g.id > $1::bigint ORDER BY g.id LIMIT $2::integer
FOR NO KEY UPDATE
"""

# The points of their analysed releases. $2: from when on a release was analysed by the run that asks; $3: the libraries
# that may be changed: a group with releases elsewhere is left alone, as by edits.
POINTS = """
SELECT r.release_group_id, count(*) FILTER (WHERE r.state = 'ANALYSED') AS releases,
    coalesce(sum(CASE WHEN r.nuke_reason IS NULL THEN coalesce(r.completeness, 100) ELSE 0 END)
        FILTER (WHERE r.state = 'ANALYSED'), 0)::bigint AS points,
    coalesce(bool_or(r.state = 'ANALYSED' AND r.analysed_at >= $2::timestamptz), false) AS is_new
FROM release r WHERE r.release_group_id = any($1::bigint[])
GROUP BY r.release_group_id
HAVING $3::bigint[] IS NULL OR NOT bool_or(r.library_id IS NOT NULL AND NOT r.library_id = any($3::bigint[]))
"""

STORE_SCORES = """
UPDATE release_group g SET score_thousandths = given.score, analysed_at = now(), version = g.version + 1
FROM unnest($1::bigint[], $2::integer[]) AS given(id, score) WHERE g.id = given.id
"""


@dataclass(frozen=True, slots=True)
class ScoredGroups:
    """The groups that were looked at. last: the id of the last one, None where there was none; number: of those whose
    score was stored."""

    last: int | None
    number: int


def score_of(releases: int, points: int) -> int | None:
    """The score in thousandths, from 0 to 1000; None for a group without an analysed release.

    points: of all its analysed releases together, of each from 0 to 100. The mean of them and the assumed ones, halves
    rounded up: exact, in whole numbers."""
    if releases == 0:
        return None
    total, number = (points + ASSUMED_RELEASES * ASSUMED_POINTS) * 10, releases + ASSUMED_RELEASES
    return (2 * total + number) // (2 * number)


async def score_groups(writer: Writer, after: int, most: int, since: datetime) -> ScoredGroups:
    """Computes the scores of the next groups by their ids, and stores those that are others now, or of groups of which
    a release was analysed since."""
    groups = {row[0]: row[1] for row in await writer.fetch(NEXT_GROUPS, after, most)}
    if not groups:
        return ScoredGroups(None, 0)
    ids = list(groups)
    points = {row["release_group_id"]: row for row in await writer.fetch(POINTS, ids, since, writer.libraries)}
    stored: list[tuple[int, int]] = []
    for id, before in groups.items():
        if (row := points.get(id)) is None or (score := score_of(row["releases"], row["points"])) is None:
            continue
        if row["is_new"] or score != before:
            stored.append((id, score))
    await writer.fetch(STORE_SCORES, [id for id, _ in stored], [score for _, score in stored])
    return ScoredGroups(ids[-1], len(stored))
