"""Two gateways in front of Marquee and a second subgraph: the same answers, one request and one statement a level."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from tests.support.databases import clone, drop
from tests.support.factories import add_library, add_name, add_person, mark
from tests.support.subgraph import GATEWAYS, NOT_INSTALLED, Behind, open_gateways

MEDIA = 600
SUBJECTS = """query ($first: Int!, $spread: Int!) {
    reviews(first: $first, spread: $spread) { text subject { id title year tags { name } } } }"""
OF = "query ($media: [ID!]!) { reviewsOf(media: $media) { text subject { title } } }"

pytestmark = [
    pytest.mark.gateways,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(bool(NOT_INSTALLED), reason=NOT_INSTALLED or "installed"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def behind(server_url: str, prefix: str, template: str) -> AsyncIterator[Behind]:
    """media_1 to media_600 of the years 1900 to 1999, every tenth with a tag; person_1 to person_3."""
    name = f"{prefix}_{uuid4().hex[:8]}"
    args = await clone(server_url, template, name)
    connection = await asyncpg.connect(**args.kwargs())
    library = await add_library(connection)
    await connection.execute(
        "INSERT INTO media (library_id, kind, title, folded_title, sort_title, year)"
        " SELECT $1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n, 1900 + n % 100 FROM generate_series(1, $2::int) n",
        library,
        MEDIA,
    )
    tag = await add_name(connection, "tag", "noir")
    for number in range(10, MEDIA + 1, 10):
        await mark(connection, "tag", number, tag)
    for person in ("Ada", "Ben", "Cleo"):
        await add_person(connection, person)
    await connection.close()
    async with open_gateways(args) as opened:
        yield opened
    await drop(server_url, name)


def media(number: int) -> dict[str, Any]:
    tags = [{"name": "noir"}] if number % 10 == 0 else []
    return {"id": f"media_{number}", "title": f"M{number}", "year": 1900 + number % 100, "tags": tags}


@pytest.fixture(params=GATEWAYS)
def gateway(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(("first", "spread"), [(1, 1), (300, 100), (300, 300), (1500, 500)])
async def test_reviews_of_many_media_ask_once_and_cost_a_statement_a_loader(
    behind: Behind, gateway: str, first: int, spread: int
) -> None:
    data = await behind.data(gateway, SUBJECTS, first=first, spread=spread)
    assert data["reviews"] == [
        {"text": f"Review {number + 1}", "subject": media(1 + number % spread)} for number in range(first)
    ]
    assert [text.count("_entities") for text in behind.asked] == [1]
    assert sorted(behind.statements) == ["media_by_id", "tags_by_media_id"]


async def test_more_media_than_may_be_asked_at_once_leave_the_others(behind: Behind, gateway: str) -> None:
    body = await behind.ask(gateway, SUBJECTS, first=MEDIA, spread=MEDIA)
    found = [review["subject"] for review in body["data"]["reviews"]]
    assert found == [media(number) if number <= 500 else None for number in range(1, MEDIA + 1)]
    codes = [error.get("extensions", {}).get("code") for error in body["errors"]]
    assert codes.count("TOO_MANY_ENTITIES") == MEDIA - 500
    assert behind.statements == ["media_by_id", "tags_by_media_id"]


async def test_what_another_subgraph_provides_composes_and_is_taken_from_there_by_a_gateway_that_does_so(
    behind: Behind, gateway: str
) -> None:
    data = await behind.data(gateway, "{ reviews(first: 2, spread: 1) { media { id title } } }")
    # Hive's planner goes to the owner of the field all the same.
    title, statements = {"apollo": ("Provided media_1", []), "hive": ("M1", ["media_by_id"])}[gateway]
    assert data == {"reviews": [{"media": {"id": "media_1", "title": title}}] * 2}
    assert behind.statements == statements


async def test_what_another_subgraph_requires_is_asked_with_the_rest(behind: Behind, gateway: str) -> None:
    data = await behind.data(gateway, "{ media(first: 3) { nodes { headline reviews { text subject { year } } } } }")
    assert data["media"]["nodes"] == [
        {"headline": f"M{number} of {1900 + number}", "reviews": [{"text": "Review 1", "subject": {"year": year}}]}
        for number, year in ((1, 1901), (2, 1902), (3, 1903))
    ]
    assert behind.statements == ["media_pages", "media_by_id"]
    assert [text.count("_entities") for text in behind.asked] == [0, 1]


async def test_what_is_required_of_references_is_one_more_request(behind: Behind, gateway: str) -> None:
    data = await behind.data(gateway, "{ reviews(first: 200, spread: 50) { subject { headline } } }")
    assert data["reviews"][199] == {"subject": {"headline": "M50 of 1950"}}
    assert [text.count("_entities") for text in behind.asked] == [1]
    assert behind.statements == ["media_by_id"]


async def test_a_reference_that_the_other_subgraph_cannot_resolve(behind: Behind, gateway: str) -> None:
    data = await behind.data(gateway, "{ reviews(first: 3, spread: 1) { author { id name mediaCount } } }")
    assert [review["author"] for review in data["reviews"]] == [
        {"id": f"person_{place}", "name": name, "mediaCount": 0}
        for place, name in enumerate(("Ada", "Ben", "Cleo"), start=1)
    ]
    assert behind.statements == ["person_by_id"]
    await behind.data(gateway, "{ reviews(first: 3, spread: 1) { author { id } } }")
    assert behind.asked == []


async def test_media_that_are_not_there_or_have_no_such_id_leave_the_others(behind: Behind, gateway: str) -> None:
    ids = ["media_2", "media_999999", "nonsense", "tag_1", "", "media_2", "media_1"]
    body = await behind.ask(gateway, OF, media=ids)
    found = [review["subject"] for review in body["data"]["reviewsOf"]]
    assert found == [{"title": "M2"}, None, None, None, None, {"title": "M2"}, {"title": "M1"}]
    refused = {error["path"][1] for error in body["errors"] if error.get("extensions", {}).get("code") == "BAD_ID"}
    assert refused == {2, 3, 4}
    assert behind.statements == ["media_by_id"]


async def test_a_root_field_that_fails_leaves_those_of_both_subgraphs(behind: Behind, gateway: str) -> None:
    body = await behind.ask(
        gateway,
        "{ media(first: 1000) { nodes { title } } tags { nodes { name } } reviews(first: 1, spread: 1) { text } }",
    )
    assert body["data"] == {"media": None, "tags": {"nodes": [{"name": "noir"}]}, "reviews": [{"text": "Review 1"}]}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_PAGE_SIZE"]


async def test_edits_of_both_subgraphs_pass_through(behind: Behind, gateway: str) -> None:
    data = await behind.data(
        gateway,
        """mutation ($name: String!) {
            setTags(items: [{media: ["media_7"], tags: [{name: $name}]}]) {
                succeeded media { title tags { name } reviews { text } } }
            review(media: "media_7") { subject { title tags { name } } } }""",
        name=f"by {gateway}",
    )
    tags = [{"name": f"by {gateway}"}]
    assert data == {
        "setTags": {"succeeded": 1, "media": [{"title": "M7", "tags": tags, "reviews": [{"text": "Review 1"}]}]},
        "review": {"subject": {"title": "M7", "tags": tags}},
    }
    body = await behind.ask(
        gateway, 'mutation { setTags(items: [{media: ["media_9999"], tags: []}]) { errors { code } } }'
    )
    assert body["data"] == {"setTags": {"errors": [{"code": "NOT_FOUND"}]}}
