"""Plans of every statement that an edit of many sends, at 100,000 media: nothing large is read from end to end.

The statements are those that the edits really send, with their values; only planned, on the large database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.transaction import Writer
from database.connect_args import ConnectArgs
from database.open_session import open_session
from database.row import Row
from database.statement import plain
from tests.catalog.test_edit_statements import FILL
from tests.support.api import Api
from tests.support.derived import settle
from tests.support.edit_shapes import EDITS, UPSERT, UPSERTS, EditShape, upsert_items
from tests.support.noun_edit_shapes import FILL_NOUNS, NOUN_EDITS
from tests.support.upserting import FULL, item, upsert

Sent = dict[str, tuple[Any, ...]]

LARGE_TABLES = """SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 5000"""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The statements that edits send from now on, each with the values it had last."""
    texts: Sent = {}
    fetch = Writer.fetch

    async def noted(writer: Writer, text: str, *values: Any) -> list[Row]:
        texts[text] = values
        return await fetch(writer, text, *values)

    monkeypatch.setattr(Writer, "fetch", noted)
    return texts


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


# What is renamed here is on much of the large catalogue, and the feed tells each of these media.
TOLD_OF_MANY = {"updateTags", "updateGenres", "updateChannels"}


async def assert_nothing_large_is_read_whole(large: ConnectArgs, sent: Sent, *but: str) -> None:
    assert sent
    async with open_session(large) as session:
        tables = {row[0] for row in await session.fetch(plain("tables", LARGE_TABLES), ())}
        assert {"media", "media_tag", "credit"} <= tables
        for text, values in sent.items():
            if text.split()[0] not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
                continue
            [row] = await session.fetch(plain("explain", f"EXPLAIN (FORMAT JSON) {text}"), values)
            plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
            read = {one["Relation Name"] for one in nodes(plan[0]["Plan"]) if one["Node Type"] == "Seq Scan"}
            assert (read & tables - {*but}, text) == (set(), text)


@pytest.mark.parametrize("shape", [*EDITS, *NOUN_EDITS], ids=lambda shape: shape.name)
async def test_an_edit_of_many_reads_nothing_large_from_end_to_end(
    shape: EditShape, api: Api, connection: Any, large: ConnectArgs, sent: Sent
) -> None:
    await connection.execute(FILL)
    if shape in NOUN_EDITS:
        await connection.execute(FILL_NOUNS)
        await settle(connection)
    sent.clear()
    await api.run(shape.text, **shape.variables(10))
    await assert_nothing_large_is_read_whole(large, sent, *(["media_change"] if shape.name in TOLD_OF_MANY else []))


@pytest.mark.parametrize("by_external_id", [False, True])
async def test_an_upsert_reads_nothing_large_from_end_to_end(
    by_external_id: bool, api: Api, connection: Any, large: ConnectArgs, sent: Sent
) -> None:
    await connection.execute(FILL)
    for shape in UPSERTS:
        await api.run(UPSERT, items=upsert_items(50, shape.round, by_external_id=by_external_id))
        assert any("person_external_id" in text for text in sent) == by_external_id
        await assert_nothing_large_is_read_whole(large, sent)
        sent.clear()
    for titles in ("New", "New", "Other"):
        lists = {**FULL, "taglines": [titles], "aliases": [{"title": titles}]}
        await upsert(api, [item(0, titles, **lists)])
        await assert_nothing_large_is_read_whole(large, sent)
        sent.clear()


@pytest.mark.parametrize(
    "operation",
    [
        'mergePeople(into: "person_1", from: ["person_2", "person_3"])',
        'deletePerson(id: "person_2", replacement: "person_1")',
    ],
)
async def test_external_ids_of_people_who_become_one_are_moved_by_their_indexes(
    operation: str, api: Api, connection: Any, large: ConnectArgs, sent: Sent
) -> None:
    await connection.execute(FILL)
    await connection.execute(FILL_NOUNS)
    await settle(connection)
    await connection.execute("INSERT INTO person_external_id SELECT 'imdb', 'x' || id, id FROM person")
    sent.clear()
    data = await api.run(f"mutation {{ {operation} {{ operation {{ id }} }} }}")
    [done] = data.values()
    await api.run("mutation ($id: ID!) { undo(operation: $id) { token } }", id=done["operation"]["id"])
    of_ids = {text: values for text, values in sent.items() if "person_external_id" in text}
    assert len(of_ids) >= 3
    await assert_nothing_large_is_read_whole(large, of_ids)
