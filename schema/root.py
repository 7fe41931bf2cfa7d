"""The schema: one line a noun."""

from __future__ import annotations

import strawberry

from schema.carried import CarriedMutation
from schema.federation import Schema
from schema.genre import GenreQuery
from schema.library import LibraryQuery
from schema.library_edit import LibraryMutation
from schema.media import MediaQuery
from schema.media_edit import MediaMutation
from schema.node import NodeQuery
from schema.person import PersonQuery
from schema.tag import TagQuery


@strawberry.type(description="Everything starts here.")
class Query(
    NodeQuery,
    MediaQuery,
    TagQuery,
    GenreQuery,
    PersonQuery,
    LibraryQuery,
):
    """All root fields."""


@strawberry.type(description="Everything that changes the catalogue: one field after the other, each in a transaction.")
class Mutation(
    MediaMutation,
    CarriedMutation,
    LibraryMutation,
):
    """All edits."""


schema = Schema(query=Query, mutation=Mutation)
