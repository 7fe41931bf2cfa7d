"""What edits cost: the second table of docs/statements.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.memberships import MEMBERSHIPS

Variables = Callable[[int], dict[str, Any]]


@dataclass(frozen=True)
class EditShape:
    """An edit of n media; `statements`: what it costs between BEGIN and COMMIT, whatever n and whatever it changes."""

    name: str
    text: str
    statements: int
    variables: Variables


def ids(number: int) -> list[str]:
    return [f"media_{1 + place}" for place in range(number)]


def carrying(key: str, things: list[Any]) -> Variables:
    """Items that give every second media one thing less."""
    return lambda number: {
        "items": [{"media": [one], key: things[: 2 + place % 2]} for place, one in enumerate(ids(number))]
    }


NAMES = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
PAIRS = [{"category": "mood", "value": value} for value in ("calm", "dark", "odd")]


def carried(
    verb: str, thing: str, singular: str, statements: int, things: list[Any], *, create: bool = False
) -> EditShape:
    """Setting, adding or removing what media carry."""
    name = f"{verb}{thing.capitalize()}"
    given = ", createMissing: true" if create else ""
    text = f"mutation ($items: [{singular}Edit!]!) {{ {name}(items: $items{given}) {{ succeeded }} }}"
    return EditShape(name, text, statements, carrying(thing, things))


EDITS = [
    EditShape(
        "createMedia",
        "mutation ($items: [NewMedia!]!) { createMedia(items: $items) { succeeded } }",
        5,
        lambda number: {"items": [{"library": "library_1", "title": f"{number}-{place}"} for place in range(number)]},
    ),
    EditShape(
        "updateMedia",
        "mutation ($items: [MediaChanges!]!) { updateMedia(items: $items) { succeeded } }",
        4,
        lambda number: {"items": [{"id": one, "year": 1900 + place} for place, one in enumerate(ids(number))]},
    ),
    *(
        carried(verb, one.plural, one.type_name, statements, NAMES, create=verb != "remove")
        for one in MEMBERSHIPS
        for verb, statements in (("set", 7), ("add", 6), ("remove", 5))
    ),
    *(carried(verb, "categories", "Category", count, PAIRS) for verb, count in (("set", 5), ("add", 4), ("remove", 4))),
    EditShape(
        "markProcessed",
        'mutation ($media: [ID!]!) { markProcessed(media: $media, process: "tagger") { succeeded } }',
        4,
        lambda number: {"media": ids(number)},
    ),
    EditShape(
        "deleteMedia",
        "mutation ($media: [ID!]!) { deleteMedia(media: $media) { succeeded } }",
        4,
        lambda number: {"media": ids(number)},
    ),
]


def edits_document() -> list[str]:
    """The lines of the table."""
    return [
        "## What an edit costs",
        "",
        "Between BEGIN and COMMIT, for 1, 10 and 500 media alike, whatever they change. What the answer then reads is",
        "counted as in a query.",
        "",
        "| edit | statements |",
        "|---|---|",
        *(f"| `{shape.name}` | {shape.statements} |" for shape in EDITS),
        "",
    ]
