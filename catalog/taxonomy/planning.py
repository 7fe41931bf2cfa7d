"""Plans of the operations: what is to become of names, read from the database and from what was asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from catalog.edit import MANY, beside_loop
from catalog.merged_ids import error_of_first_missing
from catalog.taxonomy.external_ids import move_external_ids
from catalog.taxonomy.noun import Noun
from catalog.taxonomy.plan import Conflict, NameRow, Plan
from catalog.taxonomy.statements import READ_NAMED, READ_OWNERS, READ_PARENTS, for_noun
from catalog.transaction import Writer
from database.row import Row
from domain.bounds import ALIASES_OF_A_NOUN, ITEMS_OF_AN_EDIT, PARENTS_OF_A_TAG
from domain.enums import TaxonomyOperationKind
from domain.errors import CatalogError, Code
from domain.ids import format_id
from domain.text import fold, slug


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a noun as they are: those asked for, by id, and who has which folded name."""

    rows: dict[int, str]
    folded: dict[str, NameRow]
    versions: dict[int, int]

    def of(self, ids: Iterable[int]) -> list[NameRow]:
        wanted = set(ids)
        return [row for row in self.folded.values() if row.id in wanted]


async def read_names(writer: Writer, noun: Noun, ids: Sequence[int] | None, folded: Sequence[str] = ()) -> Names:
    """ids None: all of them. NOT_FOUND for one that is not there, MERGED with what it became."""
    rows = await writer.fetch(for_noun(noun, READ_NAMED), ids)
    if ids is not None and (missing := set(ids) - {row["id"] for row in rows}):
        raise await error_of_first_missing(writer, noun.name, missing)
    named = await writer.fetch(for_noun(noun, READ_OWNERS), ids, list(folded)) if noun.has_aliases else []
    return await beside_loop(len(rows), names_of, rows, named)


def names_of(rows: Iterable[Row], named: Iterable[Row]) -> Names:
    """`rows`: of READ_NAMED; `named`: of READ_OWNERS."""
    return Names(
        {row["id"]: row["name"] for row in rows},
        {row["folded"]: NameRow(row["folded"], row["id"], row["is_primary"]) for row in named},
        {row["id"]: row["version"] for row in rows},
    )


def new_plan(noun: Noun, kind: TaxonomyOperationKind, names: Names, **detail: Any) -> Plan:
    return Plan(noun, kind, detail, dict(names.rows), versions=dict(names.versions))


async def plan_rename(writer: Writer, noun: Noun, id: int, name: str, *, keep: bool) -> Plan:
    """keep: the old name stays as an alias."""
    kept = noun.check_name(name)
    names = await read_names(writer, noun, [id], [fold(kept)])
    check_free(noun, names, kept, id)
    plan = new_plan(noun, TaxonomyOperationKind.RENAME, names, id=format_id(noun.name, id), name=kept)
    if names.rows[id] != kept:
        plan.renames[id] = kept
        rename_rows(plan, names, keep=keep)
    return plan


def check_free(noun: Noun, names: Names, name: str, id: int | None) -> None:
    """NAME_TAKEN."""
    owner = names.folded.get(fold(name))
    if owner is not None and owner.id != id:
        other = format_id(noun.name, owner.id)
        raise CatalogError(Code.NAME_TAKEN, f"{other} has the name {name!r}, or an alias of it: merge the two.")


def check_many(ids: Sequence[int], noun: Noun) -> None:
    """BAD_ARGUMENT for none, and for too many."""
    if not 0 < len(ids) <= ITEMS_OF_AN_EDIT:
        raise CatalogError(
            Code.BAD_ARGUMENT, f"Name 1 to {ITEMS_OF_AN_EDIT} {noun.plural} in one operation, not {len(ids)}."
        )


