"""What an edit leaves behind where it fails: no name, no count, no history; where a part succeeds, that part's own."""

from __future__ import annotations

from typing import Any

import pytest

from domain.memberships import MEMBERSHIPS
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_name, mark

NOUNS = {one.noun: one.bound for one in MEMBERSHIPS}
VERBS = ("set", "add")


def edit(verb: str, noun: str) -> str:
    name, item = f"{verb}{noun.capitalize()}s", f"{noun.capitalize()}Edit"
    return f"""mutation ($items: [{item}!]!) {{ edit: {name}(items: $items, createMissing: true) {{
        succeeded errors {{ code item id }} media {{ {noun}s {{ name }} }} }} }}"""


def item(noun: str, media: list[str], *names: str) -> dict[str, Any]:
    return {"media": media, f"{noun}s": [{"name": name} for name in names]}


async def names_of(connection: Any, noun: str) -> list[str]:
    """All names, with a check that look-ups, counts and history agree."""
    await assert_no_drift(connection)
    folded = await connection.fetch(f"SELECT folded_name FROM {noun} EXCEPT SELECT folded FROM {noun}_name")
    assert folded == []
    return [row[0] for row in await connection.fetch(f"SELECT name FROM {noun} ORDER BY name")]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("noun", NOUNS)
async def test_names_of_an_edit_that_fails_are_not_made(api: Api, connection: Any, noun: str, verb: str) -> None:
    library, hidden = await add_library(connection), await add_library(connection, "hidden")
    await add_media(connection, library, "full")
    await add_media(connection, hidden, "hidden")
    await mark(connection, noun, 1, *[await add_name(connection, noun, f"n{place:03}") for place in range(NOUNS[noun])])
    kept = await names_of(connection, noun)
    unknown = {"media": ["media_1"], f"{noun}s": [{"name": "new a"}, {"id": f"{noun}_999"}]}
    many = [item(noun, ["media_1"], *(f"more {place}" for place in range(NOUNS[noun] + 1)))]
    full = [item(noun, ["media_1"], "new b")] if verb == "add" else []

    for items in (
        [unknown],
        full,
        many,
        [item(noun, ["media_2", "media_99", "x"], "new c")],
        [item(noun, [], "new d")],
    ):
        data = await api.run(edit(verb, noun), Viewer((library,)), items=items)
        assert data["edit"]["succeeded"] == 0
        assert await names_of(connection, noun) == kept
    assert await connection.fetchval("SELECT count(*) FROM history_event") == 0


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_name_is_made_where_another_item_needs_it(api: Api, connection: Any, noun: str) -> None:
    library = await add_library(connection)
    for title in "ABC":
        await add_media(connection, library, title)
    numbers = [await add_name(connection, noun, f"n{place:03}") for place in range(NOUNS[noun])]
    await mark(connection, noun, 1, *numbers)
    items = [
        item(noun, ["media_1", "media_99"], "WANTED", "of the full one"),
        item(noun, ["media_2"], "Wanted", "wanted ", "N001"),
        item(noun, ["media_3", "media_1"], "wanted"),
    ]

    data = await api.run(edit("add", noun), items=items)

    assert [(error["code"], error["id"]) for error in data["edit"]["errors"]] == [
        ("TOO_MANY", "media_1"),
        ("NOT_FOUND", "media_99"),
        ("TOO_MANY", "media_1"),
    ]
    assert [[one["name"] for one in media[f"{noun}s"]] for media in data["edit"]["media"]] == [
        ["n001", "Wanted"],
        ["Wanted"],
    ]
    assert len(await names_of(connection, noun)) == NOUNS[noun] + 1
    events = await connection.fetch("SELECT media_id, detail ->> 'added' FROM history_event ORDER BY media_id")
    assert [tuple(row) for row in events] == [(2, '["Wanted", "n001"]'), (3, '["Wanted"]')]


async def test_what_is_set_to_its_bound_makes_room_for_new_names(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    await mark(connection, "genre", 1, *[await add_name(connection, "genre", f"old {place}") for place in range(64)])

    data = await api.run(edit("set", "genre"), items=[item("genre", ["media_1"], *(f"new {n}" for n in range(64)))])

    assert (data["edit"]["succeeded"], len(data["edit"]["media"][0]["genres"])) == (1, 64)
    assert len(await names_of(connection, "genre")) == 128


async def test_pairs_of_an_item_that_fails_are_not_given(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    text = "mutation ($items: [CategoryEdit!]!) { addCategories(items: $items) { errors { code item } } }"
    pairs = [{"category": "c", "value": str(place)} for place in range(256)]
    await api.run(text, items=[{"media": ["media_1"], "categories": pairs}])

    items = [
        {"media": ["media_1"], "categories": [{"category": "c", "value": "one more"}]},
        {"media": ["media_1"], "categories": [{"category": "c", "value": "7"}]},
    ]
    data = await api.run(text, items=items)

    assert data["addCategories"]["errors"] == [{"code": "TOO_MANY", "item": 0}]
    assert await connection.fetchval("SELECT count(*) FROM categorisation") == 256
    assert await connection.fetchval("SELECT count(*) FROM history_event") == 1


@pytest.mark.parametrize("field", [one.plural for one in MEMBERSHIPS])
async def test_an_edit_takes_no_conditions_on_names(api: Api, field: str) -> None:
    items = [{"media": ["media_1"], field: [{"matching": {"contains": "x"}}]}]
    noun = field[:-1].capitalize()
    text = f"mutation ($items: [{noun}Edit!]!) {{ add{noun}s(items: $items) {{ succeeded }} }}"

    body = (await api.answer(text, items=items)).body

    assert "'IdOrName' not to include unknown field 'matching'" in body["errors"][0]["message"]
