"""External ids: what other services call a media."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many
from loaders.sql.attribute import Attributes, Exact
from loaders.sql.statement import BatchStatement


class ExternalIdRow(Row):
    """Of table external_id."""

    source = Column[str]()
    value = Column[str]()


class ExternalIdAttributes(Attributes, table="external_id"):
    """What external ids can be chosen by."""

    source = Exact()
    value = Exact()


# The external ids of media, by source and value; at most 64 a media.
EXTERNAL_IDS_BY_MEDIA_ID = BatchStatement(
    ExternalIdRow,
    """SELECT x.media_id AS key, {columns:x} FROM external_id x
    WHERE x.media_id = {keys} ORDER BY x.media_id, x.source, x.value""",
)


class ExternalIdLoaders(LoaderGroup):
    """Loaders of external ids. The media by an external id is read in loaders/media.py."""

    external_ids_by_media_id = Many[int, ExternalIdRow](EXTERNAL_IDS_BY_MEDIA_ID)
