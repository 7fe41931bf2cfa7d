"""What items name besides media: tags, genres, channels, collections, people, release groups; by id or by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from catalog.checks import LONG_NAME_LINE, NAME_LINE, ValueCheck
from catalog.media_values import bad_argument
from catalog.transaction import Writer
from domain.bounds import BIGINT
from domain.errors import CatalogError, Code
from domain.ids import format_id
from domain.memberships import MEMBERSHIPS
from domain.text import fold, slug

# An id, or the folded name of one that is not known by a name or alias.
NameReference: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class NamedByItems:
    """How a noun's names are looked up.

    unique: no two have one name. aliases: names and aliases are in <noun>_name. columns: those of a new one."""

    name: str
    check: ValueCheck
    unique: bool = True
    aliases: bool = True
    columns: str = "name, folded_name, slug"


# In the order in which new ones are made, so that two writers cannot wait for each other.
NAMED_NOUNS = {
    one.name: one
    for one in (
        *(NamedByItems(one.noun, NAME_LINE) for one in MEMBERSHIPS),
        NamedByItems("collection", LONG_NAME_LINE, unique=False, aliases=False, columns="name, folded_name, kind"),
        NamedByItems("person", LONG_NAME_LINE, unique=False, aliases=False, columns="name, folded_name"),
        NamedByItems("release_group", NAME_LINE, aliases=False, columns="name, folded_name"),
    )
}

BY_ALIAS = "SELECT n.folded, n.{noun}_id FROM {noun}_name n WHERE n.folded = any($1::text[])"
BY_NAME = "SELECT t.folded_name, t.id FROM {noun} t WHERE t.folded_name = any($1::text[])"
BY_ID = "SELECT NULL, t.id FROM {noun} t WHERE t.id = any($2::bigint[])"

# One that another writer has made meanwhile is taken as it is: that it is written to makes it be given back.
CREATE_UNIQUE = """
INSERT INTO {noun} ({columns})
SELECT {columns} FROM unnest($1::text[], $2::text[], $3::text[]) AS asked(folded_name, name, {last})
ORDER BY folded_name
ON CONFLICT (folded_name) DO UPDATE SET name = {noun}.name
RETURNING folded_name, id, xmax = 0
"""
# Where several may have one name, those who make some take turns to the end of their transactions, and look again: the
# same person would else be made twice. The number is this lock's own.
LOCK_NEW_NAMES = "SELECT pg_advisory_xact_lock(1836019317, '{noun}'::regclass::oid::integer)"
CREATE_NOUNS = """
WITH made AS (
    INSERT INTO {noun} ({columns})
    SELECT {columns} FROM unnest($1::text[], $2::text[], $3::text[]) AS asked(folded_name, name, {last})
    WHERE NOT EXISTS (SELECT FROM {noun} t WHERE t.folded_name = asked.folded_name)
    ORDER BY folded_name
    RETURNING folded_name, id
)
SELECT folded_name, id FROM made UNION ALL
SELECT t.folded_name, min(t.id) FROM {noun} t WHERE t.folded_name = any($1::text[]) GROUP BY t.folded_name
"""
CREATE_NAMES = """
INSERT INTO {noun}_name (folded, {noun}_id, is_primary)
SELECT folded, id, true FROM unnest($1::text[], $2::bigint[]) AS made(folded, id)
"""


@lru_cache(maxsize=20_000)  # the names of a library come again and again, with every chunk of it
def read_name(noun: str, value: str) -> tuple[str, str]:
    """A name as it is kept, and folded; BAD_ARGUMENT."""
    kept = NAMED_NOUNS[noun].check(value)
    return kept, fold(kept)


class ItemNames:
    """The names and ids that the items of an upsert give, each looked up once."""

    def __init__(self) -> None:
        self._spelled: dict[str, dict[str, str]] = defaultdict(dict)  # by noun and folded name, as first written
        self._folded: dict[str, dict[str, str]] = defaultdict(dict)  # by noun and name as written
        self._ids: dict[str, set[int]] = defaultdict(set)
        self._by_name: dict[str, dict[str, list[int]]] = {}
        self._known_ids: dict[str, set[int]] = {}

    def refer(self, noun: str, value: object) -> NameReference:
        """An id as it is, a name folded; BAD_ARGUMENT for what can be no name."""
        if isinstance(value, int):
            if not BIGINT.holds(value):
                raise bad_argument(f"There is no {noun.replace('_', ' ')} with such an id.")
            self._ids[noun].add(value)
            return value
        known = self._folded[noun]
        if not isinstance(value, str):
            raise bad_argument(f"A {noun.replace('_', ' ')} is given by its id or its name.")
        folded = known.get(value)
        if folded is None:
            kept, folded = read_name(noun, value)
            known[value] = folded
            self._spelled[noun].setdefault(folded, kept)
        return folded

    async def look_up(self, writer: Writer, always: Collection[str] = ()) -> None:
        """Finds those that are there: a statement a noun that is named, and for each of `always`."""
        for noun, kind in NAMED_NOUNS.items():
            asked, ids = self._spelled[noun], self._ids[noun]
            if not asked and not ids and noun not in always:
                continue
            statement = f"{BY_ALIAS if kind.aliases else BY_NAME} UNION ALL {BY_ID}".replace("{noun}", noun)
            found: dict[str, list[int]] = defaultdict(list)
            known = self._known_ids[noun] = set()
            for folded, id in await writer.fetch(statement, list(asked), list(ids)):
                if folded is None:
                    known.add(id)
                else:
                    found[folded].append(id)
            self._by_name[noun] = found

    def found(self, noun: str, reference: NameReference, preferred: Iterable[int] = ()) -> NameReference:
        """The id of what is meant; the folded name where nothing has it. NOT_FOUND, AMBIGUOUS.

        preferred: ids that are meant where several have the name."""
        called = noun.replace("_", " ")
        if isinstance(reference, int):
            if reference in self._known_ids[noun]:
                return reference
            raise CatalogError(Code.NOT_FOUND, f"There is no {called} with the id {format_id(noun, reference)}.")
        ids = self._by_name[noun].get(reference, [])
        if len(ids) > 1:
            ids = [one for one in ids if one in preferred] or ids
        if len(ids) > 1:
            name = self._spelled[noun][reference]
            raise CatalogError(Code.AMBIGUOUS, f"There is more than one {called} of the name {name!r}: give an id.")
        return ids[0] if ids else reference

    async def create(
        self, writer: Writer, wanted: dict[str, set[str]], always: Collection[str] = ()
    ) -> dict[str, dict[str, int]]:
        """Makes those of these folded names; their ids by noun and folded name. `always`: nouns with a statement even
        where none is to be made."""
        made: dict[str, dict[str, int]] = {}
        for noun, kind in NAMED_NOUNS.items():
            texts = {folded: self._spelled[noun][folded] for folded in sorted(wanted.get(noun, ()))}
            if not texts and noun not in always:
                continue
            last = kind.columns.rpartition(", ")[2]
            values = [slug(name) if last == "slug" else "OTHER" for name in texts.values()]
            if not kind.unique:
                await writer.fetch(LOCK_NEW_NAMES.replace("{noun}", noun))
            statement = (CREATE_UNIQUE if kind.unique else CREATE_NOUNS).replace("{noun}", noun)
            statement = statement.replace("{columns}", kind.columns)
            statement = statement.replace("{last}", last if last != "folded_name" else "unused")
            rows = await writer.fetch(statement, list(texts), list(texts.values()), values)
            made[noun] = {row[0]: row[1] for row in rows}
            if kind.aliases:
                new = {row[0]: row[1] for row in rows if row[2]}
                await writer.fetch(CREATE_NAMES.replace("{noun}", noun), list(new), list(new.values()))
        return made
