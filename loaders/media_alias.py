"""Aliases of a media: its other titles."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many
from loaders.sql.attribute import Attributes, Exact, Text
from loaders.sql.statement import rows_by_media_id


class MediaAliasRow(Row):
    """Of table media_alias; language as a BCP 47 tag."""

    title = Column[str]()
    language = Column["str | None"]()


class MediaAliasAttributes(Attributes, table="media_alias"):
    """What other titles can be chosen by."""

    title = Text()
    language = Exact()


# The aliases of media, by title.
ALIASES_BY_MEDIA_ID = rows_by_media_id(MediaAliasRow, "media_alias a", "a.folded_title, a.id")


class MediaAliasLoaders(LoaderGroup):
    """Loaders of aliases."""

    aliases_by_media_id = Many[int, MediaAliasRow](ALIASES_BY_MEDIA_ID)
