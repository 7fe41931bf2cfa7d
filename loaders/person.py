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


PERSON_NAMES = own_names("person", unique=False, merges=True)


# People by id, which may be that of one that was merged.
PERSON_BY_ID = BatchStatement(PersonRow, BY_ID.replace("<noun>", "person"))

# People by external id; a key is "source:value", and no source has a colon in it.
PERSON_BY_EXTERNAL_ID = BatchStatement(
    PersonRow,
    """SELECT key, {columns:p} FROM unnest($1::text[]) AS key
    JOIN person_external_id x ON x.source = split_part(key, ':', 1) AND x.value = substr(key, strpos(key, ':') + 1)
    JOIN person p ON p.id = x.person_id""",
    key_type="text",
)

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
    person_by_external_id = One[str, PersonRow](PERSON_BY_EXTERNAL_ID)
    person_count = Counts(PEOPLE)
    person_pages = Pages(person_count)
