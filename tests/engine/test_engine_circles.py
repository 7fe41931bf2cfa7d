"""Circles: loaders that lead to each other. They go level by level, and what they lead to waits for all of them."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
import strawberry

from engine.relation import Declaration, declared, relation
from engine.runs.batch_scheduling import Group, unblocked
from tests.support.engine_schema import Key, Ref, World, run, tag

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])

# The row that any of these loaders has for a key is the one with the next number.
LEFT, RIGHT, LEAF = (Ref(name, lambda key: tag(key + 1)) for name in ("left", "right", "leaf"))


@strawberry.type
class Leaf:
    id: int


@strawberry.type
class Left:
    id: int
    right: Right = relation(RIGHT, key=Key("id"), description="Half of the circle.")
    leaf: Leaf = relation(LEAF, key=Key("id"), description="What the circle leads to.")


@strawberry.type
class Right:
    id: int
    left: Left = relation(LEFT, key=Key("id"), description="The other half.")
    leaf: Leaf = relation(LEAF, key=Key("id"), description="What the circle leads to.")


@strawberry.type
class Query:
    left: Left = declared(Declaration("one", LEFT), {}, "Half of the circle.")
    right: Right = declared(Declaration("one", RIGHT), {}, "The other half.")
    leaf: Leaf = declared(Declaration("one", LEAF), {}, "What the circle leads to.")


schema = strawberry.Schema(Query)._schema

LEFT_FIRST = [("left", [0]), ("right", [0, 1]), ("left", [1]), ("leaf", [0, 2])]
RIGHT_FIRST = [("right", [0]), ("left", [0, 1]), ("right", [1]), ("leaf", [0, 2])]


@ENGINES
async def test_relations_that_come_back_to_where_they_began_go_level_by_level(compiled: bool) -> None:
    world = World()
    text = "{ authors { books { translator { books { translator { name } } } } } }"

    await run(text, world, compiled=compiled)

    assert [(name, len(keys)) for name, keys in world.batches] == [
        ("authors", 1),
        ("books_by_author_id", 3),
        ("author_by_id", 6),
        ("books_by_author_id", 6),
        ("author_by_id", 12),
    ]


@ENGINES
async def test_what_a_circle_finds_again_is_not_asked_again(compiled: bool) -> None:
    world = World()

    await run("{ authors { books { author { books { author { name } } } } } }", world, compiled=compiled)

    assert world.sent == ["authors", "books_by_author_id", "author_by_id"]


@pytest.mark.parametrize(
    "fields", list(permutations(["left { right { leaf { id } } }", "right { left { leaf { id } } }", "leaf { id }"]))
)
async def test_what_a_circle_leads_to_is_sent_after_it(fields: tuple[str, ...]) -> None:
    world = World()

    result = await run(f"{{ {' '.join(fields)} }}", world, schema=schema)

    assert result.data == {
        "left": {"right": {"leaf": {"id": 3}}},
        "right": {"left": {"leaf": {"id": 3}}},
        "leaf": {"id": 1},
    }
    is_left_first = fields.index("left { right { leaf { id } } }") < fields.index("right { left { leaf { id } } }")
    batches = [(name, sorted(keys)) for name, keys in world.batches]
    assert batches == (LEFT_FIRST if is_left_first else RIGHT_FIRST)


class Counted(Group):
    """Counts how often it is asked what it leads to."""

    asked = 0

    def leads_to(self, name: str) -> bool:
        Counted.asked += 1
        return True


def test_a_hundred_aliases_of_one_page_are_one_name_to_choose_among() -> None:
    loaders: list[Any] = [object() for _ in range(100)]
    groups: list[Group] = [Counted(loader, "pages") for loader in loaders]

    assert unblocked(groups, frozenset()) == groups
    assert Counted.asked == 100
    assert unblocked(groups, frozenset({"pages"})) == []
