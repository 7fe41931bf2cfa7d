"""The schema: one line a noun."""

from __future__ import annotations

import strawberry

from schema.federation import Schema
from schema.genre import GenreQuery
from schema.library import LibraryQuery
from schema.media import MediaQuery
from schema.media_file import MediaFileQuery
from schema.node import NodeQuery
from schema.person import PersonQuery
from schema.process_timestamp import ProcessTimestampQuery
from schema.setting import SettingQuery
from schema.tag import TagQuery


@strawberry.type(description="Everything starts here.")
class Query(
    NodeQuery,
    MediaQuery,
    TagQuery,
    GenreQuery,
    PersonQuery,
    LibraryQuery,
    MediaFileQuery,
    ProcessTimestampQuery,
    SettingQuery,
):
    """All root fields."""


schema = Schema(query=Query)
