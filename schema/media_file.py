"""Files of media, their connection, and media by ids and by paths."""

from __future__ import annotations

from datetime import datetime

import strawberry

from engine.relation import Load, lookup, relation
from loaders.media_file import MediaFileAttributes, MediaFileOrderField, MediaFileRow
from loaders.registry import Loaders
from schema.core.context import Context
from schema.core.enums import describe
from schema.core.node import IdArgument, IdsArgument, Node, decode_id, load_by_id, load_each, node_type
from schema.core.paging import Choice, Connection, Selectors, SortDirection, argument, choices, combine, connection
from schema.core.scalars import BigInt
from schema.filter.name_filter import read_order
from schema.media import Media


@node_type(MediaFileRow, "media_file", Loaders.media_file_by_id, description="A file of a media.")
class MediaFile(Node):
    path: str = strawberry.field(description="Its path, unique among files.")
    name: str = strawberry.field(description="Its file name, without folders.")
    size: BigInt = strawberry.field(description="Its size in bytes.")
    modified_at: datetime = strawberry.field(
        description="When its content was last modified, according to the file system."
    )
    hash: str | None = strawberry.field(description="Hash of its content, where known.")
    container: str | None = strawberry.field(description="Its format: mp4, mkv, mid.")
    codecs: list[str] = strawberry.field(description="Codecs of its streams, in their order.")
    width: int | None = strawberry.field(description="Width in pixels, where known.")
    height: int | None = strawberry.field(description="Height in pixels, where known.")
    duration_ms: int | None = strawberry.field(description="Duration in milliseconds, where known.")
    manufacturer: str | None = strawberry.field(
        description="Manufacturer of the instrument or device that it was made for or with."
    )
    collection: str | None = strawberry.field(description="The collection that it came with.")
    created_at: datetime = strawberry.field(description="When it was added to the catalogue.")
    media: Media = relation(
        Loaders.media_by_id, key=MediaFileRow.media_id, required=True, description="The media that it is a file of."
    )


describe(
    MediaFileOrderField,
    "What files can be ordered by.",
    NAME="The name without folders, by code point.",
    CREATED_AT="When it was added to the catalogue.",
)


@strawberry.input(description="One sort key; ties are broken by the next key, and finally by id.")
class MediaFileOrder:
    field: MediaFileOrderField = strawberry.field(description="What to order by.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="The direction.")


MEDIA_FILE_SELECTORS = combine(
    choices(
        Loaders.media_file_pages,
        container=Choice(MediaFileAttributes.container, "Only files of these formats."),
        manufacturer=Choice(MediaFileAttributes.manufacturer, "Only files of these manufacturers."),
        collection=Choice(MediaFileAttributes.collection, "Only files of these collections."),
    ),
    Selectors(
        {"order_by": argument(list[MediaFileOrder] | None, "The order; by id if not given.")},
        lambda arguments: (None, read_order(arguments["order_by"])),
    ),
)


def load_media_by_ids(context: Context, ids: list[str]) -> list[Load | Exception]:
    """The look-ups of `mediaByIds`; BAD_ID for one alone."""
    return load_each(context, ids, lambda text: Load(Loaders.media_by_id, decode_id(text, "media")), "ids")


def load_media_by_paths(context: Context, paths: list[str]) -> list[Load | Exception]:
    """The look-ups of `mediaByPaths`."""
    return load_each(context, paths, lambda path: Load(Loaders.media_by_path, path), "paths")


@strawberry.type
class MediaFileQuery:
    """Root fields of files, and media by many ids or paths at once."""

    media_file: MediaFile | None = lookup(
        load_by_id(Loaders.media_file_by_id, "media_file"),
        parameters={"id": IdArgument},
        description="A file by its id; null if it does not exist or is not visible.",
    )
    media_files: Connection[MediaFile] | None = connection(
        Loaders.media_file_pages, MEDIA_FILE_SELECTORS, description="All files."
    )
    media_by_ids: list[Media | None] | None = lookup(
        load_media_by_ids,
        parameters={"ids": IdsArgument},
        sized_by="ids",
        description="Media by their ids, in order; null for each that does not exist or is not visible.",
    )
    media_by_paths: list[Media | None] | None = lookup(
        load_media_by_paths,
        parameters={"paths": argument(list[str], "Paths of files, at most 500 by default.")},
        sized_by="paths",
        description="Media by the paths of their files, in order; null for each that does not exist or is not visible.",
    )
