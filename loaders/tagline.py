"""Taglines of a media, as on its posters."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many
from loaders.sql.attribute import Attributes, Text
from loaders.sql.statement import rows_by_media_id


class TaglineRow(Row):
    """Of table tagline; position from 0."""

    text = Column[str]()
    position = Column[int]()


class TaglineAttributes(Attributes, table="tagline"):
    """What taglines can be chosen by."""

    text = Text()


# The taglines of media, by position.
TAGLINES_BY_MEDIA_ID = rows_by_media_id(TaglineRow, "tagline t", "t.position, t.id")


class TaglineLoaders(LoaderGroup):
    """Loaders of taglines."""

    taglines_by_media_id = Many[int, TaglineRow](TAGLINES_BY_MEDIA_ID)
