"""The download of a file: what artwork and subtitles have in common."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="How far the download of a file has come.")
class DownloadState(Enum):
    WANTED = strawberry.enum_value("WANTED", description="It is to be fetched.")
    DOWNLOADING = strawberry.enum_value("DOWNLOADING", description="It is being fetched.")
    DOWNLOADED = strawberry.enum_value("DOWNLOADED", description="Its file is there.")
    FAILED = strawberry.enum_value("FAILED", description="It could not be fetched.")
