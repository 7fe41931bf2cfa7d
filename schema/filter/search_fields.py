"""Field words of a search, such as genre:noir, read into the conditions of MediaFilter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.search_query import FieldWord
from domain.search_words import words_of
from loaders.media import MediaAttributes
from loaders.person import PERSON_NAMES
from loaders.sql.condition import All, Condition, InRange, all_of, negated, one_of
from loaders.sql.named_condition import NameTable, named_with_words, names_of
from loaders.sql.related import carried
from schema.filter.media_filter import MediaFilter, filtered, read_tree
from schema.filter.reading import Reading

# The names by which a field's things are found.
NAMES: dict[str, NameTable] = {"person": PERSON_NAMES, **{noun: names_of(noun) for noun in ("genre", "tag", "channel")}}


def read_conditions(given: MediaFilter | None, fields: Iterable[FieldWord]) -> All | None:
    """The filter of a search: what a MediaFilter says and what its field words say; None where nothing is asked."""
    reading = Reading()
    parts = [] if given is None else [read_tree(given, reading)]
    return filtered(all_of([*parts, *read_fields(fields, reading)]), reading.called)


def read_fields(given: Iterable[FieldWord], reading: Reading) -> Iterator[Condition]:
    """A condition for each: all of them hold."""
    for one in given:
        reading.predicate()
        condition = read_field(one)
        yield negated(condition) if one.is_excluded else condition


def read_field(given: FieldWord) -> Condition:
    """The condition of one, as if nothing was excluded."""
    if given.name == "kind":
        return one_of(MediaAttributes.kind.column, [given.kind.value])
    if given.name == "year":
        return InRange(MediaAttributes.year.column, *given.years, MediaAttributes.year.type)
    things = carried(NAMES[given.name])
    return things.related.has(named_with_words(things.thing.column, NAMES[given.name], words_of(given.value)))
