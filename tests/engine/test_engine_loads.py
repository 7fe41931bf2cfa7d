"""What loaders give the engine: rows, nothing, errors, for a row, a list's element or a whole batch."""

from __future__ import annotations

from typing import Any

import pytest

from loaders.core.batch_loader import BatchLoader
from tests.support.engine_schema import World, run, told

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])


@ENGINES
async def test_a_level_without_rows_sends_nothing(compiled: bool) -> None:
    world = World()
    world.answers["authors"] = {0: []}
    world.answers["books_by_author_id"] = {4: []}

    text = "{ authors { mentor { id } } author(id: 4) { books { tags { id } } mentor { id } } tags(ids: []) { id } }"

    result = await run(text, world, compiled=compiled)

    assert result.data == {"authors": [], "author": {"books": [], "mentor": None}, "tags": []}
    assert sorted(world.batches) == [("author_by_id", [4]), ("authors", [0]), ("books_by_author_id", [4])]


@ENGINES
async def test_rows_without_a_key_have_nothing_and_are_not_asked_for(compiled: bool) -> None:
    world = World()

    result = await run("{ authors { mentor { name } } }", world, compiled=compiled)

    mentors = [{"mentor": {"name": "author 101"}}, {"mentor": None}, {"mentor": {"name": "author 103"}}]
    assert result.data == {"authors": mentors}
    assert world.batches == [("authors", [0]), ("author_by_id", [101, 103])]


@ENGINES
async def test_equal_look_ups_under_two_aliases_are_asked_once(compiled: bool) -> None:
    world = World()
    text = (
        "{ a: author(id: 1) { x: books { id } y: books { title } } b: author(id: 1) { name } c: author(id: 7) { id } }"
    )

    result = await run(text, world, compiled=compiled)

    assert result.data == {
        "a": {"x": [{"id": 11}, {"id": 12}], "y": [{"title": "book 11"}, {"title": "book 12"}]},
        "b": {"name": "author 1"},
        "c": {"id": 7},
    }
    assert world.batches == [("author_by_id", [1, 7]), ("books_by_author_id", [1])]


@ENGINES
async def test_a_required_row_that_is_missing_is_gone(compiled: bool) -> None:
    world = World()
    world.answers["city_by_id"] = {2: None}

    result = await run("{ authors { id home { name } } again: authors { city { name } } }", world, compiled=compiled)

    assert result.data is not None
    assert result.data["authors"][1] == {"id": 2, "home": None}
    assert result.data["again"] == [{"city": {"name": "city 1"}}, None, {"city": {"name": "city 3"}}]
    assert [(error.path, error.extensions) for error in result.errors or ()] == [
        (["authors", 1, "home"], {"code": "GONE"}),
        (["again", 1, "city"], {"code": "GONE"}),
    ]
    assert world.batches == [("authors", [0]), ("city_by_id", [1, 2, 3])]


@ENGINES
async def test_a_batch_that_fails_is_an_error_of_each_field_that_asked(compiled: bool) -> None:
    world = World()
    world.failing["author_by_id"] = ValueError("no authors today")

    result = await run("{ authors { name mentor { name } } author(id: 9) { id } }", world, compiled=compiled)

    authors = [{"name": f"author {id}", "mentor": None} for id in (1, 2, 3)]
    assert result.data == {"authors": authors, "author": None}
    assert sorted(told(result), key=str) == [
        ("no authors today", ["author"]),
        ("no authors today", ["authors", 0, "mentor"]),
        ("no authors today", ["authors", 2, "mentor"]),
    ]


async def test_a_loader_that_raises_is_an_error_of_each_field_that_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def load_batch(*_: Any) -> Any:
        raise ValueError("no loader today")

    monkeypatch.setattr(BatchLoader, "load_batch", load_batch)

    result = await run("{ a: author(id: 1) { id } b: author(id: 2) { id } }", World())

    assert result.data == {"a": None, "b": None}
    assert told(result) == [("no loader today", ["a"]), ("no loader today", ["b"])]


@ENGINES
async def test_a_key_that_fails_is_an_error_of_its_row_alone(compiled: bool) -> None:
    world = World()
    world.answers["books_by_author_id"] = {2: ValueError("burnt")}

    result = await run("{ authors { books { id } } }", world, compiled=compiled)

    assert result.data == {"authors": [{"books": [{"id": 11}, {"id": 12}]}, None, {"books": [{"id": 31}, {"id": 32}]}]}
    assert told(result) == [("burnt", ["authors", 1, "books"])]


@ENGINES
async def test_look_ups_of_a_list_are_one_batch_and_fail_one_by_one(compiled: bool) -> None:
    world = World()
    world.answers["tag_by_id"] = {4: None, 5: ValueError("torn off")}

    result = await run("{ tags(ids: [3, -1, 4, 5, 3]) { name } }", world, compiled=compiled)

    assert result.data == {"tags": [{"name": "tag 3"}, None, None, None, {"name": "tag 3"}]}
    assert sorted(told(result)) == [("-1 is no tag", ["tags", 1]), ("torn off", ["tags", 3])]
    assert world.batches == [("tag_by_id", [3, 4, 5])]


@ENGINES
@pytest.mark.parametrize(
    ("ids", "words", "path"),
    [([3, 4], "Cannot return null for non-nullable field Query.sureTags.", 1), ([-1, 3], "-1 is no tag", 0)],
)
async def test_a_look_up_that_must_be_there_takes_its_list_with_it(
    ids: list[int], words: str, path: int, compiled: bool
) -> None:
    world = World()
    world.answers["tag_by_id"] = {4: None}

    result = await run("query($ids: [Int!]!) { sureTags(ids: $ids) { name } }", world, {"ids": ids}, compiled=compiled)

    assert result.data == {"sureTags": None}
    assert told(result) == [(words, ["sureTags", path])]
