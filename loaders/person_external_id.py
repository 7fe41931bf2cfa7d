"""External ids of people: what other services call them."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many
from loaders.sql.statement import BatchStatement


class PersonExternalIdRow(Row):
    """Of table person_external_id."""

    source = Column[str]()
    value = Column[str]()


# The external ids of people, by source and value.
EXTERNAL_IDS_BY_PERSON_ID = BatchStatement(
    PersonExternalIdRow,
    """SELECT x.person_id AS key, {columns:x} FROM person_external_id x
    WHERE x.person_id = {keys} ORDER BY x.person_id, x.source, x.value""",
)


class PersonExternalIdLoaders(LoaderGroup):
    """Loaders of external ids of people. The person by an external id is read in loaders/person.py."""

    external_ids_by_person_id = Many[int, PersonExternalIdRow](EXTERNAL_IDS_BY_PERSON_ID)
