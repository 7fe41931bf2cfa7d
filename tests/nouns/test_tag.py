"""Tags: look-ups, names and aliases, counts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from loaders.registry import Loaders
from tests.support.api import Api
from tests.support.derived import delete_media, delete_rows, update_media
from tests.support.factories import add_library, add_media, add_name, mark

ROOT = Path(__file__).resolve().parents[2]


async def test_a_tag_is_found_by_its_id_its_name_and_its_aliases(api: Api, connection: Any) -> None:
    await add_name(connection, "tag", "Science Fiction", "Sci-Fi", "SF")

    data = await api.run(
        '{ a: tag(id: "tag_1") { name slug } b: tag(name: " science  FICTION") { id } c: tag(name: "sf") { id } }'
    )

    assert data == {
        "a": {"name": "Science Fiction", "slug": "science-fiction"},
        "b": {"id": "tag_1"},
        "c": {"id": "tag_1"},
    }
    assert api.statements == ["tag_by_id", "tag_by_name"]


async def test_a_tag_is_asked_for_by_exactly_one_of_id_and_name(api: Api) -> None:
    assert await api.codes("{ tag { id } }") == ["BAD_ARGUMENT"]
    assert await api.codes('{ tag(id: "tag_1", name: "a") { id } }') == ["BAD_ARGUMENT"]
    assert await api.codes('{ tag(id: "media_1") { id } }') == ["BAD_ID"]


async def test_media_count_follows_every_way_in_which_media_come_and_go(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    other = await add_library(connection, "Other")
    tag = await add_name(connection, "tag", "noir")
    media = [await add_media(connection, library, f"M{number}") for number in range(4)]
    for number in media:
        await mark(connection, "tag", number, tag)
    count = '{ tag(id: "tag_1") { mediaCount media { totalCount } } }'

    assert await api.run(count) == {"tag": {"mediaCount": 4, "media": {"totalCount": 4}}}
    await delete_rows(connection, "media_tag", "media_id = $1", media[0])
    await delete_media(connection, "id = $1", media[1])
    await update_media(connection, "library_id = $1", "id = $2", other, media[2])
    assert await api.run(count) == {"tag": {"mediaCount": 2, "media": {"totalCount": 2}}}


def test_the_file_of_tags_says_what_their_loaders_send() -> None:
    source = (ROOT / "loaders" / "tag.py").read_text()
    for name in ("tag_by_id", "tag_by_name", "tags_by_media_id"):
        said = re.search(rf"((?:    # .+\n)+)    {name} = ", source)
        statement: Any = getattr(Loaders, name).statement
        assert said is not None
        assert re.sub(r"\s+# ", " ", said[1]).split() == statement.text_for("{keys}").split(), name


async def test_the_aliases_of_tags_and_genres_are_told(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for noun in ("tag", "genre"):
        await mark(
            connection,
            noun,
            media,
            await add_name(connection, noun, "Science Fiction", "SF", "Sci-Fi"),
            await add_name(connection, noun, "Noir"),
            await add_name(connection, noun, "War", "Krieg"),
        )

    data = await api.run('{ tags { nodes { aliases } } genre(name: "sf") { aliases } }')
    along = await api.run('{ mediaItem(id: "media_1") { tags { aliases } genres { name aliases } } }')

    names = [["sci-fi", "sf"], [], ["krieg"]]
    assert [node["aliases"] for node in data["tags"]["nodes"]] == names
    assert data["genre"] == {"aliases": names[0]}
    assert [tag["aliases"] for tag in along["mediaItem"]["tags"]] == [[], *names[::2]]
    assert [genre["aliases"] for genre in along["mediaItem"]["genres"]] == [[], *names[::2]]
