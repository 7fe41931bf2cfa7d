"""Tags and their connection."""

from __future__ import annotations

from typing import Annotated

import strawberry

from engine.relation import relation
from loaders.registry import Loaders
from loaders.tag import TagRow
from schema.core.named import NamedNode, media_of
from schema.core.node import node_type
from schema.core.paging import Connection, connection
from schema.filter.name_filter import name_selectors
from schema.media import MediaConnection


@node_type(TagRow, "tag", Loaders.tag_by_id, description="A keyword attached to media.")
class Tag(NamedNode):
    category: str | None = strawberry.field(description="Kind of tag, where known.")
    parents: list[Annotated[Tag, strawberry.lazy("schema.tag")]] = relation(
        Loaders.parents_by_tag_id, key=TagRow.id, bound=64, description="Its parent tags, by name; at most 64."
    )
    children: Connection[Annotated[Tag, strawberry.lazy("schema.tag")]] = connection(
        Loaders.child_pages_by_tag_id,
        name_selectors(Loaders.child_pages_by_tag_id),
        key=TagRow.id,
        usual=10,
        description="Its child tags, by name unless orderBy is given.",
    )
    media: MediaConnection = media_of(TagRow, "tag", "The media that have it.")
