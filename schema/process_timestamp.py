"""Process timestamps, and the media that need processing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from domain.errors import CatalogError, Code
from domain.text import storable
from loaders.process_timestamp import ProcessTimestampRow, needs_process
from loaders.registry import Loaders
from loaders.sql.condition import all_of
from loaders.sql.source import Filter, OrderBy
from schema.core.node import row_type
from schema.core.paging import Selectors, argument, connection
from schema.core.times import utc
from schema.filter.media_filter import MEDIA_SELECTORS, filtered, read_media
from schema.media import MediaConnection


@row_type(ProcessTimestampRow, description="When a process last processed a media.")
class ProcessTimestamp:
    process: str = strawberry.field(description="Name of the process, such as tagger.")
    processed_at: datetime = strawberry.field(description="When it was processed.")


def read_needs_process(arguments: Mapping[str, Any]) -> tuple[Filter | None, tuple[OrderBy, ...]]:
    """Filter and order of the media that are due; BAD_ARGUMENT."""
    process, older_than = arguments["process"], arguments["older_than"]
    if not process.strip() or not storable(process):
        raise CatalogError(
            Code.BAD_ARGUMENT,
            "The name of a process must not be blank, nor contain U+0000 or half of a surrogate pair.",
        )
    due = needs_process(process.strip(), None if older_than is None else utc(older_than))
    asked, order = read_media(arguments)
    return (filtered(due) if asked is None else filtered(all_of([due, asked]), asked.filter_names)), order


@strawberry.type
class ProcessTimestampQuery:
    """Root fields of process timestamps."""

    media_needing_process: MediaConnection | None = connection(
        Loaders.media_pages,
        Selectors(
            {
                "process": argument(str, "Name of the process, such as tagger."),
                "older_than": argument(
                    datetime | None,
                    "Also media last processed before this time (UTC if it has no offset); otherwise only media never"
                    " processed.",
                ),
                **MEDIA_SELECTORS.parameters,
            },
            read_needs_process,
        ),
        description="Media that a process has not processed yet, or not since a time.",
    )