async def plan_merge(writer: Writer, noun: Noun, into: int, ids: Sequence[int]) -> Plan:
    """BAD_ARGUMENT for one that is merged into itself."""
    check_many(ids, noun)
    if into in ids:
        raise CatalogError(Code.BAD_ARGUMENT, f"{format_id(noun.name, into)} cannot be merged into itself.")
    names = await read_names(writer, noun, [into, *dict.fromkeys(ids)])
    plan = new_plan(noun, TaxonomyOperationKind.MERGE, names, into=format_id(noun.name, into))
    plan.detail["merged"] = sorted(name for id, name in names.rows.items() if id != into)
    plan.pairs = dict.fromkeys(sorted(set(ids)), into)
    rename_rows(plan, names, keep=True)
    await merge_parents(writer, plan)
    await move_external_ids(writer, plan)
    return plan


async def plan_delete(writer: Writer, noun: Noun, id: int, replacement: int | None) -> Plan:
    """Its names and external ids go with it; its media are given the replacement, where there is one."""
    if id == replacement:
        raise CatalogError(Code.BAD_ARGUMENT, f"{format_id(noun.name, id)} cannot replace itself.")
    if replacement is None and noun.is_paired:
        raise CatalogError(Code.BAD_ARGUMENT, f"Name a replacement: the credits of a {noun.name} need one.")
    names = await read_names(writer, noun, [id] if replacement is None else [id, replacement])
    told = None if replacement is None else format_id(noun.name, replacement)
    plan = new_plan(noun, TaxonomyOperationKind.DELETE, names, id=format_id(noun.name, id), name=names.rows[id])
    plan.detail["replacement"] = told
    plan.pairs = {id: replacement}
    plan.is_lasting = False
    rename_rows(plan, names, keep=False)
    await merge_parents(writer, plan)
    await move_external_ids(writer, plan)
    return plan


async def plan_split(writer: Writer, noun: Noun, id: int, name: str, media: list[int]) -> Plan:
    """media: those that are given the new one instead."""
    kept = noun.check_name(name)
    names = await read_names(writer, noun, [id], [fold(kept)])
    check_free(noun, names, kept, None)
    plan = new_plan(noun, TaxonomyOperationKind.SPLIT, names, id=format_id(noun.name, id), name=kept)
    plan.new, plan.media, plan.pairs = kept, media, {id: None}
    return plan


async def plan_aliases(writer: Writer, noun: Noun, id: int, aliases: Sequence[str]) -> Plan:
    """The aliases replaced by these. NAME_TAKEN for one that another has."""
    if len(aliases) > ALIASES_OF_A_NOUN:
        raise CatalogError(Code.BAD_ARGUMENT, f"At most {ALIASES_OF_A_NOUN} aliases: {len(aliases)} were given.")
    wanted = {fold(noun.check_name(one)): one for one in aliases}
    names = await read_names(writer, noun, [id], list(wanted))
    for one in wanted.values():
        check_free(noun, names, one, id)
    plan = new_plan(noun, TaxonomyOperationKind.SET_ALIASES, names, id=format_id(noun.name, id), aliases=sorted(wanted))
    before = {row.folded: row for row in names.of([id])}
    after = {text: NameRow(text, id, False) for text in wanted if text not in before or not before[text].is_primary}
    after |= {text: row for text, row in before.items() if row.is_primary}
    put_rows(plan, before, after)
    return plan


async def plan_parents(writer: Writer, noun: Noun, id: int, parents: Sequence[int]) -> Plan:
    """The parents replaced by these. BAD_ARGUMENT for a circle."""
    if len(set(parents)) > PARENTS_OF_A_TAG:
        raise CatalogError(Code.BAD_ARGUMENT, f"At most {PARENTS_OF_A_TAG} parents: {len(set(parents))} were given.")
    names = await read_names(writer, noun, [*dict.fromkeys([id, *parents])])
    wanted = sorted(set(parents))
    plan = new_plan(
        noun,
        TaxonomyOperationKind.SET_PARENTS,
        names,
        id=format_id(noun.name, id),
        parents=[names.rows[one] for one in wanted],
    )
    edges = set(map(tuple, await writer.fetch(READ_PARENTS)))
    before = {edge for edge in edges if edge[0] == id}
    after = {(id, one) for one in wanted}
    above = Above(edges - before)
    for one in wanted:
        if above.reaches(one, id):
            raise CatalogError(
                Code.BAD_ARGUMENT, f"{format_id(noun.name, one)} stands below {format_id(noun.name, id)}."
            )
    put_parents(plan, before - after, after - before)
    return plan


