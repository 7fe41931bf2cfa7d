"""Filters that property tests draw: up to three predicates at a place, and, or and not around them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.catalogue import (
    CHARACTERS,
    KINDS,
    METADATA,
    NAMES,
    ORIGINALS,
    OVERVIEWS,
    PICTURES,
    ROLES,
    SOURCES,
    WORDS,
)

Drawn = st.SearchStrategy[Any]

TEXTS = st.one_of(
    st.sampled_from([*WORDS, *NAMES, "e", "E", "%", "_", "\\", "a%", "m", "MM", "\ue000", " ", "", "nothing"]),
    st.text(max_size=3).filter(lambda text: "\0" not in text),
)
YEARS = st.sampled_from([None, -6, -5, 1999, 2000, 2001, 2**31 - 1, -(2**31)])
RATINGS = st.sampled_from([None, 0.0, 5.5, 5.45, 5.55, 7.25, 7.3, 7.35, 10, 10.5, -1, 1e300])
NULLS = st.sampled_from([None, None, True, False])
TIMES = st.sampled_from(
    [
        None,
        "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.000001+00:00",
        "2024-01-01T01:00:00+01:00",
        "2023-12-31T23:00:00.000002-01:00",
        "2024-01-01T01:00:00+00:00",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59+00:00",
    ]
)
PATHS = st.sampled_from([["a"], ["a", "b"], ["a", "c"], ["b"], ["a.b"], ["é\"'\\", ""], ["0"], ["a", "0"], ["none"]])
VALUES = st.sampled_from(
    [None, 1, 1.0, 1.5, True, "x", "1", {}, {"b": 1}, [1], [1, "x"], ["x", 1], [{"d": None}], 10**18, *METADATA]
)


def some(**fields: Drawn) -> Drawn:
    """An object with some of the fields, or with null in them."""
    return st.fixed_dictionaries({}, optional={name: st.one_of(st.none(), drawn) for name, drawn in fields.items()})


def a_range(values: Drawn) -> Drawn:
    known = values.filter(lambda value: value is not None)
    more = st.fixed_dictionaries({}, optional={"eq": values, "in": st.lists(known, max_size=3)})
    plain = st.fixed_dictionaries({"min": values, "max": values, "isNull": NULLS})
    return st.one_of(plain, plain, more, st.builds(lambda a, b: {**a, **b}, plain, more))


def texts(*values: str | None) -> Drawn:
    own = st.sampled_from([value for value in values if value is not None])
    parts = st.one_of(own, own.map(lambda text: text[:2].upper()), own.map(lambda text: text[1:3]), TEXTS)
    return st.fixed_dictionaries(
        {},
        optional={
            "eq": own,
            "in": st.lists(st.one_of(own, TEXTS), max_size=3),
            "contains": parts,
            "startsWith": parts,
            "isNull": NULLS,
        },
    )


def names(*values: str) -> Drawn:
    def without_null(given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if name != "isNull"}

    return texts(*values).map(without_null)


def name_or_id(noun: str) -> Drawn:
    known = st.integers(1, len(NAMES) + 1).map(lambda number: {"id": f"{noun}_{number}"})
    called = st.sampled_from([*NAMES, "NOIR", "noir  alias", "ärger ALIAS", "unknown", ""]).map(
        lambda name: {"name": name}
    )
    return st.one_of(known, called, names(*NAMES, "alias").map(lambda like: {"matching": like}))


def lists(one: Drawn) -> Drawn:
    """A RelationFilter, or the filter of another list."""
    few = st.lists(one, max_size=3)
    return some(any=few, all=few, none=few, missing=st.booleans(), count=a_range(st.integers(-1, 4)))


def chosen(*members: str) -> Drawn:
    return st.lists(st.sampled_from(members), max_size=3)


CREDITS = some(person=name_or_id("person"), roles=chosen(*ROLES, "OTHER"), character=texts(*CHARACTERS))
IDS = some(source=texts(*SOURCES), value=texts("tt1", "TT2", "tt33"))
ARTWORK = some(types=chosen(*PICTURES), width=a_range(st.sampled_from([None, 99, 100, 200])), height=a_range(YEARS))
METADATA_FILTERS = st.builds(
    lambda path, rest: {"path": path, **rest},
    PATHS,
    some(
        eq=VALUES,
        contains=VALUES,
        min=st.sampled_from([0, 1, 1.2, -1e300]),
        max=st.sampled_from([1, 1.5, 1e18, 1e300]),
        exists=st.booleans(),
    ),
)
PREDICATES: dict[str, Drawn] = {
    "id": st.lists(st.integers(1, 99).map(lambda number: f"media_{number}"), max_size=30),
    "kind": chosen(*KINDS, "TRACK"),
    "title": TEXTS,
    "titleText": texts(*WORDS),
    "originalTitle": texts(*ORIGINALS),
    "overview": texts(*OVERVIEWS),
    "search": st.sampled_from(["zebra", "É", "elan", "the", "THE a", "aeon mad", "100", "case snake", "", " "]),
    "year": a_range(YEARS),
    "rating": a_range(RATINGS),
    "runtimeMinutes": a_range(st.sampled_from([None, 0, 89, 90, 91])),
    "seasonNumber": a_range(st.sampled_from([None, 1, 2])),
    "episodeNumber": a_range(st.sampled_from([None, 1, 2, 3])),
    "addedAt": some(min=TIMES, max=TIMES),
    "updatedAt": some(min=TIMES, max=TIMES),
    "library": st.lists(st.integers(1, 5).map(lambda number: f"library_{number}"), max_size=3),
    "metadata": st.lists(METADATA_FILTERS, max_size=2),
    "tags": lists(name_or_id("tag")),
    "genres": lists(name_or_id("genre")),
    "people": lists(name_or_id("person")),
    "credits": lists(CREDITS),
    "externalIds": lists(IDS),
    "artwork": lists(ARTWORK),
}


def predicates(names: list[str]) -> Drawn:
    return st.fixed_dictionaries({name: st.one_of(PREDICATES[name], PREDICATES[name], st.none()) for name in names})


FEW = st.lists(st.sampled_from(sorted(PREDICATES)), max_size=3, unique=True).flatmap(predicates)


def trees(depth: int) -> Drawn:
    """Filters at most so many levels deep."""
    if depth == 1:
        return FEW
    inner = st.deferred(lambda: trees(depth - 1))
    branches = st.lists(inner, max_size=3)
    around = some(**{"and": branches, "or": branches, "not": inner})
    return st.one_of(FEW, st.builds(lambda few, more: {**few, **more}, FEW, around))


TREES = trees(5)
