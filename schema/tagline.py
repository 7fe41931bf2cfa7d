"""Taglines."""

from __future__ import annotations

import strawberry

from loaders.tagline import TaglineRow
from schema.core.node import row_type


@row_type(TaglineRow, description="A tagline of a media, as on its poster.")
class Tagline:
    text: str = strawberry.field(description="The text.")
    position: int = strawberry.field(description="Position among the taglines of the media, from 0.")
