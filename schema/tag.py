"""Tags and their connection."""

from __future__ import annotations

from typing import Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.registry import Loaders
from loaders.tag import TagRow
from schema.media import Media
from schema.media_filter import MEDIA_SELECTORS
from schema.name_filter import ID_OR_NAME, load_by_id_or_name, name_selectors
from schema.node import Node, node_type
from schema.paging import Connection, connection


@node_type(TagRow, "tag", Loaders.tag_by_id, description="A word that media are marked with.")
class Tag(Node):
    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="Its name as one word for an address.")
    category: str | None = strawberry.field(description="What sort of tag it is, where that is known.")
    aliases: list[str] = strawberry.field(description="Its other names, in lower case without accents, by name.")
    media_count: int = strawberry.field(description="Number of media that carry it.")
    parents: list[Annotated[Tag, strawberry.lazy("schema.tag")]] = relation(
        Loaders.parents_by_tag_id, key=TagRow.id, bound=64, description="The tags right above it, by name; at most 64."
    )
    children: Connection[Annotated[Tag, strawberry.lazy("schema.tag")]] = connection(
        Loaders.child_pages_by_tag_id,
        name_selectors("t.folded_name"),
        key=TagRow.id,
        description="The tags right below it; by name if not ordered otherwise.",
    )
    media: Connection[Media] = connection(
        Loaders.media_pages_by_tag_id, MEDIA_SELECTORS, key=TagRow.id, description="The media that carry it."
    )


@strawberry.type
class TagQuery:
    """Root fields of tags."""

    tag: Tag | None = lookup(
        load_by_id_or_name(Loaders.tag_by_id, Loaders.tag_by_name, "tag"),
        parameters=ID_OR_NAME,
        description="A tag by exactly one of id and name.",
    )
    tags: Connection[Tag] = connection(Loaders.tag_pages, name_selectors("t.folded_name"), description="All tags.")
