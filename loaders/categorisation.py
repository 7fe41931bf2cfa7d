"""Categorisations: the (category, value) pairs of a media."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many
from loaders.sql.attribute import Attributes, Exact
from loaders.sql.statement import rows_by_media_id


class CategorisationRow(Row):
    """Of table categorisation."""

    category = Column[str]()
    value = Column[str]()


class CategorisationAttributes(Attributes, table="categorisation"):
    """What categorisations can be chosen by."""

    category = Exact()
    value = Exact()


# The categories of media, by category and value.
CATEGORIES_BY_MEDIA_ID = rows_by_media_id(CategorisationRow, "categorisation c", "c.category, c.value")


class CategorisationLoaders(LoaderGroup):
    """Loaders of categorisations."""

    categories_by_media_id = Many[int, CategorisationRow](CATEGORIES_BY_MEDIA_ID)
