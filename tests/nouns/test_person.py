"""People: their media, each once, and their credits."""

from __future__ import annotations

from typing import Any

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.factories import add_credit, add_library, add_media, add_person


async def test_a_person_has_each_media_once_whatever_the_number_of_credits(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    person = await add_person(connection, "Orson Welles")
    for title in ("B", "A"):
        media = await add_media(connection, library, title)
        for role in ("ACTOR", "DIRECTOR", "WRITER"):
            await add_credit(connection, media, person, role)

    data = await api.run(
        """{ person(id: "person_1") { name mediaCount credits { totalCount }
        media(orderBy: [{field: TITLE}]) { totalCount nodes { title } } } }"""
    )

    assert data["person"] == {
        "name": "Orson Welles",
        "mediaCount": 2,
        "credits": {"totalCount": 6},
        "media": {"totalCount": 2, "nodes": [{"title": "A"}, {"title": "B"}]},
    }
    hidden = await api.run('{ person(id: "person_1") { mediaCount } }', Viewer(()))
    assert hidden == {"person": {"mediaCount": 0}}


async def test_two_people_may_bear_one_name(api: Api, connection: Any) -> None:
    for _ in range(2):
        await add_person(connection, "John Smith")

    data = await api.run('{ people(filter: {startsWith: "JOHN"}) { totalCount nodes { id name } } }')

    assert data["people"] == {
        "totalCount": 2,
        "nodes": [{"id": f"person_{number}", "name": "John Smith"} for number in (1, 2)],
    }


async def test_people_are_ordered_by_their_number_of_media(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    people = [await add_person(connection, name) for name in ("none", "two", "one")]
    for media in [await add_media(connection, library) for _ in range(2)]:
        await add_credit(connection, media, people[1])
    await add_credit(connection, media, people[2])

    data = await api.run("{ people(orderBy: [{field: MEDIA_COUNT, direction: DESC}]) { nodes { name } } }")

    assert [node["name"] for node in data["people"]["nodes"]] == ["two", "one", "none"]


async def test_no_person_is_null_and_a_foreign_id_an_error(api: Api) -> None:
    assert await api.run('{ person(id: "person_1") { id } }') == {"person": None}
    assert await api.codes('{ person(id: "media_1") { id } }') == ["BAD_ID"]
