"""Channels: look-ups, names and aliases, their media and the media's channels, counts, the bound."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import delete_rows
from tests.support.factories import add_library, add_media, add_name, mark


async def test_a_channel_is_found_by_its_id_its_name_and_its_aliases(api: Api, connection: Any) -> None:
    await add_name(connection, "channel", "Das Erste", "ARD", "1. Programm")

    data = await api.run(
        """{ a: channel(id: "channel_1") { name slug mediaCount } b: channel(name: "DAS  erste") { id }
        c: channel(name: "ard") { id } d: channel(id: "channel_9") { id } e: channel(name: "nobody") { id } }"""
    )

    assert data == {
        "a": {"name": "Das Erste", "slug": "das-erste", "mediaCount": 0},
        "b": {"id": "channel_1"},
        "c": {"id": "channel_1"},
        "d": None,
        "e": None,
    }
    assert api.statements == ["channel_by_id", "channel_by_name"]


async def test_a_channel_is_asked_for_by_exactly_one_of_id_and_name(api: Api) -> None:
    assert await api.codes("{ channel { id } }") == ["BAD_ARGUMENT"]
    assert await api.codes('{ channel(id: "channel_1", name: "a") { id } }') == ["BAD_ARGUMENT"]
    assert await api.codes('{ channel(id: "genre_1") { id } }') == ["BAD_ID"]


async def test_channels_and_media_lead_to_each_other(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    channels = [await add_name(connection, "channel", name) for name in ("b", "Á", "c")]
    await mark(connection, "channel", await add_media(connection, library, "Two"), *channels)
    await mark(connection, "channel", await add_media(connection, library, "One"), channels[2])

    data = await api.run(
        """{ media { nodes { channels { name mediaCount } } }
        channels(orderBy: [{ field: MEDIA_COUNT, direction: DESC }], first: 1) { totalCount
            nodes { name media(orderBy: [{ field: TITLE }]) { totalCount nodes { title } } } }
        named: channels(filter: { startsWith: "a" }) { nodes { id } } }"""
    )

    first = [{"name": "Á", "mediaCount": 1}, {"name": "b", "mediaCount": 1}, {"name": "c", "mediaCount": 2}]
    both = {"totalCount": 2, "nodes": [{"title": "One"}, {"title": "Two"}]}
    assert data == {
        "media": {"nodes": [{"channels": first}, {"channels": first[2:]}]},
        "channels": {"totalCount": 3, "nodes": [{"name": "c", "media": both}]},
        "named": {"nodes": [{"id": "channel_2"}]},
    }
    assert sorted(api.statements) == [
        "channel_count",
        "channel_pages",
        "channel_pages",
        "channels_by_media_id",
        "media_count_by_channel_id",
        "media_pages",
        "media_pages_by_channel_id",
    ]


async def test_a_channel_is_a_node_and_an_entity(api: Api, connection: Any) -> None:
    await add_name(connection, "channel", "Arte")

    data = await api.run(
        """{ node(id: "channel_1") { id ... on Channel { name } }
        _entities(representations: [{ __typename: "Channel", id: "channel_1" }]) { ... on Channel { slug } } }"""
    )

    assert data == {"node": {"id": "channel_1", "name": "Arte"}, "_entities": [{"slug": "arte"}]}
    assert api.statements == ["channel_by_id"]


async def test_media_count_is_that_of_the_libraries_that_a_viewer_sees(api: Api, connection: Any) -> None:
    channel = await add_name(connection, "channel", "Arte")
    libraries = [await add_library(connection, name) for name in ("here", "there")]
    for library in (libraries[0], *libraries):
        await mark(connection, "channel", await add_media(connection, library), channel)
    query = '{ channel(id: "channel_1") { mediaCount media { totalCount } } }'

    for visible, number in ((None, 3), ((1,), 2), ((), 0)):
        found = await api.run(query, Viewer(visible))
        assert found == {"channel": {"mediaCount": number, "media": {"totalCount": number}}}


async def test_a_media_that_gains_or_loses_a_channel_has_changed(connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    channel = await add_name(connection, "channel", "Arte")

    async def changed(change: Awaitable[None]) -> bool:
        await connection.execute("DELETE FROM media_change")
        await change
        return [row["type"] for row in await connection.fetch("SELECT type FROM media_change")] == ["UPDATED"]

    assert await changed(mark(connection, "channel", media, channel))
    assert await changed(delete_rows(connection, "media_channel", "media_id = $1 AND channel_id = $2", media, channel))
