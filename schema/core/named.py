"""Named nouns: what tags, genres, channels and their like have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry

from domain.memberships import Membership
from engine.relation import Reference, lookup
from loaders.registry import Loaders
from loaders.sql.page import Pages
from schema.core.membership_fields import MadeField, lazy, membership_fields
from schema.core.node import Node, version_field
from schema.core.paging import Connection, connection
from schema.filter.media_filter import MEDIA_SELECTORS
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
    version: int = version_field()


def media_of(row: Any, noun: str, description: str) -> Any:
    """The media of one of a noun that media carry; `row`: its rows' class."""
    return connection(
        getattr(Loaders, f"media_pages_by_{noun}_id"), MEDIA_SELECTORS, key=row.id, description=description
    )


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


def root_fields(one: Membership, words: str) -> Iterator[MadeField]:
    """Query.tag and Query.tags, and the like."""
    by_id, by_name, pages = (getattr(Loaders, f"{one.noun}_{what}") for what in ("by_id", "by_name", "pages"))
    yield MadeField(one.noun, lazy(one) | None, by_id_or_name(by_id, by_name, one.noun))
    connected = Connection[lazy(one)] | None  # type: ignore[misc, valid-type]
    yield MadeField(one.plural, connected, all_named(pages, one.plural))


@strawberry.type
@membership_fields(root_fields)
class NamedQuery:
    """Root fields of the nouns that media carry: one of each by id or name, and all."""
