"""What edits name besides media: tags, genres, channels, people, release groups, collections; by id or by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeAlias

from catalog.checks import LONG_NAME_LINE, NAME_LINE, ValueCheck
from catalog.edit import LoopYield
from catalog.media_values import bad_argument
from catalog.taxonomy.rules import Rules
from catalog.transaction import Writer
from catalog.upsert.item import PersonKey
from catalog.upsert.people import ANOTHER, CREATE_PEOPLE, ItemPeople, check_ids, name_in
from database.row import Row
from domain.bounds import BIGINT
from domain.errors import CatalogError, Code
from domain.ids import format_id
from domain.memberships import MEMBERSHIPS
from domain.text import fold, slug

# An id, or the folded name of one that is not known by a name or alias; of one who is to be made beside others of the
# name, with a number (catalog/upsert/people.py).
NameReference: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class NamedByItems:
    """How a noun's names are looked up.

    unique: no two have one name. aliases: names and aliases are in <noun>_name. redirects: what the ids of those that
    were merged stand for is in <noun>_redirect. columns: those of a new one. lock: how those that are named are locked;
    KEY SHARE lets others do all but delete and rename them."""

    name: str
    check: ValueCheck
    unique: bool = True
    aliases: bool = True
    redirects: bool = True
    columns: str = "name, folded_name, slug"
    lock: str = "KEY SHARE"


# In the order in which they are locked, and new ones are made (catalog/transaction.py). Collections are locked as by
# edits of their items: the last position is nobody else's.
NAMED_NOUNS = {
    one.name: one
    for one in (
        *(NamedByItems(one.noun, NAME_LINE) for one in MEMBERSHIPS),
        NamedByItems("person", LONG_NAME_LINE, unique=False, aliases=False, columns="name, folded_name"),
        NamedByItems("release_group", NAME_LINE, aliases=False, redirects=False, columns="name, folded_name"),
        NamedByItems(
            "collection",
            LONG_NAME_LINE,
            unique=False,
            aliases=False,
            redirects=False,
            columns="name, folded_name, kind",
            lock="NO KEY UPDATE",
        ),
    )
}

# By folded name or alias, by id, and by the id of one that was merged. Locked in the order of their ids: who renames,
# merges or deletes one waits until those who name it are done, and the other way round.
BY_ALIAS = "SELECT n.folded, NULL::bigint, n.{noun}_id FROM {noun}_name n WHERE n.folded = any($1::text[])"
BY_NAME = "SELECT o.folded_name, NULL::bigint, o.id FROM {noun} o WHERE o.folded_name = any($1::text[])"
BY_ID = " UNION ALL SELECT NULL, o.id, o.id FROM {noun} o WHERE o.id = any($2::bigint[])"
BY_OLD_ID = " UNION ALL SELECT NULL, r.id, r.{noun}_id FROM {noun}_redirect r WHERE r.id = any($2::bigint[])"
BY_EXTERNAL_ID = """
 UNION ALL SELECT NULL, NULL, x.person_id FROM unnest($3::text[], $4::text[]) AS k(source, value)
 JOIN person_external_id x ON x.source = k.source AND x.value = k.value
