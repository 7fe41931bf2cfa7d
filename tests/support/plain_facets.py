"""What facets promise, counted plainly over the rows of tests/support/catalogue.py, and filters of which one can say
plainly which part concerns what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from domain.text import fold
from tests.support.catalogue import KINDS, NAMES, Catalogue, PlainMedia
from tests.support.plain_filter import matches

# The predicate of a filter that concerns a facet.
OWN = {"GENRE": "genres", "TAG": "tags", "YEAR": "year", "DECADE": "year", "KIND": "kind", "RATING": "rating"}

VALUES: dict[str, Callable[[PlainMedia], Iterable[Any]]] = {
    "GENRE": lambda media: media.genres,
    "TAG": lambda media: media.tags,
    "YEAR": lambda media: [] if media.year is None else [media.year],
    "DECADE": lambda media: [] if media.year is None else [media.year // 10 * 10],
    "KIND": lambda media: [media.kind],
    "RATING": lambda media: [] if media.rating_tenths is None else [media.rating_tenths // 10],
}


def label_of(field: str, value: Any, catalogue: Catalogue) -> str:
    if field in ("GENRE", "TAG"):
        return next(name.name for name in catalogue.names[field.lower()] if name.id == value)
    return f"{value}s" if field == "DECADE" else str(value)


def conjuncts(filter: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a filter, all of which hold."""
    found: list[dict[str, Any]] = []
    for name, value in filter.items():
        found += [part for one in value for part in conjuncts(one)] if name == "and" else [{name: value}]
    return found


def is_about(part: dict[str, Any], own: str) -> bool:
    """Whether a part of a filter is about one predicate alone."""
    [(name, value)] = part.items()
    if name == "or":
        return all(is_about(inner, own) for one in value for inner in conjuncts(one))
    if name == "not":
        return all(is_about(inner, own) for inner in conjuncts(value))
    return name == own


def facet(
    field: str, media: list[PlainMedia], filter: dict[str, Any], catalogue: Catalogue, *, multi: bool
) -> list[tuple[str, int]]:
    """Labels and counts of a facet's values, in order."""
    parts = [part for part in conjuncts(filter) if not (multi and is_about(part, OWN[field]))]
    within = [one for one in media if all(matches(one, part, catalogue) for part in parts)]
    counts = Counter(value for one in within for value in VALUES[field](one))

    def place(value: Any) -> Any:
        label = label_of(field, value, catalogue)
        return -counts[value], fold(label) if field in ("GENRE", "TAG") else value, value

    return [(label_of(field, value, catalogue), counts[value]) for value in sorted(counts, key=place)]


def things(noun: str) -> st.SearchStrategy[Any]:
    known = st.integers(1, len(NAMES)).map(lambda number: {"id": f"{noun}_{number}"})
    one = st.one_of(known, st.sampled_from(NAMES).map(lambda name: {"name": name}))
    some = st.lists(one, min_size=1, max_size=2)
    return st.one_of(
        *(st.fixed_dictionaries({how: some}) for how in ("any", "all", "none")),
        st.booleans().map(lambda missing: {"missing": missing}),
        st.integers(1, 3).map(lambda most: {"count": {"max": most}}),
    )


PARTS = st.one_of(
    things("genre").map(lambda given: {"genres": given}),
    things("tag").map(lambda given: {"tags": given}),
    st.sampled_from([{"min": 2000}, {"max": 1999}, {"eq": 2001}, {"in": [1999, 2001]}, {"isNull": False}]).map(
        lambda given: {"year": given}
    ),
    st.sampled_from([{"min": 5}, {"max": 7.3}, {"min": 7, "max": 7.9}]).map(lambda given: {"rating": given}),
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=2).map(lambda kinds: {"kind": kinds}),
    st.sampled_from(["a", "zebra", "an"]).map(lambda title: {"title": title}),
)
FILTERS = st.one_of(
    st.just({}),
    PARTS,
    st.lists(
        st.one_of(
            PARTS,
            st.lists(PARTS, min_size=1, max_size=2).map(lambda parts: {"or": parts}),
            PARTS.map(lambda part: {"not": part}),
        ),
        min_size=1,
        max_size=4,
    ).map(lambda parts: {"and": parts}),
)
