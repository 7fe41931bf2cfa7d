"""Lists that come as one sequence of rows: the engine puts answers into lists, and no row before."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from loaders.core.grouped_rows import GroupedRows
from tests.support.engine_schema import Ref, World, author, run, told


class OwnedBook(NamedTuple):
    owner: int
    id: int
    title: str | None
    author_id: int
    translator_id: int


class OwnedTag(NamedTuple):
    owner: int
    id: int
    name: str | None


class Flat(World):
    """Books and tags come from their loaders as Lists. `nameless`: the tag without its name."""

    nameless = -1
    grouped = 0

    def rows(self, name: str, keys: list[int]) -> list[Any]:
        if name == "books_by_author_id":
            return [
                OwnedBook(key, 10 * key + one, f"book {one}", 1, 2) for key in sorted(keys) for one in range(key % 3)
            ]
        return [
            OwnedTag(key, one, None if one == self.nameless else f"tag {one}")
            for key in sorted(keys)
            for one in (key % 3, key % 5)
        ]


@pytest.fixture(autouse=True)
def flat(monkeypatch: pytest.MonkeyPatch) -> None:
    batch, group = Ref.batch, GroupedRows.__iter__

    async def flat_batch(self: Ref, reader: Any, keys: list[Any], arguments: Any) -> Any:
        answers = await batch(self, reader, keys, arguments)
        if self.name in ("books_by_author_id", "tags_by_book_id"):
            return GroupedRows(keys, reader.rows(self.name, keys))
        return answers

    def counted(self: Any) -> Any:
        Flat.grouped += 1
        return group(self)

    Flat.grouped = 0
    monkeypatch.setattr(Ref, "batch", flat_batch)
    monkeypatch.setattr(GroupedRows, "__iter__", counted)


async def both(text: str, authors: tuple[int, ...], nameless: int = -1) -> int:
    """graphql-core and the engine give the same data and errors. How often the engine's rows were put into lists."""
    found = []
    for compiled in (False, True):
        world = Flat()
        world.nameless = nameless
        world.answers = {"authors": {0: [author(one) for one in authors]}}
        Flat.grouped = 0
        result = await run(text, world, compiled=compiled)
        found.append((result.data, sorted(map(str, told(result)))))
    assert found[0] == found[1]
    return Flat.grouped


BOOKS = "{ authors { books { title } } }"
TAGS = "{ authors { name books { title tags { id name } } } }"


@pytest.mark.parametrize(
    ("text", "authors", "grouped"),
    [
        (BOOKS, (3, 1, 2), 0),
        (BOOKS, (3, 2, 2, 1, 2), 0),
        (TAGS, (2, 1), 0),
        (TAGS, (2, 2), 1),
        ("{ authors { books { title } more: books { title } } }", (2, 1), 1),
        ("{ authors { books { title } } other: authors { books { title tags { name } } } }", (2, 1), 1),
    ],
)
async def test_rows_are_put_into_lists_only_where_unfinished_ones_stand_in_several(
    text: str, authors: tuple[int, ...], grouped: int
) -> None:
    assert await both(text, authors) == grouped


@pytest.mark.parametrize("authors", [(2, 1), (1, 5, 2), (2, 2), (5, 2, 5)])
@pytest.mark.parametrize("nameless", range(5))
async def test_an_error_in_a_row_has_every_place_of_it(authors: tuple[int, ...], nameless: int) -> None:
    await both(TAGS, authors, nameless)
    await both("{ authors { id books { tags { name } } } }", authors, nameless)
