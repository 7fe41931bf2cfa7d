"""The schema: one line a noun."""

from __future__ import annotations

import strawberry

from schema.channel import ChannelQuery
from schema.federation import Schema
from schema.genre import GenreQuery
from schema.library import LibraryQuery
from schema.media import MediaQuery
from schema.node import NodeQuery
from schema.person import PersonQuery
from schema.tag import TagQuery


@strawberry.type(description="Everything starts here.")
class Query(
    NodeQuery,
    MediaQuery,
    TagQuery,
    GenreQuery,
    ChannelQuery,
    PersonQuery,
    LibraryQuery,
):
    """All root fields."""


schema = Schema(query=Query)
