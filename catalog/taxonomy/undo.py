"""Operations undone: ids, names, parents and links as they were. What was edited since stays as it is and is told of;
with force it is overwritten, where that can be done."""

from __future__ import annotations

from typing import Any

import orjson

from catalog.taxonomy.noun import TAXONOMY_NOUNS, Noun
from catalog.taxonomy.operation import Outcome, add_operation, check_hidden, write_json
from catalog.taxonomy.plan import ALL_LINKS, Conflict, Counts, Example, Plan, check_token, token_of
from catalog.taxonomy.planning import columns_of
from catalog.taxonomy.statements import (
    READ_NAMED,
    READ_PARENTS,
    SET_MOVED,
    WRITE_ROWS,
    for_noun,
    of_reference,
    replace_new,
)
from catalog.taxonomy.turn import SECONDS, set_limits, take_turn
from catalog.taxonomy.undo_rows import Kept, Undoing
from catalog.taxonomy.undo_statements import (
    COUNT_HIDDEN,
    DELETE_NAMED,
    LEAVE_NAMES,
    LOCK_CHANGED,
    LOOK_REFERENCES,
    READ_OPERATION,
    READ_ROWS,
    RESTORE_REFERENCES,
    SET_UNDONE,
    delete_links,
    lock_journal_media,
    lock_journal_names,
    of_table,
    old_ids,
    others,
    restore_links,
    take_away,
)
from catalog.transaction import Writer
from domain.enums import TaxonomyNoun, TaxonomyOperationKind, TaxonomyOrigin
from domain.errors import CatalogError, Code
from domain.ids import format_id

# Of links that are not put back: the code, and why.
STATES = {
    "GONE": ("NOT_FOUND", "This media was deleted since."),
    "NAME": ("CONFLICT", "What this media had cannot be put back: it keeps what it has."),
    "EDITED": ("CONFLICT", "This media was edited since, and stays as it is."),
    "FULL": ("TOO_MANY", "This media has too many by now to be given back what it had."),
}


async def undo(
    writer: Writer,
    operation: int,
    *,
    force: bool,
    origin: TaxonomyOrigin,
    is_preview: bool = False,
    token: str | None = None,
    seconds: float = SECONDS,
) -> Outcome:
    """NOT_FOUND, NOT_UNDOABLE, FORBIDDEN, STALE_PREVIEW, LOCK_TIMEOUT. `seconds`: that a statement of it may take."""
    await (set_limits if is_preview else take_turn)(writer, seconds)
    noun = await read_operation(writer, operation)
    undoing = await decide(writer, noun, operation, force=force)
    looked = await look_at_links(writer, undoing)
    plan = plan_of(undoing)
    marks = {ALL_LINKS: tuple(looked.values())}
    if is_preview:
        return outcome(undoing, plan, looked, token=token_of(plan, marks))
    if token is not None:
        check_token(token, plan, marks)
    if not (undoing.is_any or looked["OK"]):
        return outcome(undoing, plan, looked)
    await write_rows(writer, undoing)
    done = await restore_all_links(writer, undoing)
    await delete_made(writer, undoing)
    counts = counts_of_undo(undoing, done)
    number = await add_operation(writer, plan, counts, origin, undoes=operation)
    await writer.fetch(SET_MOVED, number, counts.moved)
    found = outcome(undoing, plan, done, operation=number)
    if force or not found.conflicts:
        await writer.fetch(SET_UNDONE, operation, number)
    return found


async def read_operation(writer: Writer, operation: int) -> Noun:
    rows = await writer.fetch(READ_OPERATION, operation)
    if not rows:
        raise CatalogError(Code.NOT_FOUND, "There is no such operation.")
    row = rows[0]
    if row["undone_by"] is not None:
        undone = format_id("taxonomy_operation", row["undone_by"])
        raise CatalogError(Code.NOT_UNDOABLE, f"It was undone already, by {undone}.")
    if row["kind"] == TaxonomyOperationKind.UNDO:
        raise CatalogError(Code.NOT_UNDOABLE, "What undid an operation cannot be undone: do that operation again.")
    if not row["is_undoable"]:
        raise CatalogError(Code.NOT_UNDOABLE, "It is too old to be undone: what it moved is no longer known.")
    return TAXONOMY_NOUNS[TaxonomyNoun(row["noun"])]


async def decide(writer: Writer, noun: Noun, operation: int, *, force: bool) -> Undoing:
    """What is to be done to names, with all that is concerned locked: names before media, each by their ids."""
    olds = [row[0] for row in await writer.fetch(old_ids(noun), operation)]
    await writer.fetch(lock_journal_names(noun), operation, olds)
    changed = await writer.fetch(for_noun(noun, LOCK_CHANGED), operation)
    made = [row["id"] for row in changed if row["is_made"]]
    [[_, hidden]] = await writer.fetch(lock_journal_media(noun), operation, writer.libraries, made if force else [])
    kept: dict[str, list[Kept]] = {}
    for table in noun.tables:
        rows = await writer.fetch(of_table(READ_ROWS, noun, table), operation)
        kept[table] = [Kept(row["old"], row["new"], row["now"]) for row in rows]
    given = await writer.fetch(others(noun), operation, made, writer.libraries)
    check_hidden(hidden + sum(row["hidden"] for row in given))
    there = {row["id"] for row in await writer.fetch(for_noun(noun, READ_NAMED), sorted({*olds, *ids_in(noun, kept)}))}
    edges = set(map(tuple, await writer.fetch(READ_PARENTS))) if noun.has_parents else set()
    undoing = Undoing(noun, operation, force, kept)
    undoing.decide({row["id"]: row["number"] for row in given}, edges, there)
    undoing.blocked |= set(olds) - there - {row["id"] for row in undoing.restored}
    if writer.libraries is not None:
        carried = [*undoing.renamed, *undoing.deprived] if undoing.has_merged else undoing.raised
        [[hidden]] = await writer.fetch(for_noun(noun, COUNT_HIDDEN), carried, writer.libraries)
        check_hidden(hidden)
    return undoing


