"""Tags in a tree: parents and children, no cycles, at most 64 parents, two writers at once included."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from loaders.registry import Loaders
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter
from tests.loaders.test_contract import silent_reader
from tests.nouns.test_media import until_blocked
from tests.support.api import Api
from tests.support.factories import add_name
from tests.support.plans import MODES, explain, explain_batch, indexes, scans

ADD = "INSERT INTO tag_parent (tag_id, parent_id) VALUES ($1, $2)"


@pytest.fixture
async def tags(connection: Any) -> None:
    """Genre (1), crime (2) and Ärger (3), which are genres, noir (4), which is crime and Ärger."""
    for name in ("genre", "crime", "Ärger", "noir"):
        await add_name(connection, "tag", name)
    await connection.executemany(ADD, [(2, 1), (3, 1), (4, 2), (4, 3)])
    await connection.execute("UPDATE tag SET category = 'style' WHERE id = 4")


async def test_tags_have_categories_parents_and_pages_of_children(api: Api, tags: None) -> None:
    data = await api.run(
        """{ tags { nodes { name category parents { name } children(first: 1) {
            totalCount nodes { name } pageInfo { hasNextPage } } } } }"""
    )

    def tag(name: str, parents: list[str], children: int, first: str | None, category: str | None = None) -> Any:
        nodes = [] if first is None else [{"name": first}]
        page = {"totalCount": children, "nodes": nodes, "pageInfo": {"hasNextPage": children > 1}}
        return {"name": name, "category": category, "parents": [{"name": one} for one in parents], "children": page}

    assert data["tags"]["nodes"] == [
        tag("genre", [], 2, "Ärger"),
        tag("crime", ["genre"], 1, "noir"),
        tag("Ärger", ["genre"], 1, "noir"),
        tag("noir", ["Ärger", "crime"], 0, None, "style"),
    ]
    assert sorted(api.statements) == [
        "child_count_by_tag_id",
        "child_pages_by_tag_id",
        "parents_by_tag_id",
        "tag_pages",
    ]


async def test_children_are_filtered_ordered_and_continued(api: Api, tags: None) -> None:
    text = """query ($after: String) { tag(id: "tag_1") { children(first: 1, after: $after,
        orderBy: [{field: NAME, direction: DESC}]) { nodes { name } pageInfo { endCursor } } } }"""
    first = (await api.run(text))["tag"]["children"]
    second = (await api.run(text, after=first["pageInfo"]["endCursor"]))["tag"]["children"]

    assert [page["nodes"][0]["name"] for page in (first, second)] == ["crime", "Ärger"]
    data = await api.run('{ tag(id: "tag_1") { children(filter: {startsWith: "ar"}) { nodes { name } } } }')
    assert data["tag"]["children"]["nodes"] == [{"name": "Ärger"}]


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO tag_parent VALUES (1, 1)",
        "INSERT INTO tag_parent VALUES (1, 4)",
        "INSERT INTO tag_parent VALUES (5, 6), (6, 5)",
        "UPDATE tag_parent SET parent_id = 4 WHERE tag_id = 2",
        "UPDATE tag_parent SET tag_id = 1 WHERE (tag_id, parent_id) = (4, 2)",
    ],
)
async def test_a_tag_never_stands_below_itself(connection: Any, tags: None, change: str) -> None:
    for name in ("x", "y"):
        await add_name(connection, "tag", name)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await connection.execute(change)

    assert refused.value.constraint_name == "tag_parent_cycle"
    await connection.execute("INSERT INTO tag_parent VALUES (5, 4), (6, 5), (6, 1)")


async def test_two_writers_together_cannot_make_a_cycle(connection: Any, writer: ConnectArgs) -> None:
    for name in ("a", "b"):
        await add_name(connection, "tag", name)
    other = await asyncpg.connect(**writer.kwargs())

    async with connection.transaction():
        await connection.execute(ADD, 1, 2)
        waiting = asyncio.create_task(other.execute(ADD, 2, 1))
        await until_blocked(connection, other)
    with pytest.raises(asyncpg.CheckViolationError, match="below itself"):
        await waiting

    assert [tuple(row) for row in await connection.fetch("SELECT * FROM tag_parent")] == [(1, 2)]
    await other.close()


async def test_a_tag_has_at_most_64_parents(connection: Any) -> None:
    numbers = [await add_name(connection, "tag", str(number)) for number in range(66)]
    await connection.executemany(ADD, [(numbers[0], parent) for parent in numbers[1:65]])

    for change in ("INSERT INTO tag_parent VALUES (1, 66)", "UPDATE tag_parent SET tag_id = 1 WHERE tag_id = 66"):
        if change.startswith("UPDATE"):
            await connection.execute("INSERT INTO tag_parent VALUES (66, 3), (66, 2)")
            await connection.execute("DELETE FROM tag_parent WHERE (tag_id, parent_id) IN ((1, 2), (1, 3))")
            await connection.execute("INSERT INTO tag_parent VALUES (1, 66)")
        with pytest.raises(asyncpg.CheckViolationError, match="tag 1 would have more than 64 rows in tag_parent"):
            await connection.execute(change)


async def test_pairs_go_with_their_tags(connection: Any, tags: None) -> None:
    await connection.execute("DELETE FROM tag WHERE id = 3")

    assert [tuple(row) for row in await connection.fetch("SELECT * FROM tag_parent ORDER BY 1")] == [(2, 1), (4, 2)]


async def test_parents_and_children_are_found_by_their_indexes(connection: Any) -> None:
    await connection.execute(
        """INSERT INTO tag (name, folded_name, slug) SELECT n::text, n::text, n::text FROM generate_series(1, 20000) n;
        INSERT INTO tag_parent SELECT n, 1 + n % 400 FROM generate_series(401, 20000) n"""
    )
    await connection.execute("VACUUM (ANALYZE) tag, tag_parent")

    assert "tag_parent_pkey" in indexes(await explain_batch(connection, "parents_by_tag_id", range(500, 600)))
    ref = Loaders.child_pages_by_tag_id
    asked = PageArguments(20, False, NoFilter(), ref.source.default, None, None)
    for mode in MODES:
        steps = await explain(connection, *ref.compose(silent_reader(), asked, [7, 8]), mode)
        assert "tag_parent_parent_id_tag_id" in indexes(steps)
        assert max(scan.read for scan in scans(steps)) == 98
