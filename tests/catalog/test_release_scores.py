"""Scores of release groups: the examples of docs/release-scores.md, by hand; which groups are scored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.releases.due import NEXT_DUE_RELEASES, DueScope, due_text
from catalog.releases.scores import NEXT_ANALYSED, ScoredGroups, score_groups, score_of
from catalog.transaction import Writer, transact
from database.session import Session
from domain.viewer import UNRESTRICTED
from tests.support.api import Api
from tests.support.factories import add_row

LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
DOCUMENT = Path(__file__).parents[2] / "docs" / "release-scores.md"


@pytest.mark.parametrize(
    ("releases", "points", "score"),
    [
        (0, 0, None),
        (1, 100, 545),  # (500 + 100) / 11 = 54.545...
        (1, 0, 455),  # 500 / 11 = 45.454...
        (10, 1_000, 750),  # 1500 / 20 = 75
        (10, 500, 500),  # half of them nuked
        (10, 0, 250),  # all of them nuked
        (4, 250, 536),  # 750 / 14 = 53.571...
        (30, 2, 126),  # 502 / 40 = 12.55: halves are rounded up
        (90, 9_000, 950),  # 9500 / 100 = 95
        (10**9, 10**11, 1000),
        (10**9, 0, 0),
    ],
)
def test_the_score_is_the_mean_of_the_points_and_the_assumed_ones(
    releases: int, points: int, score: int | None
) -> None:
    assert score_of(releases, points) == score


def test_the_document_has_these_examples() -> None:
    rows = re.findall(r"^\| .+ \| (\d+) \| ([\d,]+) \| (0\.\d+|1) \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert len(rows) >= 5
    for releases, points, score in rows:
        assert score_of(int(releases), int(points.replace(",", ""))) == round(float(score) * 1000), releases


async def score(
    api: Api, since: datetime = LONG_AGO, after: tuple[datetime, int] | None = None, most: int = 100
) -> ScoredGroups:
    async def work(writer: Writer) -> ScoredGroups:
        return await score_groups(writer, after or (since, 0), most, since)

    session = Session(api.pool)
    try:
        return await transact(session, UNRESTRICTED, "score", work)
    finally:
        await session.close()


async def add_group(connection: Any, name: str, *releases: dict[str, Any]) -> int:
    group = await add_row(connection, "release_group", name=name, folded_name=name.lower())
    for place, columns in enumerate(releases):
        given = {"state": "ANALYSED", "analysed_at": datetime.now(UTC), "category": "movies", **columns}
        await add_row(connection, "release", name=f"{name}.{place}", release_group_id=group, **given)
    return group


async def scores_of(connection: Any) -> dict[str, int | None]:
    rows = await connection.fetch("SELECT name, score_thousandths FROM release_group ORDER BY id")
    return {row[0]: row[1] for row in rows}


async def test_points_are_completeness_and_none_of_what_was_nuked_or_not_analysed(api: Api, connection: Any) -> None:
    await add_group(connection, "Good", {}, {"completeness": 100})
    await add_group(connection, "Mixed", {"completeness": 50}, {"nuke_reason": "bad.crop", "completeness": 100}, {}, {})
    await add_group(connection, "New", {"state": "NEW"}, {"state": "FAILED", "failure": "x"})
    await add_group(connection, "None")
    assert (await score(api)).number == 2
    # (500 + 200) / 12 = 58.33; (500 + 250) / 14 = 53.57.
    assert await scores_of(connection) == {"Good": 583, "Mixed": 536, "New": None, "None": None}
    assert len(api.statements) == 6


async def test_groups_of_releases_that_were_analysed_since_are_scored_once_and_no_others(
    api: Api, connection: Any
) -> None:
    group = await add_group(connection, "One", {}, {})
    await add_group(connection, "Old", {"analysed_at": datetime(2020, 1, 1, tzinfo=UTC)})
    since = datetime(2024, 1, 1, tzinfo=UTC)
    first = await score(api, since, most=1)
    assert first.number == 1
    assert await scores_of(connection) == {"One": 583, "Old": None}
    assert (await score(api, since, after=first.last)).number == 0  # the other release of the same group
    # By hand, and said to be of the future: not by this run.
    await connection.execute("UPDATE release_group SET score_thousandths = 3, analysed_at = $1 WHERE id = 1", FAR_AHEAD)
    assert (await score(api, since)).number == 1
    text = "SELECT score_thousandths, version, analysed_at < now() FROM release_group WHERE id = $1"
    assert tuple(await connection.fetchrow(text, group)) == (583, 3, True)


async def test_releases_are_walked_in_the_order_of_their_analysis(api: Api, connection: Any) -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    for name in "abc":
        await add_group(connection, name, {"analysed_at": at})
    assert await score(api, most=2) == ScoredGroups((at, 2), 2)
    assert await score(api, after=(at, 2), most=2) == ScoredGroups((at, 3), 1)
    assert await score(api, after=(at, 3), most=2) == ScoredGroups(None, 0)


ADD_ANALYSED = """
INSERT INTO release (name, category, state, analysed_at)
SELECT 'r' || n, 'movies', 'ANALYSED', '2020-01-01'::timestamptz + n * interval '1 second'
FROM generate_series(1, 20000) AS n
"""


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_what_a_run_needs_is_found_however_many_releases_were_analysed(connection: Any, mode: str) -> None:
    await connection.execute(ADD_ANALYSED)
    await connection.execute("ANALYZE release")
    due = due_text(NEXT_DUE_RELEASES, DueScope())
    await connection.execute(f"SET plan_cache_mode = {mode}")
    await connection.execute(f"PREPARE due AS {due}")
    await connection.execute(f"PREPARE analysed AS {NEXT_ANALYSED}")
    for call, index in (
        ("due (NULL, NULL, NULL, NULL, NULL, '', '', 0, 50)", "release_unanalysed"),
        ("analysed ('2020-01-01 05:30:00+00', 0, 50)", "release_analysed_at_id"),
    ):
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE {call}"))
        assert index in plan, plan
