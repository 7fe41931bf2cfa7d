"""Facets and counts at 100,000 media: which plans they have, and how far an estimate is from the truth."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.read_session import ReadSession
from loaders.sql import estimate
from loaders.sql.count_mode import CountArguments, CountMode, CountPrecision
from loaders.sql.facet import FacetArguments, FacetField
from loaders.sql.facets import Facets
from loaders.sql.measured_count import MeasuredCounts
from loaders.sql.source import Filter, NoFilter
from schema.filter.media_filter import MediaFilter
from schema.filter.value_filter import FloatRange, IntRange
from tests.loaders.test_contract import DECLARED, SilentDatabase
from tests.loaders.test_filter_plans import made, one
from tests.support.plans import Step, explain, indexes, scans

USUAL = (FacetField.GENRE, FacetField.TAG, FacetField.YEAR, FacetField.DECADE)
COUNT_TABLES = {"library_media_count", "genre_media_count", "tag_media_count", "channel_media_count"}


async def facet_plan(
    large_reader: Any,
    filter: Filter,
    of: tuple[FacetField, ...] = USUAL,
    name: str = "media_facets",
    parents: tuple[int, ...] = (0,),
    viewer: Viewer = UNRESTRICTED,
) -> list[Step]:
    ref = DECLARED[name]
    assert isinstance(ref, Facets)
    reader = ReadSession(SilentDatabase(), viewer)
    asked = FacetArguments(filter, of, 10, True)
    return await explain(large_reader, *ref.compose(reader, asked, list(parents)), "force_custom_plan")


async def count_plan(large_reader: Any, filter: Filter, mode: CountMode, limit: int = 0) -> list[Step]:
    statement, values = composed(filter, mode, limit)
    return await explain(large_reader, statement, values, "force_custom_plan")


def composed(filter: Filter, mode: CountMode, limit: int = 0, name: str = "media_measured_count") -> Any:
    ref = DECLARED[name]
    assert isinstance(ref, MeasuredCounts)
    reader = ReadSession(SilentDatabase(), UNRESTRICTED)
    return ref.compose(reader, CountArguments(filter, mode, limit), [1])


def tables(steps: list[Step]) -> set[str]:
    return {scan.table for scan in scans(steps) if scan.table}


async def test_facets_of_everything_are_kept_counts(large_reader: Any) -> None:
    for viewer in (UNRESTRICTED, Viewer(libraries=(1,))):
        steps = await facet_plan(
            large_reader, NoFilter(), (FacetField.GENRE, FacetField.TAG, FacetField.CHANNEL), viewer=viewer
        )

        assert tables(steps) & {"media", "media_genre", "media_tag", "media_channel"} == set()


async def test_facets_of_libraries_are_kept_counts_too(large_reader: Any) -> None:
    steps = await facet_plan(large_reader, made(MediaFilter(library=["library_1"])), (FacetField.GENRE,))  # type: ignore[list-item]
    nested = await facet_plan(large_reader, NoFilter(), (FacetField.TAG,), "media_facets_by_library_id", (1, 2, 3))

    assert tables(steps) <= {"genre_media_count", "genre"}
    assert tables(nested) <= {"tag_media_count", "tag"}


async def test_what_a_facet_chooses_alone_is_counted_by_kept_counts_beside_it(large_reader: Any) -> None:
    steps = await facet_plan(large_reader, made(MediaFilter(genres=one(name="drama"))), (FacetField.GENRE,))

    assert tables(steps) & {"media", "media_genre"} == set()


async def test_years_within_a_genre_come_from_one_index_alone(large_reader: Any) -> None:
    steps = await facet_plan(
        large_reader, made(MediaFilter(genres=one(name="drama"))), (FacetField.YEAR, FacetField.DECADE)
    )

    assert "media_genre_genre_id_year_media_id" in indexes(steps)
    assert "media" not in tables(steps)


async def test_tags_are_counted_by_an_index_of_the_media_that_are_matched(large_reader: Any) -> None:
    few = MediaFilter(genres=one(name="drama"), year=IntRange(min=1990, max=1994))

    steps = await facet_plan(large_reader, made(few), (FacetField.TAG,))

    assert {"media_genre_genre_id_year_media_id", "media_tag_pkey"} <= indexes(steps)
    read = {scan.index: scan.read for scan in scans(steps)}
    matched = read["media_genre_genre_id_year_media_id"]
    assert 0 < matched < 10_000
    assert read["media_tag_pkey"] <= 20 * matched


async def test_counts_of_one_thing_and_of_libraries_are_kept_counts(large_reader: Any) -> None:
    for filter in (
        MediaFilter(genres=one(name="drama")),
        MediaFilter(library=["library_1"]),  # type: ignore[list-item]
        MediaFilter(genres=one(id="genre_1"), library=["library_1", "library_2"]),  # type: ignore[list-item]
    ):
        for mode in CountMode:
            assert tables(await count_plan(large_reader, made(filter), mode, 5)) <= {*COUNT_TABLES, "genre_name"}


async def test_a_bounded_count_reads_no_more_than_it_needs(large_reader: Any) -> None:
    steps = await count_plan(large_reader, made(MediaFilter(year=IntRange(min=1990))), CountMode.AT_MOST, 500)

    assert max(scan.read for scan in scans(steps)) <= 2_000


@pytest.mark.parametrize(
    "filter",
    [
        MediaFilter(year=IntRange(min=1990, max=1999)),
        MediaFilter(genres=one(name="drama"), year=IntRange(min=2000)),
        MediaFilter(or_=[MediaFilter(genres=one(name="comedy")), MediaFilter(rating=FloatRange(min=7))]),
    ],
)
async def test_an_estimate_is_near_the_truth_and_looks_at_a_sample(
    large_reader: Any, monkeypatch: pytest.MonkeyPatch, filter: MediaFilter
) -> None:
    monkeypatch.setattr(estimate, "MOST_COUNTED", 20_000)
    exact, values = composed(made(filter), CountMode.EXACT)
    truth = (await large_reader.fetchrow(exact.text, *values))["count"]
    statement, values = composed(made(filter), CountMode.ESTIMATED)

    count = estimate.estimated(await large_reader.fetchrow(statement.text, *values))
    steps = await count_plan(large_reader, made(filter), CountMode.ESTIMATED)

    assert count.precision is CountPrecision.ESTIMATED
    assert count.error is not None
    # The sample is the same each time: no chance is left in this.
    assert abs(count.value - truth) <= 1.5 * count.error * truth
    assert sum(scan.read for scan in scans(steps) if scan.table == "media") <= 11_000


async def test_what_few_of_a_sample_are_is_counted(large_reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "MOST_COUNTED", 20_000)
    rare = made(MediaFilter(title="airplane"))
    exact, values = composed(rare, CountMode.EXACT)
    truth = (await large_reader.fetchrow(exact.text, *values))["count"]
    statement, values = composed(rare, CountMode.ESTIMATED)

    count = estimate.estimated(await large_reader.fetchrow(statement.text, *values))

    assert tuple(count) == (truth, CountPrecision.EXACT, None)


async def test_lists_of_a_parent_are_estimated_by_a_sample_of_their_own(
    large_reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "MOST_COUNTED", 20_000)
    filter = made(MediaFilter(year=IntRange(min=2000)))
    name = "media_measured_count_by_genre_id"
    largest = await large_reader.fetchval(
        "SELECT genre_id FROM genre_media_count GROUP BY 1 ORDER BY sum(media_count) DESC LIMIT 1"
    )
    counts = []
    for mode in (CountMode.EXACT, CountMode.ESTIMATED):
        ref = DECLARED[name]
        assert isinstance(ref, MeasuredCounts)
        arguments = CountArguments(filter, mode, 0)
        statement, values = ref.compose(ReadSession(SilentDatabase(), UNRESTRICTED), arguments, [largest])
        counts.append(ref.measured(await large_reader.fetchrow(statement.text, *values), arguments))

    exact, sampled = counts
    assert (exact.precision, sampled.precision) == (CountPrecision.EXACT, CountPrecision.ESTIMATED)
    assert sampled.error is not None
    assert abs(sampled.value - exact.value) <= 1.5 * sampled.error * exact.value
