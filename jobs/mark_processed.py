"""All media of a library marked as processed, as `markProcessed` does it with some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.process import check_process
from catalog.process import mark_processed as mark
from catalog.transaction import Writer, transact
from domain.bounds import ITEMS_OF_AN_EDIT
from domain.enums import MediaKind
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.parameters import parameter

CHUNK = ITEMS_OF_AN_EDIT
NAME = "mark_processed"

COUNT_MEDIA = "SELECT count(*) FROM media WHERE library_id = $1 AND ($2::text IS NULL OR kind = $2::text)"

# The next media of a library, by their ids.
NEXT_MEDIA = """
SELECT id FROM media WHERE library_id = $1 AND ($2::text IS NULL OR kind = $2::text) AND id > $3 ORDER BY id LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class MarkProcessed:
    library_id: int = parameter("The library whose media are marked.", id_of="library")
    process: str = parameter("The name of the process.")
    kind: MediaKind | None = parameter("Only media of this kind.", default=None)


async def mark_all(context: JobContext, parameters: MarkProcessed) -> None:
    """Chunk by chunk, all with the time of the first one."""
    kind = None if parameters.kind is None else parameters.kind.value
    at = datetime.fromisoformat(context.state.get("at", datetime.now(UTC).isoformat()))
    after, counts = context.state.get("after", 0), context.counts

    async def count(writer: Writer) -> int:
        return int((await writer.fetch(COUNT_MEDIA, parameters.library_id, kind))[0][0])

    async def chunk(writer: Writer) -> tuple[int | None, JobCounts]:
        rows = await writer.fetch(NEXT_MEDIA, parameters.library_id, kind, after, CHUNK)
        if not rows:
            return None, counts
        media = {row[0]: place for place, row in enumerate(rows)}
        outcome = await mark(writer, media, parameters.process, at)
        added = with_outcome(counts, len(outcome.media), [failure.code.value for failure in outcome.failures])
        await context.save(writer, {"at": at.isoformat(), "after": rows[-1][0]}, added)
        return rows[-1][0], added

    total = await transact(context.session, context.viewer, NAME, count)
    while True:
        last, counts = await transact(context.session, context.viewer, NAME, chunk)
        if last is None:
            return
        after = last
        context.progress(counts, total)


def with_outcome(counts: JobCounts, succeeded: int, codes: list[str]) -> JobCounts:
    """The counts with those of another chunk."""
    by_code = {code: counts.by_code.get(code, 0) + codes.count(code) for code in {*counts.by_code, *codes}}
    done = counts.succeeded + succeeded
    return JobCounts(done, counts.failed + len(codes), {"marked": done}, by_code)


def check(parameters: MarkProcessed) -> None:
    check_process(parameters.process)


MARK_PROCESSED = JobKind(
    name=NAME,
    description="Marks all media of a library, or those of a kind, as processed.",
    parameters=MarkProcessed,
    run=mark_all,
    check=check,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: f"{NAME} {parameters.library_id} {parameters.process}"[:200],
)
