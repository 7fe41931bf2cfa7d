"""Scores of release groups: the examples of docs/release-scores.md, by hand; which groups are scored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.releases.scores import ScoredGroups, score_groups, score_of
from catalog.transaction import transact
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


async def score(api: Api, since: datetime = FAR_AHEAD, after: int = 0, most: int = 100) -> ScoredGroups:
    session = Session(api.pool)
    try:
        return await transact(session, UNRESTRICTED, "score", lambda writer: score_groups(writer, after, most, since))
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
    assert await score(api) == ScoredGroups(4, 2)
    # (500 + 200) / 12 = 58.33; (500 + 250) / 14 = 53.57.
    assert await scores_of(connection) == {"Good": 583, "Mixed": 536, "New": None, "None": None}
    assert len(api.statements) == 5


async def test_a_score_is_stored_where_it_is_another_one_or_a_release_was_analysed_since(
    api: Api, connection: Any
) -> None:
    group = await add_group(connection, "One", {})
    assert (await score(api)).number == 1
    assert (await score(api)).number == 0
    assert (await score(api, since=LONG_AGO)).number == 1
    await connection.execute("UPDATE release_group SET score_thousandths = 3")
    assert (await score(api)).number == 1
    text = "SELECT score_thousandths, version, analysed_at IS NOT NULL FROM release_group WHERE id = $1"
    assert tuple(await connection.fetchrow(text, group)) == (545, 4, True)


async def test_groups_are_walked_by_their_ids(api: Api, connection: Any) -> None:
    for name in "abc":
        await add_group(connection, name, {})
    assert await score(api, most=2) == ScoredGroups(2, 2)
    assert await score(api, after=2, most=2) == ScoredGroups(3, 1)
    assert await score(api, after=3, most=2) == ScoredGroups(None, 0)
