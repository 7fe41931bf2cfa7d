"""The job that makes thumbnails of videos."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.file_downloads import DownloadFailure
from catalog.thumbnails import MadeThumbnail, Video, VideoScope, next_videos, note_thumbnails
from catalog.transaction import Writer
from domain.errors import Code
from domain.ids import format_id
from jobs.download_files import failure_of, result_of_file
from jobs.kind import ItemResult, JobContext, JobKind
from jobs.parameters import parameter
from jobs.patience import Patience
from jobs.walk import Walk
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
    files = configured(context.services.files, "MARQUEE_FILES_FOLDER")
    counts = await ThumbnailWalk(context, files, VideoScope(parameters.media, parameters.library_id)).to_end()
    return f"{counts.succeeded} made, {counts.failed} that cannot be."


class ThumbnailWalk(Walk[Video, list[MadeThumbnail]]):
    name = THUMBNAIL_NAME

    def __init__(self, context: JobContext, files: FileService, scope: VideoScope) -> None:
        super().__init__(context)
        self._files, self._scope, self._patience = files, scope, Patience()

    async def due(self) -> Sequence[Sequence[Video]]:
        async def find(writer: Writer) -> list[Video]:
            return await next_videos(writer, self._scope, self.position.after, self.position.ranges, VIDEOS_A_CHUNK)

        return [[video] for video in await self.transact(find)]

    def id_of(self, item: Video) -> int:
        return item.media

    async def ask(self, items: Sequence[Video]) -> list[MadeThumbnail]:
        """The thumbnails of a video. Where it has none, one at a moment that shows something."""
        [video] = items
        if video.path is None and video.url is None:
            return [MadeThumbnail(video.media, None, 0, NO_VIDEO)]
        wanted: Sequence[tuple[int | None, int | None]] = video.thumbnails or [(None, None)]
        made: list[MadeThumbnail] = []
        while True:
            try:
                async with opened_video(self._files, video) as path:
                    for id, offset_ms in wanted:
                        made.append(await thumbnail_of(self._files, video, path, id, offset_ms))
                return made
            except (ProviderError, FileError) as error:
                failure, pause = thumbnail_failure(error), self._patience.pause(error, video.url or "")
            if pause is None:
                return made + [
                    MadeThumbnail(video.media, id, offset or 0, failure) for id, offset in wanted[len(made) :]
                ]
            await asyncio.sleep(pause)

    async def store(
        self, writer: Writer, answers: Sequence[list[MadeThumbnail]], undone: Sequence[Video]
    ) -> Sequence[ItemResult]:
        made = [one for of_video in answers for one in of_video]
        await note_thumbnails(writer, [one for one in made if not is_put_off(one)])
        return [result_of_file(format_id("media", one.media), one.found, "made") for one in made]


async def thumbnail_of(
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
    """The error where it ends the run: without ffmpeg nothing can be made, and no video is to blame."""
    if error.code is Code.PROVIDER_NOT_CONFIGURED:
        raise error
    return failure_of(error)


def is_put_off(made: MadeThumbnail) -> bool:
    """Whether it stays as it is, for another run."""
    return isinstance(made.found, DownloadFailure) and made.found.is_put_off


MAKE_THUMBNAILS = JobKind(
    THUMBNAIL_NAME,
    "Makes thumbnails of videos, by ffmpeg.",
    MakeThumbnails,
    make_thumbnails,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: THUMBNAIL_NAME,
)
