"""Checks derived data in the database, and prints what differs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from app.process.provision import session_of
from catalog.drift import Drift, find_drift, mend_drift
from database.connect_args import ConnectArgs

RIGHT = "Counts, copies, pairs, bounds, parents and the feed of changes are as they should be."


async def check_derived_data(args: ConnectArgs, console: Console, *, repair: bool) -> bool:
    """Whether all is as it should be, in the end; on the console what is not. Raises DatabaseError."""
    async with session_of(args) as session:
        found = await find_drift(session)
        if found:
            console.print(table(found))
        if repair and any(drift.mends for drift in found):
            await mend_drift(session)
            found = await find_drift(session)
            console.print(f"Repaired. Left: {sum(drift.rows for drift in found)} rows.", highlight=False)
    if not found:
        console.print(RIGHT, soft_wrap=True)
    return not found


def table(found: Sequence[Drift]) -> Table:
    """What differs, a line each."""
    lines = Table("What", "Table", "Rows", "First id", "Repair")
    for drift in found:
        first = "" if drift.first is None else str(drift.first)
        lines.add_row(drift.kind, drift.table, str(drift.rows), first, "--repair" if drift.mends else "by hand")
    return lines
