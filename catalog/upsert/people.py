"""People whom items name by ids at other services: who is meant, and which ids they are given by that.

An id that is known finds the person who has it, whatever the name. Else a name finds one, unless a source calls that
one by another id: then it is another person of the same name."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TypeAlias

from catalog.noun_edit.declared import EDITED_PERSON
from catalog.noun_edit.external_id_statements import GIVE_IDS, READ_IDS, ids_of_noun
from catalog.noun_edit.uses import check_hidden_uses, count_uses
from catalog.transaction import Writer
from catalog.upsert.item import PersonKey
from catalog.upsert.keys import ExternalId
from catalog.upsert.lists import LISTS_BY_NAME
from database.row import Row
from database.transaction import BeginAnewError
from domain.bounds import EXTERNAL_IDS_OF_A_PERSON
from domain.errors import CatalogError, Code

# An id, or what stands for one who is to be made: the folded name, and of another one of that name a number behind it.
Person: TypeAlias = int | str
ANOTHER = "\0"  # between the two: no name has it

CHECK_SOURCE, CHECK_VALUE = (one.check for one in LISTS_BY_NAME["external_ids"].fields)

# The ids of people who are locked, and of whoever else has one of those asked for by now: read once they are locked.
READ_IDS_OF_PEOPLE = ids_of_noun(READ_IDS, "person")

# As CREATE_NOUNS (catalog/upsert/names.py) does, with others of a name that is there.
CREATE_PEOPLE = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[])
        WITH ORDINALITY AS asked(folded_name, name, is_another, place)
), made AS (
    INSERT INTO person (name, folded_name) SELECT name, folded_name FROM asked
    WHERE is_another OR NOT EXISTS (SELECT FROM person t WHERE t.folded_name = asked.folded_name)
    ORDER BY place RETURNING folded_name, id, name
)
SELECT folded_name, id, name, true AS is_new FROM made UNION ALL
(SELECT DISTINCT ON (t.folded_name) t.folded_name, t.id, t.name, false FROM person t
 JOIN asked ON asked.folded_name = t.folded_name AND NOT asked.is_another ORDER BY t.folded_name, t.id)
ORDER BY id
"""

# A person who is there is changed by that: their version rises.
GIVE_IDS_TO_PEOPLE = f"""
WITH raised AS (UPDATE person t SET version = t.version + 1 WHERE t.id = any($4::bigint[]))
{ids_of_noun(GIVE_IDS, "person")}"""


def check_ids(given: Iterable[tuple[str, str]]) -> tuple[ExternalId, ...]:
    """External ids as they are kept, each once; BAD_ARGUMENT, TOO_MANY."""
    assert CHECK_SOURCE is not None
    assert CHECK_VALUE is not None
    found = dict.fromkeys((CHECK_SOURCE(source), CHECK_VALUE(value)) for source, value in given)
    if len(found) > EXTERNAL_IDS_OF_A_PERSON:
        raise too_many_ids()
    return tuple(found)


def too_many_ids() -> CatalogError:
    return CatalogError(Code.TOO_MANY, f"A person has at most {EXTERNAL_IDS_OF_A_PERSON} external ids.")


@dataclass(slots=True)
class Claims:
    """What one item has found: keys and ids that meant nobody before, and those who are to be made."""

    keys: list[PersonKey] = field(default_factory=list)
    ids: list[ExternalId] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


class Namesakes:
    """Those of one name by the sources that know an id of them, so that nobody is looked at alone: there may be
    thousands, and a source as a rule knows all of them."""

    def __init__(self) -> None:
        self._sources: dict[Person, frozenset[str]] = {}
        self._groups: dict[frozenset[str], dict[Person, None]] = {}

    def __len__(self) -> int:
        return len(self._sources)

    def put(self, person: Person, sources: frozenset[str]) -> None:
        """Notes by which sources somebody is known now."""
        if self._sources.get(person) != sources:
            self.remove(person)
            self._sources[person] = sources
            self._groups.setdefault(sources, {})[person] = None

    def remove(self, person: Person) -> None:
        sources = self._sources.pop(person, None)
        if sources is not None:
            del self._groups[sources][person]
            if not self._groups[sources]:
                del self._groups[sources]

    def unknown_to(self, sources: Collection[str]) -> list[dict[Person, None]]:
        """Groups of those of whom none of these sources knows an id."""
        return [group for having, group in self._groups.items() if having.isdisjoint(sources)]


