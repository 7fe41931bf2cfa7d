"""Aliases of a media."""

from __future__ import annotations

import strawberry

from loaders.media_alias import MediaAliasRow
from schema.core.node import row_type


@row_type(MediaAliasRow, description="Another title of a media.")
class MediaAlias:
    title: str = strawberry.field(description="The title.")
    language: str | None = strawberry.field(description='Its language as a BCP 47 tag, where known: "fr", "pt-BR".')
