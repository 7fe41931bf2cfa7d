"""Plans of filters at 100,000 media: which index finds what is rare, and what is walked along."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from domain.viewer import Viewer
from loaders.core.read_session import ReadSession
from loaders.sql.condition import All, InRange, has, one_of
from loaders.sql.count import Counts
from loaders.sql.exists import FEW_ROWS
from loaders.sql.name_filter import NameFilter
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import Filter, OrderBy
from schema.core.scalars import JSON
from schema.filter.media_filter import MediaFilter, read_filter
from schema.filter.metadata_filter import MetadataFilter
from schema.filter.name_or_id import NameOrId
from schema.filter.relation_filter import RelationFilter
from schema.filter.value_filter import FloatRange, IntRange, TextFilter
from tests.loaders.test_contract import DECLARED, SilentDatabase
from tests.loaders.test_plans import BIG, COLUMNS, SIZE, pages
from tests.support.plans import Step, explain, indexes, scans, sorted_rows

FEW = 200
BEST = (OrderBy("RATING", descending=True),)


def made(given: MediaFilter) -> Filter:
    found = read_filter(given)
    assert found is not None
    return found


def one(**given: Any) -> RelationFilter:
    return RelationFilter(any=[NameOrId(**given)])


async def planned(
    large_reader: Any,
    filter: Filter | MediaFilter,
    order: tuple[OrderBy, ...] = (),
    name: str = "media_pages",
    viewer: Viewer | None = None,
) -> list[Step]:
    chosen = made(filter) if isinstance(filter, MediaFilter) else filter
    asked = PageArguments(SIZE, False, chosen, order, None, None)
    reader = ReadSession(SilentDatabase(), viewer or Viewer())
    return await explain(large_reader, *pages(name).compose(reader, asked, [1]), "force_custom_plan")


def most_read(steps: list[Step]) -> int:
    return max(scan.read for scan in scans(steps))


async def test_a_rare_text_in_a_title_is_found_by_trigrams(large_reader: Any) -> None:
    for order in ((), (OrderBy("TITLE"),)):
        for given in (
            MediaFilter(title="airplane!"),
            MediaFilter(title_text=TextFilter(starts_with="airplane!")),
            MediaFilter(title_text=TextFilter(eq="airplane!")),
        ):
            steps = await planned(large_reader, given, order)
            assert "media_folded_title_trigrams" in indexes(steps)
            assert most_read(steps) <= FEW


async def test_rare_words_of_a_title_are_found_by_their_index(large_reader: Any) -> None:
    best = (OrderBy("RELEVANCE", descending=True, value="airplane"),)
    for order in ((), (OrderBy("TITLE"),), best):
        steps = await planned(large_reader, MediaFilter(search="airplane"), order)
        assert "media_folded_title_words" in indexes(steps)
        assert most_read(steps) <= FEW


async def test_metadata_is_found_by_its_index(large_reader: Any) -> None:
    for given in (
        MetadataFilter(path=["rare"], eq=JSON("value")),
        MetadataFilter(path=["deep", "key"], contains=JSON(["value"])),
    ):
        steps = await planned(large_reader, MediaFilter(metadata=[given]))
        assert "media_metadata" in indexes(steps)
        assert most_read(steps) <= FEW


async def test_a_rare_text_in_a_name_is_found_by_trigrams(large_reader: Any) -> None:
    steps = await planned(large_reader, NameFilter("p.folded_name", contains="spielberg"), name="person_pages")
    assert "person_folded_name_trigrams" in indexes(steps)
    assert most_read(steps) <= FEW


async def test_the_start_of_a_name_is_a_range_of_its_index(large_reader: Any) -> None:
    for order in ((), (OrderBy("NAME"),)):
        filter = NameFilter("p.folded_name", starts_with="steven s")
        steps = await planned(large_reader, filter, order, "person_pages")
        assert "person_folded_name_id" in indexes(steps)
        assert most_read(steps) <= FEW


async def test_names_themselves_are_looked_up(large_reader: Any) -> None:
    for names in ((("steven spielberg",),), (("a", "steven spielberg"),)):
        steps = await planned(large_reader, NameFilter("p.folded_name", folded_names=names), name="person_pages")
        assert "person_folded_name_id" in indexes(steps)
        assert most_read(steps) <= FEW


async def test_a_filter_by_a_rare_tag_begins_with_that_tag(large_reader: Any) -> None:
    rare = await large_reader.fetchrow("SELECT tag_id, count(*) FROM media_tag GROUP BY 1 ORDER BY 2, 1 LIMIT 1")
    name = await large_reader.fetchval("SELECT folded_name FROM tag WHERE id = $1", rare[0])
    for tag in (one(id=strawberry.ID(f"tag_{rare[0]}")), one(name=name)):
        steps = await planned(large_reader, MediaFilter(tags=tag), (OrderBy("YEAR"),))
        assert not [scan for scan in scans(steps) if scan.type == "Seq Scan" and scan.table in BIG], tag


@pytest.mark.parametrize("field", [*COLUMNS, "ID"])
async def test_the_media_of_one_thing_are_walked_in_their_order(field: str, large_reader: Any) -> None:
    person = await large_reader.fetchval(
        "SELECT person_id FROM media_person GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    libraries = tuple(row[0] for row in await large_reader.fetch("SELECT id FROM library"))
    chosen = {
        "media_genre_genre_id": MediaFilter(genres=one(name="drama")),
        "media_tag_tag_id": MediaFilter(tags=one(name="american")),
        "media_person_person_id": MediaFilter(people=one(id=strawberry.ID(f"person_{person}"))),
    }
    for prefix, filter in chosen.items():
        index = f"{prefix}_media_id" if field == "ID" else f"{prefix}_{COLUMNS[field]}_media_id"
        for descending in (False, True):
            for viewer in (Viewer(), Viewer(libraries)):
                steps = await planned(large_reader, filter, (OrderBy(field, descending),), viewer=viewer)
                if prefix != "media_person_person_id":  # a person's few may as well be sorted
                    assert index in indexes(steps), (index, descending)
                    assert sorted_rows(steps) <= 2 * (SIZE + 1)
                assert sum(scan.read for scan in scans(steps) if scan.table in BIG) <= FEW, (index, descending, steps)


async def test_two_common_things_are_one_walk_with_a_check(large_reader: Any) -> None:
    steps = await planned(large_reader, MediaFilter(tags=one(name="american"), genres=one(name="comedy")), BEST)
    assert "media_tag_tag_id_rating_tenths_media_id" in indexes(steps)
    assert most_read(steps) <= 5_000


async def test_conditions_are_checked_on_the_copies_that_are_walked(large_reader: Any) -> None:
    given = MediaFilter(genres=one(name="drama"), year=IntRange(min=1990, max=1994), rating=FloatRange(min=5))
    steps = await planned(large_reader, given, BEST)

    # Without ratings there is no second branch; media are read for the page alone, and the name once.
    assert [step.type for step in steps].count("Limit") == 1
    assert indexes(steps) == {"media_genre_genre_id_rating_tenths_media_id", "media_pkey", "genre_name_pkey"}
    assert sum(scan.read for scan in scans(steps) if scan.table == "media") <= SIZE + 1


def either(**more: Any) -> MediaFilter:
    """A genre of one in three media, well rated, or a tag of nearly half of them within some years."""
    good = MediaFilter(genres=one(name="drama"), rating=FloatRange(min=7))
    old = MediaFilter(tags=one(name="american"), year=IntRange(min=1980, max=1999))
    return MediaFilter(or_=[good, old], **more)


async def test_common_things_under_or_are_looked_up_row_by_row_of_the_walk(large_reader: Any) -> None:
    for given in (either(), either(not_=MediaFilter(genres=one(name="comedy")))):
        for order in ((OrderBy("TITLE"),), (OrderBy("YEAR", descending=True),), ()):
            steps = await planned(large_reader, given, order)
            assert most_read(steps) <= FEW_ROWS, order


async def test_a_rare_thing_under_or_is_kept_in_memory(large_reader: Any) -> None:
    [rare] = await large_reader.fetchrow("SELECT tag_id FROM media_tag GROUP BY 1 ORDER BY count(*), 1 LIMIT 1")
    given = MediaFilter(or_=[MediaFilter(tags=one(id=strawberry.ID(f"tag_{rare}"))), MediaFilter(title="airplane!")])
    steps = await planned(large_reader, given, (OrderBy("TITLE"),))
    assert sum(scan.rows for scan in scans(steps) if scan.table == "media_tag") <= FEW


async def test_all_media_of_an_or_are_counted_with_the_things_in_memory(large_reader: Any) -> None:
    steps = await counted(large_reader, either())
    assert all("SubPlan" not in step.type for step in steps)
    assert sum(scan.table == "media_tag" for scan in scans(steps)) == 1


async def test_the_music_and_the_files_of_media_are_joined_before_media_are_read(large_reader: Any) -> None:
    tempo = InRange("f.tempo_hundredths", 9_000, 9_300, "integer")
    box = one_of("f.collection", ["Box 1", "Box 2", "Box 3"])
    given = All((has("media_file", box), has("music", tempo, single=True)))
    steps = await planned(large_reader, given, (OrderBy("TITLE"),))
    matches = await large_reader.fetchval(
        "SELECT count(*) FROM music JOIN media_file USING (media_id) WHERE tempo_hundredths BETWEEN 9000 AND 9300 "
        "AND collection = any('{Box 1,Box 2,Box 3}')"
    )
    assert 0 < matches < 500
    assert sum(scan.read for scan in scans(steps) if scan.table == "media") == matches


async def counted(large_reader: Any, filter: MediaFilter, name: str = "media_count") -> list[Step]:
    reader = ReadSession(SilentDatabase(), Viewer())
    ref = DECLARED[name]
    assert isinstance(ref, Counts)
    return await explain(large_reader, *ref.compose(reader, made(filter), [1]), "force_custom_plan")


async def test_a_count_of_one_thing_reads_its_rows_in_the_join_table_alone(large_reader: Any) -> None:
    best = FloatRange(min=8)

    steps = await counted(large_reader, MediaFilter(genres=one(name="drama"), rating=best))
    assert indexes(steps) >= {"media_genre_genre_id_rating_tenths_media_id"}
    assert "media" not in {scan.table for scan in scans(steps)}

    nested = await counted(large_reader, MediaFilter(rating=best), "media_count_by_genre_id")
    assert "media" not in {scan.table for scan in scans(nested)}


async def test_a_count_that_asks_for_more_than_the_join_table_has_begins_with_media(large_reader: Any) -> None:
    for more in (MediaFilter(runtime_minutes=IntRange(min=100)), MediaFilter(tags=one(name="american"))):
        steps = await counted(large_reader, MediaFilter(and_=[more], genres=one(name="drama")))
        assert "media" in {scan.table for scan in scans(steps)}
