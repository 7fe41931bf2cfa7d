"""The format of folders of media. What reads them is imported where one is opened: other imports need not have it in
memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sources.folder.options import extras_of, links_of, workers_of
from sources.folder.walk import Folder, Walk
from sources.format import Format, Option
from sources.source import Source, Unreadable

LOOKED_AT = 2_000  # names that are looked at to guess whether it is a folder of media


def open_media_folder(location: str, options: Mapping[str, str]) -> Source:
    from sources.folder.source import open_folder

    return open_folder(location, options)


def guess_folder(location: str) -> float:
    """How surely a location is a folder of media files: by whether the first names below it are any."""
    root = Path(os.path.abspath(location))  # noqa: PTH100
    if not root.is_dir():
        return 0.0
    seen = 0
    for folder in Walk(root).folders():
        if isinstance(folder, Folder) and (folder.videos or folder.disc is not None):
            return 0.8
        seen += 1 if isinstance(folder, Unreadable) else 1 + len(folder.sidecars)
        if seen > LOOKED_AT:
            break
    return 0.0


MEDIA_FOLDER = Format(
    "media-folder",
    "A folder of media files: movies and series by names of files and folders, .nfo files, pictures and subtitles.",
    "it is a folder with video files",
    guess_folder,
    open_media_folder,
    (
        Option(
            "extras",
            "What becomes of trailers, featurettes and other extras: skip, or clips of their own.",
            "skip",
            check=extras_of,
        ),
        Option(
            "links", "Whether links that lead out of the folder are followed: skip or follow.", "skip", True, links_of
        ),
        Option(
            "ffprobe", "The program that tells codecs, sizes and durations: its path, or off.", "the one on PATH", True
        ),
        Option("workers", "How many processes read names, and threads files.", "the number of CPUs", True, workers_of),
    ),
    reads=(
        ("names of files and folders", "title, year, kind, series, seasons, episodes, dates, externalIds"),
        ("video files", "files, with their hashes; ffprobe adds codecs, sizes and durations"),
        (".nfo files", "own fields, people, genres, tags, collections, taglines, externalIds, artwork, metadata"),
        ("pictures", "artwork that is downloaded"),
        ("subtitles", "subtitles that are downloaded, with their languages"),
    ),
)
