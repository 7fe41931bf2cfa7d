"""Tags and their connection."""

from __future__ import annotations

import strawberry

from loaders.registry import Loaders
from loaders.tag import TagRow
from schema.media import Media
from schema.media_filter import MEDIA_SELECTORS
from schema.named import Named, all_named, by_id_or_name
from schema.node import node_type
from schema.paging import Connection, connection


@node_type(TagRow, "tag", Loaders.tag_by_id, description="A word that media are marked with.")
class Tag(Named):
    media: Connection[Media] = connection(
        Loaders.media_pages_by_tag_id, MEDIA_SELECTORS, key=TagRow.id, description="The media that carry it."
    )


@strawberry.type
class TagQuery:
    """Root fields of tags."""

    tag: Tag | None = by_id_or_name(Loaders.tag_by_id, Loaders.tag_by_name, "tag")
    tags: Connection[Tag] = all_named(Loaders.tag_pages, "tags")
