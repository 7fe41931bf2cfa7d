"""External ids: what other services call a media."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many
from loaders.sql.attribute import Attributes, Exact
from loaders.sql.statement import rows_by_media_id


class ExternalIdRow(Row):
    """Of table external_id."""

    source = Column[str]()
    value = Column[str]()


class ExternalIdAttributes(Attributes, table="external_id"):
    """What external ids can be chosen by."""

    source = Exact()
    value = Exact()


# The external ids of media, by source and value.
EXTERNAL_IDS_BY_MEDIA_ID = rows_by_media_id(ExternalIdRow, "external_id x", "x.source, x.value")


class ExternalIdLoaders(LoaderGroup):
    """Loaders of external ids. The media by an external id is read in loaders/media.py."""

    external_ids_by_media_id = Many[int, ExternalIdRow](EXTERNAL_IDS_BY_MEDIA_ID)