"""
LOOK_UP = """
SELECT asked.folded, asked.given_id, t.id, t.name FROM ({asked}) AS asked(folded, given_id, id)
JOIN {noun} t ON t.id = asked.id ORDER BY t.id FOR {lock} OF t
"""

# One that another writer has made meanwhile is taken as it is: that it is written to makes it be given back.
CREATE_UNIQUE = """
WITH made AS (
    INSERT INTO {noun} ({columns})
    SELECT {columns} FROM unnest($1::text[], $2::text[], $3::text[]) AS asked(folded_name, name, {last})
    ORDER BY folded_name
    ON CONFLICT (folded_name) DO UPDATE SET name = {noun}.name
    RETURNING folded_name, id, name, xmax = 0 AS is_new
){names}
SELECT folded_name, id, name FROM made
"""
CREATE_NAMES = """, named AS (
    INSERT INTO {noun}_name (folded, {noun}_id, is_primary) SELECT folded_name, id, true FROM made WHERE is_new
)"""

# Where several may have one name, those who make some take turns to the end of their transactions, and look again: the
# same person would else be made twice. The number is this lock's own.
LOCK_NEW_NAMES = "SELECT pg_advisory_xact_lock(1836019317, '{noun}'::regclass::oid::integer)"
CREATE_NOUNS = """
WITH made AS (
    INSERT INTO {noun} ({columns})
    SELECT {columns} FROM unnest($1::text[], $2::text[], $3::text[]) AS asked(folded_name, name, {last})
    WHERE NOT EXISTS (SELECT FROM {noun} t WHERE t.folded_name = asked.folded_name)
    ORDER BY folded_name
    RETURNING folded_name, id, name
)
SELECT folded_name, id, name FROM made UNION ALL
(SELECT DISTINCT ON (t.folded_name) t.folded_name, t.id, t.name FROM {noun} t
 WHERE t.folded_name = any($1::text[]) ORDER BY t.folded_name, t.id)
