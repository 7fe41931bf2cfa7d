"""Named nouns: what media carry that has a name, aliases and a number of media. loaders/tag.py shows one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from loaders.keyset import SortKey
from loaders.row import Row
from loaders.source import Source
from loaders.statement import Batch, kept_media_count

R = TypeVar("R", bound=Row)

ALIAS = "t"

# By id.
BY_ID = "SELECT t.id AS key, {columns:t} FROM <noun> t WHERE t.id = {keys}"

# By folded name or alias.
BY_NAME = """SELECT n.folded AS key, {columns:t} FROM <noun>_name n JOIN <noun> t ON t.id = n.<noun>_id
    WHERE n.folded = {keys}"""

# Those of media, by name.
BY_MEDIA_ID = """SELECT j.media_id AS key, {columns:t} FROM media_<noun> j JOIN <noun> t ON t.id = j.<noun>_id
    WHERE j.media_id = {keys}{visible:j.library_id} ORDER BY j.media_id, t.folded_name, t.id"""


@dataclass(frozen=True, slots=True)
class Named(Generic[R]):
    """The statements of a noun with the tables <noun>, <noun>_name, media_<noun> and <noun>_media_count."""

    row: type[R]
    noun: str

    def by_id(self) -> Batch[R]:
        return Batch(self.row, BY_ID.replace("<noun>", self.noun))

    def by_name(self) -> Batch[R]:
        return Batch(self.row, BY_NAME.replace("<noun>", self.noun), key_type="text")

    def by_media_id(self) -> Batch[R]:
        return Batch(self.row, BY_MEDIA_ID.replace("<noun>", self.noun))

    def source(self) -> Source[R]:
        """All of them; by name from an index, by media count by looking at every one."""
        return Source(
            self.row,
            alias=ALIAS,
            table=f"{self.noun} {ALIAS}",
            id_sql=f"{ALIAS}.id",
            sort={
                "NAME": SortKey(f"{ALIAS}.folded_name", "text"),
                "MEDIA_COUNT": SortKey(kept_media_count(self.noun, ALIAS), "bigint"),
            },
        )
