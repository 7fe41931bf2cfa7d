"""Collections: their media in order, look-ups, kinds and names, counts, the bound of a media's collections."""

from __future__ import annotations

from typing import Any

from domain.viewer import Viewer
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter, OrderBy
from tests.loaders.test_contract import DECLARED, silent_reader
from tests.loaders.test_plans import SIZE, Place, assert_flat, biggest_parents, pages, place
from tests.support.api import Api
from tests.support.derived import insert_row
from tests.support.factories import add_collection, add_library, add_media
from tests.support.plans import MODES, explain, indexes, scans


async def test_a_collection_has_its_media_by_position_and_then_by_id(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media = [await add_media(connection, library, title, year=1990) for title in "ABCD"]
    number = await add_collection(connection, "Båx", media[3], media[1], kind="BOX_SET")
    for late in (media[2], media[0]):
        row = {"collection_id": number, "media_id": late, "position": 1}
        await insert_row(connection, "media_collection", row)

    data = await api.run(
        """{ collection(id: "collection_1") { id kind name description createdAt mediaCount
            media { totalCount nodes { title } }
            last: media(last: 3) { nodes { title } pageInfo { hasPreviousPage startCursor } }
            filtered: media(filter: { title: "b" }) { nodes { title } }
            titles: media(orderBy: [{ field: TITLE, direction: DESC }]) { nodes { title } } } }"""
    )

    collection = data["collection"]
    assert (collection["id"], collection["kind"], collection["name"]) == ("collection_1", "BOX_SET", "Båx")
    assert (collection["description"], collection["mediaCount"]) == (None, 4)
    assert collection["createdAt"].endswith("+00:00")
    found = {
        name: [node["title"] for node in collection[name]["nodes"]] for name in ("media", "last", "filtered", "titles")
    }
    assert found == {"media": list("DABC"), "last": list("ABC"), "filtered": ["B"], "titles": list("DCBA")}
    assert collection["media"]["totalCount"] == 4
    assert sorted(api.statements) == [
        "collection_by_id",
        "media_count_by_collection_id",
        *["media_pages_by_collection_id"] * 4,
    ]
    before = collection["last"]["pageInfo"]["startCursor"]
    for arguments, titles in [(f'last: 2, before: "{before}"', "D"), (f'first: 2, after: "{before}"', "BC")]:
        page = await api.run(f'{{ collection(id: "collection_1") {{ media({arguments}) {{ nodes {{ title }} }} }} }}')
        assert [node["title"] for node in page["collection"]["media"]["nodes"]] == list(titles)


async def test_the_position_is_no_order_that_a_client_chooses(api: Api) -> None:
    asked = '{ collection(id: "collection_1") { media(orderBy: [{ field: POSITION }]) { nodes { id } } } }'

    assert await api.codes(asked) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_media_have_their_collections_by_name_with_one_statement(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    one, two, _ = [await add_media(connection, library) for _ in range(3)]
    for name, media in [("b", (one,)), ("Á", (one, two)), ("b", (one,))]:
        await add_collection(connection, name, *media)

    data = await api.run("{ media { nodes { collections { id name mediaCount } } } }")

    a = {"id": "collection_2", "name": "Á", "mediaCount": 2}
    both = [{"id": f"collection_{number}", "name": "b", "mediaCount": 1} for number in (1, 3)]
    assert data["media"]["nodes"] == [{"collections": [a, *both]}, {"collections": [a]}, {"collections": []}]
    assert api.statements == ["media_pages", "collections_by_media_id"]


async def test_collections_are_chosen_by_kind_and_name_together_and_ordered(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for name, kind, holds in [("Rock", "PLAYLIST", ()), ("rock b", "SERIES", ()), ("Röck", "OTHER", (media,))]:
        await add_collection(connection, name, *holds, kind=kind)

    data = await api.run(
        """{ kind: collections(kind: [SERIES, PLAYLIST, SERIES]) { totalCount nodes { name } }
        both: collections(kind: [OTHER, SERIES], filter: { startsWith: "rock" }, orderBy: [{ field: NAME }]) {
            totalCount nodes { name } pageInfo { endCursor } }
        count: collections(orderBy: [{ field: MEDIA_COUNT, direction: DESC }], first: 1) { nodes { name } }
        none: collections(kind: []) { totalCount nodes { name } } }"""
    )

    assert {name: [node["name"] for node in found["nodes"]] for name, found in data.items()} == {
        "kind": ["Rock", "rock b"],
        "both": ["Röck", "rock b"],
        "count": ["Röck"],
        "none": [],
    }
    assert [data[name]["totalCount"] for name in ("kind", "both", "none")] == [2, 2, 0]
    assert sorted(api.statements) == [*["collection_count"] * 3, *["collection_pages"] * 4]
    other = (
        f'collections(kind: [OTHER], orderBy: [{{ field: NAME }}], after: "{data["both"]["pageInfo"]["endCursor"]}")'
    )
    assert await api.codes(f"{{ {other} {{ nodes {{ id }} }} }}") == ["BAD_CURSOR"]


async def test_collections_are_found_by_any_look_up_and_no_other_id(api: Api, connection: Any) -> None:
    await add_collection(connection, "A")

    data = await api.run(
        """{ a: node(id: "collection_1") { ... on Collection { name } } b: collection(id: "collection_2") { id }
        c: _entities(representations: [{ __typename: "Collection", id: "collection_1" }]) { ... on Collection { name } }
        }"""
    )

    assert data == {"a": {"name": "A"}, "b": None, "c": [{"name": "A"}]}
    assert await api.codes('{ collection(id: "tag_1") { id } }') == ["BAD_ID"]


async def test_a_collection_is_seen_by_everybody_and_holds_what_its_viewer_may_see(api: Api, connection: Any) -> None:
    media = [await add_media(connection, await add_library(connection, name)) for name in ("a", "b")]
    await add_collection(connection, "A", *media)

    for libraries, number in [(None, 2), ((2,), 1), ((), 0)]:
        asked = "{ collections { nodes { mediaCount media { totalCount nodes { id } } } } }"
        (found,) = (await api.run(asked, Viewer(libraries)))["collections"]["nodes"]
        assert (found["mediaCount"], found["media"]["totalCount"], len(found["media"]["nodes"])) == (number,) * 3


async def test_the_media_of_a_collection_walk_an_index_in_its_order_and_all_others(large_reader: Any) -> None:
    ref = pages("media_pages_by_collection_id")
    columns = {"POSITION": "position", "TITLE": "sort_title", "YEAR": "year", "RATING": "rating_tenths"}
    parents = await biggest_parents(large_reader, ref, 20)
    for field, column in {**columns, "ADDED_AT": "added_at"}.items():
        for order in [(OrderBy(field),), (OrderBy(field, True),)]:
            for at in (Place(), await place(large_reader, ref, order, parents[0], 0.5)):
                for keys in (parents[:1], parents):
                    asked = PageArguments(SIZE, False, NoFilter(), order, at.position, None)
                    for mode in MODES:
                        steps = await explain(large_reader, *ref.compose(silent_reader(), asked, keys), mode)
                        index = f"media_collection_collection_id_{column}_media_id"
                        assert_flat(steps, index, (order, mode, at), len(keys), at.behind)


async def test_the_collections_of_media_are_found_by_their_index(large_reader: Any) -> None:
    statement: Any = DECLARED["collections_by_media_id"].statement  # type: ignore[attr-defined]
    for keys in ([500], list(range(500, 600))):
        composed, values = statement.compose("collections_by_media_id", silent_reader(), keys)
        steps = await explain(large_reader, composed, values, "force_generic_plan")
        (found,) = [scan for scan in scans(steps) if scan.table == "media_collection"]
        assert found.index == "media_collection_media_id_collection_id"
        assert found.read <= 2 * len(keys)
        assert {scan.index for scan in scans(steps)} == {found.index, "collection_pkey"}


async def test_names_of_collections_walk_their_index(large_reader: Any) -> None:
    ref = pages("collection_pages")
    for order in [(OrderBy("NAME"),), (OrderBy("NAME", True),)]:
        asked = PageArguments(SIZE, False, NoFilter(), order, None, None)
        for mode in MODES:
            steps = await explain(large_reader, *ref.compose(silent_reader(), asked, [0]), mode)
            assert indexes(steps) == {"collection_folded_name_id"}
