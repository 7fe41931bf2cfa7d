"""What operations on names refuse, and what they keep as it was written."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.taxonomy.noun import TAG
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.taxonomy import FIELDS, stored

RENAME = (
    f"mutation ($id: ID!, $name: String!, $token: String) {{ renameTag(id: $id, name: $name, token: $token) {FIELDS} }}"
)
MERGE = f"""mutation ($into: ID!, $others: [ID!]!, $preview: Boolean, $token: String) {{
    mergeTags(into: $into, from: $others, preview: $preview, token: $token) {FIELDS} }}"""


async def tags(connection: Any, *names: str) -> None:
    for name in names:
        await add_name(connection, "tag", name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "BAD_ARGUMENT"),
        (" \u200b ", "BAD_ARGUMENT"),
        ("a\0b", "BAD_ARGUMENT"),
        ("a\ud800", "BAD_ARGUMENT"),
        ("x" * 10_000, "BAD_ARGUMENT"),
        ("\ufdfa" * 200, "BAD_ARGUMENT"),
        ("DRAMÁ", "NAME_TAKEN"),
        ("theatre", "NAME_TAKEN"),
    ],
)
async def test_names_that_cannot_be(name: str, code: str, api: Api, connection: Any) -> None:
    await add_name(connection, "tag", "Comedy")
    await add_name(connection, "tag", "Drama", "theatre")
    before = await stored(connection, TAG)

    assert await api.codes(RENAME, id="tag_1", name=name) == [code]
    assert await stored(connection, TAG) == before


@pytest.mark.parametrize("name", ["🎬 films", "हिन्दी", "e\u0301t\u00e9", "👩‍👩‍👧"])
async def test_emoji_and_combining_accents_are_kept(name: str, api: Api, connection: Any) -> None:
    await tags(connection, "Comedy")

    await api.run(RENAME, id="tag_1", name=name)

    assert await connection.fetchval("SELECT name FROM tag") == name


@pytest.mark.parametrize(
    ("into", "others", "code"),
    [
        ("tag_1", ["tag_1"], "BAD_ARGUMENT"),
        ("tag_1", [], "BAD_ARGUMENT"),
        ("tag_1", ["tag_9"], "NOT_FOUND"),
        ("tag_9", ["tag_1"], "NOT_FOUND"),
        ("tag_1", ["genre_1"], "BAD_ID"),
        ("tag_1", ["nonsense"], "BAD_ID"),
        ("tag_1", [f"tag_{number}" for number in range(2, 10_002)], "BAD_ARGUMENT"),
        ("tag_1", ["tag_3"], "MERGED"),
    ],
)
async def test_merges_that_cannot_be(into: str, others: list[str], code: str, api: Api, connection: Any) -> None:
    await tags(connection, "a", "b", "c")
    await api.run(MERGE, into="tag_2", others=["tag_3"])
    before = await stored(connection, TAG)

    assert await api.codes(MERGE, into=into, others=others) == [code]
    assert await stored(connection, TAG) == before


async def test_one_that_was_merged_is_told_of(api: Api, connection: Any) -> None:
    await tags(connection, "a", "b", "c")
    await api.run(MERGE, into="tag_2", others=["tag_3"])

    body = (await api.answer(MERGE, into="tag_1", others=["tag_3"])).body

    assert body["errors"][0]["message"] == "tag_3 was merged into tag_2 already: name that one."


@pytest.mark.parametrize("parents", [["tag_1"], ["tag_2"], ["tag_3"]])
async def test_parents_in_circles(parents: list[str], api: Api, connection: Any) -> None:
    await tags(connection, "a", "b", "c")
    await connection.execute("INSERT INTO tag_parent VALUES (2, 1), (3, 2)")

    text = 'mutation ($parents: [ID!]!) { setTagParents(id: "tag_1", parents: $parents) { token } }'
    assert await api.codes(text, parents=parents) == ["BAD_ARGUMENT"]


async def test_a_rule_that_contradicts_itself(api: Api, connection: Any) -> None:
    text = "mutation ($rules: NormaliseRules!) { normaliseTags(rules: $rules) { token } }"
    names = [{"name": "a", "becomes": "b"}, {"name": "A", "becomes": "c"}]
    assert await api.codes(text, rules={"names": names}) == ["BAD_ARGUMENT"]
    many = [{"name": f"{number}", "becomes": "x"} for number in range(5_001)]
    assert await api.codes(text, rules={"names": many}) == ["BAD_ARGUMENT"]


async def test_media_that_may_not_be_changed_are_counted_and_not_named(api: Api, connection: Any) -> None:
    seen, hidden = await add_library(connection), await add_library(connection, "Secret")
    await tags(connection, "a", "b")
    for library in (seen, hidden, hidden):
        await mark(connection, "tag", await add_media(connection, library, "Hush"), 2)
    before = await stored(connection, TAG)

    for preview in (True, False):
        answer = await api.answer(MERGE, Viewer((seen,)), into="tag_1", preview=preview, others=["tag_2"])
        [error] = answer.body["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert "2 of their media" in error["message"]
        assert "Hush" not in error["message"]
    assert await stored(connection, TAG) == before
    await api.run(MERGE, Viewer((seen, hidden)), into="tag_1", others=["tag_2"])


async def test_a_preview_changes_nothing_and_its_token_does_exactly_that(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    await tags(connection, "a", "b")
    await mark(connection, "tag", await add_media(connection, library), 2)
    before = await stored(connection, TAG)
    asked: Any = {"into": "tag_1", "others": ["tag_2"]}

    shown = (await api.run(MERGE, preview=True, **asked))["mergeTags"]

    assert (shown["operation"], await stored(connection, TAG)) == (None, before)
    await mark(connection, "tag", await add_media(connection, library), 2)
    [error] = (await api.answer(MERGE, token=shown["token"], **asked)).body["errors"]
    assert error["extensions"]["code"] == "STALE_PREVIEW"
    assert error["message"].endswith("tag_2.")
    assert await api.codes(MERGE, token="AAAA", **asked) == ["BAD_ARGUMENT"]
    assert await api.codes(MERGE, token=shown["token"], preview=True, **asked) == ["BAD_ARGUMENT"]
    assert await api.codes(RENAME, id="tag_1", name="x", token=shown["token"]) == ["BAD_ARGUMENT"]
    again = (await api.run(MERGE, preview=True, **asked))["mergeTags"]
    done = (await api.run(MERGE, token=again["token"], **asked))["mergeTags"]
    assert done["counts"] == again["counts"] == {"renamed": 0, "merged": 1, "moved": 2}
