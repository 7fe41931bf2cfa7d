"""Ids of those that were merged: filters and references follow, edits of them say what they became."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.taxonomy.noun import CHANNEL, PERSON, Noun
from tests.catalog.taxonomy.test_operations import EVERY, add, four_media, name_of, run
from tests.support.api import Api

FOUND = """query ($filter: MediaFilter, $first: Int, $after: String) {
    media(filter: $filter, first: $first, after: $after, orderBy: { field: TITLE }) {
        totalCount nodes { id } pageInfo { endCursor }
} }"""


async def found(api: Api, filter: Any) -> list[int]:
    """The numbers of the media that a filter finds, which are as many as it counts."""
    page = (await api.run(FOUND, filter=filter))["media"]
    assert page["totalCount"] == len(page["nodes"])
    return [int(node["id"].removeprefix("media_")) for node in page["nodes"]]


async def merged(api: Api, connection: Any, noun: Noun) -> list[int]:
    """Four media: 1 carried "Old", 2 "Older", which were merged into "New" of 3; 4 carries "Other"."""
    media = await four_media(connection)
    for name, one in zip(("Old", "Older", "New", "Other"), media, strict=True):
        await add(connection, noun, name, one)
    field = name_of(noun, "merge", many=True)
    await run(api, field, f'into: "{noun.name}_3", from: ["{noun.name}_1", "{noun.name}_2"]')
    return media


@EVERY
async def test_a_filter_by_an_id_of_old_finds_what_the_new_one_has(noun: Noun, api: Api, connection: Any) -> None:
    one, two, three, four = await merged(api, connection, noun)

    def by(*numbers: int, how: str = "any", **more: Any) -> Any:
        return {noun.plural: {how: [{"id": f"{noun.name}_{number}"} for number in numbers], **more}}

    assert await found(api, by(1)) == await found(api, by(3)) == [one, two, three]
    assert len(api.statements) == 2  # the page and its total, as by any id
    assert await found(api, by(2, 4)) == [one, two, three, four]
    assert await found(api, by(1, 2, 3, how="all")) == [one, two, three]
    assert await found(api, by(1, how="none")) == [four]
    assert await found(api, {"not": by(1)}) == [four]
    assert await found(api, by(1, withDescendants=True)) == [one, two, three]
    assert await found(api, {"or": [by(2), by(4)]}) == [one, two, three, four]
    assert await found(api, by(5)) == []
    assert await found(api, {"and": [by(1), by(4)]}) == []


@EVERY
async def test_cursors_of_a_filter_hold_through_a_merge(noun: Noun, api: Api, connection: Any) -> None:
    media = await four_media(connection)
    await add(connection, noun, "Old", *media)
    await add(connection, noun, "New")
    filter = {noun.plural: {"any": [{"id": f"{noun.name}_1"}]}}
    before = (await api.run(FOUND, filter=filter, first=1))["media"]
    await run(api, name_of(noun, "merge", many=True), f'into: "{noun.name}_2", from: ["{noun.name}_1"]')

    after = (await api.run(FOUND, filter=filter, after=before["pageInfo"]["endCursor"]))["media"]

    assert [*before["nodes"], *after["nodes"]] == [{"id": f"media_{one}"} for one in media]


async def test_credits_and_clips_are_found_by_ids_of_old(api: Api, connection: Any) -> None:
    people = await merged(api, connection, PERSON)
    assert await found(api, {"credits": {"any": [{"person": {"id": "person_1"}}]}}) == people[:3]
    for name in ("Old", "New"):
        await add(connection, CHANNEL, name)
    await connection.execute("INSERT INTO clip (media_id, channel_id) VALUES ($1, 1)", people[3])
    await run(api, "mergeChannels", 'into: "channel_2", from: ["channel_1"]')
    assert await found(api, {"clip": {"channel": {"id": "channel_1"}}}) == people[3:]


@EVERY
async def test_a_split_by_an_id_of_old_takes_what_the_new_one_has(noun: Noun, api: Api, connection: Any) -> None:
    media = await merged(api, connection, noun)
    await add(connection, noun, "All", *media)
    filter = f'{{ {noun.plural}: {{ any: [{{ id: "{noun.name}_1" }}] }} }}'
    done = await run(api, name_of(noun, "split"), f'id: "{noun.name}_5", name: "Part", filter: {filter}')
    assert done["counts"]["moved"] == 3


@EVERY
async def test_an_edit_of_an_id_of_old_says_what_it_became(noun: Noun, api: Api, connection: Any) -> None:
    await merged(api, connection, noun)
    what = noun.plural.capitalize()
    ids = [f"{noun.name}_{number}" for number in (1, 4, 9)]
    told = {"code": "MERGED", "message": f"{ids[0]} was merged into {noun.name}_3 already: name that one.", "item": 0}
    unknown = {"code": "NOT_FOUND", "message": f"There is no {noun.name} {ids[2]}.", "item": 2}

    text = f"mutation ($items: [{noun.name.capitalize()}Changes!]!) {{ update{what}(items: $items) {{ OUT }} }}"
    out = f"{noun.plural} {{ name }} errors {{ code message item }}"
    items = [{"id": id, "name": f"Name {place}"} for place, id in enumerate(ids)]
    done = (await api.run(text.replace("OUT", out), items=items))[f"update{what}"]
    assert done == {noun.plural: [{"name": "Name 1"}], "errors": [told, unknown]}

    if noun is PERSON:
        text = "mutation ($ids: [ID!]!) { deletePeople(ids: $ids, evenIfUsed: true) { errors { code message item } } }"
        assert (await api.run(text, ids=ids))["deletePeople"]["errors"] == [told, unknown]


@EVERY
@pytest.mark.parametrize("given", [1, 9])
async def test_operations_on_an_id_of_old_say_what_it_became(noun: Noun, given: int, api: Api, connection: Any) -> None:
    await merged(api, connection, noun)
    code = "MERGED" if given == 1 else "NOT_FOUND"
    id = f'"{noun.name}_{given}"'
    texts = [
        f'{name_of(noun, "rename")}(id: {id}, name: "X")',
        f'{name_of(noun, "split")}(id: {id}, name: "X", filter: {{}})',
        f'{name_of(noun, "merge", many=True)}(into: {id}, from: ["{noun.name}_4"])',
        f'{name_of(noun, "delete")}(id: {id}, replacement: "{noun.name}_4")',
        f'{name_of(noun, "delete")}(id: "{noun.name}_4", replacement: {id})',
    ]
    for text in texts:
        assert await api.codes(f"mutation {{ {text} {{ token }} }}") == [code], text


async def test_a_filter_is_planned_with_the_id_that_is_meant(connection: Any) -> None:
    await connection.execute("INSERT INTO tag (name, folded_name, slug) VALUES ('New', 'new', 'new')")
    await connection.execute("INSERT INTO tag_redirect VALUES (7, 1)")
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    await connection.execute(
        "PREPARE probe AS SELECT FROM media_tag f WHERE f.tag_id = current_tag_id($1::bigint)"
        " OR f.tag_id = any(current_tag_ids($2::bigint[]))"
    )
    plan = "\n".join(row[0] for row in await connection.fetch("EXPLAIN EXECUTE probe(7, '{7,5}')"))
    assert "current_tag_id" not in plan
    assert "tag_id = '1'::bigint" in plan
    assert "{7,5,1}" in plan