def rename_rows(plan: Plan, names: Names, *, keep: bool) -> None:
    """What becomes of folded names and aliases. keep: old names become aliases of what takes their place."""
    if not plan.noun.has_aliases:
        return
    before = {row.folded: row for row in names.of(plan.touched)}
    after: dict[str, NameRow] = {}
    for row in before.values():
        into = plan.pairs.get(row.id, row.id)
        is_old = row.id in plan.pairs or (row.is_primary and row.id in plan.renames)
        if into is not None and (keep or not is_old):
            after[row.folded] = NameRow(row.folded, into, row.is_primary and not is_old)
    for id, name in plan.renames.items():
        after[fold(name)] = NameRow(fold(name), id, True)
    put_rows(plan, before, after)


def put_rows(plan: Plan, before: dict[str, NameRow], after: dict[str, NameRow]) -> None:
    """The differences of <noun>_name."""
    rows = plan.rows.setdefault(f"{plan.noun.name}_name", [])
    for text in merge(*in_parts(before.keys() | after.keys())):
        old, new = before.get(text), after.get(text)
        if old != new:
            rows.append((None if old is None else old.json(plan.noun), None if new is None else new.json(plan.noun)))


def in_parts(texts: Collection[str]) -> list[list[str]]:
    """Sorted lists of some texts each: other threads stand still while a list is sorted."""
    rest = iter(texts)
    return [sorted(part) for part in iter(lambda: list(islice(rest, MANY)), [])]


class Above:
    """Who stands above whom."""

    def __init__(self, edges: Iterable[tuple[Any, ...]]) -> None:
        self.parents: dict[int, set[int]] = {}
        for below, above in edges:
            self.add(below, above)

    def add(self, below: int, above: int) -> None:
        self.parents.setdefault(below, set()).add(above)

    def reaches(self, start: int, end: int) -> bool:
        """Whether `end` is `start`, or stands above it."""
        seen, waiting = {start}, [start]
        while waiting:
            one = waiting.pop()
            if one == end:
                return True
            new = self.parents.get(one, set()) - seen
            seen |= new
            waiting += new
        return False


async def merge_parents(writer: Writer, plan: Plan) -> None:
    """Parents and children go along; what would make a circle, or one parent too many, does not, and is told."""
    if not plan.noun.has_parents:
        return
    edges: set[Any] = set(map(tuple, await writer.fetch(READ_PARENTS)))
    gone = {edge for edge in edges if edge[0] in plan.pairs or edge[1] in plan.pairs}
    kept = edges - gone
    above, added = Above(kept), set()
    for below, parent in sorted(gone):
        edge = plan.pairs.get(below, below), plan.pairs.get(parent, parent)
        if None in edge or edge[0] == edge[1] or edge in kept or edge in added:
            continue
        words = f"{format_id('tag', edge[0])} below {format_id('tag', edge[1])}"
        if above.reaches(edge[1], edge[0]):
            plan.conflicts.append(Conflict("CYCLE", f"{words} would be a circle: it is left out.", edge[0]))
        elif len(above.parents.get(edge[0], ())) >= PARENTS_OF_A_TAG:
            message = f"{words} would be more than {PARENTS_OF_A_TAG} parents: it is left out."
            plan.conflicts.append(Conflict("TOO_MANY", message, edge[0]))
        else:
            above.add(*edge)
            added.add(edge)
    put_parents(plan, gone, added)


def put_parents(plan: Plan, gone: Iterable[Any], added: Iterable[Any]) -> None:
    rows = plan.rows.setdefault("tag_parent", [])
    rows += [({"tag_id": below, "parent_id": above}, None) for below, above in sorted(gone)]
    rows += [(None, {"tag_id": below, "parent_id": above}) for below, above in sorted(added)]


def columns_of(noun: Noun, name: str) -> dict[str, str]:
    """The columns that follow from a name."""
    found = {"name": name, "folded_name": fold(name)}
    return {**found, "slug": slug(name)} if noun.has_aliases else found