class ItemPeople:
    """What the items of an edit say of people's external ids. Items come one after the other: what one of them gives a
    person, the next one finds; what one gives that fails, none does."""

    def __init__(self) -> None:
        self._asked: dict[ExternalId, None] = {}
        self._stored: set[ExternalId] = set()
        self._owners: dict[ExternalId, Person] = {}
        self._ids: dict[Person, set[ExternalId]] = defaultdict(set)
        self._called: dict[str, Namesakes] = {}  # by folded name
        self._names: dict[Person, str] = {}
        self._found: dict[PersonKey, Person] = {}
        self._uses: dict[int, tuple[int, int]] = {}  # of those who are there: media, and hidden ones
        self._claims = Claims()

    @property
    def is_asked(self) -> bool:
        """Whether any external id is given: if not, nothing is read of them."""
        return bool(self._asked)

    def ask(self, key: PersonKey) -> PersonKey:
        """Notes a key that is to be looked up; its ids are checked."""
        self._asked.update(dict.fromkeys(key.external_ids))
        return key

    @property
    def asked(self) -> tuple[list[str], list[str]]:
        """The ids that are asked for: sources and values."""
        return [source for source, _ in self._asked], [value for _, value in self._asked]

    async def read(self, writer: Writer, locked: Collection[int]) -> None:
        """Reads the ids of people who are locked. Whoever has got one that is asked for meanwhile is not: anew. For a
        writer of some libraries, by one more statement, who is on media that may not be changed."""
        for source, value, id in await writer.fetch(READ_IDS_OF_PEOPLE, list(locked), *self.asked):
            if id not in locked:
                raise BeginAnewError
            self._give(id, (source, value))
        self._stored = set(self._owners)
        if writer.libraries is not None:
            self._uses = await count_uses(writer, EDITED_PERSON, list(locked))

    def find(self, key: PersonKey, person: Person | None, bearers: Sequence[int], preferred: Collection[int]) -> Person:
        """Who is meant; NOT_FOUND, AMBIGUOUS, TOO_MANY; FORBIDDEN where somebody would get ids who is on media that may
        not be changed, as by an edit of the person. person: whose id is given, or the folded name; bearers: ids of
        those who have the name, preferred: of those who are meant where it is several."""
        owners = {self._owners[one] for one in key.external_ids if one in self._owners}
        owners |= {person} if isinstance(person, int) else set()
        if len(owners) > 1:
            raise CatalogError(Code.AMBIGUOUS, "These ids are those of several people: merge them, or correct the ids.")
        if owners:
            found = owners.pop()
        elif isinstance(person, str):
            found = self._of_name(key, person, bearers, preferred)
        else:
            raise CatalogError(Code.NOT_FOUND, "Nobody has any of these external ids: give a name, too.")
        if len(self._ids[found].union(key.external_ids)) > EXTERNAL_IDS_OF_A_PERSON:
            raise too_many_ids()
        if isinstance(found, int) and not self._ids[found].issuperset(key.external_ids):
            check_hidden_uses(EDITED_PERSON, *self._uses.get(found, (0, 0)))
        for one in key.external_ids:
            if one not in self._owners:
                self._claims.ids.append(one)
                self._give(found, one)
        if key not in self._found:
            self._claims.keys.append(key)
            self._found[key] = found
        return found

    def _give(self, person: Person, id: ExternalId) -> None:
        self._owners[id] = person
        self._ids[person].add(id)
        self._note_sources(person)

    def _take(self, id: ExternalId) -> None:
        person = self._owners.pop(id)
        self._ids[person].remove(id)
        self._note_sources(person)

    def _of_name(self, key: PersonKey, folded: str, bearers: Sequence[int], preferred: Collection[int]) -> Person:
        """Of those who have the name, one of whom no source that is given knows an id: none of them has any of the
        given ids, and two ids of one source are of two people."""
        namesakes = self._called.get(folded)
        if namesakes is None:
            namesakes = self._called[folded] = Namesakes()
            for one in bearers:
                self._call(one, folded)
        groups = namesakes.unknown_to({source for source, _ in key.external_ids})
        fitting = list(islice(chain.from_iterable(groups), 2))
        if len(fitting) > 1:
            fitting = [one for one in preferred if any(one in group for group in groups)] or fitting
        if len(fitting) > 1:
            raise CatalogError(Code.AMBIGUOUS, "Several people of this name may have these external ids: give an id.")
        if not fitting:
            new = f"{folded}{ANOTHER}{len(namesakes)}" if len(namesakes) else folded
            self._claims.new.append(new)
            self._call(new, folded)
            return new
        return fitting[0]

    def _call(self, person: Person, folded: str) -> None:
        """Notes the name of a person."""
        self._names[person] = folded
        self._note_sources(person)

    def _note_sources(self, person: Person) -> None:
        """Notes what is known of the ids of a person with a name that was asked for."""
        if person in self._names:
            self._called[self._names[person]].put(person, frozenset(source for source, _ in self._ids[person]))

    def end_item(self, *, is_done: bool) -> list[PersonKey]:
        """Keeps what an item has claimed, or forgets it where the item has failed; the keys that mean nobody then."""
        claims, self._claims = self._claims, Claims()
        if is_done:
            return []
        for id in claims.ids:
            self._take(id)
        for person in reversed(claims.new):
            self._called[self._names.pop(person)].remove(person)
        for key in claims.keys:
            del self._found[key]
        return claims.keys

    def new_ids(self, given: Iterable[object]) -> dict[ExternalId, Person]:
        """The ids that are not stored, and whose they are to be. given: what names people, of which all were found."""
        keys = [one for one in given if isinstance(one, PersonKey)]
        return {one: self._found[key] for key in keys for one in key.external_ids if one not in self._stored}

    def made(self, wanted: Sequence[Person], rows: Iterable[Row]) -> dict[str, int]:
        """The ids of those who were made, by what stood for them, in the order in which they were asked for. rows: of
        CREATE_PEOPLE. One whose name another writer has made meanwhile may not be the one who is meant: anew."""
        new: dict[str, deque[int]] = defaultdict(deque)
        there: dict[str, int] = {}
        for folded, id, _, is_new in rows:
            if is_new:
                new[folded].append(id)
            else:
                there[folded] = id
        found: dict[str, int] = {}
        for one in map(str, wanted):
            if one in there and self._ids.get(one):
                raise BeginAnewError
            found[one] = there[one] if one in there else new[name_in(one)].popleft()
        return found

    async def store(self, writer: Writer, given: Mapping[ExternalId, Person], made: Mapping[str, int]) -> None:
        """Gives people the ids that are new. made: ids of those who were made."""
        if not given:
            return
        rows = [(*one, made[person] if isinstance(person, str) else person) for one, person in given.items()]
        changed = sorted({person for person in given.values() if isinstance(person, int)})
        await writer.fetch(GIVE_IDS_TO_PEOPLE, *map(list, zip(*rows, strict=True)), changed)


def name_in(person: str) -> str:
    """The folded name of one who is to be made."""
    return person.partition(ANOTHER)[0]
