"""Changes: the last one of each media, for clients that sync. In the order of their transactions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import Composer


class MediaChangeRow(Row):
    """Of table media_change; a deleted media keeps a row here, its tombstone."""

    media_id = Column[int]()
    type = Column[str]()
    changed_at = Column[datetime]()


@dataclass(frozen=True, slots=True)
class Settled:
    """Only changes that no earlier one can precede any more: every transaction up to theirs has ended.

    Ordered by time, a transaction that commits late could add one behind what a client has already read."""

    def conditions(self, composer: Composer) -> Iterator[str]:
        yield "c.transaction_id < first_unsettled_transaction()"


# All changes, in the order of their transactions.
MEDIA_CHANGES = Source(
    MediaChangeRow,
    alias="c",
    table="media_change c",
    id_sql="c.media_id",
    visible="c.library_id",
    sort={"TRANSACTION": SortKey("c.transaction_id", "bigint")},
    default=(OrderBy("TRANSACTION"),),
)


class MediaChangeLoaders(LoaderGroup):
    """Loaders of changes."""

    media_change_count = Counts(MEDIA_CHANGES)
    media_change_pages = Pages(media_change_count)
