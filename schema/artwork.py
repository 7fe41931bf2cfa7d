"""Artwork."""

from __future__ import annotations

from enum import Enum

import strawberry

from loaders.artwork import ArtworkRow
from schema.node import row_type


@strawberry.enum(description="What a picture is for.")
class ArtworkType(Enum):
    POSTER = strawberry.enum_value("POSTER", description="Upright, with the title.")
    BACKDROP = strawberry.enum_value("BACKDROP", description="Wide, to stand behind text.")
    THUMBNAIL = strawberry.enum_value("THUMBNAIL", description="Small, for lists.")
    LOGO = strawberry.enum_value("LOGO", description="The title as a drawing.")


@row_type(ArtworkRow, description="A picture of a media.")
class Artwork:
    type: ArtworkType = strawberry.field(description="What it is for.")
    url: str = strawberry.field(description="Its address.")
    width: int | None = strawberry.field(description="Width in pixels, where known.")
    height: int | None = strawberry.field(description="Height in pixels, where known.")