"""


@cache
def look_up_statement(noun: str, *, by_external_id: bool = False) -> str:
    """$1: folded names, $2: ids; $3, $4: sources and values of external ids. Gives what was asked for, by its name, by
    its id or by neither, with the id and name it has."""
    kind = NAMED_NOUNS[noun]
    asked = (BY_ALIAS if kind.aliases else BY_NAME) + BY_ID + (BY_OLD_ID if kind.redirects else "")
    asked += BY_EXTERNAL_ID if by_external_id else ""
    lock = "NO KEY UPDATE" if by_external_id else kind.lock  # who may be given ids is given none by others meanwhile
    return LOOK_UP.replace("{asked}", asked).replace("{lock}", lock).replace("{noun}", noun)


@cache
def create_statement(noun: str) -> str:
    """$1: folded names, $2: names, $3: the last column of a new one. Gives folded name, id and name of each."""
    kind = NAMED_NOUNS[noun]
    last = kind.columns.rpartition(", ")[2]
    text = CREATE_UNIQUE if kind.unique else CREATE_NOUNS
    text = text.replace("{names}", CREATE_NAMES if kind.aliases else "").replace("{columns}", kind.columns)
    return text.replace("{last}", last if last != "folded_name" else "unused").replace("{noun}", noun)


@lru_cache(maxsize=20_000)  # the names of a library come again and again, with every chunk of it
def read_name(noun: str, value: str) -> tuple[str, str]:
    """A name as it is kept, and folded; BAD_ARGUMENT."""
    kept = NAMED_NOUNS[noun].check(value)
    return kept, fold(kept)


def called(noun: str) -> str:
    """What clients call a noun in messages."""
    return noun.replace("_", " ")


class ItemNames:
    """The names and ids that the items of an edit give, each looked up once. names: by noun and id, of those found."""

    def __init__(self) -> None:
        self._spelled: dict[str, dict[str, str]] = defaultdict(dict)  # by noun and folded name, as first written
        self._folded: dict[str, dict[str, str]] = defaultdict(dict)  # by noun and name as written
        self._ids: dict[str, set[int]] = defaultdict(set)
        self._by_name: dict[str, dict[str, list[int]]] = defaultdict(dict)
        self._by_id: dict[str, dict[int, int]] = defaultdict(dict)
        self._cleaned: dict[str, dict[str, str]] = defaultdict(dict)  # by noun and folded name, folded too
        self._settled: dict[str, dict[Any, Any]] = defaultdict(dict)
        self.names: dict[str, dict[int, str]] = defaultdict(dict)
        self.people = ItemPeople()

    def settled(self, noun: str) -> dict[Any, Any]:
        """What references have turned out to mean that mean the same for every media; to be added to by `found`."""
        return self._settled[noun]

    def reader(self, noun: str) -> Callable[[object], NameReference | PersonKey]:
        """`refer` of a noun, for many values."""
        known = self._folded[noun]

        def read(value: object) -> NameReference | PersonKey:
            if isinstance(value, str) and (folded := known.get(value)):
                return folded
            return self.refer(noun, value)

        return read

    def refer(self, noun: str, value: object) -> NameReference | PersonKey:
        """An id as it is, a name folded, a key with that; BAD_ARGUMENT for what can be no name."""
        if isinstance(value, PersonKey) and noun == "person":
            ids = check_ids(value.external_ids)
            if not ids or value.person is not None:
                person = self._refer(noun, value.person)
                return self.people.ask(PersonKey(person, ids)) if ids else person
            return self.people.ask(PersonKey(None, ids))
        return self._refer(noun, value)

    def _refer(self, noun: str, value: object) -> NameReference:
        if isinstance(value, int):
            if not BIGINT.holds(value):
                raise bad_argument(f"There is no {called(noun)} with such an id.")
            self._ids[noun].add(value)
            return value
        if not isinstance(value, str):
            raise bad_argument(f"A {called(noun)} is given by its id or its name.")
        known = self._folded[noun]
        folded = known.get(value)
        if folded is None:
            kept, folded = read_name(noun, value)
            known[value] = folded
            self._spelled[noun].setdefault(folded, kept)
        return folded

    async def clean(self, rules: Mapping[str, Rules], turns: LoopYield) -> None:
        """Applies rules to names, by noun: what is not known by its name as it was written has the name that they make
        of it. A name of which they make nothing that can be one stays."""
        for noun, of_noun in rules.items():
            spelled, cleaned = self._spelled[noun], self._cleaned[noun]
            for folded, name in [*spelled.items()]:
                await turns.maybe_yield()
                try:
                    kept, made = read_name(noun, of_noun.clean(name))
                except CatalogError:
                    continue
                if made != folded:
                    cleaned[folded] = made
                    spelled.setdefault(made, kept)
                else:
                    spelled[folded] = kept

    async def look_up(self, writer: Writer, always: Collection[str] = ()) -> None:
        """Finds those that are there, and locks them: a statement a noun that is named, and for each of `always`."""
        for noun in NAMED_NOUNS:
            asked, ids = self._spelled[noun], self._ids[noun]
            by_external_id = noun == "person" and self.people.is_asked
            if not asked and not ids and not by_external_id and noun not in always:
                continue
            text = look_up_statement(noun, by_external_id=by_external_id)
            others = self.people.asked if by_external_id else ()
            self._learn(noun, await writer.fetch(text, list(asked), list(ids), *others))
            if by_external_id:
                await self.people.read(writer, self.names[noun].keys())

    def _learn(self, noun: str, rows: Iterable[Row]) -> None:
        """rows: of a look-up."""
        found, known, names = self._by_name[noun], self._by_id[noun], self.names[noun]
        for folded, given, id, name in rows:
            names[id] = name
            if given is not None:
                known[given] = id
            elif folded is not None:
                found.setdefault(folded, []).append(id)

    def found(self, noun: str, reference: NameReference | PersonKey, preferred: Collection[int] = ()) -> NameReference:
        """The id of what is meant; the folded name where nothing has it. NOT_FOUND, AMBIGUOUS, TOO_MANY,
        FORBIDDEN.

        preferred: ids that are meant where several have the name."""
        if isinstance(reference, PersonKey):
            return self._found_person(reference, preferred)
        if isinstance(reference, int):
            id = self._by_id[noun].get(reference)
            if id is None:
                message = f"There is no {called(noun)} with the id {format_id(noun, reference)}."
                raise CatalogError(Code.NOT_FOUND, message)
            self._settled[noun][reference] = id
            return id
        asked = reference
        reference, ids = self._bearers(noun, reference)
        if len(ids) <= 1:
            settled = self._settled[noun][asked] = ids[0] if ids else reference
            return settled
        ids = [one for one in ids if one in preferred] or ids
        if len(ids) > 1:
            name = self._spelled[noun][reference]
            raise CatalogError(
                Code.AMBIGUOUS, f"There is more than one {called(noun)} of the name {name!r}: give an id."
            )
        return ids[0]

    def _bearers(self, noun: str, folded: str) -> tuple[str, list[int]]:
        """A folded name, cleaned where nothing has it as it was written, and the ids of what has it."""
        ids = self._by_name[noun].get(folded, [])
        if not ids and (cleaned := self._cleaned[noun].get(folded)):
            return cleaned, self._by_name[noun].get(cleaned, [])
        return folded, ids

    def _found_person(self, key: PersonKey, preferred: Collection[int]) -> NameReference:
        """Who is meant by external ids, and an id or a name."""
        person, bearers = key.person, list[int]()
        if isinstance(person, int):
            person = self.found("person", person)
        elif person is not None:
            person, bearers = self._bearers("person", person)
        found = self._settled["person"][key] = self.people.find(key, person, bearers, preferred)
        if isinstance(found, str):
            self._spelled["person"].setdefault(found, self._spelled["person"][name_in(found)])
        return found

    def end_item(self, *, is_done: bool) -> None:
        """Keeps what an item has said of people, or forgets it where the item has failed."""
        for key in self.people.end_item(is_done=is_done):
            self._settled["person"].pop(key, None)

    def namesakes(self, found: Mapping[Any, Any], given: Iterable[object]) -> Mapping[str, set[NameReference]]:
        """Those of a list whom external ids name, by their folded names. found: who all are that are given."""
        called: dict[str, set[NameReference]] = defaultdict(set)
        for one in {found[key] for key in given if isinstance(key, PersonKey)}:
            called[name_in(one) if isinstance(one, str) else fold(self.names["person"][one])].add(one)
        return called

    def check_told_apart(self, name: object, person: object, namesakes: Mapping[str, Collection[object]]) -> None:
        """AMBIGUOUS for somebody by name alone beside another one of that name, whom external ids name: sent again, the
        name would be that of two who are on the media."""
        if not isinstance(name, str):
            return
        others = namesakes.get(self._bearers("person", name)[0], ())
        if len(others) > (person in others):
            spelled = self._spelled["person"][name]
            raise CatalogError(
                Code.AMBIGUOUS, f"Another person of the name {spelled!r} stands in this list: give an id for each."
            )

    async def create(
        self, writer: Writer, wanted: Mapping[str, Collection[str]], always: Collection[str] = ()
    ) -> dict[str, dict[str, int]]:
        """Makes those of these folded names; their ids by noun and folded name. `always`: nouns with a statement even
        where none is to be made."""
        made: dict[str, dict[str, int]] = {}
        for noun, kind in NAMED_NOUNS.items():
            texts = {folded: self._spelled[noun][folded] for folded in sorted(wanted.get(noun, ()))}
            if not texts and noun not in always:
                continue
            values = [slug(name) if kind.columns.endswith("slug") else "OTHER" for name in texts.values()]
            if not kind.unique:
                await writer.fetch(LOCK_NEW_NAMES.replace("{noun}", noun))
            if noun == "person" and self.people.is_asked:
                folded, others = [*map(name_in, texts)], [ANOTHER in one for one in texts]
                rows = await writer.fetch(CREATE_PEOPLE, folded, list(texts.values()), others)
                made[noun] = self.people.made([*texts], rows)
            else:
                rows = await writer.fetch(create_statement(noun), list(texts), list(texts.values()), values)
                made[noun] = {row[0]: row[1] for row in rows}
            self.names[noun].update((row[1], row[2]) for row in rows)
        return made
