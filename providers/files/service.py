"""All that a process has to do with files: where they stand, how they are linked, fetched and made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from providers.files.download import Downloads
from providers.files.folder import FileFolder
from providers.files.frames import FrameMaker
from providers.files.links import FileLinks


@dataclass(frozen=True, slots=True)
class FileBounds:
    """Sizes in bytes. parallel: downloads that a run of a job makes at once; video_folders: whose videos thumbnails are
    made of, all where there are none."""

    picture: int = 20_000_000
    subtitle: int = 5_000_000
    video: int = 4 << 30
    parallel: int = 8
    video_folders: Sequence[Path] = ()

    def allows_video(self, path: Path) -> bool:
        """Whether a video may be read, where it really is. Blocks."""
        if not self.video_folders:
            return True
        real = path.resolve()
        return any(real.is_relative_to(folder.resolve()) for folder in self.video_folders)


@dataclass(frozen=True, slots=True)
class FileService:
    """Of a process; nothing of it is opened before it is used."""

    folder: FileFolder
    links: FileLinks
    downloads: Downloads
    frames: FrameMaker
    bounds: FileBounds
