"""Collections, read like tags (loaders/tag.py explains the parts); their media in order are in loaders/media.py."""

from __future__ import annotations

from datetime import datetime

from database.row import Column, Row
from domain.enums import CollectionKind
from loaders.core.batch_loader import LoaderGroup, Many, One
from loaders.sql.attribute import Attributes, Word
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.named import NameOrderField, OneByName
from loaders.sql.named_condition import own_names
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement, kept_media_count


class CollectionRow(Row):
    """Of table collection. media_count, a kept number, is read only where an operation names it."""

    id = Column[int]()
    kind = Column[str]()
    name = Column[str]()
    description = Column["str | None"]()
    created_at = Column[datetime]()
    version = Column[int]()
    media_count = Column[int](kept_media_count("collection"))


COLLECTION_NAMES = own_names("collection", unique=False)


class CollectionAttributes(Attributes, table="collection"):
    """What collections can be chosen by."""

    kind = Word(CollectionKind)


# Collections by id.
COLLECTION_BY_ID = BatchStatement(
    CollectionRow, "SELECT o.id AS key, {columns:o} FROM collection o WHERE o.id = {keys}"
)

# The collections of media, by name; at most 64 a media.
COLLECTIONS_BY_MEDIA_ID = BatchStatement(
    CollectionRow,
    """SELECT j.media_id AS key, {columns:o} FROM media_collection j JOIN collection o ON o.id = j.collection_id
    WHERE j.media_id = {keys}{visible:j.library_id} ORDER BY j.media_id, o.folded_name, o.id""",
)

# All collections; by name from an index, by media count by looking at every collection.
COLLECTIONS = Source(
    CollectionRow,
    alias="o",
    table="collection o",
    id_sql="o.id",
    sort={
        NameOrderField.NAME: SortKey("o.folded_name", "text"),
        NameOrderField.MEDIA_COUNT: SortKey(kept_media_count("collection", "o"), "bigint"),
    },
)


class CollectionLoaders(LoaderGroup):
    """Loaders of collections."""

    collection_by_id = One[int, CollectionRow](COLLECTION_BY_ID)
    collection_by_name = OneByName(CollectionRow, "collection")
    collections_by_media_id = Many[int, CollectionRow](COLLECTIONS_BY_MEDIA_ID)
    collection_count = Counts(COLLECTIONS)
    collection_pages = Pages(collection_count)
