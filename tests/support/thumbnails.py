"""Videos whose thumbnails a run makes, and what it has made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from database.connect_args import ConnectArgs
from jobs.make_thumbnails import MAKE_THUMBNAILS, MakeThumbnails
from tests.support import jobs
from tests.support.factories import add_media, add_media_file
from tests.support.media_files import file_services

# $1: where they are, $2: how many.
ADD_CLIPS = """
WITH made AS (
    INSERT INTO media (library_id, kind, title, folded_title, sort_title)
    SELECT 1, 'CLIP', 'Clip', 'clip', 'clip' FROM generate_series(1, $2::integer) RETURNING id
)
INSERT INTO clip (media_id, source_url) SELECT id, $1::text || '/' || id FROM made
"""


async def run_thumbnails(writer: ConnectArgs, connection: Any, folder: Path, *media: int, **given: Any) -> Any:
    """The row of a run at its end: of these media, or of all that lack thumbnails."""
    wanted = MakeThumbnails(media=list(media) or None)
    async with file_services(folder, **given) as services:
        return await jobs.run_to_end(writer, connection, services, MAKE_THUMBNAILS, wanted)


async def add_video(connection: Any, path: Path, **columns: Any) -> int:
    """A media with a file."""
    media = await add_media(connection, 1)
    await add_media_file(connection, media, str(path), **columns)
    return media


async def thumbnails(connection: Any) -> list[Any]:
    return list(await connection.fetch("SELECT * FROM thumbnail ORDER BY media_id, offset_ms"))
