"""The indexes of media itself, each used for what it is there for, at 100,000 media."""

from __future__ import annotations

from typing import Any

import strawberry

from domain.enums import MediaKind
from loaders.registry import Loaders
from loaders.sql.source import NoFilter, OrderBy
from schema.core.scalars import JSON
from schema.filter.media_filter import MediaFilter
from schema.filter.metadata_filter import MetadataFilter
from schema.filter.value_filter import IntRange
from tests.loaders.test_contract import silent_reader
from tests.loaders.test_filter_plans import FEW, made, most_read, planned
from tests.support.plans import MODES, explain, indexes, read_from_index_alone, scans, sorted_rows


async def test_the_kinds_of_a_library_are_found_by_their_index(large_reader: Any) -> None:
    await large_reader.execute("SET enable_seqscan = on")
    rare = MediaFilter(library=[strawberry.ID("library_2")], kind=[MediaKind.SERIES])

    steps = await planned(large_reader, rare)

    assert indexes(steps) == {"media_library_id_kind_id"}
    assert most_read(steps) <= FEW


async def test_an_episode_is_found_by_its_numbers(large_reader: Any) -> None:
    steps = await planned(large_reader, MediaFilter(season_number=IntRange(eq=5), episode_number=IntRange(eq=7)))

    assert "media_season_number_episode_number" in indexes(steps)
    assert most_read(steps) <= 2 * FEW


async def test_titles_and_within_them_years_are_walked_along_their_index(large_reader: Any) -> None:
    for mode in MODES:
        order = (OrderBy("TITLE"), OrderBy("YEAR"))
        page: Any = Loaders.media_pages.page_arguments
        asked = page(silent_reader().budget, first=20, after=None, last=None, before=None, order=order)
        statement, values = Loaders.media_pages.compose(silent_reader(), asked, [0])
        steps = await explain(large_reader, statement, values, mode)
        assert indexes(steps) == {"media_sort_title_year_id"}
        assert most_read(steps) <= 21
        assert sorted_rows(steps) == 0


async def test_media_of_some_years_are_counted_by_the_index_of_those_that_have_one(large_reader: Any) -> None:
    filter = made(MediaFilter(year=IntRange(min=1990, max=1991)))
    statement, values = Loaders.media_count.compose(silent_reader(), filter, [0])

    steps = await explain(large_reader, statement, values, "force_custom_plan")

    assert read_from_index_alone(steps, "media_year")


async def test_genres_in_metadata_are_found_by_their_own_index(large_reader: Any) -> None:
    given = MetadataFilter(path=["genres"], contains=JSON(["g15"]))

    steps = await planned(large_reader, MediaFilter(metadata=[given]))

    assert indexes(steps) == {"media_metadata_genres"}
    assert most_read(steps) <= FEW


async def test_the_kept_count_of_all_media_reads_no_media(large_reader: Any) -> None:
    statement, values = Loaders.media_count.compose(silent_reader(), NoFilter(), [0])

    steps = await explain(large_reader, statement, values, "force_custom_plan")

    assert {scan.table for scan in scans(steps)} == {"library_media_count"}
