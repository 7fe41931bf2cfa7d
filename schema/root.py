"""The schema: one line a noun."""

from __future__ import annotations

import strawberry

from schema.artwork import ArtworkQuery
from schema.channel import ChannelQuery
from schema.clip import ClipQuery
from schema.credit import CreditQuery
from schema.federation import Schema
from schema.genre import GenreQuery
from schema.library import LibraryQuery
from schema.media import MediaQuery
from schema.node import NodeQuery
from schema.person import PersonQuery
from schema.subtitle import SubtitleQuery
from schema.tag import TagQuery
from schema.thumbnail import ThumbnailQuery


@strawberry.type(description="Everything starts here.")
class Query(
    NodeQuery,
    MediaQuery,
    TagQuery,
    GenreQuery,
    ChannelQuery,
    PersonQuery,
    LibraryQuery,
    CreditQuery,
    ArtworkQuery,
    ClipQuery,
    ThumbnailQuery,
    SubtitleQuery,
):
    """All root fields."""


schema = Schema(query=Query)
