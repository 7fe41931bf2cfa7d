"""Random filters of media, the same for the same seed: of one to three predicates that people choose by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from loaders.sql.condition import All
from schema.filter.media_filter import MediaFilter, read_filter
from schema.filter.name_or_id import NameOrId
from schema.filter.relation_filter import RelationFilter
from schema.filter.value_filter import FloatRange, IntRange

# How likely the n-th most frequent name is chosen: people choose what they see first.
SKEW = 0.85


@dataclass(frozen=True, slots=True)
class Names:
    """What is in the database, the most frequent first."""

    genres: Sequence[str]
    tags: Sequence[str]
    channels: Sequence[str]
    words: Sequence[str]


def one_of(random: Random, names: Sequence[str]) -> NameOrId:
    place = 0
    while place < len(names) - 1 and random.random() < SKEW:
        place += 1
    return NameOrId(name=names[place])


def some(random: Random, names: Sequence[str]) -> RelationFilter:
    """One thing, or one of two, or both of two, or not this one."""
    kind = random.random()
    if kind < 0.5:
        return RelationFilter(any=[one_of(random, names)])
    if kind < 0.75:
        return RelationFilter(any=[one_of(random, names), one_of(random, names)])
    if kind < 0.9:
        return RelationFilter(all=[one_of(random, names), one_of(random, names)])
    return RelationFilter(none=[one_of(random, names)])


def years(random: Random) -> IntRange:
    first, length = random.randint(1980, 2022), random.choice([0, 1, 4, 9, 9, 19])
    return random.choice([IntRange(min=first), IntRange(max=first), IntRange(min=first, max=first + length)])


def ratings(random: Random) -> FloatRange:
    least = random.choice([5.0, 6.0, 6.5, 7.0, 7.5, 8.0])
    return FloatRange(min=least) if random.random() < 0.7 else FloatRange(min=least, max=least + 1)


Predicates = Mapping[str, Callable[[], Any]]


def predicates(random: Random, names: Names) -> Predicates:
    return {
        "genres": lambda: some(random, names.genres),
        "tags": lambda: some(random, names.tags),
        "channels": lambda: some(random, names.channels),
        "year": lambda: years(random),
        "rating": lambda: ratings(random),
        "title": lambda: random.choice(names.words),
    }


WEIGHTS = {"genres": 5, "tags": 4, "year": 5, "rating": 4, "channels": 1, "title": 2}


def random_filters(seed: int, names: Names) -> Iterator[All]:
    """Filters without an end."""
    random = Random(seed)
    offered = predicates(random, names)
    while True:
        chosen = random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=random.choice([1, 2, 2, 3]))
        parts = [MediaFilter(**{name: offered[name]()}) for name in dict.fromkeys(chosen)]
        is_or = len(parts) > 1 and random.random() < 0.15
        given = MediaFilter(or_=parts) if is_or else MediaFilter(and_=parts)
        found = read_filter(given)
        if found is not None:
            yield found
