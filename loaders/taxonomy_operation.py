"""Operations on the names of tags, genres, channels and people, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database.row import Column, Row
from domain.enums import TaxonomyNoun, TaxonomyOperationKind
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Word
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement


class TaxonomyOperationRow(Row):
    """Of table taxonomy_operation. undoable_until: NULL once it cannot be undone any longer."""

    id = Column[int]()
    noun = Column[str]()
    kind = Column[str]()
    at = Column[datetime]()
    origin = Column[str]()
    who = Column["str | None"]()
    detail = Column[dict[str, Any]]()
    counts = Column[dict[str, Any]](
        "jsonb_build_object('renamed', {t}.renamed, 'merged', {t}.merged, 'moved', {t}.moved,"
        " 'external_ids', {t}.external_ids)"
    )
    undoable_until = Column["datetime | None"](
        "CASE WHEN {t}.undone_by IS NULL AND {t}.undoable_until > now() THEN {t}.undoable_until END"
    )
    undoes_id = Column["int | None"]("{t}.undoes")
    undone_by_id = Column["int | None"]("{t}.undone_by")


class TaxonomyOperationAttributes(Attributes, table="taxonomy_operation"):
    """What operations can be chosen by."""

    noun = Word(TaxonomyNoun)
    kind = Word(TaxonomyOperationKind)


# Operations by id.
TAXONOMY_OPERATION_BY_ID = BatchStatement(
    TaxonomyOperationRow, "SELECT o.id AS key, {columns:o} FROM taxonomy_operation o WHERE o.id = {keys}"
)

# All operations, newest first.
TAXONOMY_OPERATIONS = Source(
    TaxonomyOperationRow,
    alias="o",
    table="taxonomy_operation o",
    id_sql="o.id",
    sort={"ID": SortKey("o.id", "bigint")},
    default=(OrderBy("ID", descending=True),),
)


class TaxonomyOperationLoaders(LoaderGroup):
    """Loaders of operations."""

    taxonomy_operation_by_id = One[int, TaxonomyOperationRow](TAXONOMY_OPERATION_BY_ID)
    taxonomy_operation_count = Counts(TAXONOMY_OPERATIONS)
    taxonomy_operation_pages = Pages(taxonomy_operation_count)
