"""Named nouns are looked up by id or by name, all in one way."""

from __future__ import annotations

from typing import Any

import pytest

from domain.memberships import MEMBERSHIPS
from domain.text import fold
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.factories import add_collection, add_library, add_name, add_person, add_row

NOUNS = (*(one.noun for one in MEMBERSHIPS), "person", "library", "collection", "releaseGroup")


async def add(connection: Any, noun: str, name: str) -> int:
    if noun == "person":
        return await add_person(connection, name)
    if noun == "library":
        return await add_library(connection, name)
    if noun == "collection":
        return await add_collection(connection, name)
    if noun == "releaseGroup":
        return await add_row(connection, "release_group", name=name, folded_name=fold(name))
    return await add_name(connection, noun, name)


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_noun_is_found_by_its_name_or_its_id_with_one_statement(api: Api, connection: Any, noun: str) -> None:
    await add(connection, noun, "Other")
    await add(connection, noun, "Élan  Vital")
    text = f"query ($name: String, $id: ID) {{ {noun}(name: $name, id: $id) {{ id name }} }}"

    found = (await api.run(text, name=" ELAN vital"))[noun]
    assert found["name"] == "Élan  Vital"
    assert len(api.statements) == 1
    assert await api.run(text, id=found["id"]) == {noun: found}
    assert await api.run(text, name="nobody") == {noun: None}
    assert await api.codes(text) == ["BAD_ARGUMENT"]
    assert await api.codes(text, name="Other", id=found["id"]) == ["BAD_ARGUMENT"]
    assert await api.codes(text, name="\0") == ["BAD_ARGUMENT"]


@pytest.mark.parametrize("noun", ["person", "collection"])
async def test_a_name_that_several_bear_is_told_and_fails_alone(api: Api, connection: Any, noun: str) -> None:
    for name in ("Same", "SAME", "Sáme", "Other"):
        await add(connection, noun, name)
    text = f'{{ a: {noun}(name: "same") {{ id }} b: {noun}(name: "other") {{ name }} c: {noun}(name: "x") {{ id }} }}'

    body = (await api.answer(text)).body

    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [(["a"], "AMBIGUOUS")]
    assert body["data"] == {"a": None, "b": {"name": "Other"}, "c": None}
    assert api.statements == [f"{noun}_by_name"]


async def test_a_hidden_library_is_not_found_by_its_name(api: Api, connection: Any) -> None:
    await add_library(connection, "Hidden")

    assert await api.run('{ library(name: "hidden") { id } }', Viewer((7,))) == {"library": None}
