"""Whose names are which: names and aliases of a noun held against those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.checks import NAME_LINE
from catalog.media_values import bad_argument
from catalog.noun_edit.declared import EditedNoun
from catalog.transaction import Writer
from domain.bounds import ALIASES_OF_A_NOUN
from domain.errors import CatalogError, Code
from domain.text import fold

# Who has these folded names: of names alone, and of names and aliases.
NAMES_TAKEN = "SELECT folded_name, id FROM {noun} WHERE folded_name = any($1::text[])"
NAMES_AND_ALIASES_TAKEN = "SELECT folded, {noun}_id FROM {noun}_name WHERE folded = any($1::text[])"

ALIASES = """
SELECT {noun}_id, array_agg(folded) FROM {noun}_name WHERE {noun}_id = any($1::bigint[]) AND NOT is_primary GROUP BY 1
"""

TAKE_NAMES = """
DELETE FROM {noun}_name n USING unnest($1::bigint[], $2::text[]) AS gone({noun}_id, folded)
WHERE n.{noun}_id = gone.{noun}_id AND n.folded = gone.folded
"""

# In the order of the names, so that two edits cannot wait for each other.
GIVE_NAMES = """
INSERT INTO {noun}_name (folded, {noun}_id, is_primary)
SELECT folded, {noun}_id, is_primary
FROM unnest($1::bigint[], $2::text[], $3::boolean[]) AS new({noun}_id, folded, is_primary) ORDER BY folded
"""


def check_aliases(given: Sequence[str]) -> dict[str, str]:
    """Aliases as they were written by their folded form, in which they are kept; BAD_ARGUMENT."""
    if len(given) > ALIASES_OF_A_NOUN:
        raise bad_argument(f"At most {ALIASES_OF_A_NOUN} aliases are needed here: {len(given)} were given.")
    try:
        kept = [NAME_LINE(one) for one in given]
    except CatalogError as error:
        raise bad_argument(f"aliases: {error}") from None
    return {fold(one): one for one in reversed(kept)}


class NameClaims:
    """Which names are whose: of those that are there, and of the items of an edit before."""

    def __init__(self, noun: EditedNoun, there: Mapping[str, int]) -> None:
        self._noun = noun
        self._there = there
        self._claimed: dict[str, int] = {}

    @classmethod
    async def load(cls, writer: Writer, noun: EditedNoun, folded: Iterable[str]) -> NameClaims:
        if not noun.unique:
            return cls(noun, {})
        text = NAMES_AND_ALIASES_TAKEN if noun.has_aliases else NAMES_TAKEN
        return cls(noun, {row[0]: row[1] for row in await writer.fetch(noun.sql(text), sorted(set(folded)))})

    def claim(self, place: int, id: int | None, names: Mapping[str, str]) -> None:
        """NAME_TAKEN where another one, or an earlier item, has one of these names, by their folded forms."""
        if not self._noun.unique:
            return
        for folded, name in names.items():
            if self._there.get(folded, id) != id:
                raise CatalogError(
                    Code.NAME_TAKEN,
                    f"Another {self._noun.words} has the name or alias {name!r}; case and accents do not matter.",
                )
            if self._claimed.get(folded, place) != place:
                raise CatalogError(
                    Code.NAME_TAKEN, f"Item {self._claimed[folded]} of this edit has the name or alias {name!r} too."
                )
        self._claimed |= dict.fromkeys(names, place)


class NameChanges:
    """Rows of <noun>_name that are to go and to come, for all items."""

    def __init__(self) -> None:
        self._gone: list[tuple[int, str]] = []
        self._new: list[tuple[int, str, bool]] = []

    def add(self, id: int, before: Mapping[str, bool], after: Mapping[str, bool]) -> bool:
        """Whether the names of one differ. `before`, `after`: by folded name whether it is the name, not an alias."""
        gone = before.items() - after.items()
        new = after.items() - before.items()
        self._gone += [(id, folded) for folded, _ in gone]
        self._new += [(id, folded, is_primary) for folded, is_primary in new]
        return bool(gone or new)

    async def store(self, writer: Writer, noun: EditedNoun, *, is_new: bool = False) -> None:
        if noun.has_aliases:
            await store_names(writer, noun.table, None if is_new else self._gone, self._new)


async def store_names(
    writer: Writer, noun: str, gone: Sequence[tuple[int, str]] | None, new: Sequence[tuple[int, str, bool]]
) -> None:
    """Rows of <noun>_name that go (None: there can be none), as ids and folded names, and then those that come, with
    whether each is the name, not an alias."""
    if gone is not None:
        await writer.fetch(TAKE_NAMES.replace("{noun}", noun), *transposed(gone, 2))
    await writer.fetch(GIVE_NAMES.replace("{noun}", noun), *transposed(new, 3))


def transposed(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """The columns of rows, as many lists even where there is no row."""
    return [[row[at] for row in rows] for at in range(width)]
