"""Release groups: who publishes releases."""

from __future__ import annotations

from datetime import datetime  # noqa: F401 - named by columns
from enum import StrEnum

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement


class ReleaseGroupRow(Row):
    """Of table release_group; score 0 to 1 with three decimals. release_count is counted where it is asked for."""

    id = Column[int]()
    name = Column[str]()
    score = Column["float | None"]("({t}.score_thousandths / 1000.0)::float8")
    analysed_at = Column["datetime | None"]()
    version = Column[int]()
    release_count = Column[int](
        "(SELECT count(*) FROM release r WHERE r.release_group_id = {t}.id{visible:r.library_id?})"
    )


class ReleaseGroupOrderField(StrEnum):
    """What release groups can be ordered by."""

    NAME = "NAME"
    SCORE = "SCORE"


# By folded name.
RELEASE_GROUP_BY_NAME = BatchStatement(
    ReleaseGroupRow,
    "SELECT g.folded_name AS key, {columns:g} FROM release_group g WHERE g.folded_name = {keys}",
    key_type="text",
)

# Release groups by id.
RELEASE_GROUP_BY_ID = BatchStatement(
    ReleaseGroupRow, "SELECT g.id AS key, {columns:g} FROM release_group g WHERE g.id = {keys}"
)

# All release groups; by name and by score from an index.
RELEASE_GROUPS = Source(
    ReleaseGroupRow,
    alias="g",
    table="release_group g",
    id_sql="g.id",
    sort={
        ReleaseGroupOrderField.NAME: SortKey("g.folded_name", "text"),
        ReleaseGroupOrderField.SCORE: SortKey("g.score_thousandths", "integer", nullable=True),
    },
)


class ReleaseGroupLoaders(LoaderGroup):
    """Loaders of release groups."""

    release_group_by_id = One[int, ReleaseGroupRow](RELEASE_GROUP_BY_ID)
    release_group_by_name = One[str, ReleaseGroupRow](RELEASE_GROUP_BY_NAME)
    release_group_count = Counts(RELEASE_GROUPS)
    release_group_pages = Pages(release_group_count)