def ids_in(noun: Noun, kept: dict[str, list[Kept]]) -> set[int]:
    """All ids of the noun that the journal names."""
    columns = {"id", noun.key, "parent_id"}
    rows = [row for rows in kept.values() for one in rows for row in (one.old, one.new) if row is not None]
    return {row[name] for row in rows for name in columns & row.keys() if row[name] is not None}


async def look_at_links(writer: Writer, undoing: Undoing) -> dict[str, Any]:
    """What would become of the links: numbers of media by state, first media in `media`."""
    noun, values = undoing.noun, (undoing.operation, sorted(undoing.blocked), undoing.force)
    return await states(writer, undoing, restore_links(noun, is_preview=True), LOOK_REFERENCES, values)


async def restore_all_links(writer: Writer, undoing: Undoing) -> dict[str, Any]:
    noun, values = undoing.noun, (undoing.operation, sorted(undoing.blocked), undoing.force)
    return await states(writer, undoing, restore_links(noun, is_preview=False), RESTORE_REFERENCES, values)


async def states(
    writer: Writer, undoing: Undoing, text: str, references: str, values: tuple[Any, ...]
) -> dict[str, Any]:
    noun = undoing.noun
    found: dict[str, Any] = {"OK": 0, "media": {}}
    if not noun.is_paired:
        for state, number, media in await writer.fetch(text, *values):
            found[state] = number
            found["media"][state] = media
    if noun.reference is not None:
        [[moved, edited]] = await writer.fetch(of_reference(noun, references), *values)
        found["OK"] += moved
        found["references"] = edited
    return found


async def write_rows(writer: Writer, undoing: Undoing) -> None:
    """Names make room for each other, then all get what they had."""
    noun = undoing.noun
    for table in reversed(noun.tables):
        if table != noun.name:
            await write_json(writer, take_away(noun, table), undoing.changes[table].gone)
    await writer.fetch(for_noun(noun, LEAVE_NAMES), list(undoing.renamed))
    await write_json(writer, replace_new(noun.name), undoing.restored)
    raised = undoing.raised
    columns = {id: columns_of(noun, row["name"]) for id, row in undoing.renamed.items()}
    rows = [{"id": id, "columns": columns.get(id, {})} for id in raised]
    await write_json(writer, for_noun(noun, WRITE_ROWS), rows)
    for table in noun.tables:
        if table != noun.name:
            await write_json(writer, replace_new(table), undoing.changes[table].added)


async def delete_made(writer: Writer, undoing: Undoing) -> None:
    """What the operation had made goes, with links that were given since."""
    if not undoing.noun.is_paired:
        await writer.fetch(delete_links(undoing.noun), undoing.made)
    await writer.fetch(for_noun(undoing.noun, DELETE_NAMED), undoing.made)


def plan_of(undoing: Undoing) -> Plan:
    """What is undone, as tokens, counts and the operation tell of it."""
    names = {row["id"]: row["name"] for row in undoing.restored}
    operation = format_id("taxonomy_operation", undoing.operation)
    detail = {"operation": operation, "force": undoing.force}
    plan = Plan(undoing.noun, TaxonomyOperationKind.UNDO, detail, names)
    for id, row in undoing.renamed.items():
        plan.names[id], plan.renames[id] = f"{id}", row["name"]
    plan.conflicts = undoing.conflicts
    plan.rows = {"changes": [({"all": orjson.dumps(repr(undoing.changes)).decode()}, None)]}
    return plan


def counts_of_undo(undoing: Undoing, links: dict[str, Any]) -> Counts:
    ids = undoing.changes.get(undoing.noun.ids_table)
    number = 0 if ids is None else len(ids.added)
    return Counts(len(undoing.renamed), len(undoing.restored), links["OK"], number)


def outcome(
    undoing: Undoing, plan: Plan, links: dict[str, Any], *, operation: int | None = None, token: str | None = None
) -> Outcome:
    examples = [Example(row["id"], row["name"], row["name"]) for row in undoing.restored]
    for one in undoing.kept[undoing.noun.name]:
        if one.now is not None and one.now["id"] in undoing.renamed:
            examples.append(Example(one.now["id"], one.now["name"], undoing.renamed[one.now["id"]]["name"]))
    conflicts = [*undoing.conflicts]
    for state, media in links["media"].items():
        if state in STATES:
            code, message = STATES[state]
            conflicts += [Conflict(code, message, media=one) for one in media]
            if links[state] > len(media):
                conflicts.append(Conflict(code, f"{message} So it is with {links[state] - len(media)} more."))
    if links.get("references"):
        table = undoing.noun.reference.table if undoing.noun.reference else ""
        conflicts.append(Conflict("CONFLICT", f"{links['references']} rows of {table} were edited since, or are gone."))
    counts = counts_of_undo(undoing, links)
    return Outcome(undoing.noun.name, counts, operation, token=token, examples=examples, conflicts=conflicts)
