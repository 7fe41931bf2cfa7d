"""People of credits by their ids at other services: found by them, given them, told apart by them."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import Item, Key, OnConflict, PersonKey, Status
from catalog.upsert.people import Namesakes
from domain.bounds import EXTERNAL_IDS_OF_A_PERSON
from domain.viewer import UNRESTRICTED, Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_person, add_person_id
from tests.support.upserting import all_rows, failures, item, upsert, upserted


@pytest.fixture(autouse=True)
async def library(connection: Any) -> None:
    await add_library(connection)


def known(person: int | str | None = None, **ids: str) -> dict[str, Any]:
    return {"person_id": PersonKey(person, tuple(ids.items())), "role": "ACTOR"}


def acted(place: int, title: str, *people: Any) -> Item:
    credits = [{"person_id": one, "role": "ACTOR"} if isinstance(one, str | int) else one for one in people]
    return item(place, title, credits=credits)


async def people(connection: Any) -> list[tuple[str, list[str]]]:
    """Names with external ids, in the order in which people were made."""
    rows = await connection.fetch("""SELECT p.name, array_remove(array_agg(x.source || ':' || x.value
        ORDER BY x.source, x.value), NULL) FROM person p LEFT JOIN person_external_id x ON x.person_id = p.id
        GROUP BY p.id ORDER BY p.id""")
    return [tuple(row) for row in rows]


async def credited(connection: Any) -> list[tuple[str, int]]:
    rows = await connection.fetch(
        "SELECT m.title, c.person_id FROM credit c JOIN media m ON m.id = c.media_id ORDER BY m.id, c.position"
    )
    return [tuple(row) for row in rows]


async def sent_twice(api: Api, connection: Any, *items: Item, **options: Any) -> None:
    """What was stored is sent again: nothing is written."""
    before = await all_rows(connection)
    results = await upsert(api, list(items), **options)
    assert {one.status for one in results} == {Status.UNCHANGED}
    assert await all_rows(connection) == before


async def test_a_known_id_finds_the_person_whatever_the_name(api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")
    await add_person_id(connection, 1, "imdb", "nm1")
    items = [
        acted(0, "A", known("Somebody else", imdb="nm1")),
        acted(1, "B", known(None, imdb="nm1")),
        acted(2, "C", known(1, imdb="nm1", tmdb="5")),
    ]

    await upserted(api, *items)

    assert await people(connection) == [("Ann", ["imdb:nm1", "tmdb:5"])]
    assert await credited(connection) == [("A", 1), ("B", 1), ("C", 1)]
    await sent_twice(api, connection, *items)
    await assert_no_drift(connection)


async def test_an_unknown_id_is_given_to_whom_the_name_finds_or_makes(api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")
    items = [acted(0, "A", known("ANN", imdb="nm1"), known("Bob", imdb="nm2", url="http://x:1"))]

    await upserted(api, *items)

    assert await people(connection) == [("Ann", ["imdb:nm1"]), ("Bob", ["imdb:nm2", "url:http://x:1"])]
    assert await connection.fetch("SELECT version FROM person ORDER BY id") == [(2,), (1,)]
    await sent_twice(api, connection, *items)


@pytest.mark.parametrize("mode", [OnConflict.REPLACE, OnConflict.MERGE])
async def test_a_person_gets_an_id_where_the_media_stays_as_it_is(mode: OnConflict, api: Api, connection: Any) -> None:
    await upserted(api, acted(0, "A", "Ann"))
    versions = "SELECT m.version, (SELECT count(*) FROM history_event), transaction_id::text FROM media m, media_change"
    before = await connection.fetch(versions)
    items = [acted(0, "A", known("Ann", imdb="nm1"))]

    [result] = await upsert(api, items, on_conflict=mode)

    assert (result.status, list(result.fields)) == (Status.UPDATED, ["credits"])
    assert await people(connection) == [("Ann", ["imdb:nm1"])]
    assert await connection.fetch(versions) == before
    await sent_twice(api, connection, *items, on_conflict=mode)


async def test_two_of_one_name_with_different_ids_of_a_source_are_two_people(api: Api, connection: Any) -> None:
    items = [
        acted(0, "A", known("Ann", imdb="nm1")),
        acted(1, "B", known("Ann", imdb="nm2")),
        acted(2, "C", known("ann", imdb="nm1"), known("ann", imdb="nm2"), known("ann", imdb="nm3")),
    ]

    await upserted(api, *items)

    assert await people(connection) == [("Ann", ["imdb:nm1"]), ("Ann", ["imdb:nm2"]), ("Ann", ["imdb:nm3"])]
    assert await credited(connection) == [("A", 1), ("B", 2), ("C", 1), ("C", 2), ("C", 3)]
    await sent_twice(api, connection, *items)
    # And so it is item by item.
    await connection.execute("TRUNCATE media, person RESTART IDENTITY CASCADE")
    for one in items:
        await upserted(api, one)
    assert [ids for _, ids in await people(connection)] == [["imdb:nm1"], ["imdb:nm2"], ["imdb:nm3"]]
    await sent_twice(api, connection, *items)


async def test_a_name_does_not_find_somebody_whom_the_source_calls_otherwise(api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")
    await add_person_id(connection, 1, "imdb", "nm1")

    await upserted(api, acted(0, "A", known("Ann", imdb="nm2")), acted(1, "B", known("Ann", tmdb="1", imdb="nm1")))

    assert await people(connection) == [("Ann", ["imdb:nm1", "tmdb:1"]), ("Ann", ["imdb:nm2"])]


async def test_ids_of_different_sources_are_of_one_person(api: Api, connection: Any) -> None:
    items = [acted(0, "A", known("Ann", imdb="nm1")), acted(1, "B", known("Ann", tmdb="1")), acted(2, "C", "Ann")]

    await upserted(api, *items)

    assert await people(connection) == [("Ann", ["imdb:nm1", "tmdb:1"])]
    await sent_twice(api, connection, *items)


async def test_of_several_who_may_be_meant_the_one_of_the_media_is(api: Api, connection: Any) -> None:
    for _ in range(2):
        await add_person(connection, "Ann")
    await upserted(api, acted(0, "A", 2))

    assert await failures(
        api, acted(0, "B", known("Ann", imdb="nm1")), acted(1, "A", known("Ann", imdb="nm2")), acted(2, "C", "x")
    ) == [("AMBIGUOUS", "credits.0.person_id"), ("UPDATED", ""), ("CREATED", "")]
    assert await people(connection) == [("Ann", []), ("Ann", ["imdb:nm2"]), ("x", [])]


async def test_items_whose_ids_cannot_be_fail_alone_and_leave_nothing(api: Api, connection: Any) -> None:
    for number in (1, 2):
        await add_person(connection, f"P{number}")
        await add_person_id(connection, number, "imdb", f"nm{number}")
    await add_person_id(connection, 2, "tmdb", "2")
    many = {f"s{number}": "1" for number in range(EXTERNAL_IDS_OF_A_PERSON + 1)}
    fitting = dict(list(many.items())[1:])
    bad = [
        (known("X", imdb="nm1", tmdb="2"), "AMBIGUOUS"),
        (known(1, imdb="nm2"), "AMBIGUOUS"),
        (known(99, imdb="nm1"), "NOT_FOUND"),
        (known(None, imdb="nm9"), "NOT_FOUND"),
        (known(None), "BAD_ARGUMENT"),
        (known("X", **{"im:db": "1"}), "BAD_ARGUMENT"),
        (known("X", imdb=""), "BAD_ARGUMENT"),
        (known("X", imdb="\0"), "BAD_ARGUMENT"),
        (known("X", imdb="\ud800"), "BAD_ARGUMENT"),
        (known("X", imdb="x" * 1_001), "BAD_ARGUMENT"),
        (known("\0", imdb="nm9"), "BAD_ARGUMENT"),
        (known("X", **many), "TOO_MANY"),
        (known("P1", **fitting), "TOO_MANY"),
    ]
    items = [acted(place, f"T{place}", "new", one) for place, (one, _) in enumerate(bad)]

    assert await failures(api, *items, acted(99, "Z", known("P1", tmdb="1"))) == [
        *((code, "credits.1.person_id") for _, code in bad),
        ("CREATED", ""),
    ]
    assert await people(connection) == [("P1", ["imdb:nm1", "tmdb:1"]), ("P2", ["imdb:nm2", "tmdb:2"])]


async def test_an_item_that_fails_gives_nobody_an_id(api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")
    wrong = item(0, "A", credits=[known("Ann", imdb="nm1"), known("Bob", imdb="nm2")], tags=[99])
    right = acted(1, "B", known("Bob", imdb="nm2"))

    assert await failures(api, wrong, right) == [("NOT_FOUND", "tags.0"), ("CREATED", "")]

    assert await people(connection) == [("Ann", []), ("Bob", ["imdb:nm2"])]


async def test_what_an_item_that_fails_says_of_people_holds_for_none_behind_it(api: Api, connection: Any) -> None:
    for _ in range(2):
        await add_person(connection, "Twice")
    await add_person(connection, "Ann")
    items = [
        acted(0, "A", known("Ann", imdb="9"), known("Cid", imdb="c1"), known("Cid", imdb="c2"), "Twice"),
        acted(1, "B", known("Bea", imdb="9")),
        acted(2, "C", known("Cid", imdb="c2"), known("Cid", imdb="c1")),
        acted(3, "D", known("Ann", imdb="8")),
    ]

    assert [code for code, _ in await failures(api, *items)] == ["AMBIGUOUS", "CREATED", "CREATED", "CREATED"]

    assert (await people(connection))[2:] == [
        ("Ann", ["imdb:8"]),
        ("Bea", ["imdb:9"]),
        ("Cid", ["imdb:c2"]),
        ("Cid", ["imdb:c1"]),
    ]
    await sent_twice(api, connection, *items[1:])


@pytest.mark.parametrize("parent", [0, 3])
async def test_what_hangs_on_an_item_that_fails_says_nothing_of_people(parent: int, api: Api, connection: Any) -> None:
    """Wherever the items stand in the list."""
    for _ in range(2):
        await add_person(connection, "Twice")
    library = await add_library(connection, "Series", "SERIES")
    twice, ann = {"person_id": "Twice", "role": "ACTOR"}, known("Ann", imdb="9")
    series = item(parent, "S", library, kind="SERIES", credits=[known("Zoe", imdb="8"), twice])
    season = item(1, "1", library, kind="SEASON", season_number=1, parent=Key(item=parent), credits=[ann])
    other = acted(2, "B", known("Bea", imdb="9"), known("Zed", imdb="8"))
    items = sorted([series, season, other], key=lambda one: one.place)

    assert sorted(code or "" for code, _ in await failures(api, *items)) == ["AMBIGUOUS", "CREATED", "NOT_FOUND"]

    assert (await people(connection))[2:] == [("Bea", ["imdb:9"]), ("Zed", ["imdb:8"])]


async def test_what_is_skipped_gives_nobody_an_id(api: Api, connection: Any) -> None:
    await upserted(api, acted(0, "A", "Ann"))

    await upsert(api, [acted(0, "A", known("Ann", imdb="nm1"))], on_conflict=OnConflict.SKIP)

    assert await people(connection) == [("Ann", [])]


async def test_the_id_of_one_who_was_merged_and_equal_people_are_one_credit(api: Api, connection: Any) -> None:
    for name in ("Ann", "Anna"):
        await add_person(connection, name)
    await add_person_id(connection, 2, "imdb", "nm1")
    await api.run('mutation { mergePeople(into: "person_1", from: ["person_2"]) { token } }')

    await upserted(api, acted(0, "A", known(2, tmdb="1"), "Ann", 1, known("Z", imdb="nm1")))

    assert await credited(connection) == [("A", 1)]
    assert await people(connection) == [("Ann", ["imdb:nm1", "tmdb:1"])]


async def test_names_are_cleaned_by_the_rules_on_their_way_in(api: Api, connection: Any) -> None:
    await connection.execute("INSERT INTO setting (key, value) VALUES ('normalisation.people', '[\"SEPARATORS\"]')")
    await upserted(api, acted(0, "A", known("Ann_Lee", imdb="nm1")), acted(1, "B", known("Ann_Lee", imdb="nm2")))

    assert await people(connection) == [("Ann Lee", ["imdb:nm1"]), ("Ann Lee", ["imdb:nm2"])]


async def test_who_is_on_media_that_may_not_be_changed_is_given_no_id(api: Api, connection: Any) -> None:
    hidden = await add_library(connection, "Hidden")
    await upserted(api, item(0, "H", hidden, credits=[known("Ann", imdb="nm1"), known("Bob", imdb="nm2")]))
    await upserted(api, acted(0, "A", "Zoe"))
    before = await connection.fetch("SELECT id, version FROM person ORDER BY id")
    items = [
        acted(0, "B", "new", known("Ann", tmdb="1")),
        acted(1, "C", known(2, imdb="nm2", tmdb="2")),
        acted(2, "D", known("Z", imdb="nm1")),
        acted(3, "E", known("Ann", imdb="nm1"), known("Bob", imdb="nm3")),
        acted(4, "F", known("Zoe", tmdb="3")),
    ]

    results = await upsert(api, items, Viewer((1,)))

    assert [(one.code, tuple(one.path)) for one in results] == [
        ("FORBIDDEN", ("credits", 1, "person_id")),
        ("FORBIDDEN", ("credits", 0, "person_id")),
        *[(None, ())] * 3,
    ]
    assert "1 media have this person, 1 of them in libraries that you may not" in (results[0].message or "")
    assert await people(connection) == [
        ("Ann", ["imdb:nm1"]),
        ("Bob", ["imdb:nm2"]),
        ("Zoe", ["tmdb:3"]),
        ("Bob", ["imdb:nm3"]),
    ]
    assert (await connection.fetch("SELECT id, version FROM person ORDER BY id"))[:2] == before[:2]


async def test_whether_people_may_be_given_ids_takes_one_statement_for_any_number(api: Api, connection: Any) -> None:
    needed = []
    for number in (1, 40):
        items = [acted(place, f"M{number}-{place}", known(f"P{place}", imdb=f"{place}")) for place in range(number)]
        for viewer in (Viewer((1,)), UNRESTRICTED):
            await connection.execute("TRUNCATE media, person RESTART IDENTITY CASCADE")
            await upsert(api, items, viewer)
            needed.append(len(api.texts))
    assert needed[2:] == needed[:2]


def test_whom_sources_do_not_know_is_found_by_groups_however_many_have_the_name() -> None:
    there = Namesakes()
    for number in range(1_000):
        there.put(number, frozenset([("imdb", "tmdb")[number % 2]]))
    assert there.unknown_to({"imdb", "tmdb"}) == []
    assert [len(group) for group in there.unknown_to({"imdb", "tvdb"})] == [500]
    there.put(0, frozenset(["imdb", "tmdb"]))
    there.put("new", frozenset())
    there.remove(1)
    there.remove(1)
    assert (len(there), [list(group) for group in there.unknown_to({"imdb", "tmdb"})]) == (1_000, [["new"]])
    assert sorted(map(len, there.unknown_to({"tvdb"}))) == [1, 1, 499, 499]
