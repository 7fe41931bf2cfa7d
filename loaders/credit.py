"""Credits: who did what on which media. A media's in billing order, a person's newest first."""

from __future__ import annotations

from database.row import Column, Row
from domain.enums import CreditRole
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Reference, Text, Word
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.named_condition import own_names
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement


class CreditRow(Row):
    """Of table credit."""

    id = Column[int]()
    role = Column[str]()
    job = Column["str | None"]()
    character = Column["str | None"]()
    position = Column[int]()
    version = Column[int]()
    media_id = Column[int]()
    person_id = Column[int]()


class CreditAttributes(Attributes, table="credit"):
    """What credits can be chosen by."""

    person = Reference(own_names("person", unique=False, merges=True))
    role = Word(CreditRole)
    character = Text(nullable=True)


# Credits by id.
CREDIT_BY_ID = BatchStatement(
    CreditRow, "SELECT c.id AS key, {columns:c} FROM credit c WHERE c.id = {keys}{visible:c.library_id}"
)

# The credits of media, in billing order.
CREDITS_BY_MEDIA_ID = Source(
    CreditRow,
    alias="c",
    table="credit c",
    id_sql="c.id",
    visible="c.library_id",
    parent="c.media_id",
    sort={"POSITION": SortKey("c.position", "integer")},
    default=(OrderBy("POSITION"),),
)

# The credits of people, newest media first.
CREDITS_BY_PERSON_ID = Source(
    CreditRow,
    alias="c",
    table="credit c",
    id_sql="c.id",
    visible="c.library_id",
    parent="c.person_id",
    sort={"YEAR": SortKey("c.year", "integer", nullable=True)},
    default=(OrderBy("YEAR", descending=True),),
)


class CreditLoaders(LoaderGroup):
    """Loaders of credits."""

    credit_by_id = One[int, CreditRow](CREDIT_BY_ID)
    credit_count_by_media_id = Counts(CREDITS_BY_MEDIA_ID)
    credit_pages_by_media_id = Pages(credit_count_by_media_id)
    credit_count_by_person_id = Counts(CREDITS_BY_PERSON_ID)
    credit_pages_by_person_id = Pages(credit_count_by_person_id)
