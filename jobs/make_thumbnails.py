"""The job that makes thumbnails of videos."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.file_downloads import DownloadFailure
from catalog.thumbnails import MadeThumbnail, Video, VideoScope, next_videos, note_thumbnails
from catalog.transaction import Writer, transact
from domain.enums import JobLogLevel
from domain.errors import Code
from jobs.download_files import failure_of, has_result, until_done
from jobs.job_position import JobPosition
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.parameters import parameter
from jobs.patience import Patience
from providers.errors import ProviderError
from providers.files.file_error import FileError, bad_file
from providers.files.service import FileService
from providers.services import configured

THUMBNAIL_NAME = "make_thumbnails"
VIDEOS_A_CHUNK = 8  # media that are worked on at once
NO_VIDEO = DownloadFailure(Code.NOT_FOUND, "It has neither a file that is a video nor an address.", is_put_off=True)


@dataclass(frozen=True, slots=True)
class MakeThumbnails:
    """Of which videos."""

    media: list[int] | None = parameter(
        "Media whose thumbnails are made anew, also those that failed; if not given, all that lack one.",
        default=None,
        id_of="media",
    )
    library_id: int | None = parameter("Only media of this library.", default=None, id_of="library")


async def make_thumbnails(context: JobContext, parameters: MakeThumbnails) -> str:
    """Chunk by chunk; goes on behind the media that was done last."""
    files = configured(context.services.files, "MARQUEE_FILES_FOLDER")
    position, counts, patience = JobPosition(context.state), context.counts, Patience()
    scope = VideoScope(parameters.media, parameters.library_id)
    while True:

        async def find(writer: Writer) -> list[Video]:
            return await next_videos(writer, scope, position.after, position.ranges, VIDEOS_A_CHUNK)

        videos = await transact(context.session, context.viewer, THUMBNAIL_NAME, find)
        if not videos:
            return f"{counts.succeeded} made, {counts.failed} that cannot be."
        for video in videos:
            position.begin([video.media])
        found, stopped = await _made_of_all(context, files, videos, patience)
        made = [one for of_video in found if video_ender(of_video) is None for one in of_video]
        for media in dict.fromkeys(one.media for one in made):
            position.end([media])
        counts = with_thumbnails(counts, made)
        await save_thumbnails(context, made, position, counts)
        if stopped is not None:
            raise stopped
        context.progress(counts, item=f"media_{position.after}")


async def save_thumbnails(
    context: JobContext, made: Sequence[MadeThumbnail], position: JobPosition, counts: JobCounts
) -> None:
    async def work(writer: Writer) -> None:
        await note_thumbnails(writer, [one for one in made if not is_put_off(one)])
        await context.save(writer, position.as_state(), counts)

    await transact(context.session, context.viewer, THUMBNAIL_NAME, work)
    for one in made:
        if isinstance(one.found, DownloadFailure):
            context.log(f"media_{one.media}: {one.found.message}", JobLogLevel.WARNING)


async def _made_of_all(
    context: JobContext, files: FileService, videos: Sequence[Video], patience: Patience
) -> tuple[list[list[MadeThumbnail]], Exception | None]:
    """Of the videos that were done, and why the run is to stop, if it is."""
    tasks = [asyncio.create_task(_made(files, video, patience)) for video in videos]
    stopped = await until_done(context, tasks, video_ender)
    return [task.result() for task in tasks if has_result(task)], stopped


async def _made(files: FileService, video: Video, patience: Patience) -> list[MadeThumbnail]:
    """The thumbnails of a video. Where it has none, one at a moment that shows something."""
    if video.path is None and video.url is None:
        return [MadeThumbnail(video.media, None, 0, NO_VIDEO)]
    wanted: Sequence[tuple[int | None, int | None]] = video.thumbnails or [(None, None)]
    made: list[MadeThumbnail] = []
    while True:
        try:
            async with opened_video(files, video) as path:
                for id, offset_ms in wanted:
                    made.append(await _thumbnail(files, video, path, id, offset_ms))
            return made
        except (ProviderError, FileError) as error:
            pause = patience.pause(error, video.url or "")
            if pause is None:
                failure = thumbnail_failure(error)
                return made + [
                    MadeThumbnail(video.media, id, offset or 0, failure) for id, offset in wanted[len(made) :]
                ]
        await asyncio.sleep(pause)


async def _thumbnail(
    files: FileService, video: Video, path: Path, id: int | None, offset_ms: int | None
) -> MadeThumbnail:
    try:
        frame = await files.frames.frame(path, offset_ms)
    except FileError as error:
        return MadeThumbnail(video.media, id, offset_ms or 0, thumbnail_failure(error))
    return MadeThumbnail(video.media, id, frame.offset_ms, frame.files)


@asynccontextmanager
async def opened_video(files: FileService, video: Video) -> AsyncIterator[Path]:
    """The video as a file of this machine; FileError, ProviderError."""
    if video.path is None:
        assert video.url is not None
        async with files.downloads.fetched(video.url, files.bounds.video) as path:
            yield path
        return
    path = Path(video.path)
    if not path.is_absolute() or not await asyncio.to_thread(files.bounds.allows_video, path):
        raise bad_file("The video is in none of the folders of MARQUEE_VIDEO_FOLDERS.")
    yield path


def thumbnail_failure(error: ProviderError | FileError) -> DownloadFailure:
    """Without ffmpeg nothing can be made, and no video is to blame."""
    failure = failure_of(error)
    ends_run = failure.ends_run or failure.code is Code.PROVIDER_NOT_CONFIGURED
    return DownloadFailure(failure.code, failure.message, failure.is_put_off or ends_run, ends_run)


def video_ender(made: Sequence[MadeThumbnail]) -> DownloadFailure | None:
    """What of it ends the run; None where nothing does."""
    for one in made:
        if isinstance(one.found, DownloadFailure) and one.found.ends_run:
            return one.found
    return None


def is_put_off(made: MadeThumbnail) -> bool:
    """Whether it stays as it is, for another run."""
    return isinstance(made.found, DownloadFailure) and made.found.is_put_off


def with_thumbnails(counts: JobCounts, made: Sequence[MadeThumbnail]) -> JobCounts:
    """The counts with those of another chunk."""
    by_code, done = dict(counts.by_code), counts.succeeded
    for one in made:
        if isinstance(one.found, DownloadFailure):
            by_code[one.found.code.value] = by_code.get(one.found.code.value, 0) + 1
        else:
            done += 1
    return JobCounts(done, sum(by_code.values()), {"made": done}, by_code)


MAKE_THUMBNAILS = JobKind(
    THUMBNAIL_NAME,
    "Makes thumbnails of videos, by ffmpeg.",
    MakeThumbnails,
    make_thumbnails,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: THUMBNAIL_NAME,
)
