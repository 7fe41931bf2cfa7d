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


@dataclass(frozen=True)
class UpsertShape:
    """An upsert of n full items; `round`: which one's values the items have, `before`: what is stored already.

    by_external_id: what it costs where the people of credits have external ids."""

    name: str
    statements: int
    by_external_id: int
    round: int
    before: int | None


UPSERT = (
    "mutation ($items: [MediaUpsert!]!) { upsertMedia(items: $items) { counts { created updated unchanged failed } } }"
)
UPSERTS = [
    UpsertShape("created", 20, 22, 0, None),
    UpsertShape("unchanged", 10, 11, 0, 0),
    UpsertShape("updated", 16, 17, 1, 0),
]


@dataclass(frozen=True)
class ImportShape:
    """A chunk of an import of n full items, with what finds out what is known of them; `round`, `before`: as of an
    upsert."""

    name: str
    statements: int
    round: int
    before: int | None


IMPORTS = [
    ImportShape("new", UPSERTS[0].statements + 4, 0, None),
    ImportShape("unchanged", 2, 0, 0),
    ImportShape("unchanged, with --prune", 3, 0, 0),
    ImportShape("changed", UPSERTS[2].statements + 3, 1, 0),
    ImportShape("moved", 22, 2, 0),
]


def upsert_items(number: int, round_: int, *, by_external_id: bool = False) -> list[dict[str, Any]]:
    """Full items: 4 tags, 3 genres, 10 credits, 2 external ids and a file each. What a round changes: a year, a tag, a
    credit. by_external_id: whether people have ids, too."""
    return [
        {
            "library": "library_1",
            "title": f"{number}-{place}",
            "year": 1990 + round_,
            "tags": [{"name": f"{number} {round_ * (one == 0)} {one} {place % 5}"} for one in range(4)],
            "genres": [{"name": f"{number} {one}"} for one in range(3)],
            "credits": [
                {
                    "person": person(f"{number} {place % 50 + one}", by_external_id=by_external_id),
                    "role": "ACTOR",
                    "character": f"{one}",
                }
                for one in range(10 - round_)
            ],
            "externalIds": [{"source": source, "value": f"{number}-{place}"} for source in ("imdb", "tmdb")],
            "files": [{"path": f"/{number}/{place}.mkv", "size": place, "modifiedAt": "2024-01-01T00:00:00Z"}],
        }
        for place in range(number)
    ]


def person(name: str, *, by_external_id: bool) -> dict[str, Any]:
    return {"name": name, "externalIds": [{"source": "imdb", "value": name}]} if by_external_id else {"name": name}


@dataclass(frozen=True)
class TaxonomyShape:
    """An operation on n names and the media of each; `statements`: what it costs between BEGIN and COMMIT, `undo`: what
    its undo does."""

    name: str
    text: str
    statements: int
    undo: int
    variables: Variables = lambda number: {}


def of_names(noun: str, plural: str, one: str, counts: dict[str, tuple[int, int]]) -> list[TaxonomyShape]:
    """The operations of a noun. `counts`: statements and those of the undo, by the verb."""

    def shape(name: str, arguments: str, verb: str, variables: Variables = lambda number: {}, given: str = "") -> Any:
        text = f"mutation {given} {{ {name}({arguments}) {{ counts {{ moved }} }} }}"
        return TaxonomyShape(name, text, *counts[verb], variables)

    many: Variables = lambda number: {"from": [f"{one}_{2 + place}" for place in range(number)]}  # noqa: E731
    first = f'id: "{one}_1"'
    found = [
        shape(f"rename{noun}", f'{first}, name: "x"', "rename"),
        shape(f"merge{plural}", f'into: "{one}_1", from: $from', "merge", many, "($from: [ID!]!)"),
        shape(f"split{noun}", f'id: "{one}_2", name: "x", filter: {{}}', "split"),
        shape(
            f"normalise{plural}", 'rules: { separators: true, names: [{ name: "n_1s", becomes: "n_2s" }] }', "normalise"
        ),
        shape(f"delete{noun}", f'{first}, replacement: "{one}_2"', "delete"),
    ]
    if "aliases" in counts:
        found.append(shape(f"set{noun}Aliases", f'{first}, aliases: ["x", "y"]', "aliases"))
    if "parents" in counts:
        found.append(shape(f"set{noun}Parents", f'{first}, parents: ["{one}_2"]', "parents"))
    return found


VERBS = ("rename", "merge", "split", "normalise", "delete", "aliases", "parents")


def costs(undo: int, *statements: int) -> dict[str, tuple[int, int]]:
    return {verb: (one, undo) for verb, one in zip(VERBS, statements, strict=False)}


TAXONOMY_EDITS: list[TaxonomyShape] = [
    *of_names("Tag", "Tags", "tag", costs(29, 13, 16, 14, 18, 15, 11, 12)),
    *of_names("Genre", "Genres", "genre", costs(25, 13, 15, 14, 17, 14, 11)),
    *of_names("Channel", "Channels", "channel", costs(30, 14, 17, 15, 19, 16, 12)),
    *of_names("Person", "People", "person", costs(24, 10, 15, 11, 11, 14)),
]


def edits_document(*others: EditShape) -> list[str]:
    """The lines of the table. `others`: edits of other nouns."""
    return [
        "## What an edit costs",
        "",
        "Between BEGIN and COMMIT, for 1, 10 and 500 media, tags, people and so on alike, whatever they change. What",
        "the answer then reads is counted as in a query.",
        "",
        "| edit | statements |",
        "|---|---|",
        *(f"| `{shape.name}` | {shape.statements} |" for shape in (*EDITS, *others)),
        "",
        "An upsert costs the same for 1, 10, 500 and 5,000 items. Here each has four tags, three genres, ten credits,",
        "two external ids and a file; every other list that items give takes one more to read, up to three to write.",
        "Credits take up to five to write: media and people are pairs, of new media and of others.",
        "",
        "| `upsertMedia` | statements | with external ids of people |",
        "|---|---|---|",
        *(f"| all {shape.name} | {shape.statements} | {shape.by_external_id} |" for shape in UPSERTS),
        "",
        "A chunk of an import, of any number of such items, from what is known of them to how far the import has come:",
        "",
        "| `import` | statements |",
        "|---|---|",
        *(f"| all {shape.name} | {shape.statements} |" for shape in IMPORTS),
        "",
        "## What an operation on names costs",
        "",
        "Between BEGIN and COMMIT, for 1, 10 and 400 names and any number of media; more where another operation",
        "runs, or others change the same names at the same time. What the answer then reads is counted as in a query.",
        "The people have external ids: without these a merge or a deletion takes up to three less.",
        "",
        "| operation | statements | its undo |",
        "|---|---|---|",
        *(f"| `{shape.name}` | {shape.statements} | {shape.undo} |" for shape in TAXONOMY_EDITS),
        "",
    ]
