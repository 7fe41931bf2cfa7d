"""Types of files that are stored and served: pictures and subtitles."""

from __future__ import annotations

from enum import StrEnum


class FileType(StrEnum):
    """What a stored file is, by its content."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    AVIF = "AVIF"
    SRT = "SRT"
    VTT = "VTT"
    ASS = "ASS"


PICTURES = frozenset({FileType.JPEG, FileType.PNG, FileType.WEBP, FileType.GIF, FileType.AVIF})
SUBTITLES = frozenset({FileType.SRT, FileType.VTT, FileType.ASS})

EXTENSIONS = {one: "jpg" if one is FileType.JPEG else one.value.lower() for one in FileType}
TYPES_BY_EXTENSION = {extension: one for one, extension in EXTENSIONS.items()}

# As HTTP calls them. Texts have no type under which a browser would run anything.
CONTENT_TYPES = {
    FileType.JPEG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.WEBP: "image/webp",
    FileType.GIF: "image/gif",
    FileType.AVIF: "image/avif",
    FileType.SRT: "application/x-subrip; charset=utf-8",
    FileType.VTT: "text/vtt; charset=utf-8",
    FileType.ASS: "text/x-ssa; charset=utf-8",
}


def file_name(hash: str, type: FileType) -> str:
    """Of a stored file: its hash, and the extension of its type."""
    return f"{hash}.{EXTENSIONS[type]}"
