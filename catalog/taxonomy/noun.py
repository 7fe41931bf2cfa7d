"""The nouns whose names are edited as wholes, and what each of them has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.bounds import LONG_NAME_BYTES, NAME_BYTES, NAME_LETTERS, ROWS_OF_A_MEDIA
from domain.enums import TaxonomyNoun
from domain.errors import CatalogError, Code
from domain.memberships import BY_NOUN
from domain.text import check_foldable, fold, shows_nothing, storable

PERSON_LETTERS = 300


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of another table with the noun's id, by the table's key. `is_source`: what media_<noun> is made of.

    same: the columns by which rows of one media are told apart: rows that become equal are one. has_version: whether
    the table counts the changes of its rows."""

    table: str
    key: str
    is_source: bool = False
    same: tuple[str, ...] = ()
    has_version: bool = False


@dataclass(frozen=True, slots=True)
class Noun:
    """Tables <name>, <name>_redirect, media_<name>, <name>_media_count, and what else there is.

    has_aliases: names are unique over names and aliases, in <name>_name; has_parents: <name>_parent;
    has_times: media_<name> knows since when; has_settings: the table setting has values for one of them;
    has_external_ids: <name>_external_id."""

    name: str
    plural: str
    letters: int = NAME_LETTERS
    bytes: int = NAME_BYTES
    has_aliases: bool = True
    has_parents: bool = False
    has_times: bool = False
    has_settings: bool = False
    has_external_ids: bool = False
    reference: Reference | None = None

    @property
    def enum(self) -> TaxonomyNoun:
        return TaxonomyNoun(self.name.upper())

    @property
    def key(self) -> str:
        return f"{self.name}_id"

    @property
    def most(self) -> int:
        """How many of it one media may have."""
        return ROWS_OF_A_MEDIA.get(f"media_{self.name}", 2**31 - 1)

    @property
    def is_paired(self) -> bool:
        """Whether media_<name> follows from another table's rows."""
        return self.reference is not None and self.reference.is_source

    @property
    def ids_table(self) -> str:
        """The table of its external ids, where it has some."""
        return f"{self.name}_external_id"

    @property
    def counted_tables(self) -> tuple[str, ...]:
        """The tables whose rows change its version: names and aliases, parents, external ids."""
        return f"{self.name}_name", f"{self.name}_parent", self.ids_table

    @property
    def owned_tables(self) -> tuple[str, ...]:
        """The small tables of what only one of the noun can have: names and aliases, external ids."""
        return tuple(table for table in (f"{self.name}_name", self.ids_table) if table in self.tables)

    @property
    def tables(self) -> dict[str, tuple[str, ...]]:
        """The small tables of the noun with their keys, in the order in which rows are put back."""
        found: dict[str, tuple[str, ...]] = {self.name: ("id",)}
        if self.has_aliases:
            found[f"{self.name}_name"] = ("folded",)
        if self.has_parents:
            found[f"{self.name}_parent"] = (self.key, "parent_id")
        if self.has_external_ids:
            found[self.ids_table] = ("source", "value")
        found[f"{self.name}_redirect"] = ("id",)
        if self.has_settings:
            found["setting"] = ("key", "library_id", "channel_id")
        return found

    def check_name(self, text: str) -> str:
        """A name as it is kept; BAD_ARGUMENT for one that cannot be."""
        if len(text) > 5 * self.letters:
            raise CatalogError(Code.BAD_ARGUMENT, f"A name has 1 to {self.letters} letters, not {len(text)}.")
        kept = " ".join(text.split())
        if not storable(kept):
            raise CatalogError(Code.BAD_ARGUMENT, "This name holds characters that cannot be stored.")
        check_foldable(kept)
        if len(kept) > self.letters or len(fold(kept).encode()) > self.bytes:
            raise CatalogError(Code.BAD_ARGUMENT, f"A name has 1 to {self.letters} letters.")
        if shows_nothing(kept):
            raise CatalogError(Code.BAD_ARGUMENT, "A name has letters or signs: this one shows nothing.")
        return kept


def named(noun: str, **has: Any) -> Noun:
    """A noun that media carry, with what it has beside that."""
    declared = BY_NOUN[noun]
    return Noun(noun, declared.plural, has_parents=declared.is_tree, **has)


TAG = named("tag", has_times=True)
GENRE = named("genre")
CHANNEL = named("channel", has_settings=True, reference=Reference("clip", "media_id"))
CREDIT = Reference("credit", "id", is_source=True, same=("role", "character", "job"), has_version=True)
PERSON = Noun(
    "person", "people", PERSON_LETTERS, LONG_NAME_BYTES, has_aliases=False, has_external_ids=True, reference=CREDIT
)
TAXONOMY_NOUNS = {noun.enum: noun for noun in (TAG, GENRE, CHANNEL, PERSON)}
