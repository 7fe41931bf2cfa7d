"""Plans at 100,000 media: class A orders walk a named index, reading little more than the page, generic and custom.

The load of the large database ends with VACUUM (ANALYZE) on every table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from domain.memberships import MEMBERSHIPS
from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.read_session import PageSides, ReadSession
from loaders.sql.cursor import Position
from loaders.sql.page import Pages
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter, OrderBy
from tests.loaders.test_contract import DECLARED, SilentDatabase, silent_reader
from tests.support.plans import MODES, Step, explain, indexes, scans, sorted_rows

SIZE = 20
FEW = 1_000
MANY = 100_000
BIG = {
    *("media", "media_tag", "media_genre", "media_channel", "media_person"),
    *("credit", "external_id", "artwork", "person", "clip", "thumbnail", "subtitle"),
}
COLUMNS = {"TITLE": "sort_title", "YEAR": "year", "RATING": "rating_tenths", "ADDED_AT": "added_at"}
PREFIXES = {
    "media_pages": ("media", "id"),
    "media_pages_by_library_id": ("media_library_id", "id"),
    **{f"media_pages_by_{one.noun}_id": (f"{one.table}_{one.noun}_id", "media_id") for one in MEMBERSHIPS},
    "media_pages_by_person_id": ("media_person_person_id", "media_id"),
}
ORDERS = [(), *(OrderBy(field, descending) for field in [*COLUMNS, "ID"] for descending in (False, True))]


def pages(name: str) -> Pages[Any]:
    ref = DECLARED[name]
    assert isinstance(ref, Pages)
    return ref


def expected_index(name: str, order: tuple[OrderBy, ...]) -> str:
    prefix, last = PREFIXES[name]
    if not order or order[0].field == "ID":
        return "media_pkey" if name == "media_pages" else f"{prefix}_{last}"
    return f"{prefix}_{COLUMNS[order[0].field]}_{last}"


async def biggest_parents(connection: Any, ref: Pages[Any], number: int) -> list[int]:
    """The parents with the longest lists."""
    source = ref.source
    if source.parent is None:
        return [0]
    rows = await connection.fetch(
        f"SELECT {source.parent} FROM {source.table} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {number}"
    )
    return [row[0] for row in rows]


@dataclass(frozen=True)
class Place:
    """A place in a parent's list: the position of a row, and how many rows stand before and behind it."""

    position: Position | None = None
    before: int = MANY
    behind: int = MANY


async def place(connection: Any, ref: Pages[Any], order: tuple[OrderBy, ...], parent: int, share: float) -> Place:
    """The place at some share of a parent's list."""
    source = ref.source
    keys = source.keys(order)
    where = f"{source.parent} = {parent}" if source.parent else "true"
    total = await connection.fetchval(f"SELECT count(*) FROM {source.table} WHERE {where}")
    down = " DESC" if keys and keys[-1].descending else ""
    nulls_last = [f"{key.sql}{' DESC' if key.descending else ''} NULLS LAST" for key in keys]
    row = await connection.fetchrow(
        f"SELECT {', '.join([*(key.sql for key in keys), source.id_sql])} FROM {source.table} WHERE {where}"
        f" ORDER BY {', '.join([*nulls_last, source.id_sql + down])} OFFSET {int(total * share)} LIMIT 1"
    )
    return Place(tuple(row), int(total * share), int(total * (1 - share)))


def assert_flat(steps: list[Step], index: str, note: object, parents: int = 1, rows_left: int = MANY) -> None:
    """Nothing was read but about the page, by its index; two branches read up to two pages.

    Where few rows are left PostgreSQL may as well read and sort them all."""
    few = rows_left < FEW
    most = (FEW if few else 2 * (SIZE + 1) + 5) * parents
    assert few or index in indexes(steps), note
    assert sorted_rows(steps) <= most, note
    for scan in scans(steps):
        assert scan.type != "Seq Scan" or scan.table not in BIG, (note, scan)
        assert scan.read <= most, (note, scan)


@pytest.mark.parametrize(
    "order", ORDERS, ids=lambda by: f"{by.field}-{'desc' if by.descending else 'asc'}" if by else "id"
)
@pytest.mark.parametrize("name", sorted(PREFIXES))
async def test_an_order_of_media_walks_its_index_wherever_the_page_stands(
    name: str, order: Any, large_reader: Any
) -> None:
    order = (order,) if order else ()
    ref = pages(name)
    parents = await biggest_parents(large_reader, ref, 1)
    places = [Place(), *[await place(large_reader, ref, order, parents[0], share) for share in (0.5, 0.99)]]
    nulls = order and order[0].field in ("YEAR", "RATING") and name != "media_pages_by_library_id"
    assert not nulls or (places[-1].position or [0])[0] is None

    for mode in MODES:
        for at in places:
            for backward, left in ((False, at.behind), (True, at.before)):
                ends = (None, at.position) if backward else (at.position, None)
                asked = PageArguments(SIZE, backward, NoFilter(), order, *ends)
                steps = await explain(large_reader, *ref.compose(silent_reader(), asked, parents), mode)
                assert_flat(steps, expected_index(name, order), (name, order, mode, asked), rows_left=left)


