"""Taglines."""

from __future__ import annotations

import strawberry

from loaders.tagline import TaglineRow
from schema.core.node import row_type


@row_type(TaglineRow, description="What stands on a poster of a media.")
class Tagline:
    text: str = strawberry.field(description="The words.")
    position: int = strawberry.field(description="Place among the taglines of the media, from 0.")
