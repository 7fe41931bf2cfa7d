"""Names cleaned by rules from the command line."""

from __future__ import annotations

import getpass
from functools import partial

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.process.provision import session_of
from catalog.taxonomy.normalise import plan_normalise
from catalog.taxonomy.noun import Noun
from catalog.taxonomy.operation import Outcome, perform, preview
from catalog.taxonomy.rules import Rules
from catalog.transaction import Writer, transact
from database.connect_args import ConnectArgs
from domain.enums import TaxonomyOrigin
from domain.ids import format_id
from domain.viewer import UNRESTRICTED, Viewer

SHOWN = 50
NAME = "normalise"


async def normalise(args: ConnectArgs, console: Console, noun: Noun, rules: Rules, *, is_preview: bool) -> None:
    """Cleans the names of all of a noun, or says what would be done. Raises DatabaseError."""
    asked: dict[str, object] = {"rules": "of the command"}

    async def work(writer: Writer) -> Outcome:
        make = partial(plan_normalise, noun=noun, rules=rules, asked=asked)
        return await (preview(writer, make) if is_preview else perform(writer, make, TaxonomyOrigin.COMMAND))

    async with session_of(args) as session:
        outcome = await transact(session, user(), NAME, work)
    if outcome.examples:
        console.print(examples_table(noun, outcome))
    for conflict in outcome.conflicts[:SHOWN]:
        console.print(f"{conflict.code}: {conflict.message}", highlight=False, markup=False, soft_wrap=True)
    console.print(summary(noun, outcome, is_preview=is_preview), highlight=False, soft_wrap=True)


def user() -> Viewer:
    """Who has typed the command, if the system knows a name."""
    try:
        return Viewer(name=getpass.getuser())
    except (KeyError, OSError):  # a number of a user that has no name, as in containers
        return UNRESTRICTED


def examples_table(noun: Noun, outcome: Outcome) -> Table:
    """The first names, those of most media first."""
    lines = Table("Name", "Becomes", "Part of", "Media moved")
    for one in outcome.examples[:SHOWN]:
        into = "" if one.into is None else format_id(noun.name, one.into)
        lines.add_row(escape(one.name), escape(one.new_name or ""), into, str(one.media or ""))
    return lines


def summary(noun: Noun, outcome: Outcome, *, is_preview: bool) -> str:
    counts = outcome.counts
    words = f"{counts.renamed} renamed, {counts.merged} merged, {counts.moved} links of media moved"
    if is_preview:
        return f"Preview of {noun.plural}: {words}. Nothing was changed."
    if outcome.operation is None:
        return f"All names of {noun.plural} are clean: nothing was changed."
    operation = format_id("taxonomy_operation", outcome.operation)
    return f'Done: {words}. To undo it: undo(operation: "{operation}").'
