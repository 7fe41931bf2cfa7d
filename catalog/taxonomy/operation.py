"""An operation on names, previewed or done: in one transaction, by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from catalog.taxonomy.noun import Noun
from catalog.taxonomy.plan import Conflict, Counts, Example, Plan, check_token, token_of
from catalog.taxonomy.planning import columns_of
from catalog.taxonomy.statements import (
    ADD_OPERATION,
    CREATE_NAMED,
    DELETE_NAMED_ROWS,
    DIGEST,
    LEAVE_FOLDED,
    LIMITS,
    LOCK_LINKED_MEDIA,
    LOCK_NAMES,
    LOCK_ROWS,
    MOVE_SETTINGS,
    REDIRECT,
    RENAME_ROWS,
    SET_MOVED,
    WAIT_FOR_TURN,
    for_noun,
    move_links,
    move_references,
    replace_new,
    replace_old,
)
from catalog.transaction import Writer
from domain.enums import TaxonomyOrigin
from domain.errors import CatalogError, Code
from domain.settings import KNOWN

DAYS = KNOWN["taxonomy.undo_days"].default
TRIES = 3  # plans of names that others change meanwhile

Links: TypeAlias = Mapping[int, Sequence[int]]
MakePlan: TypeAlias = Callable[[Writer], Awaitable[Plan]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, or would be. `operation`: its id, None for a preview and where there was nothing to do; `id`: what
    it is about, of `noun`; `token`: of a preview."""

    noun: str
    counts: Counts
    operation: int | None = None
    id: int | None = None
    token: str | None = None
    examples: list[Example] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


async def preview(writer: Writer, make: MakePlan) -> Outcome:
    """What an operation would do, with the token for it. FORBIDDEN, and whatever the plan raises."""
    await writer.fetch(LIMITS)
    plan = await make(writer)
    links = await read_links(writer, plan)
    return Outcome(
        plan.noun.name,
        plan.counts(links),
        id=subject(plan),
        token=token_of(plan, links),
        examples=plan.examples(links),
        conflicts=plan.conflicts,
    )


async def perform(writer: Writer, make: MakePlan, origin: TaxonomyOrigin, token: str | None = None) -> Outcome:
    """Does it. STALE_PREVIEW where the token is of something else than what would be done now."""
    await writer.fetch(WAIT_FOR_TURN)
    plan = await stable_plan(writer, make)
    await lock(writer, plan)
    if plan.pairs:
        # What hangs on those that go, aliases and parents, stands still only now.
        plan = await make(writer)
    links = await read_links(writer, plan)
    if token is not None:
        check_token(token, plan, links)
    counts = plan.counts(links)
    if not plan.renames and not plan.pairs and not any(plan.rows.values()):
        return Outcome(plan.noun.name, counts, id=subject(plan), conflicts=plan.conflicts)
    operation = await add_operation(writer, plan, counts, origin)
    examples, id = plan.examples(links), subject(plan)
    if plan.new is not None:
        id = await create(writer, operation, plan)
    moved = await write_plan(writer, operation, plan)
    await writer.fetch(SET_MOVED, operation, moved)
    done = Counts(counts.renamed, counts.merged, moved)
    return Outcome(plan.noun.name, done, operation, id, examples=examples, conflicts=plan.conflicts)


def subject(plan: Plan) -> int | None:
    """The one that an operation on one is about: what others became, else what was renamed or split."""
    if plan.new is not None:
        return None
    found = set(plan.pairs.values()) if plan.pairs else set(plan.names)
    return found.pop() if len(found) == 1 else None


async def stable_plan(writer: Writer, make: MakePlan) -> Plan:
    """A plan whose names stand still from here on. CONFLICT where others change them all the time."""
    for _ in range(TRIES):
        plan = await make(writer)
        rows = await writer.fetch(for_noun(plan.noun, LOCK_NAMES), plan.touched)
        if {row["id"]: row["name"] for row in rows} == plan.names:
            return plan
    raise CatalogError(Code.CONFLICT, f"Others change the same {plan.noun.plural}: try again.")


