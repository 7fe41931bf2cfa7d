"""Limits of hosts and services that nobody calls any longer: what is noted of them goes."""

from __future__ import annotations

from database.protocols import WritingSession
from database.statement import plain
from database.transaction import Transaction

# A call counts for at most a day and its margin (providers/provider.py, RateLimit).
UNUSED_SECONDS = 2 * 86400.0

REMOVE_LIMITS = plain(
    "provider_remove_limits",
    "DELETE FROM provider_limit l WHERE l.blocked_until < clock_timestamp() - $1::float8 * interval '1 second'"
    " AND coalesce(l.slots[cardinality(l.slots)], '-infinity') < clock_timestamp() - $1 * interval '1 second'"
    " RETURNING l.provider",
)
# Those that were given back have expired long ago too: who needs one adds it again.
REMOVE_LEASES = plain(
    "provider_remove_leases",
    "DELETE FROM provider_lease l WHERE l.expires_at < clock_timestamp() - $1::float8 * interval '1 second'"
    " RETURNING l.provider",
)


async def remove_unused_limits(session: WritingSession) -> int:
    """How many rows were removed."""

    async def work(writer: Transaction) -> int:
        removed = [await writer.fetch(one, [UNUSED_SECONDS]) for one in (REMOVE_LIMITS, REMOVE_LEASES)]
        return sum(map(len, removed))

    return await session.transact(work)
