"""The feed of changes, for clients that keep a copy of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from engine.relation import Declaration, Site, declared, relation
from loaders.media_change import MediaChangeRow, Settled
from loaders.registry import Loaders
from loaders.sql.page_sql import PageArguments
from schema.core.enums import ChangeType
from schema.core.node import reference_field, row_type
from schema.core.paging import Connection, argument
from schema.media import Media

SETTLED = Settled()


@row_type(MediaChangeRow, description="The last change of a media.")
class MediaChange:
    type: ChangeType = strawberry.field(description="What kind of change it was.")
    changed_at: datetime = strawberry.field(description="When it was changed.")
    media_id: strawberry.ID = reference_field(
        "media", MediaChangeRow.media_id, "Global id of the media, also after it was deleted."
    )
    media: Media | None = relation(
        Loaders.media_by_id,
        key=MediaChangeRow.media_id,
        description="The current state of the media, null after it was deleted.",
    )


def bind(context: Any, arguments: Mapping[str, Any], site: Site) -> PageArguments:
    """`since` is the cursor of the last change that a client has."""
    return Loaders.media_change_pages.page_arguments(
        context.loaders.reader.budget,
        first=arguments["first"],
        after=arguments["since"],
        last=None,
        before=None,
        filter=SETTLED,
    )


@strawberry.type
class MediaChangeQuery:
    """The root field of changes."""

    changes: Connection[MediaChange] | None = declared(
        Declaration("page", Loaders.media_change_pages, loader_arguments=bind),
        {
            "since": argument(
                str | None, "The last endCursor that the client has stored; from the beginning if not given."
            ),
            "first": argument(int | None, "Number of changes; 20 by default."),
        },
        "The last change of each media that was created, changed or deleted since, one entry a media, oldest first. "
        "Read until hasNextPage is false, and store the last endCursor to continue from it later; an empty page has "
        "none, so keep the previous one.",
    )
