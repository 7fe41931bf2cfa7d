"""Subtitles and their connection."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.registry import Loaders
from loaders.subtitle import SubtitleAttributes, SubtitleRow
from schema.core.enums import DownloadState
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, Connection, choices, connection
from schema.stored_file import StoredFile
from schema.stored_file import file as stored

if TYPE_CHECKING:
    from schema.media import Media


@node_type(SubtitleRow, "subtitle", Loaders.subtitle_by_id, description="Subtitles of a media in one language.")
class Subtitle(Node):
    language: str = strawberry.field(description="Their language as a BCP 47 tag: en, pt-BR.")
    format: str | None = strawberry.field(description="The format of the file, for example srt, where known.")
    path: str | None = strawberry.field(description="Path of the file, once it is downloaded.")
    url: str | None = strawberry.field(description="URL that they are downloaded from.")
    is_forced: bool = strawberry.field(description="Whether they contain only what is not in the media's language.")
    is_for_hearing_impaired: bool = strawberry.field(description="Whether they also describe sounds.")
    state: DownloadState = strawberry.field(description="State of their download.")
    error: str | None = strawberry.field(description="Why their download failed, or was put off.")
    file: StoredFile | None = strawberry.field(
        resolver=stored, description="The file that this server keeps; null if there is none."
    )
    updated_at: datetime = strawberry.field(description="When this was last changed.")
    media: Annotated[Media, strawberry.lazy("schema.media")] = relation(
        Loaders.media_by_id, key=SubtitleRow.media_id, required=True, description="The media."
    )


@strawberry.type
class SubtitleQuery:
    """Root fields of subtitles."""

    subtitle: Subtitle | None = lookup(
        load_by_id(Loaders.subtitle_by_id, "subtitle"), parameters={"id": IdArgument}, description="Subtitles by id."
    )
    subtitles: Connection[Subtitle] | None = connection(
        Loaders.subtitle_pages,
        choices(
            Loaders.subtitle_pages,
            language=Choice(SubtitleAttributes.language, "Only those in one of these languages: en, pt-BR."),
            state=Choice(SubtitleAttributes.state, "Only those in one of these states."),
        ),
        description="All subtitles.",
    )
