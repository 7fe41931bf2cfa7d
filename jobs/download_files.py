"""The job that downloads artwork and subtitles into the folder of files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.file_downloads import (
    DOWNLOADABLE,
    Choice,
    Downloadable,
    DownloadFailure,
    WantedFile,
    note_downloads,
    take_wanted,
)
from catalog.transaction import Writer
from domain.errors import Code
from domain.file_type import SUBTITLES
from jobs.job_position import JobPosition
from jobs.kind import ItemResult, JobContext, JobKind
from jobs.parameters import parameter
from jobs.patience import Patience, is_left_alone
from jobs.walk import Walk
from providers.errors import ProviderError
from providers.files.file_error import FileError
from providers.files.folder import StoredFile
from providers.files.service import FileService
from providers.services import configured

DOWNLOAD_NAME = "download_files"
ROWS_A_CHUNK = 100  # rows that are taken at once
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


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What has become of rows of one address."""

    rows: Sequence[WantedFile]
    found: StoredFile | DownloadFailure


async def download_files(context: JobContext, parameters: DownloadFiles) -> str:
    """Table by table; goes on behind what was done last."""
    files = configured(context.services.files, "MARQUEE_FILES_FOLDER")
    tables = [
        *(["artwork"] if parameters.artwork else []),
        *(["subtitle"] if parameters.subtitles else []),
    ]
    choice = Choice(parameters.media, parameters.library_id, parameters.failed, parameters.all_artwork)
    begun = context.state.get("table", tables[0] if tables else None)
    position, counts, patience = JobPosition(context.state), context.counts, Patience()
    for table in tables[tables.index(begun) if begun in tables else 0 :]:
        context.step(f"download {table}")
        walk = DownloadWalk(context, files, DOWNLOADABLE[table], choice, patience, position)
        walk.counts = counts
        counts, position = await walk.to_end(), JobPosition({})
    return f"{counts.succeeded} downloaded, {counts.failed} that cannot be."


class DownloadWalk(Walk[WantedFile, Downloaded]):
    """Rows of a table. An address that several of a chunk have is fetched once; a file that was begun when the run
    stops is gone on with later."""

    name = DOWNLOAD_NAME
    takes_items = True

    def __init__(
        self,
        context: JobContext,
        files: FileService,
        of: Downloadable,
        choice: Choice,
        patience: Patience,
        position: JobPosition,
    ) -> None:
        super().__init__(context, position)
        self._files, self._of, self._choice, self._patience = files, of, choice, patience
        self._most = files.bounds.subtitle if of.types is SUBTITLES else files.bounds.picture
        self._turn = asyncio.Semaphore(files.bounds.parallel)
        self.noun = of.table

    async def due(self) -> Sequence[Sequence[WantedFile]]:
        async def take(writer: Writer) -> list[WantedFile]:
            position = self.position
            return await take_wanted(writer, self._of, self._choice, position.after, position.ranges, ROWS_A_CHUNK)

        of_url: dict[str, list[WantedFile]] = {}
        for one in await self.transact(take):
            of_url.setdefault(one.url, []).append(one)
        return list(of_url.values())

    def id_of(self, item: WantedFile) -> int:
        return item.id

    async def ask(self, items: Sequence[WantedFile]) -> Downloaded:
        url = items[0].url
        while True:
            async with self._turn:
                try:
                    return Downloaded(items, await self._files.downloads.fetch(url, self._of.types, self._most))
                except (ProviderError, FileError) as error:
                    failure, pause = failure_of(error), self._patience.pause(error, url)
            if pause is None:
                return Downloaded(items, failure)
            await asyncio.sleep(pause)

    async def store(
        self, writer: Writer, answers: Sequence[Downloaded], undone: Sequence[WantedFile]
    ) -> Sequence[ItemResult]:
        outcomes = {row: one.found for one in answers for row in one.rows}
        await note_downloads(writer, self._of, outcomes | dict.fromkeys(undone))
        return [
            result_of_file(f"{self._of.table}_{row.id} of media_{row.media}", found, "downloaded")
            for row, found in outcomes.items()
        ]

    def state(self) -> Mapping[str, Any]:
        return {"table": self._of.table, **super().state()}


def result_of_file(name: str, found: object, outcome: str) -> ItemResult:
    if isinstance(found, DownloadFailure):
        return ItemResult(name, None, found.code.value, found.message)
    return ItemResult(name, outcome)


def failure_of(error: ProviderError | FileError) -> DownloadFailure:
    """The error where no file is to blame for it, and no other one would fare better: the run ends."""
    if error.code in LASTING:
        raise error
    return DownloadFailure(error.code, str(error), is_left_alone(error))


DOWNLOAD_FILES = JobKind(
    DOWNLOAD_NAME,
    "Downloads artwork and subtitles, so that this server has files of its own.",
    DownloadFiles,
    download_files,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: DOWNLOAD_NAME,
)
