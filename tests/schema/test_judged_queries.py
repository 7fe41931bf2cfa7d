"""What people must get for a hundred queries over the demo's movies: tests/data/judged_queries.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.api import Api

FILE = Path(__file__).resolve().parents[1] / "data" / "judged_queries.md"
NOTHING = ["nothing"]
SEARCH = """
query ($query: String!) { search(query: $query, first: 10) { nodes { __typename
    ... on Media { title year } ... on Person { name } ... on Tag { name } ... on Genre { name }
    ... on Channel { name } ... on Collection { name } } } }
"""


class Judged(NamedTuple):
    """`first`: one of these comes first; `among`: each of these is among the first ten."""

    query: str
    first: list[str]
    among: list[str]


def read_judged() -> Iterator[Judged]:
    """The rows of the tables."""
    for line in FILE.read_text().splitlines():
        if line.startswith("| ") and not line.startswith(("| query |", "| --- |")):
            query, first, among = (cell.strip() for cell in line.strip("|").split("|"))
            yield Judged(query, names(first), names(among))


def names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(";") if name.strip()]


JUDGED = list(read_judged())


def called(node: dict[str, Any]) -> str:
    """As the file says it."""
    if node["__typename"] == "Media":
        return f"{node['title']} ({node['year']})"
    return f"{node['__typename'].lower()} {node['name']}"


def test_there_are_a_hundred_queries_and_no_two_are_one() -> None:
    assert len({judged.query for judged in JUDGED}) == len(JUDGED) >= 100
    assert all(judged.first for judged in JUDGED)


@pytest.mark.parametrize("judged", JUDGED, ids=[judged.query for judged in JUDGED])
async def test_people_get_what_they_look_for(demo_api: Api, judged: Judged) -> None:
    nodes = (await demo_api.run(SEARCH, query=judged.query))["search"]["nodes"]
    found = [called(node) for node in nodes]

    assert found[:1] == [] if judged.first == NOTHING else found and found[0] in judged.first, found
    assert set(judged.among) <= set(found), found
