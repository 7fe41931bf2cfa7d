"""The job that downloads artwork and subtitles into the folder of files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from catalog.file_downloads import (
    DOWNLOADABLE,
    Choice,
    Downloadable,
    DownloadFailure,
    WantedFile,
    note_downloads,
    take_wanted,
)
from catalog.transaction import Writer, transact
from domain.enums import JobLogLevel
from domain.errors import CatalogError, Code
from domain.file_type import SUBTITLES
from jobs.job_position import JobPosition
from jobs.kind import JobContext, JobCounts, JobKind, JobStopped
from jobs.parameters import parameter
from jobs.patience import Patience, is_left_alone
from providers.errors import ProviderError
from providers.files.file_error import FileError
from providers.files.folder import StoredFile
from providers.files.service import FileService
from providers.services import configured

T = TypeVar("T")

DOWNLOAD_NAME = "download_files"
ROWS_A_CHUNK = 100  # rows that are taken at once
SECONDS_A_LOOK = 0.5  # between two looks whether the run is to stop
# What no file is to blame for, and no other one escapes: the run ends, and goes on when it is tried again.
LASTING = frozenset({Code.DISK_FULL, Code.FILES_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class DownloadFiles:
    """What is to be downloaded."""

    media: list[int] | None = parameter(
        "Media whose artwork and subtitles are downloaded; all, if not given.", default=None, id_of="media"
    )
    library_id: int | None = parameter("Only of media of this library.", default=None, id_of="library")
    artwork: bool = parameter("Whether artwork is downloaded.", default=True)
    subtitles: bool = parameter("Whether subtitles are downloaded.", default=True)
    all_artwork: bool = parameter(
        "Also artwork whose download nobody has asked for, of the types in the setting artwork.types.", default=False
    )
    failed: bool = parameter("Also what could not be downloaded before.", default=False)


Outcomes = Mapping[WantedFile, StoredFile | DownloadFailure]


@dataclass(frozen=True, slots=True)
class Downloading:
    """What a run works with."""

    context: JobContext
    files: FileService
    choice: Choice
    patience: Patience = field(default_factory=Patience)


async def download_files(context: JobContext, parameters: DownloadFiles) -> str:
    """Chunk by chunk, table by table; goes on behind what was done last."""
    files = configured(context.services.files, "MARQUEE_FILES_FOLDER")
    tables = [
        *(["artwork"] if parameters.artwork else []),
        *(["subtitle"] if parameters.subtitles else []),
    ]
    choice = Choice(parameters.media, parameters.library_id, parameters.failed, parameters.all_artwork)
    run = Downloading(context, files, choice)
    begun = context.state.get("table", tables[0] if tables else None)
    position, counts = JobPosition(context.state), context.counts
    for table in tables[tables.index(begun) if begun in tables else 0 :]:
        context.step(f"download {table}")
        counts = await _download_table(run, DOWNLOADABLE[table], position, counts)
        position = JobPosition({})
    return f"{counts.succeeded} downloaded, {counts.failed} that cannot be."


async def _download_table(run: Downloading, of: Downloadable, position: JobPosition, counts: JobCounts) -> JobCounts:
    context = run.context
    while True:

        async def take(writer: Writer) -> list[WantedFile]:
            return await take_wanted(writer, of, run.choice, position.after, position.ranges, ROWS_A_CHUNK)

        wanted = await transact(context.session, context.viewer, DOWNLOAD_NAME, take)
        if not wanted:
            return counts
        for one in wanted:
            position.begin([one.id])
        outcomes, stopped = await _downloaded(run, of, wanted)
        for one, found in outcomes.items():
            if run_ender(found) is None:
                position.end([one.id])
        counts = with_outcomes(counts, outcomes)
        state = {"table": of.table, **position.as_state()}
        await _save(context, of, {one: outcomes.get(one) for one in wanted}, state, counts)
        _tell(context, of, outcomes)
        if stopped is not None:
            raise stopped
        context.progress(counts, item=f"{of.table}_{position.after}")


async def _save(
    context: JobContext,
    of: Downloadable,
    outcomes: Mapping[WantedFile, StoredFile | DownloadFailure | None],
    state: Mapping[str, Any],
    counts: JobCounts,
) -> None:
    async def work(writer: Writer) -> None:
        await note_downloads(writer, of, outcomes)
        await context.save(writer, state, counts)

    await transact(context.session, context.viewer, DOWNLOAD_NAME, work)


async def _downloaded(
    run: Downloading, of: Downloadable, wanted: Sequence[WantedFile]
) -> tuple[Outcomes, Exception | None]:
    """What has become of each row, and why the run is to stop, if it is: then rows are missing that were not done.

    An address that several rows have is fetched once."""
    turn = asyncio.Semaphore(run.files.bounds.parallel)
    tasks = {url: asyncio.create_task(_fetch(run, of, url, turn)) for url in dict.fromkeys(one.url for one in wanted)}
    # A file that was begun is gone on with later.
    stopped = await until_done(run.context, tasks.values(), run_ender)
    done = {url: task.result() for url, task in tasks.items() if has_result(task)}
    return {one: done[one.url] for one in wanted if one.url in done}, stopped


async def _fetch(run: Downloading, of: Downloadable, url: str, turn: asyncio.Semaphore) -> StoredFile | DownloadFailure:
    most = run.files.bounds.subtitle if of.types is SUBTITLES else run.files.bounds.picture
    while True:
        async with turn:
            try:
                return await run.files.downloads.fetch(url, of.types, most)
            except (ProviderError, FileError) as error:
                failure, pause = failure_of(error), run.patience.pause(error, url)
        if pause is None:
            return failure
        await asyncio.sleep(pause)


async def until_done(
    context: JobContext, tasks: Iterable[asyncio.Task[T]], why_ended: Callable[[T], DownloadFailure | None]
) -> Exception | None:
    """Waits for all, unless the run is to stop or something ends it: why that is. Tasks that are not done then are
    cancelled. What a task raises is no fault of its item, and ends the attempt."""
    begun = set(tasks)
    pending = begun
    try:
        while pending:
            done, pending = await asyncio.wait(pending, timeout=SECONDS_A_LOOK, return_when=asyncio.FIRST_COMPLETED)
            for failure in (why_ended(task.result()) for task in done):
                if failure is not None:
                    return CatalogError(failure.code, failure.message)
            context.check()
    except JobStopped as stopped:
        return stopped
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
    return None


def has_result(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def run_ender(found: StoredFile | DownloadFailure) -> DownloadFailure | None:
    return found if isinstance(found, DownloadFailure) and found.ends_run else None


def failure_of(error: ProviderError | FileError) -> DownloadFailure:
    ends_run = isinstance(error, FileError) and error.code in LASTING
    return DownloadFailure(error.code, str(error), ends_run or is_left_alone(error), ends_run)


def with_outcomes(counts: JobCounts, outcomes: Outcomes) -> JobCounts:
    """The counts with those of another chunk; what ends the run is neither a success nor a failure."""
    by_code = dict(counts.by_code)
    done = counts.succeeded
    for found in outcomes.values():
        if isinstance(found, DownloadFailure):
            if not found.ends_run:
                by_code[found.code.value] = by_code.get(found.code.value, 0) + 1
        else:
            done += 1
    return JobCounts(done, sum(by_code.values()), {"downloaded": done}, by_code)


def _tell(context: JobContext, of: Downloadable, outcomes: Outcomes) -> None:
    for one, found in outcomes.items():
        if isinstance(found, DownloadFailure) and not found.ends_run:
            context.log(f"{of.table}_{one.id} of media_{one.media}: {found.message}", JobLogLevel.WARNING)


DOWNLOAD_FILES = JobKind(
    DOWNLOAD_NAME,
    "Downloads artwork and subtitles, so that this server has files of its own.",
    DownloadFiles,
    download_files,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: DOWNLOAD_NAME,
)
