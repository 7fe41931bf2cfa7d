"""Release groups: look-ups, names, scores in both directions, their releases."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from loaders.core.read_session import ReadSession
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter, OrderBy
from tests.loaders.test_contract import DECLARED, SilentDatabase, silent_reader
from tests.loaders.test_plans import SIZE, Place, assert_flat, pages, place
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_row
from tests.support.plans import MODES, explain, indexes, scans


async def add_group(connection: Any, name: str, score: int | None = None) -> int:
    return await add_row(connection, "release_group", name=name, folded_name=name.lower(), score_thousandths=score)


async def test_groups_are_ordered_by_score_both_ways_and_those_without_one_come_last(api: Api, connection: Any) -> None:
    for name, score in [("a", 500), ("b", None), ("c", 1000), ("d", 500), ("e", None), ("f", 0)]:
        await add_group(connection, name, score)
    for direction, expected in [("ASC", "fadcbe"), ("DESC", "cdafeb")]:
        for way, step, end in [("first", "after", "endCursor"), ("last", "before", "startCursor")]:
            found, cursor = "", ""
            while True:
                data = await api.run(
                    f"""{{ releaseGroups({way}: 2{cursor}, orderBy: [{{ field: SCORE, direction: {direction} }}]) {{
                    nodes {{ name }} pageInfo {{ {end} }} }} }}"""
                )
                page = data["releaseGroups"]
                names = "".join(node["name"] for node in page["nodes"])
                if not names:
                    break
                found = found + names if way == "first" else names + found
                cursor = f', {step}: "{page["pageInfo"][end]}"'
            assert found == expected, (direction, way)


async def test_groups_are_found_by_name_and_by_id(api: Api, connection: Any) -> None:
    for name, score in [("Alpha", 123), ("Beta", None)]:
        await add_group(connection, name, score)

    data = await api.run(
        """{ one: releaseGroup(id: "release_group_1") { name score analysedAt releaseCount }
        none: releaseGroup(id: "release_group_9") { id }
        named: releaseGroups(filter: { contains: "ET" }, orderBy: [{ field: NAME }]) { totalCount nodes { id score } }
        node(id: "release_group_2") { ... on ReleaseGroup { name } }
        _entities(representations: [{ __typename: "ReleaseGroup", id: "release_group_2" }]) {
            ... on ReleaseGroup { name } } }"""
    )

    assert data == {
        "one": {"name": "Alpha", "score": 0.123, "analysedAt": None, "releaseCount": 0},
        "none": None,
        "named": {"totalCount": 1, "nodes": [{"id": "release_group_2", "score": None}]},
        "node": {"name": "Beta"},
        "_entities": [{"name": "Beta"}],
    }
    assert sorted(api.statements) == ["release_group_by_id", "release_group_count", "release_group_pages"]
    assert await api.codes('{ releaseGroup(id: "release_1") { id } }') == ["BAD_ID"]


async def test_groups_have_their_releases_newest_first_as_far_as_they_are_seen(api: Api, connection: Any) -> None:
    media = [await add_media(connection, await add_library(connection, name)) for name in ("a", "b")]
    groups = [await add_group(connection, name) for name in "ab"]
    for number, one in enumerate([media[0], media[1], None]):
        columns = {"media_id": one, "release_group_id": groups[0], "name": f"r{number}", "category": "x"}
        await add_row(connection, "release", **columns)
    asked = "{ releaseGroups { nodes { releaseCount releases { totalCount nodes { name media { id } } } } } }"

    for libraries, names in [(None, ["r2", "r1", "r0"]), ((2,), ["r2", "r1"]), ((), ["r2"])]:
        first, second = (await api.run(asked, Viewer(libraries)))["releaseGroups"]["nodes"]
        assert [node["name"] for node in first["releases"]["nodes"]] == names
        assert first["releaseCount"] == first["releases"]["totalCount"] == len(names)
        assert second == {"releaseCount": 0, "releases": {"totalCount": 0, "nodes": []}}
    assert sorted(api.statements) == [
        "release_count_by_release_group_id",
        "release_group_pages",
        "release_pages_by_release_group_id",
    ]


@pytest.mark.parametrize(("field", "index"), [("NAME", "folded_name_id"), ("SCORE", "score")])
async def test_names_and_scores_walk_their_indexes_both_ways(field: str, index: str, large_reader: Any) -> None:
    ref = pages("release_group_pages")
    for order in [(OrderBy(field),), (OrderBy(field, True),)]:
        for at in (Place(), await place(large_reader, ref, order, 0, 0.5)):
            for backward in (False, True):
                ends = (None, at.position) if backward else (at.position, None)
                asked = PageArguments(SIZE, backward, NoFilter(), order, *ends)
                for mode in MODES:
                    steps = await explain(large_reader, *ref.compose(silent_reader(), asked, [0]), mode)
                    assert_flat(steps, f"release_group_{index}", (order, mode, at))
                    assert indexes(steps) == {f"release_group_{index}"}


async def test_the_releases_of_groups_are_counted_in_an_index_alone(large_reader: Any) -> None:
    statement: Any = DECLARED["release_group_by_id"].statement  # type: ignore[attr-defined]
    row = statement.row
    for viewer in (Viewer(), Viewer((1, 2))):
        reader = ReadSession(SilentDatabase(), viewer, {row: frozenset({"release_count"})})
        composed, values = statement.compose("release_group_by_id", reader, [5, 6, 7])
        steps = await explain(large_reader, composed, values, "force_generic_plan")
        (found,) = [scan for scan in scans(steps) if scan.table == "release"]
        assert (found.type, found.index) == ("Index Only Scan", "release_release_group_id_published_at_id")
