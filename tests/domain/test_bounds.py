"""Ranges are declared once: the database's checks, edits, the schema's words and cursors all say the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.bounds import BIGINT, COLUMNS, INTEGER, RATING_TENTHS, TEMPO_HUNDREDTHS, TIME_YEARS, YEAR, Bounds
from schema.root import schema
from tests.support.api import Api
from tests.support.factories import add_artwork, add_library, add_media, add_row

# Each column's type and check.
DECLARED = """
SELECT c.conrelid::regclass || '.' || a.attname AS column, pg_get_constraintdef(c.oid) AS said
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'c' AND cardinality(c.conkey) = 1
  AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
"""
TYPES = """
SELECT attrelid::regclass || '.' || attname, atttypid::regtype::text FROM pg_attribute
WHERE attrelid::regclass::text || '.' || attname = any($1::text[])
"""
# An order of each type, with its column, and whether it may be missing.
ORDERS = {
    "YEAR": ("year", INTEGER, True),
    "RATING": ("rating_tenths", RATING_TENTHS, True),
    "RUNTIME": ("runtime_minutes", COLUMNS["media.runtime_minutes"], True),
    "SEASON": ("season_number", COLUMNS["media.season_number"], True),
    "EPISODE": ("episode_number", COLUMNS["media.episode_number"], True),
}
BOUNDED = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NEXT = "query ($after: String, $orderBy: [MediaOrder!]) { media(after: $after, orderBy: $orderBy) { nodes { id } } }"
CURSORS = "query ($orderBy: [MediaOrder!]) { media(orderBy: $orderBy) { edges { cursor node { id } } } }"


def bounds_in(said: str) -> Bounds:
    """The range in a check: "CHECK (((x >= 0) AND (x <= 100)))"."""
    found = {sign: int(number) for sign, number in re.findall(r"([<>]=?) '?\(?(-?\d+)", said)}
    least = found.get(">=", found.get(">", INTEGER.least - 1) + 1)
    return Bounds(least, found.get("<=", INTEGER.most))


async def test_the_declared_ranges_are_those_of_the_database(connection: Any) -> None:
    said = {row[0]: bounds_in(row[1]) for row in await connection.fetch(DECLARED)}
    types = {row[0]: row[1] for row in await connection.fetch(TYPES, list(COLUMNS))}
    assert types.keys() == COLUMNS.keys()
    assert said == {name: Bounds(*bounds[:2]) for name, bounds in COLUMNS.items() if name != "media.year"}
    for name, bounds in COLUMNS.items():
        assert {"smallint": Bounds(-(2**15), 2**15 - 1), "integer": INTEGER, "bigint": BIGINT}[types[name]].holds(
            bounds.most
        )


async def test_values_at_the_ends_of_a_range_are_taken_and_those_beyond_are_not(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    names = {"year": "year", "runtimeMinutes": "runtime_minutes", "seasonNumber": "season_number"}
    for field, column in {**names, "episodeNumber": "episode_number"}.items():
        bounds = COLUMNS[f"media.{column}"]
        text = (
            f'mutation ($n: Int) {{ updateMedia(items: {{ id: "media_1", {field}: $n }}) {{ errors {{ message }} }} }}'
        )
        for value, taken in (
            (bounds.least, True),
            (bounds.most, True),
            (bounds.least - 1, False),
            (bounds.most + 1, False),
        ):
            if INTEGER.holds(value):
                errors = (await api.run(text, n=value))["updateMedia"]["errors"]
                assert errors == ([] if taken else [{"message": f"{field} is a number {bounds.description}."}])
    text = 'mutation ($n: Float) { updateMedia(items: { id: "media_1", rating: $n }) { errors { message } } }'
    words = "rating is a number from 0 to 10 with at most one decimal."
    for rating, errors in ((0, []), (10, []), (10.1, [words]), (-0.1, [words])):
        found = [one["message"] for one in (await api.run(text, n=rating))["updateMedia"]["errors"]]
        assert found == errors


def test_the_schema_says_the_ranges() -> None:
    text = schema.as_str()
    assert f"Year of its first release, {YEAR.description}." in text
    assert f"A number {RATING_TENTHS.description}, at most one decimal." in text
    assert (YEAR.description, RATING_TENTHS.description) == ("from 0 to 9999", "from 0 to 10")
    assert (TEMPO_HUNDREDTHS.description, TIME_YEARS.description) == ("from 0.01 to 100000", "from 2 to 9998")


def numbers(bounds: Bounds) -> Any:
    return st.sampled_from([bounds.least, bounds.most]) | st.integers(bounds.least, bounds.most)


@BOUNDED
@given(field=st.sampled_from(sorted(ORDERS)), data=st.data(), descending=st.booleans())
async def test_every_number_that_can_be_stored_has_a_cursor_that_is_taken_back(
    api: Api, connection: Any, field: str, data: Any, descending: bool
) -> None:
    column, bounds, _ = ORDERS[field]
    values = [data.draw(st.none() | numbers(bounds)) for _ in range(3)]
    await check(api, connection, {"field": field, "direction": "DESC" if descending else "ASC"}, column, values)


TIMES = st.datetimes(datetime(TIME_YEARS.least, 1, 1), datetime(TIME_YEARS.most, 12, 31), timezones=st.just(UTC))


@BOUNDED
@given(field=st.sampled_from(["ADDED_AT", "UPDATED_AT"]), values=st.lists(TIMES, min_size=3, max_size=3))
async def test_every_time_that_can_be_stored_has_a_cursor_that_is_taken_back(
    api: Api, connection: Any, field: str, values: list[datetime]
) -> None:
    await check(api, connection, {"field": field}, field.lower(), values)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)


@BOUNDED
@given(texts=st.lists(TEXTS, min_size=3, max_size=3))
async def test_every_text_that_can_be_stored_has_a_cursor_that_is_taken_back(
    api: Api, connection: Any, texts: list[str]
) -> None:
    await connection.execute("TRUNCATE library CASCADE")
    library = await add_library(connection)
    for text in texts:
        await add_media(connection, library, text, original_title=text)
    for field in ("TITLE", "ORIGINAL_TITLE"):
        await taken_back(api, {"field": field}, 3)


async def check(api: Api, connection: Any, order: dict[str, Any], column: str, values: list[Any]) -> None:
    await connection.execute("TRUNCATE library CASCADE")
    library = await add_library(connection)
    for value in values:
        await add_media(connection, library, **{column: value})
    await taken_back(api, order, len(values))


async def taken_back(api: Api, order: dict[str, Any], number: int) -> None:
    """Each row's cursor leads to the rows behind it."""
    edges = (await api.run(CURSORS, orderBy=order))["media"]["edges"]
    ids = [edge["node"] for edge in edges]
    assert len(ids) == number
    for place, edge in enumerate(edges):
        assert (await api.run(NEXT, orderBy=order, after=edge["cursor"]))["media"]["nodes"] == ids[place + 1 :]


@pytest.mark.parametrize("seed", [-(2**31), -1, 0, 5, 2**31 - 1])
async def test_every_place_in_a_shuffled_order_can_be_paged_past(api: Api, connection: Any, seed: int) -> None:
    library = await add_library(connection)
    for _ in range(20):
        await add_media(connection, library)
    await taken_back(api, {"field": "RANDOM", "seed": seed}, 20)


async def test_the_largest_sizes_are_told_and_asked_for(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    await add_artwork(connection, media, width=INTEGER.most)
    size = COLUMNS["release.size"].most
    await add_row(connection, "release", media_id=media, name="R", folded_name="r", category="c", size=size)
    data = await api.run("{ releases { nodes { size } } artwork { nodes { width } } }")
    assert data == {"releases": {"nodes": [{"size": size}]}, "artwork": {"nodes": [{"width": INTEGER.most}]}}
