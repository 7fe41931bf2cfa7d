"""A library deleted with all its media, as `deleteLibrary` does it, however long it takes."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass

from catalog import library_deletion
from catalog.library_deletion import Step
from catalog.transaction import Writer
from domain.errors import CatalogError, Code
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.parameters import parameter

# Runs on a library go with it, but for the one that deletes it.
KEEP_RUN = "UPDATE job_run SET library_id = NULL WHERE id = $1"


@dataclass(frozen=True, slots=True)
class DeleteLibrary:
    library_id: int = parameter("The library that is deleted.", id_of="library")
    media_count: int = parameter(
        "Number of its media, which are deleted with it. Any other number than the one that it has deletes nothing."
    )


async def delete_media_and_library(context: JobContext, parameters: DeleteLibrary) -> str:
    """Goes on with the media that are left. Once it has begun, their number may be another one."""
    counts, state = context.counts, context.state
    is_begun = bool(state)

    async def save(writer: Writer, step: Step) -> None:
        await context.save(writer, {"is_done": step.is_done}, with_step(counts, step))
        if step.is_done:
            await writer.fetch(KEEP_RUN, context.run_id)

    if not state.get("is_done"):
        context.progress(counts, parameters.media_count)
        media_count = None if is_begun else parameters.media_count
        steps = library_deletion.delete_library(
            context.session, context.viewer, parameters.library_id, media_count, save
        )
        async with aclosing(steps):
            async for step in steps:
                counts = with_step(counts, step)
                if not step.is_done:
                    context.progress(counts, parameters.media_count)
    return f"{counts.succeeded} media deleted, and the library."


def with_step(counts: JobCounts, step: Step) -> JobCounts:
    deleted = counts.succeeded + step.deleted
    return JobCounts(deleted, 0, {"deleted": deleted})


def check_count(parameters: DeleteLibrary) -> None:
    if parameters.media_count < 0:
        raise CatalogError(Code.BAD_ARGUMENT, "mediaCount is the number of media that the library has.")


DELETE_LIBRARY = JobKind(
    name="delete_library",
    description="Deletes a library with all its media; it takes no new ones from then on.",
    parameters=DeleteLibrary,
    run=delete_media_and_library,
    check=check_count,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: f"import:{parameters.library_id}",
)
