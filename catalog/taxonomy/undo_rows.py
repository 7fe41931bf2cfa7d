"""What is to be done to the small tables of a noun (names, parents, external ids, settings) so that an operation is
undone.

Each row of the journal is held against the row as it is now: as the operation left it, it is put back; as it was
before, nothing is to be done; anything else was edited since."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from catalog.taxonomy.noun import Noun
from catalog.taxonomy.plan import Conflict
from catalog.taxonomy.planning import Above
from domain.ids import format_id

JournalRow = dict[str, Any]


class Kept(NamedTuple):
    """A row of the journal, None where there was none, and the row as it is."""

    old: JournalRow | None
    new: JournalRow | None
    now: JournalRow | None

    @property
    def is_undone(self) -> bool:
        return self.now == self.old

    @property
    def is_edited(self) -> bool:
        return self.now != self.new


@dataclass(slots=True)
class Changes:
    """Rows of a table that go, and those that come."""

    gone: list[JournalRow] = field(default_factory=list)
    added: list[JournalRow] = field(default_factory=list)

    def swap(self, gone: JournalRow | None, added: JournalRow | None) -> None:
        if gone is not None:
            self.gone.append(gone)
        if added is not None:
            self.added.append(added)


@dataclass(slots=True)
class Undoing:
    """restored: rows of the noun that come back; renamed: by id the rows that names go back to; made: ids that the
    operation has made, which go; blocked: ids whose rows, and so their media, stay as they are."""

    noun: Noun
    operation: int
    force: bool
    kept: dict[str, list[Kept]]
    restored: list[JournalRow] = field(default_factory=list)
    renamed: dict[int, JournalRow] = field(default_factory=dict)
    made: list[int] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    changes: dict[str, Changes] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)

    def tell(self, id: int, message: str) -> None:
        self.conflicts.append(Conflict("CONFLICT", f"{format_id(self.noun.name, id)} {message}", id))

    def block(self, id: int, message: str) -> None:
        if id not in self.blocked:
            self.blocked.add(id)
            self.tell(id, message)

    @property
    def raised(self) -> list[int]:
        """Ids of those that stay and whose version rises: each that gets another name, other aliases, parents or
        external ids."""
        changes = [self.changes[table] for table in self.noun.counted_tables if table in self.changes]
        rows = [row for one in changes for row in (*one.gone, *one.added)]
        put_back = {row["id"] for row in self.restored}
        return sorted({*self.renamed, *(row[self.noun.key] for row in rows)} - put_back - set(self.made))

    @property
    def deprived(self) -> list[int]:
        """Ids of those from whom a name or external id is taken that they were given since."""
        found: set[int] = set()
        for table in self.noun.owned_tables:
            key = itemgetter(*self.noun.tables[table])
            given = {key(one.now) for one in self.kept[table] if one.now is not None and one.is_edited}
            found |= {row[self.noun.key] for row in self.changes[table].gone if key(row) in given}
        return sorted(found)

    @property
    def has_merged(self) -> bool:
        """Whether the operation took some of the noun away, or made one: what stays gets or loses aliases by that."""
        return any(one.old is None or one.new is None for one in self.kept[self.noun.name])

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do beside links of media."""
        changes = any(one.gone or one.added for one in self.changes.values())
        return bool(self.restored or self.renamed or self.made or changes)

    @property
    def names_table(self) -> str:
        return f"{self.noun.name}_name"

    def decide(self, others: dict[int, int], edges: set[tuple[int, int]], there: set[int]) -> None:
        """others: how many media were given what the operation has made by somebody else; edges: the pairs of child and
        parent that there are; there: of the ids concerned, those that are."""
        self.look_at_names()
        self.look_at_rows(others, there)
        alive = (there | {row["id"] for row in self.restored}) - set(self.made)
        self.put_names(alive)
        self.put_parents(edges, alive)
        self.put_redirects(alive)
        self.put_external_ids(alive)
        self.put_settings(alive)

    def look_at_names(self) -> None:
        """Blocks who cannot have the name back."""
        for one in self.kept.get(self.names_table, ()):
            if one.old is None or not one.old["is_primary"] or one.is_undone or one.now is None or not one.is_edited:
                continue
            id, owner = one.old[self.noun.key], one.now[self.noun.key]
            if owner != id and (one.now["is_primary"] or not self.force):
                self.block(id, f"cannot be called {one.old['folded']!r} again: {format_id(self.noun.name, owner)} is.")

    def look_at_rows(self, others: dict[int, int], there: set[int]) -> None:
        for one in self.kept[self.noun.name]:
            row = one.old or one.new or {}
            id = row["id"]
            if one.old is None:
                # Credits that were given since go with nobody, whatever is asked.
                if one.now is not None and others.get(id, 0) and (self.noun.is_paired or not self.force):
                    self.block(id, f"stays: {others[id]} media were given it since.")
                elif one.now is not None:
                    self.made.append(id)
            elif one.is_undone or id in self.blocked:
                continue
            elif one.new is None:
                self.restored.append(one.old)
            elif one.now is None:
                self.block(id, "was merged or deleted since.")
            elif one.now["name"] != one.new["name"] and not self.force:
                self.block(id, f"was renamed since, to {one.now['name']!r}, and keeps that name.")
            else:
                self.renamed[id] = {**one.old, "now": one.now.get("folded_name")}

    def put_names(self, alive: set[int]) -> None:
        changes = self.changes[self.names_table] = Changes()
        for one in self.kept.get(self.names_table, ()):
            ids = {row[self.noun.key] for row in (one.old, one.new) if row is not None}
            own = one.old or one.new or {}
            if one.is_undone or own[self.noun.key] in self.blocked or (one.old is None and ids & self.blocked):
                continue
            if one.old is not None and one.old[self.noun.key] not in alive:
                self.tell(own[self.noun.key], f"does not get {own['folded']!r}: it was merged or deleted since.")
                continue
            if one.is_edited and one.now is not None and not self.may_take(one):
                self.tell(own[self.noun.key], f"does not get {own['folded']!r}: that name was edited since.")
                continue
            changes.swap(one.now, one.old)
        self.demote(changes)

    def may_take(self, one: Kept) -> bool:
        """Whether a name that was edited since may be taken from whom has it."""
        assert one.now is not None
        owner = one.now[self.noun.key]
        mine = one.old is not None and owner == one.old[self.noun.key]
        return self.force and (mine or not one.now["is_primary"] or owner in self.renamed)

    def demote(self, changes: Changes) -> None:
        """Names that were given since, to what gets its old name by force, become aliases."""
        told = {row["folded"] for row in (*changes.gone, *changes.added)}
        for id, row in self.renamed.items():
            name = row["now"]
            if self.noun.has_aliases and name not in told and name != row["folded_name"]:
                before = {"folded": name, self.noun.key: id, "is_primary": True}
                changes.swap(before, {**before, "is_primary": False})

    def put_parents(self, edges: set[tuple[int, int]], alive: set[int]) -> None:
        changes = self.changes["tag_parent"] = Changes()
        kept = self.kept.get("tag_parent", ())
        gone = {pair_of(one.new) for one in kept if one.new is not None and one.now is not None and one.old is None}
        above = Above(edges - gone)
        changes.gone += [one.new for one in kept if one.new is not None and one.now is not None]
        for one in kept:
            if one.old is None or one.now is not None:
                continue
            below, parent = pair_of(one.old)
            if not {below, parent} <= alive:
                self.tell(below, f"does not stand below {format_id('tag', parent)} again: one of them is not there.")
            elif above.reaches(parent, below):
                self.tell(below, f"does not stand below {format_id('tag', parent)} again: that would be a circle.")
            else:
                above.add(below, parent)
                changes.added.append(one.old)

    def put_redirects(self, alive: set[int]) -> None:
        changes = self.changes[f"{self.noun.name}_redirect"] = Changes()
        for one in self.kept[f"{self.noun.name}_redirect"]:
            if one.old is None and one.new is not None:
                if one.new["id"] in alive:
                    changes.swap(one.now, None)
            elif one.old is not None and one.old[self.noun.key] in alive and one.old["id"] not in alive:
                changes.swap(one.now, one.old)

    def put_external_ids(self, alive: set[int]) -> None:
        """One that was taken away, or given to another one, since stays so, but by force."""
        changes = self.changes[self.noun.ids_table] = Changes()
        for one in self.kept.get(self.noun.ids_table, ()):
            if one.is_undone or one.old is None or one.old[self.noun.key] not in alive:
                continue
            if one.is_edited and not self.force:
                name = f"{one.old['source']}:{one.old['value']}"
                self.tell(one.old[self.noun.key], f"does not get {name!r}: that external id was edited since.")
            else:
                changes.swap(one.now, one.old)

    def put_settings(self, alive: set[int]) -> None:
        """A value that was set since stays."""
        changes = self.changes["setting"] = Changes()
        for one in self.kept.get("setting", ()):
            if one.is_undone:
                continue
            row = one.old or one.new or {}
            id = row["channel_id"]
            if one.old is not None and id not in alive:
                continue
            if one.is_edited and one.now is not None and not self.force:
                self.tell(id, f"keeps its setting {row['key']}, which was edited since.")
            else:
                changes.swap(one.now, one.old)


def pair_of(row: JournalRow) -> tuple[int, int]:
    return row["tag_id"], row["parent_id"]
