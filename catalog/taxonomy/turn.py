"""The turn of an operation on names, and how long it may take: one runs at a time, and others are told what they wait
for."""

from __future__ import annotations

from catalog.transaction import Writer

SECONDS = 300.0
WAIT_SECONDS = 10.0

# An operation may take longer than a request's other statements, and waits for the rows of others for longer.
LIMITS = "SELECT set_config('statement_timeout', $1::text, true), set_config('lock_timeout', $2::text, true)"
# Two at once that merge the same things would wait for each other's media. Who has to wait does so in a statement of
# its own: a time limit holds only for the statements after the one that sets it.
TRY_TURN = LIMITS + ", pg_try_advisory_xact_lock(hashtext('taxonomy'))"
WAIT_FOR_TURN = "SELECT pg_advisory_xact_lock(hashtext('taxonomy'))"


async def set_limits(writer: Writer, seconds: float) -> None:
    """For the rest of the transaction."""
    await writer.fetch(LIMITS, *limits(seconds))


async def take_turn(writer: Writer, seconds: float) -> None:
    """Until the end of the transaction. LOCK_TIMEOUT where others take longer than WAIT_SECONDS."""
    [[_, _, is_mine]] = await writer.fetch(TRY_TURN, *limits(seconds))
    if not is_mine:
        await writer.fetch(WAIT_FOR_TURN)


def limits(seconds: float) -> tuple[str, str]:
    """As PostgreSQL takes them, in milliseconds."""
    return str(int(seconds * 1000)), str(int(min(seconds, WAIT_SECONDS) * 1000))
