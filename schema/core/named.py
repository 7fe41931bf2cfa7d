"""Named nouns: what tags, genres and channels have in common."""

from __future__ import annotations

from typing import Any

import strawberry

from engine.relation import Reference, lookup
from loaders.sql.page import Pages
from schema.core.node import Node
from schema.core.paging import connection
from schema.filter.name_filter import ID_OR_NAME, load_by_id_or_name, name_selectors


@strawberry.type
class NamedNode(Node):
    """The fields that every named noun has."""

    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="Its name as one word, for URLs.")
    aliases: list[str] = strawberry.field(
        description="Its other names in folded form (lower case, without accents), ordered by name."
    )
    media_count: int = strawberry.field(description="Number of its media.")


def by_id_or_name(by_id: Reference, by_name: Reference, prefix: str) -> Any:
    """A root field for one of them."""
    return lookup(
        load_by_id_or_name(by_id, by_name, prefix),
        parameters=ID_OR_NAME,
        description=f"A {prefix.replace('_', ' ')} by exactly one of id and name.",
    )


def all_named(pages: Pages[Any], plural: str) -> Any:
    """A root field for all of them."""
    return connection(pages, name_selectors(pages), description=f"All {plural}.")