@pytest.mark.parametrize("name", sorted(PREFIXES))
async def test_what_stands_beside_a_page_is_found_by_the_same_index(name: str, large_reader: Any) -> None:
    ref = pages(name)
    parents = await biggest_parents(large_reader, ref, 1)
    for order in [(), (OrderBy("YEAR", True),), (OrderBy("TITLE"),)]:
        for share in (0.5, 0.99):
            at = await place(large_reader, ref, order, parents[0], share)
            for mode in MODES:
                for backward, left in ((False, at.behind), (True, at.before)):
                    ends = (None, at.position) if backward else (at.position, None)
                    asked = PageArguments(SIZE, backward, NoFilter(), order, *ends)
                    reader = ReadSession(SilentDatabase(), UNRESTRICTED, sides=PageSides(True, True))
                    statement, values = ref.compose(reader, asked, parents)
                    assert "AS side" in statement.text
                    steps = await explain(large_reader, statement, values, mode)
                    assert_flat(steps, expected_index(name, order), (name, order, mode, asked), rows_left=left)


@pytest.mark.parametrize("name", sorted(set(PREFIXES) - {"media_pages"}))
async def test_the_pages_of_many_parents_are_one_walk_each(name: str, large_reader: Any) -> None:
    ref = pages(name)
    parents = await biggest_parents(large_reader, ref, 50)
    for order in [(), (OrderBy("YEAR", True),), (OrderBy("TITLE"),)]:
        for mode in MODES:
            asked = PageArguments(SIZE, False, NoFilter(), order, None, None)
            steps = await explain(large_reader, *ref.compose(silent_reader(), asked, parents), mode)
            assert_flat(steps, expected_index(name, order), (name, order, mode), len(parents))


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("credit_pages_by_media_id", "credit_media_id_position_id"),
        ("credit_pages_by_person_id", "credit_person_id_year_id"),
    ],
)
async def test_credits_walk_their_index(name: str, index: str, large_reader: Any) -> None:
    ref = pages(name)
    for parents in (await biggest_parents(large_reader, ref, 1), await biggest_parents(large_reader, ref, 100)):
        for mode in MODES:
            for at in (Place(), await place(large_reader, ref, ref.source.default, parents[0], 0.5)):
                asked = PageArguments(SIZE, False, NoFilter(), ref.source.default, at.position, None)
                steps = await explain(large_reader, *ref.compose(silent_reader(), asked, parents), mode)
                assert_flat(steps, index, (name, mode, at), len(parents), at.behind)


async def test_names_walk_the_index_of_folded_names(large_reader: Any) -> None:
    ref = pages("person_pages")
    for mode in MODES:
        for order in [(OrderBy("NAME"),), (OrderBy("NAME", True),)]:
            for at in (Place(), await place(large_reader, ref, order, 0, 0.5)):
                asked = PageArguments(SIZE, False, NoFilter(), order, at.position, None)
                steps = await explain(large_reader, *ref.compose(silent_reader(), asked, [0]), mode)
                assert_flat(steps, "person_folded_name_id", (mode, order, at))


# Loaders by key: which index finds the rows, and about how many rows the keys below have at most.
BY_KEY = {
    "media_by_id": ("media_pkey", "media"),
    **{f"{one.plural}_by_media_id": (f"{one.table}_pkey", one.table) for one in MEMBERSHIPS},
    "clip_by_media_id": ("clip_pkey", "clip"),
    "thumbnail_by_id": ("thumbnail_pkey", "thumbnail"),
    "subtitle_by_id": ("subtitle_pkey", "subtitle"),
    "artwork_by_id": ("artwork_pkey", "artwork"),
    "credit_by_id": ("credit_pkey", "credit"),
    "external_ids_by_media_id": ("external_id_media_id_source_value", "external_id"),
    "artwork_by_media_id": ("artwork_media_id_type_id", "artwork"),
    "person_by_id": ("person_pkey", "person"),
}


@pytest.mark.parametrize("name", sorted(BY_KEY))
async def test_a_batch_finds_its_rows_by_its_index(name: str, large_reader: Any) -> None:
    index, table = BY_KEY[name]
    statement: Any = DECLARED[name].statement  # type: ignore[attr-defined]
    for keys in ([500], list(range(500, 600))):
        for viewer in (Viewer(), Viewer((1, 2, 3))):
            composed, values = statement.compose(name, ReadSession(SilentDatabase(), viewer), keys)
            steps = await explain(large_reader, composed, values, "force_generic_plan")
            found = [scan for scan in scans(steps) if scan.table == table or scan.index == index]
            assert index in indexes(steps), name
            assert [scan for scan in scans(steps) if scan.type == "Seq Scan" and scan.table in BIG] == [], name
            assert sum(scan.read for scan in found) <= 40 * len(keys), (name, found)


async def test_external_ids_are_found_by_their_primary_key(large_reader: Any) -> None:
    keys = [f"{row[0]}:{row[1]}" for row in await large_reader.fetch("SELECT source, value FROM external_id LIMIT 50")]
    statement: Any = DECLARED["media_by_external_id"].statement  # type: ignore[attr-defined]
    for asked in (keys[:1], keys):
        composed, values = statement.compose("media_by_external_id", silent_reader(), asked)
        steps = await explain(large_reader, composed, values, "force_generic_plan")
        assert {"external_id_pkey", "media_pkey"} <= indexes(steps)
        assert sum(scan.read for scan in scans(steps) if scan.table in BIG) == 2 * len(asked)
