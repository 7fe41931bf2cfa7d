"""People."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.named import BY_ID, NameOrderField, OneByName
from loaders.sql.named_condition import own_names
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement, kept_media_count


class PersonRow(Row):
    """Of table person. media_count, a kept number, is read only where an operation names it."""

    id = Column[int]()
    name = Column[str]()
    version = Column[int]()
    media_count = Column[int](kept_media_count("person"))


PERSON_NAMES = own_names("person", unique=False)


# People by id, which may be that of one that was merged.
PERSON_BY_ID = BatchStatement(PersonRow, BY_ID.replace("<noun>", "person"))

# All people; by name from an index, by number of media by looking at every person.
PEOPLE = Source(
    PersonRow,
    alias="p",
    table="person p",
    id_sql="p.id",
    sort={
        NameOrderField.NAME: SortKey("p.folded_name", "text"),
        NameOrderField.MEDIA_COUNT: SortKey(kept_media_count("person", "p"), "bigint"),
    },
)


class PersonLoaders(LoaderGroup):
    """Loaders of people."""

    person_by_id = One[int, PersonRow](PERSON_BY_ID)
    person_by_name = OneByName(PersonRow, "person")
    person_count = Counts(PEOPLE)
    person_pages = Pages(person_count)
