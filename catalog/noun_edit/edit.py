"""Tags, genres, channels, people, collections and release groups made and changed by hand: many in one transaction, by
a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.edit import EditOutcome, LoopYield
from catalog.media_edit import is_same
from catalog.media_values import bad_argument
from catalog.membership import NamedTarget
from catalog.merged_ids import lock_by_id
from catalog.noun_edit.declared import EditedNoun, read_values
from catalog.noun_edit.external_ids import ExternalIdChanges, check_external_ids
from catalog.noun_edit.names import ALIASES, NameChanges, NameClaims, check_aliases
from catalog.noun_edit.parents import TagTree
from catalog.noun_edit.uses import check_hidden_uses, count_uses
from catalog.transaction import Writer
from database.row import Row
from domain.errors import CatalogError, Code

# Those of an edit in the order of their ids, so that two edits cannot wait for each other. Where a name is a key, those
# that get another one can be given to no media meanwhile.
LOCK_EDITED = """
SELECT t.id, t.version, to_jsonb(t) AS row FROM {noun} t WHERE t.id = any($1::bigint[])
ORDER BY t.id FOR {lock}
"""

# Ids are given in the order of the places.
INSERT_NOUN = """
INSERT INTO {noun} ({columns})
SELECT {values}
FROM unnest($1::jsonb[]) WITH ORDINALITY AS new(columns, place), jsonb_populate_record(NULL::{noun}, new.columns) AS r
ORDER BY new.place RETURNING id
"""

# The given columns take the given values, the others stay.
UPDATE_NOUN = """
UPDATE {noun} t SET ({columns}) = (SELECT {values} FROM jsonb_populate_record(t, change.columns) AS r),
    version = t.version + 1
FROM unnest($1::bigint[], $2::jsonb[]) AS change(id, columns) WHERE t.id = change.id
"""

# The media that carry some of a noun have changed, for the feed. Locked first, as by everybody who writes to the feed;
# after the noun's rows, so that none comes meanwhile.
NOTE_USERS = """
WITH told AS (
    SELECT m.id FROM media m WHERE m.id IN (SELECT j.media_id FROM {uses} j WHERE j.{noun}_id = any($1::bigint[]))
    ORDER BY m.id FOR NO KEY UPDATE
)
UPDATE media_change c SET type = 'UPDATED', transaction_id = DEFAULT, changed_at = DEFAULT
FROM told WHERE told.id = c.media_id AND c.type <> 'DELETED'
"""


@dataclass(frozen=True, slots=True)
class NounInput:
    """What one is to have (id None: one to be made). values: by column; aliases, parents, external_ids (pairs of source
    and value): None where they stay.

    version: the one that the client knows."""

    place: int
    id: int | None
    values: Mapping[str, Any]
    version: int | None = None
    aliases: Sequence[str] | None = None
    parents: Sequence[NamedTarget] | None = None
    external_ids: Sequence[tuple[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An input that can be done as far as it is known by itself. aliases: as written, by their folded form;
    external_ids: each once."""

    input: NounInput
    values: dict[str, Any]
    aliases: dict[str, str] | None
    external_ids: tuple[tuple[str, str], ...] | None

    @property
    def names(self) -> dict[str, str]:
        """All names that are given, as written, by their folded form."""
        own = {self.values["folded_name"]: self.values["name"]} if "name" in self.values else {}
        return {**(self.aliases or {}), **own}


def noun_statement(noun: EditedNoun, template: str) -> str:
    """A statement that writes the columns of a noun."""
    names = [one.column for one in noun.fields]
    text = template.replace("{columns}", ", ".join(names)).replace("{values}", ", ".join(f"r.{one}" for one in names))
    return noun.sql(text)


def check_version(words: str, row: Row, version: int | None) -> None:
    """VERSION_CONFLICT where a row has been changed since the client read it."""
    if version is not None and version != row["version"]:
        raise CatalogError(
            Code.VERSION_CONFLICT,
            f"This {words} has been changed since: its version is {row['version']}, not {version}. Read it again.",
        )


async def read_wanted(noun: EditedNoun, items: Iterable[NounInput], outcome: EditOutcome) -> list[Wanted]:
    """The items that can be done as far as they say themselves; the others fail."""
    found = []
    turns = LoopYield()
    for one in items:
        await turns.maybe_yield()
        try:
            values = read_values(noun.fields, one.values, is_new=one.id is None)
            aliases = None if one.aliases is None else check_aliases(one.aliases)
            ids = None if one.external_ids is None else check_external_ids(one.external_ids)
            found.append(Wanted(one, values, aliases, ids))
        except CatalogError as error:
            outcome.fail(error, one.place, one.id)
    return found


def named_ids(items: Iterable[NounInput]) -> list[int]:
    return sorted({one.id for one in items if one.id is not None})


