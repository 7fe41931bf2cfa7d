"""NameOrId: a named thing, by its id, its name, or what its names are like."""

from __future__ import annotations

from functools import cache

import strawberry

from domain.memberships import BY_NOUN
from loaders.sql.attribute import Reference, name_of
from loaders.sql.condition import ALWAYS, Condition, all_of, any_of
from loaders.sql.named_condition import NamedCondition, NameTable
from loaders.sql.unknown_name import FilterName
from schema.core.membership_fields import either
from schema.core.node import decode_id
from schema.filter.name_filter import NameFilter, folded
from schema.filter.reading import Read, Reading
from schema.filter.value_filter import texts


@strawberry.input(one_of=True, description=f"A {either([*BY_NOUN, 'collection', 'person'])}, by exactly one of these.")
class NameOrId:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its name or an alias; case and accents do not matter."
    )
    matching: NameFilter | None = strawberry.field(
        default=strawberry.UNSET, description="Any whose name or alias matches."
    )


def thing(attribute: Reference) -> Read:
    """One NameOrId."""
    return lambda given, reading: [read_things([given], reading, attribute)]


@cache
def names(of: NameTable) -> Read:
    """A NameFilter on the names of a noun."""
    return texts(name_of(of))


def read_things(given: list[NameOrId], reading: Reading, attribute: Reference, *, below: bool = False) -> Condition:
    """That it is one of these; `below`: or stands below one of these."""
    noun, ids, called, like = attribute.names.noun, set(), set(), set()
    for one in given:
        if isinstance(one.name, str):
            called.add(folded(one.name))
            reading.called.append(FilterName(attribute.names, folded(one.name), one.name))
        elif isinstance(one.matching, NameFilter):
            reading.predicate()
            like.add(all_of(names(attribute.names)(one.matching, reading)))
        else:
            ids.add(decode_id(one.id or "", noun))
    if ALWAYS in like:
        return ALWAYS
    if not (ids or called or like):
        return any_of(())
    parts = tuple(sorted(ids)), tuple(sorted(called)), tuple(sorted(like, key=repr))
    return NamedCondition(attribute.column, attribute.names, *parts, below)
