"""Stored files, and the fields that give them with their addresses."""

from __future__ import annotations

from typing import Any

import orjson
import strawberry

from domain.file_type import FileType
from schema.core.enums import describe
from schema.core.scalars import BigInt

describe(
    FileType,
    "What a file is, by its content.",
    JPEG="A picture.",
    PNG="A picture.",
    WEBP="A picture.",
    GIF="A picture, maybe one that moves.",
    AVIF="A picture.",
    SRT="Subtitles as SubRip writes them.",
    VTT="Subtitles as browsers show them (WebVTT).",
    ASS="Subtitles with styles (Advanced SubStation Alpha).",
)


@strawberry.federation.type(shareable=True, description="A file that this server keeps.")
class StoredFile:
    url: str = strawberry.field(
        description="Its address, for MARQUEE_FILES_LINK_TIME seconds at least: it needs no key, since it is signed."
    )
    type: FileType = strawberry.field(description="What it is, by its content.")
    bytes: BigInt = strawberry.field(description="Its size.")
    width: int | None = strawberry.field(description="Width in pixels, of a picture.")
    height: int | None = strawberry.field(description="Height in pixels, of a picture.")


def stored_file(info: strawberry.Info[Any, Any], given: list[Any]) -> StoredFile | None:
    """Of its columns, as loaders/sql/stored_file.py reads them. None where this process has no files."""
    services = info.context.services
    if services is None or services.files is None:
        return None
    hash, type, size, width, height = given
    kind = FileType(type)
    return StoredFile(
        url=services.files.links.url(hash, kind), type=kind, bytes=BigInt(size), width=width, height=height
    )


def file(self: Any, info: strawberry.Info[Any, Any]) -> StoredFile | None:
    return None if self.file is None else stored_file(info, orjson.loads(self.file))


def files(self: Any, info: strawberry.Info[Any, Any]) -> list[StoredFile]:
    found = (stored_file(info, given) for given in orjson.loads(self.files))
    return [one for one in found if one is not None]
