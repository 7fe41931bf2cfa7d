"""Artwork: pictures of a media, by address."""

from __future__ import annotations

from loaders.batch_loader import LoaderGroup, Many
from loaders.row import Column, Row
from loaders.statement import Batch


class ArtworkRow(Row):
    """Of table artwork; width and height in pixels."""

    type = Column[str]()
    url = Column[str]()
    width = Column["int | None"]()
    height = Column["int | None"]()


# The artwork of media, by type; at most 64 a media.
ARTWORK_BY_MEDIA_ID = Batch(
    ArtworkRow,
    """SELECT a.media_id AS key, {columns:a} FROM artwork a
    WHERE a.media_id = {keys} ORDER BY a.media_id, a.type, a.id""",
)


class ArtworkLoaders(LoaderGroup):
    """Loaders of artwork."""

    artwork_by_media_id = Many[int, ArtworkRow](ARTWORK_BY_MEDIA_ID)