async def create_nouns(writer: Writer, noun: EditedNoun, items: Sequence[NounInput]) -> EditOutcome:
    """Makes some of a noun; the ids of the outcome are in the order given. NAME_TAKEN, EXTERNAL_ID_TAKEN, NOT_FOUND,
    TOO_MANY, BAD_ARGUMENT."""
    outcome = EditOutcome()
    wanted = await read_wanted(noun, items, outcome)
    tree = await TagTree.load(writer, noun, (one.parents for one in items), ())
    claims = await NameClaims.load(writer, noun, (name for one in wanted for name in one.names))
    external_ids = await ExternalIdChanges.load(writer, noun.table, (one.external_ids for one in wanted), ())
    made: list[tuple[Wanted, set[int]]] = []
    for one in wanted:
        try:
            parents = tree.parents(one.input.place, one.input.parents or ())
            claims.claim(one.input.place, None, one.names)
            external_ids.claim(one.input.place, None, one.external_ids)
            made.append((one, parents))
        except CatalogError as error:
            outcome.fail(error, one.input.place)
    rows = await writer.fetch(noun_statement(noun, INSERT_NOUN), [one.values for one, _ in made])
    outcome.media = [row[0] for row in rows]
    names = NameChanges()
    for id, (one, parents) in zip(outcome.media, made, strict=True):
        names.add(id, {}, {folded: folded == one.values["folded_name"] for folded in one.names})
        tree.put(id, parents)
        external_ids.put(id, one.external_ids)
    await names.store(writer, noun, is_new=True)
    await tree.store(writer, noun, is_new=True)
    await external_ids.store(writer, is_new=True)
    return outcome


async def update_nouns(writer: Writer, noun: EditedNoun, items: Sequence[NounInput]) -> EditOutcome:
    """Changes some of a noun; only those that become different have another version. NOT_FOUND, MERGED,
    VERSION_CONFLICT, NAME_TAKEN, EXTERNAL_ID_TAKEN, TOO_MANY, BAD_ARGUMENT; FORBIDDEN for one that media carry which
    may not be changed. In the feed each media has changed that carries one whose name is another one now."""
    outcome = EditOutcome()
    ids = named_ids(items)
    wanted = await read_wanted(noun, items, outcome)
    is_key = noun.unique and any("name" in one.values for one in items)
    text = noun.sql(LOCK_EDITED).replace("{lock}", "UPDATE" if is_key else "NO KEY UPDATE")
    locked, missing = await lock_by_id(writer, noun.table, text, ids, "integer", "jsonb")
    before = {row[0]: row[1] for row in await writer.fetch(noun.sql(ALIASES), ids)} if noun.has_aliases else {}
    tree = await TagTree.load(writer, noun, (one.parents for one in items), ids)
    claims = await NameClaims.load(writer, noun, (name for one in wanted for name in one.names))
    hidden = {} if writer.libraries is None else await count_uses(writer, noun, ids)
    external_ids = await ExternalIdChanges.load(writer, noun.table, (one.external_ids for one in wanted), ids)
    edit = NounUpdate(noun, locked, before, tree, claims, external_ids, hidden)
    turns = LoopYield()
    for one in wanted:
        await turns.maybe_yield()
        try:
            if (error := missing.get(one.input.id or 0)) is not None:
                raise error
            edit.add(one)
        except CatalogError as error:
            outcome.fail(error, one.input.place, one.input.id)
    outcome.media = list(edit.done)
    await edit.store(writer)
    return outcome


class NounUpdate:
    """What the items of an update come to."""

    def __init__(
        self,
        noun: EditedNoun,
        locked: Mapping[int, Row],
        aliases: Mapping[int, Sequence[str]],
        tree: TagTree,
        claims: NameClaims,
        external_ids: ExternalIdChanges,
        uses: Mapping[int, tuple[int, int]],
    ) -> None:
        self._noun = noun
        self._uses = uses
        self._locked = locked
        self._aliases = aliases
        self._tree = tree
        self._claims = claims
        self._external_ids = external_ids
        self._names = NameChanges()
        self._changed: dict[int, dict[str, Any]] = {}
        self.done: dict[int, Wanted] = {}

    def add(self, one: Wanted) -> None:
        """Checks an item against what is there, and notes what it changes."""
        given, id = one.input, one.input.id
        assert id is not None
        if id in self.done:
            raise bad_argument(f"This {self._noun.words} stands in two items of one edit.")
        row = self._locked[id]
        check_version(self._noun.words, row, given.version)
        parents = None if given.parents is None else self._tree.parents(given.place, given.parents)
        if parents is not None:
            self._tree.check(id, parents)
        check_hidden_uses(self._noun, *self._uses.get(id, (0, 0)))
        self._claims.claim(given.place, id, one.names)
        self._external_ids.claim(given.place, id, one.external_ids)
        self.done[id] = one
        values = {name: value for name, value in one.values.items() if not is_same_value(name, row["row"][name], value)}
        has_names = self._names.add(id, *self._names_of(id, one)) if self._noun.has_aliases else False
        has_parents = self._tree.put(id, parents) if parents is not None else False
        has_external_ids = self._external_ids.put(id, one.external_ids)
        if values or has_names or has_parents or has_external_ids:
            self._changed[id] = values

    def _names_of(self, id: int, one: Wanted) -> tuple[dict[str, bool], dict[str, bool]]:
        """The names before and afterwards, by folded name whether it is the name, not an alias."""
        old, aliases = self._locked[id]["row"]["folded_name"], self._aliases.get(id, ())
        new = one.values.get("folded_name", old)
        kept = aliases if one.aliases is None else one.aliases
        return {**dict.fromkeys(aliases, False), old: True}, {**dict.fromkeys(kept, False), new: True}

    async def store(self, writer: Writer) -> None:
        noun = self._noun
        await writer.fetch(noun_statement(noun, UPDATE_NOUN), list(self._changed), list(self._changed.values()))
        await self._names.store(writer, noun)
        await self._tree.store(writer, noun)
        await self._external_ids.store(writer)
        if noun.in_feed:
            renamed = [id for id, values in self._changed.items() if "name" in values]
            await writer.fetch(noun.sql(NOTE_USERS), renamed)


def is_same_value(name: str, old: Any, new: Any) -> bool:
    """Whether a value is the one of the row, which is as JSON has it."""
    return is_same("added_at" if name.endswith("_at") and new is not None else name, old, new)
