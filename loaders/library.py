"""Libraries: the unit of visibility. A library that is not visible does not exist for the viewer."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.named import NameOrderField
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement, kept_media_count


class LibraryRow(Row):
    """Of table library. media_count, a kept number, is read only where an operation names it."""

    id = Column[int]()
    name = Column[str]()
    kind = Column["str | None"]()
    version = Column[int]()
    media_count = Column[int](kept_media_count("library"))


# By folded name.
LIBRARY_BY_NAME = BatchStatement(
    LibraryRow,
    "SELECT l.folded_name AS key, {columns:l} FROM library l WHERE l.folded_name = {keys}{visible:l.id}",
    key_type="text",
)

# Libraries by id.
LIBRARY_BY_ID = BatchStatement(
    LibraryRow, "SELECT l.id AS key, {columns:l} FROM library l WHERE l.id = {keys}{visible:l.id}"
)

LIBRARIES = Source(
    LibraryRow,
    alias="l",
    table="library l",
    id_sql="l.id",
    visible="l.id",
    sort={
        NameOrderField.NAME: SortKey("l.folded_name", "text"),
        NameOrderField.MEDIA_COUNT: SortKey(kept_media_count("library", "l"), "bigint"),
    },
)


class LibraryLoaders(LoaderGroup):
    """Loaders of libraries."""

    library_by_id = One[int, LibraryRow](LIBRARY_BY_ID)
    library_by_name = One[str, LibraryRow](LIBRARY_BY_NAME)
    library_count = Counts(LIBRARIES)
    library_pages = Pages(library_count)
