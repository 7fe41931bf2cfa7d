"""An operation on names, previewed or done: in one transaction, by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from catalog.edit import beside_loop, json_rows
from catalog.taxonomy.noun import Noun
from catalog.taxonomy.plan import Conflict, Counts, Example, Plan, check_token, token_of
from catalog.taxonomy.planning import columns_of
from catalog.taxonomy.statements import (
    ADD_OPERATION,
    CREATE_NAMED,
    DELETE_NAMED_ROWS,
    DIGEST,
    LEAVE_FOLDED,
    LOCK_LINKED_MEDIA,
    LOCK_NAMES,
    LOCK_ROWS,
    MOVE_SETTINGS,
    REDIRECT,
    SET_MOVED,
    WRITE_ROWS,
    for_noun,
    move_links,
    move_references,
    replace_new,
    replace_old,
)
from catalog.taxonomy.turn import SECONDS, set_limits, take_turn
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


async def preview(writer: Writer, make: MakePlan, *, seconds: float = SECONDS) -> Outcome:
    """What an operation would do, with the token for it. FORBIDDEN, and whatever the plan raises. `seconds`: that a
    statement of it may take."""
    await set_limits(writer, seconds)
    plan = await make(writer)
    links = await read_links(writer, plan)
    return await beside_loop(len(plan.names), shown, plan, links)


def shown(plan: Plan, links: Links) -> Outcome:
    """What a preview shows."""
    return Outcome(
        plan.noun.name,
        plan.counts(links),
        id=subject(plan),
        token=token_of(plan, links),
        examples=plan.examples(links),
        conflicts=plan.conflicts,
    )


async def perform(
    writer: Writer, make: MakePlan, origin: TaxonomyOrigin, token: str | None = None, *, seconds: float = SECONDS
) -> Outcome:
    """Does it. STALE_PREVIEW where the token is of something else than what would be done now; LOCK_TIMEOUT where
    others run for too long. `seconds`: that a statement of it may take."""
    await take_turn(writer, seconds)
    plan = await locked_plan(writer, make)
    links = await read_links(writer, plan)
    if token is not None:
        await beside_loop(len(plan.names), check_token, token, plan, links)
    counts = plan.counts(links)
    if not plan.renames and not plan.pairs and not any(plan.rows.values()):
        return Outcome(plan.noun.name, counts, id=subject(plan), conflicts=plan.conflicts)
    operation = await add_operation(writer, plan, counts, origin)
    examples, raised = await beside_loop(len(plan.names), lambda: (plan.examples(links), plan.raised))
    id = subject(plan)
    if plan.new is not None:
        id = await create(writer, operation, plan)
    moved = await write_plan(writer, operation, plan, raised)
    await writer.fetch(SET_MOVED, operation, moved)
    done = replace(counts, moved=moved)
    return Outcome(plan.noun.name, done, operation, id, examples=examples, conflicts=plan.conflicts)


def subject(plan: Plan) -> int | None:
    """The one that an operation on one is about: what others became, else what was renamed or split."""
    if plan.new is not None:
        return None
    found = set(plan.pairs.values()) if plan.pairs else set(plan.names)
    return found.pop() if len(found) == 1 else None


async def locked_plan(writer: Writer, make: MakePlan) -> Plan:
    """A plan all of whose names and media stand still from here on. CONFLICT where others change them all the time.

    A version rises with each change of a name, of aliases, of parents and of external ids: what has the version that
    the plan was made of is as it was. Names are locked before media, by everybody; what goes or is renamed can be given
    to no other media once its row is locked for that."""
    plan, locked, going = await make(writer), set[int](), set[int]()
    for _ in range(TRIES):
        locked |= await beside_loop(len(plan.names), concerned, plan)
        going |= {*plan.pairs, *plan.renames}
        rows = await writer.fetch(for_noun(plan.noun, LOCK_NAMES), sorted(locked))
        if going:
            await writer.fetch(for_noun(plan.noun, LOCK_ROWS), sorted(going))
        if not await beside_loop(len(rows), is_current, plan, rows):
            plan = await make(writer)
        if locked.issuperset(await beside_loop(len(plan.names), concerned, plan)) and going.issuperset(
            (*plan.pairs, *plan.renames)
        ):
            if plan.pairs:
                await writer.fetch(for_noun(plan.noun, LOCK_LINKED_MEDIA), sorted(plan.pairs), plan.media)
            return plan
    raise CatalogError(Code.CONFLICT, f"Others change the same {plan.noun.plural}: try again.")


def concerned(plan: Plan) -> set[int]:
    """Ids of all names that a plan is about, or changes."""
    return {*plan.touched, *plan.raised}


def is_current(plan: Plan, rows: Sequence[Any]) -> bool:
    """Whether names, aliases, parents and external ids are those that a plan was made of. `rows`: of LOCK_NAMES."""
    versions = {row["id"]: row["version"] for row in rows}
    return versions == {id: plan.versions.get(id) for id in versions.keys() | plan.names.keys()}


async def read_links(writer: Writer, plan: Plan) -> Links:
    """By id number and mark of the media. FORBIDDEN where some of them may not be changed."""
    touched, carried = await beside_loop(len(plan.names), lambda: (plan.touched, plan.carried))
    rows = await writer.fetch(for_noun(plan.noun, DIGEST), touched, plan.media, writer.libraries, carried)
    check_hidden(sum(row["hidden"] for row in rows))
    return {row["id"]: (row["number"], row["mark"]) for row in rows}


def check_hidden(number: int) -> None:
    """FORBIDDEN where media are concerned that may not be changed, with how many they are."""
    if number:
        raise CatalogError(
            Code.FORBIDDEN, f"{number} of their media are in libraries that you may not change: nothing was changed."
        )


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
        counts.external_ids,
        undoes,
        DAYS,
        writer.viewer.name,
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


async def write_plan(writer: Writer, operation: int, plan: Plan, raised: Sequence[int]) -> int:
    """Writes what is planned, with the journal; the number of links to media that were moved. `raised`: ids of those
    whose version rises."""
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
    renamed, written = await beside_loop(len(raised), rows_of, plan, raised)
    if renamed:
        await write_json(writer, for_noun(noun, LEAVE_FOLDED), renamed, operation)
    if written:
        await write_json(writer, for_noun(noun, WRITE_ROWS), written)
    return int(moved)


def rows_of(plan: Plan, raised: Sequence[int]) -> tuple[list[Any], list[Any]]:
    """The rows that get another name, and all whose version rises."""
    columns = {id: columns_of(plan.noun, name) for id, name in plan.renames.items()}
    renamed = [{"id": id, "columns": one} for id, one in columns.items()]
    return renamed, [{"id": id, "columns": columns.get(id, {})} for id in raised]


async def write_json(writer: Writer, text: str, rows: Sequence[Any], *before: object) -> None:
    """Sends a statement whose last value is rows as JSON."""
    await writer.fetch(text, *before, await beside_loop(len(rows), json_rows, rows))


async def replace_rows(
    writer: Writer, operation: int, noun: Noun, table: str, rows: list[tuple[dict[str, Any] | None, Any]]
) -> None:
    """Rows of a small table taken away, and those that take their places put in."""
    pairs, new = await beside_loop(len(rows), old_and_new, rows)
    await write_json(writer, replace_old(table, noun.tables[table]), pairs, operation)
    await write_json(writer, replace_new(table), new)


def old_and_new(rows: Sequence[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    """What goes with what comes, and what comes."""
    return [{"old": old, "new": new} for old, new in rows], [new for _, new in rows if new is not None]
