"""Settings changed through the API."""

from __future__ import annotations

from typing import Any

import pytest

from domain.settings import KNOWN, Type
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.factories import add_library, add_name

SET = """mutation ($key: String!, $value: JSON, $library: ID, $channel: ID) {
    setSetting(key: $key, value: $value, library: $library, channel: $channel) { setting { value scope } } }"""
READ = 'query ($library: ID) { setting(key: "retag.after_days", library: $library) { value scope } }'


async def test_a_value_that_was_set_holds_at_once_and_can_be_taken_away(api: Api, connection: Any) -> None:
    await add_library(connection)
    assert (await api.run(READ))["setting"] == {"value": 30, "scope": "DEFAULT"}

    data = await api.run(SET, key="retag.after_days", value=14)
    assert data == {"setSetting": {"setting": {"value": 14, "scope": "GLOBAL"}}}
    assert api.statements == ["transaction", "set_setting", "set_setting", "transaction", "setting_by_key"]
    assert (await api.run(READ, library="library_1"))["setting"] == {"value": 14, "scope": "GLOBAL"}
    assert api.statements == []  # kept in memory

    await api.run(SET, key="retag.after_days", value=3, library="library_1")
    assert (await api.run(READ, library="library_1"))["setting"] == {"value": 3, "scope": "LIBRARY"}
    data = await api.run(SET, key="retag.after_days", value=None, library="library_1")
    assert data["setSetting"]["setting"] == {"value": 14, "scope": "GLOBAL"}
    assert await connection.fetchval("SELECT count(*) FROM setting") == 1


async def test_a_value_that_is_left_out_is_no_null(api: Api, connection: Any) -> None:
    await api.run(SET, key="retag.after_days", value=14)

    assert await api.codes(SET, key="retag.after_days") == ["BAD_ARGUMENT"]
    assert await api.codes('mutation { setSetting(key: "retag.after_days") { setting { value } } }') == ["BAD_ARGUMENT"]
    assert (await api.run(READ))["setting"] == {"value": 14, "scope": "GLOBAL"}


async def test_a_whole_number_may_be_written_with_a_point_or_an_exponent(api: Api, connection: Any) -> None:
    for text, number in (("1e+02", 100), ("14.0", 14), ("12e0", 12)):
        mutation = f'mutation {{ setSetting(key: "retag.after_days", value: {text}) {{ setting {{ value }} }} }}'
        assert await api.run(mutation) == {"setSetting": {"setting": {"value": number}}}
        assert await connection.fetchval("SELECT value::text FROM setting") == str(number)


async def test_bounds_are_told_without_an_exponent(api: Api) -> None:
    numbers = [key for key, known in KNOWN.items() if known.type in (Type.INT, Type.FLOAT)]
    for key in numbers:
        [error] = (await api.answer(SET, key=key, value="1e+06")).body["errors"]
        assert key in error["message"]
        assert "e+" not in error["message"], error["message"]


@pytest.mark.parametrize("key", ["retag.after_days", "tagger.rate_per_second"])
@pytest.mark.parametrize("value", ["1" * 400, "-" + "1" * 400, "1e999"])
async def test_a_number_of_any_size_is_compared_with_the_bounds(api: Api, key: str, value: str) -> None:
    text = f'mutation {{ setSetting(key: "{key}", value: {value}) {{ setting {{ value }} }} }}'
    assert await api.codes(text) == ["BAD_ARGUMENT"]


async def test_what_cannot_be_set_is_refused_and_changes_nothing(api: Api, connection: Any) -> None:
    await add_library(connection)
    await add_name(connection, "channel", "One")

    for code, variables in (
        ("BAD_ARGUMENT", {"key": "no.such", "value": 1}),
        ("BAD_ARGUMENT", {"key": "no.such", "value": None}),
        ("BAD_ARGUMENT", {"key": "retag.after_days", "value": "x"}),
        ("BAD_ARGUMENT", {"key": "retag.after_days", "value": 1.5}),
        ("BAD_ARGUMENT", {"key": "jobs.kept_days", "value": 1, "library": "library_1"}),
        ("BAD_ARGUMENT", {"key": "retag.after_days", "value": 1, "library": "library_1", "channel": "channel_1"}),
        ("NOT_FOUND", {"key": "retag.after_days", "value": 1, "library": "library_9"}),
        ("NOT_FOUND", {"key": "retag.after_days", "value": 1, "channel": "channel_9"}),
        ("BAD_ID", {"key": "retag.after_days", "value": 1, "channel": "library_1"}),
    ):
        assert await api.codes(SET, **variables) == [code], variables
    assert await api.codes(SET, Viewer(libraries=()), key="retag.after_days", value=1, library="library_1") == [
        "NOT_FOUND"
    ]
    assert await connection.fetchval("SELECT count(*) FROM setting") == 0
