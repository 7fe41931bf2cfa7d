"""Settings: what holds where, who is told, and what is kept in memory."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from domain.errors import CatalogError
from domain.settings import KNOWN, Scope, SettingKey, checked_value
from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.read_session import ReadSession
from loaders.registry import Loaders
from tests.loaders.test_contract import SilentDatabase
from tests.support.api import Api
from tests.support.factories import add_library, add_name

AFTER_DAYS = 'query ($library: ID) { setting(key: "retag.after_days", library: $library) { value scope } }'


async def put(connection: Any, key: str, value: Any, library: int | None = None, channel: int | None = None) -> None:
    await connection.execute(
        """INSERT INTO setting (key, library_id, channel_id, value) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key, library_id, channel_id) DO UPDATE SET value = excluded.value""",
        *(key, library, channel, json.dumps(value)),
    )


async def test_every_setting_has_its_default_until_it_is_set(api: Api) -> None:
    data = await api.run("{ settings { key description type value default scope updatedAt } }")

    assert [one["key"] for one in data["settings"]] == sorted(KNOWN)
    for one in data["settings"]:
        known = KNOWN[one["key"]]
        assert (one["value"], one["default"], one["type"]) == (known.default, known.default, known.type)
        assert (one["description"], one["scope"], one["updatedAt"]) == (known.description, "DEFAULT", None)
        checked_value(one["key"], known.default, known.scopes[0])
    assert api.statements == ["setting_by_key"]


async def test_the_narrower_value_holds(api: Api, connection: Any) -> None:
    for name in ("first", "second"):
        await add_library(connection, name)
    await put(connection, "retag.after_days", 14)
    await put(connection, "retag.after_days", 3, library=1)
    await put(connection, "artwork.types", ["LOGO"])
    await put(connection, "gone.with_an_old_version", 1)

    assert (await api.run(AFTER_DAYS))["setting"] == {"value": 14, "scope": "GLOBAL"}
    assert (await api.run(AFTER_DAYS, library="library_1"))["setting"] == {"value": 3, "scope": "LIBRARY"}
    assert (await api.run(AFTER_DAYS, library="library_2"))["setting"] == {"value": 14, "scope": "GLOBAL"}
    data = await api.run('{ settings(library: "library_1") { key value scope updatedAt } }')
    told = {one["key"]: (one["value"], one["scope"]) for one in data["settings"] if one["updatedAt"] is not None}
    assert told == {"retag.after_days": (3, "LIBRARY"), "artwork.types": (["LOGO"], "GLOBAL")}


async def test_a_channels_value_holds_before_a_librarys(api: Api, connection: Any) -> None:
    await add_library(connection)
    await put(connection, "retag.after_days", 3, library=1)
    await add_name(connection, "channel", "One")
    await put(connection, "retag.after_days", 2, channel=1)
    await api.run("{ settings { key } }")
    loader = Loaders(
        ReadSession(SilentDatabase(), UNRESTRICTED, setting_cache=api.service.setting_cache)
    ).setting_by_key

    places = [(1, 1), (1, None), (None, 1), (1, 8), (None, None)]
    rows: Any = await loader.load_batch([SettingKey("retag.after_days", *place) for place in places])

    found = [(row["value"], row["scope"]) for row in rows]
    assert found == [(2, "CHANNEL"), (3, "LIBRARY"), (2, "CHANNEL"), (3, "LIBRARY"), (30, "DEFAULT")]


async def test_the_settings_of_a_hidden_library_are_not_told(api: Api, connection: Any) -> None:
    await add_library(connection)
    await put(connection, "retag.after_days", 3, library=1)

    for viewer in (Viewer(()), Viewer((2,))):
        hidden = await api.run(AFTER_DAYS, viewer, library="library_1")
        assert hidden == await api.run(AFTER_DAYS, viewer, library="library_999")
        assert hidden["setting"] == {"value": 30, "scope": "DEFAULT"}
    assert (await api.run(AFTER_DAYS, Viewer((1,)), library="library_1"))["setting"]["value"] == 3


async def test_bad_keys_and_ids_are_refused(api: Api) -> None:
    assert await api.codes('{ setting(key: "nothing") { value } }') == ["BAD_ARGUMENT"]
    assert await api.codes('{ setting(key: "jobs.kept_days", library: "tag_1") { value } }') == ["BAD_ID"]
    assert await api.codes('{ settings(library: "1") { value } }') == ["BAD_ID"]
    assert await api.codes('{ settings(channel: "library_1") { value } }') == ["BAD_ID"]
    assert api.statements == []


async def test_settings_are_read_once_until_they_are_forgotten(api: Api, connection: Any) -> None:
    await put(connection, "retag.after_days", 14)
    both = '{ settings { key } setting(key: "retag.after_days") { value } }'

    assert (await api.run(both))["setting"] == {"value": 14}
    assert api.statements == ["setting_by_key"]
    await put(connection, "retag.after_days", 15)
    assert (await api.run(AFTER_DAYS))["setting"]["value"] == 14
    assert api.statements == []
    await api.service.setting_cache.invalidate()
    assert (await api.run(AFTER_DAYS))["setting"]["value"] == 15
    assert api.statements == ["setting_by_key"]


async def test_what_is_kept_has_every_column_whatever_the_first_request_names(api: Api, connection: Any) -> None:
    await put(connection, "retag.after_days", 14)
    await api.run('{ setting(key: "retag.after_days") { key } }')

    data = await api.run('{ setting(key: "retag.after_days") { value scope updatedAt } }')

    assert (data["setting"]["value"], data["setting"]["scope"]) == (14, "GLOBAL")
    assert data["setting"]["updatedAt"] is not None


async def test_requests_at_once_send_one_statement(api: Api) -> None:
    sent: list[str] = []
    api.pool.on_statement = lambda statement, rows, seconds: sent.append(statement.name)

    await asyncio.gather(*(api.run("{ settings { key } }") for _ in range(8)))

    assert sent == ["setting_by_key"]


async def test_a_row_has_at_most_one_place_and_goes_with_its_library(connection: Any) -> None:
    await add_library(connection)
    with pytest.raises(Exception, match="setting_scope"):
        await put(connection, "retag.after_days", 1, library=1, channel=1)
    for library in (None, 1):
        await put(connection, "retag.after_days", 1, library=library)
        with pytest.raises(Exception, match="setting_key"):
            await connection.execute(
                "INSERT INTO setting (key, library_id, value) VALUES ('retag.after_days', $1, '1')", library
            )

    await connection.execute("DELETE FROM library")

    assert await connection.fetchval("SELECT count(*) FROM setting") == 1


GOOD = [
    ("retag.after_days", 1),
    ("retag.after_days", 3650),
    ("tagger.rate_per_second", 2),
    ("tagger.rate_per_second", 0.5),
    ("import.skip_hidden_files", False),
    ("artwork.types", []),
    ("artwork.types", ["LOGO", "POSTER"]),
    ("subtitles.languages", ["de", "pt-BR"]),
]
BAD = [
    ("retag.after_days", 0, "a whole number from 1 to 3650"),
    ("retag.after_days", 1.5, "a whole number"),
    ("retag.after_days", True, "a whole number"),
    ("retag.after_days", "1", "a whole number"),
    ("retag.after_days", None, "a whole number"),
    ("retag.after_days", 10**30, "a whole number"),
    ("tagger.rate_per_second", float("nan"), "a number from 0.01 to 1000"),
    ("tagger.rate_per_second", float("inf"), "a number"),
    ("tagger.rate_per_second", 0, "a number"),
    ("import.skip_hidden_files", 1, "true or false"),
    ("artwork.types", "LOGO", "a list of at most 100 texts"),
    ("artwork.types", ["HAT"], "each one of POSTER, BACKDROP, THUMBNAIL, LOGO"),
    ("subtitles.languages", [""], "a list"),
    ("subtitles.languages", ["\0"], "a list"),
    ("subtitles.languages", [1], "a list"),
    ("subtitles.languages", ["x" * 201], "a list"),
    ("subtitles.languages", ["x"] * 101, "a list"),
    ("nothing", 1, "There is no setting of this name"),
]


@pytest.mark.parametrize(("key", "value"), GOOD)
def test_a_value_of_the_settings_type_is_taken(key: str, value: Any) -> None:
    checked_value(key, value)


@pytest.mark.parametrize(("key", "value", "words"), BAD)
def test_any_other_value_is_refused_in_words(key: str, value: Any, words: str) -> None:
    with pytest.raises(CatalogError, match=words) as refused:
        checked_value(key, value)
    assert refused.value.extensions == {"code": "BAD_ARGUMENT"}


def test_a_value_is_refused_where_the_setting_has_no_such_scope() -> None:
    with pytest.raises(CatalogError, match=r"jobs\.kept_days cannot be set in the scope LIBRARY, only in: GLOBAL"):
        checked_value("jobs.kept_days", 1, Scope.LIBRARY)
    with pytest.raises(CatalogError, match="only in: GLOBAL, LIBRARY"):
        checked_value("import.skip_hidden_files", True, Scope.CHANNEL)
    with pytest.raises(CatalogError, match="cannot be set in the scope DEFAULT"):
        checked_value("retag.after_days", 1, Scope.DEFAULT)


async def test_a_channel_that_was_merged_has_the_settings_of_what_it_became(api: Api, connection: Any) -> None:
    old, new = await add_name(connection, "channel", "Old"), await add_name(connection, "channel", "New")
    await api.run(f'mutation {{ mergeChannels(into: "channel_{new}", from: ["channel_{old}"]) {{ token }} }}')
    text = """mutation ($channel: ID!, $value: JSON) {
        setSetting(key: "KEY", channel: $channel, value: $value) { setting { value scope } } }"""
    key, value = next((name, one.default) for name, one in KNOWN.items() if Scope.CHANNEL in one.scopes)
    text = text.replace("KEY", key)

    done = await api.run(text, channel=f"channel_{old}", value=value)

    assert done["setSetting"]["setting"] == {"value": value, "scope": "CHANNEL"}
    assert await connection.fetch("SELECT channel_id FROM setting") == [(new,)]
    read = 'query ($channel: ID!) { setting(key: "KEY", channel: $channel) { scope } }'.replace("KEY", key)
    for channel in (old, new):
        assert await api.run(read, channel=f"channel_{channel}") == {"setting": {"scope": "CHANNEL"}}
        assert api.statements in ([], ["setting_by_key"])
    await api.run(text, channel=f"channel_{old}", value=None)
    assert await connection.fetch("SELECT FROM setting") == []
    assert await api.codes(text, channel="channel_9", value=value) == ["NOT_FOUND"]
