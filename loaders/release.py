"""Releases: what groups have published. Those without a media are visible to everybody."""

from __future__ import annotations

from datetime import datetime  # noqa: F401 - named by columns

from database.row import Column, Row
from domain.enums import ReleaseState
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Reference, Text, Time, Word
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.named_condition import own_names
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement


class ReleaseRow(Row):
    """Of table release; size in bytes, completeness in percent."""

    id = Column[int]()
    media_id = Column["int | None"]()
    release_group_id = Column["int | None"]()
    name = Column[str]()
    category = Column[str]()
    size = Column["int | None"]()
    state = Column[str]()
    failure = Column["str | None"]()
    published_at = Column["datetime | None"]()
    analysed_at = Column["datetime | None"]()
    nuke_reason = Column["str | None"]()
    completeness = Column["int | None"]()


class ReleaseAttributes(Attributes, table="release"):
    """What releases can be chosen by."""

    name = Text()
    category = Word(str)
    state = Word(ReleaseState)
    group = Reference(own_names("release_group"))
    published_at = Time()


# Releases by id.
RELEASE_BY_ID = BatchStatement(
    ReleaseRow, "SELECT r.id AS key, {columns:r} FROM release r WHERE r.id = {keys}{visible:r.library_id?}"
)


def releases(parent: str | None = None) -> Source[ReleaseRow]:
    """All releases, or those of media or groups: newest first, without a date last."""
    return Source(
        ReleaseRow,
        alias="r",
        table="release r",
        id_sql="r.id",
        visible="r.library_id?",
        parent=parent,
        sort={"PUBLISHED_AT": SortKey("r.published_at", "time", nullable=True)},
        default=(OrderBy("PUBLISHED_AT", descending=True),),
    )


class ReleaseLoaders(LoaderGroup):
    """Loaders of releases."""

    release_by_id = One[int, ReleaseRow](RELEASE_BY_ID)
    release_count = Counts(releases())
    release_pages = Pages(release_count)
    release_count_by_media_id = Counts(releases("r.media_id"))
    release_pages_by_media_id = Pages(release_count_by_media_id)
    release_count_by_release_group_id = Counts(releases("r.release_group_id"))
    release_pages_by_release_group_id = Pages(release_count_by_release_group_id)
