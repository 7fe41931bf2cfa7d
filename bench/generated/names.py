"""Gives libraries, tags, genres and people their ids: those that are there already, new ones where they are not."""

from __future__ import annotations

from collections.abc import Iterable

from database.statement import plain
from database.transaction import Transaction
from domain.text import fold, slug

KNOWN_LIBRARIES = "SELECT folded_name AS folded, id FROM library"
# Of people who bear one name the first.
KNOWN_PEOPLE = "SELECT name AS folded, min(id) AS id FROM person GROUP BY name"

ADD_LIBRARIES = """
INSERT INTO library (name, folded_name, kind)
SELECT n.name, n.folded, 'MOVIE' FROM unnest($1::text[], $2::text[]) n (name, folded)
RETURNING folded_name AS folded, id
"""
ADD_PEOPLE = """
INSERT INTO person (name, folded_name) SELECT * FROM unnest($1::text[], $2::text[]) RETURNING name AS folded, id
"""


def known_names(noun: str) -> str:
    """The ids that tags or genres have under any of their names, aliases included."""
    return f"SELECT folded, {noun}_id AS id FROM {noun}_name"


def added_names(noun: str) -> str:
    """Adds tags or genres."""
    return f"""
    WITH added AS (
        INSERT INTO {noun} (name, folded_name, slug) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
        RETURNING id, folded_name
    )
    INSERT INTO {noun}_name (folded, {noun}_id, is_primary) SELECT folded_name, id, true FROM added
    RETURNING folded, {noun}_id AS id
    """


class Names:
    """The ids of one noun by name. Two names that are one by the noun's rule have one id."""

    def __init__(self, known: str, add: str, *, by_folded: bool = True, with_slug: bool = False) -> None:
        self.known = known
        self.add = add
        self.by_folded = by_folded
        self.with_slug = with_slug
        self.ids: dict[str, int] = {}
        self.by_rule: dict[str, int] = {}

    async def read(self, transaction: Transaction) -> None:
        """Learns what the catalogue has."""
        self.by_rule = {row["folded"]: row["id"] for row in await transaction.fetch(plain("generated", self.known))}

    async def ensure(self, transaction: Transaction, names: Iterable[str]) -> dict[str, int]:
        """Adds those of the names that the catalogue lacks, in one statement; the ids of these and all earlier ones."""
        keys = {name: fold(name) if self.by_folded else name for name in dict.fromkeys(names) if name not in self.ids}
        missing = {key: name for name, key in reversed(keys.items()) if key not in self.by_rule}
        if missing:
            added = list(reversed(missing.values()))
            columns = [added, [fold(name) for name in added]]
            if self.with_slug:
                columns.append([slug(name) for name in added])
            rows = await transaction.fetch(plain("generated", self.add), columns)
            self.by_rule.update((row["folded"], row["id"]) for row in rows)
        self.ids.update((name, self.by_rule[key]) for name, key in keys.items())
        return self.ids


class Catalogue:
    """The names of every noun that a media refers to."""

    def __init__(self) -> None:
        self.libraries = Names(KNOWN_LIBRARIES, ADD_LIBRARIES)
        self.tags = Names(known_names("tag"), added_names("tag"), with_slug=True)
        self.genres = Names(known_names("genre"), added_names("genre"), with_slug=True)
        self.people = Names(KNOWN_PEOPLE, ADD_PEOPLE, by_folded=False)

    async def read(self, transaction: Transaction) -> None:
        """Learns what the catalogue has."""
        for names in (self.libraries, self.tags, self.genres, self.people):
            await names.read(transaction)
