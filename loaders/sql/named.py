"""Named nouns: what media carry that has a name, aliases and a number of media. loaders/tag.py shows one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from database.row import Row
from domain.errors import CatalogError, Code
from domain.text import storable
from loaders.core.batch_loader import LoaderRef
from loaders.core.read_session import ReadSession
from loaders.sql.keyset import SortKey
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement, kept_media_count

R = TypeVar("R", bound=Row)


class NameOrderField(StrEnum):
    """What named things can be ordered by."""

    NAME = "NAME"
    MEDIA_COUNT = "MEDIA_COUNT"


# By a folded name that several may bear: two of them are enough to know that.
BY_SHARED_NAME = """SELECT key, {columns:t} FROM unnest($1::text[]) AS key
    CROSS JOIN LATERAL (SELECT * FROM <noun> WHERE folded_name = key ORDER BY id LIMIT 2) AS t"""

ALIAS = "t"

# By id, which may be that of one that was merged.
BY_ID = """SELECT t.id AS key, {columns:t} FROM <noun> t WHERE t.id = {keys}
    UNION ALL SELECT r.id AS key, {columns:t} FROM <noun>_redirect r JOIN <noun> t ON t.id = r.<noun>_id
    WHERE r.id = {keys}"""

# By folded name or alias.
BY_NAME = """SELECT n.folded AS key, {columns:t} FROM <noun>_name n JOIN <noun> t ON t.id = n.<noun>_id
    WHERE n.folded = {keys}"""

# Those of media, by name.
BY_MEDIA_ID = """SELECT j.media_id AS key, {columns:t} FROM media_<noun> j JOIN <noun> t ON t.id = j.<noun>_id
    WHERE j.media_id = {keys}{visible:j.library_id} ORDER BY j.media_id, t.folded_name, t.id"""


@dataclass(frozen=True, slots=True)
class NamedNoun(Generic[R]):
    """The statements of a noun with the tables <noun>, <noun>_name, media_<noun> and <noun>_media_count."""

    row: type[R]
    noun: str

    def by_id(self) -> BatchStatement[R]:
        return BatchStatement(self.row, BY_ID.replace("<noun>", self.noun))

    def by_name(self) -> BatchStatement[R]:
        return BatchStatement(self.row, BY_NAME.replace("<noun>", self.noun), key_type="text")

    def by_media_id(self) -> BatchStatement[R]:
        return BatchStatement(self.row, BY_MEDIA_ID.replace("<noun>", self.noun))

    def source(self) -> Source[R]:
        """All of them; by name from an index, by media count by looking at every one."""
        return Source(
            self.row,
            alias=ALIAS,
            table=f"{self.noun} {ALIAS}",
            id_sql=f"{ALIAS}.id",
            sort={
                NameOrderField.NAME: SortKey(f"{ALIAS}.folded_name", "text"),
                NameOrderField.MEDIA_COUNT: SortKey(kept_media_count(self.noun, ALIAS), "bigint"),
            },
        )


class OneByName(LoaderRef[str, R | None]):
    """The one of a noun with a folded name, which several may bear: then nobody knows who is meant (AMBIGUOUS)."""

    def __init__(self, row: type[R], noun: str) -> None:
        self.noun = noun
        self.statement = BatchStatement(row, BY_SHARED_NAME.replace("<noun>", noun), key_type="text")

    async def batch(self, reader: ReadSession, keys: list[str], arguments: None) -> Sequence[R | None]:
        asked = [key for key in keys if storable(key)]
        rows = await reader.fetch(*self.statement.compose(self.name, reader, asked)) if asked else []
        found: dict[str, list[R]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(row)
        return [self.only(found.get(key, [])) for key in keys]  # type: ignore[misc]

    def only(self, rows: list[R]) -> R | CatalogError | None:
        if len(rows) > 1:
            message = f"There is more than one {self.noun} of this name: choose by id, from the list filtered by name."
            return CatalogError(Code.AMBIGUOUS, message)
        return rows[0] if rows else None
