"""Media that a run is about to have processed: claimed, so that of runs that overlap one alone asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from catalog.transaction import Writer

# $1: the process, $2: media, $3: the run, $4: when it began. Neither those that another run has claimed, while it is
# RUNNING, nor those that one has had processed since. Claims stay until their run has ended: of what is asked of one
# snapshot either the claim or what came of it is seen.
CLAIM = """
INSERT INTO process_claim AS c (process, media_id, job_run_id)
SELECT $1::text, m.id, $3::bigint FROM unnest($2::bigint[]) AS m(id)
WHERE NOT EXISTS (
    SELECT FROM process_timestamp t
    WHERE t.media_id = m.id AND t.process = $1::text AND t.processed_at >= $4::timestamptz
)
ORDER BY m.id
ON CONFLICT (process, media_id) DO UPDATE SET job_run_id = excluded.job_run_id
WHERE c.job_run_id = excluded.job_run_id
   OR NOT EXISTS (SELECT FROM job_run r WHERE r.id = c.job_run_id AND r.status = 'RUNNING')
RETURNING c.media_id
"""
REMOVE_ENDED_CLAIMS = """
DELETE FROM process_claim c USING job_run r
WHERE r.id = c.job_run_id AND r.status <> 'RUNNING' AND c.process = $1::text
"""


async def claim_media(writer: Writer, process: str, media: Iterable[int], run: int, started: datetime) -> set[int]:
    """Those of the media that the run has to itself."""
    return {row[0] for row in await writer.fetch(CLAIM, process, list(media), run, started)}


async def remove_ended_claims(writer: Writer, process: str) -> None:
    """Of runs that have ended."""
    await writer.fetch(REMOVE_ENDED_CLAIMS, process)
