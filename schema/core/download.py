"""The download of a file: what artwork and subtitles have in common."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="State of the download of a file.")
class DownloadState(Enum):
    WANTED = strawberry.enum_value("WANTED", description="Waiting to be downloaded.")
    DOWNLOADING = strawberry.enum_value("DOWNLOADING", description="Being downloaded.")
    DOWNLOADED = strawberry.enum_value("DOWNLOADED", description="The file is available.")
    FAILED = strawberry.enum_value("FAILED", description="The download failed.")