async def lock(writer: Writer, plan: Plan) -> None:
    """The media of what goes, in the order of their ids, then what goes: nobody can be given it any longer. Who was
    given it in between is locked too."""
    ids = sorted(plan.pairs)
    [[before]] = await writer.fetch(for_noun(plan.noun, LOCK_LINKED_MEDIA), ids, plan.media)
    await writer.fetch(for_noun(plan.noun, LOCK_ROWS), ids)
    [[after]] = await writer.fetch(for_noun(plan.noun, COUNT_MEDIA), ids, plan.media)
    if before != after:
        await writer.fetch(for_noun(plan.noun, LOCK_LINKED_MEDIA), ids, plan.media)


COUNT_MEDIA = """
SELECT count(DISTINCT l.media_id) FROM ({links}) AS l
WHERE l.id = any($1::bigint[]) AND ($2::bigint[] IS NULL OR l.media_id = any($2::bigint[]))
"""


async def read_links(writer: Writer, plan: Plan) -> Links:
    """By id number and mark of the media. FORBIDDEN where some of them may not be changed."""
    rows = await writer.fetch(for_noun(plan.noun, DIGEST), plan.touched, plan.media, writer.libraries)
    hidden = sum(row["hidden"] for row in rows)
    if hidden:
        raise CatalogError(
            Code.FORBIDDEN, f"{hidden} of their media are in libraries that you may not change: nothing was changed."
        )
    return {row["id"]: (row["number"], row["mark"]) for row in rows}


async def add_operation(
    writer: Writer, plan: Plan, counts: Counts, origin: TaxonomyOrigin, undoes: int | None = None
) -> int:
    [[operation]] = await writer.fetch(
        ADD_OPERATION,
        plan.noun.enum.value,
        plan.kind.value,
        origin.value,
        plan.detail,
        counts.renamed,
        counts.merged,
        undoes,
        DAYS,
    )
    return int(operation)


async def create(writer: Writer, operation: int, plan: Plan) -> int:
    """The new one of a split, which takes the place of the other from here on."""
    assert plan.new is not None
    noun = plan.noun
    columns = columns_of(noun, plan.new)
    [[id]] = await writer.fetch(for_noun(noun, CREATE_NAMED), operation, columns)
    plan.pairs = dict.fromkeys(plan.pairs, id)
    if noun.has_aliases:
        row = {"folded": columns["folded_name"], noun.key: id, "is_primary": True}
        plan.rows[f"{noun.name}_name"] = [(None, row)]
    return int(id)


async def write_plan(writer: Writer, operation: int, plan: Plan) -> int:
    """Writes what is planned, with the journal; the number of links to media that were moved."""
    noun, moved = plan.noun, 0
    pairs = operation, list(plan.pairs), list(plan.pairs.values())
    if not noun.is_paired:
        [[moved]] = await writer.fetch(move_links(noun), *pairs, plan.media)
    if noun.reference is not None:
        [[number]] = await writer.fetch(move_references(noun), *pairs, plan.media)
        moved += number
    if noun.has_settings and plan.goes:
        await writer.fetch(for_noun(noun, MOVE_SETTINGS), *pairs)
    for table in reversed(noun.tables):
        if rows := plan.rows.get(table):
            await replace_rows(writer, operation, noun, table, rows)
    if plan.goes:
        into = list(plan.pairs.values()) if plan.is_lasting else [None] * len(plan.pairs)
        await writer.fetch(for_noun(noun, REDIRECT), operation, list(plan.pairs), into)
        await writer.fetch(for_noun(noun, DELETE_NAMED_ROWS), operation, plan.goes)
    if plan.renames:
        columns = [columns_of(noun, name) for name in plan.renames.values()]
        await writer.fetch(for_noun(noun, LEAVE_FOLDED), operation, list(plan.renames), columns)
        await writer.fetch(for_noun(noun, RENAME_ROWS), list(plan.renames), columns)
    return int(moved)


async def replace_rows(
    writer: Writer, operation: int, noun: Noun, table: str, rows: list[tuple[dict[str, Any] | None, Any]]
) -> None:
    """Rows of a small table taken away, and those that take their places put in."""
    old, new = [one for one, _ in rows], [one for _, one in rows]
    await writer.fetch(replace_old(table, noun.tables[table]), operation, old, new)
    await writer.fetch(replace_new(table), [one for one in new if one is not None])
