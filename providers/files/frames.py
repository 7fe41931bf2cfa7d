"""Frames of videos as WebP pictures, each in several widths."""

from __future__ import annotations

import asyncio
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from statistics import pstdev

from domain.file_type import FileType
from providers.files.ffmpeg import INPUT, FrameLimits, probe, run_ffmpeg, why_failed
from providers.files.file_error import FileError, bad_file
from providers.files.folder import FileFolder, StoredFile

# Where a frame is taken, as parts of the duration; the later ones where those before are almost of one colour.
MOMENTS = (0.1, 0.3, 0.5, 0.7)
SAMPLE = 32  # pixels of a side, of what is looked at for that
LEAST_DEVIATION = 6.0  # of its brightness, from 0 to 255
WIDEST_RATIO = 4  # height to width at most
WEBP = frozenset({FileType.WEBP})


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that was stored: where it stands in the video, and its pictures by width."""

    offset_ms: int
    files: Sequence[StoredFile]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Of one frame, not stored yet. deviation: how much its brightness varies."""

    offset_ms: int
    paths: Sequence[Path]
    deviation: float


class FrameMaker:
    """widths: of pictures, in pixels; narrower videos are not made wider. processes: runs of ffmpeg at once."""

    def __init__(self, folder: FileFolder, widths: Sequence[int], limits: FrameLimits, processes: int = 2) -> None:
        self._folder = folder
        self._widths = sorted(widths)
        self._limits = limits
        self._turn = asyncio.Semaphore(processes)

    async def frame(self, video: Path, offset_ms: int | None = None) -> Frame:
        """The frame at an offset, or one of the video's own choice that shows something.

        FileError: BAD_FILE with the reason where there is none, DISK_FULL."""
        async with self._turn:
            folder = await asyncio.to_thread(self._prepared, video)
            try:
                found = await self._chosen(video, folder, offset_ms)
                return await asyncio.to_thread(self._stored, found)
            finally:
                await asyncio.to_thread(rmtree, folder, ignore_errors=True)

    def _prepared(self, video: Path) -> Path:
        """A folder for pictures; FileError where the file cannot be a video, or the disk is full."""
        try:
            found = video.stat()
        except (OSError, ValueError):
            raise bad_file("The video is not there, or may not be read.") from None
        if not stat.S_ISREG(found.st_mode):
            raise bad_file("The video is no regular file.")
        if found.st_size == 0:
            raise bad_file("The video is empty.")
        self._folder.prepare()
        self._folder.check_space()
        with self._folder.guarded():
            return Path(tempfile.mkdtemp(dir=self._folder.parts, prefix="frames-"))

    async def _chosen(self, video: Path, folder: Path, offset_ms: int | None) -> Pictures:
        facts = await probe(video, self._limits)
        if offset_ms is not None:
            return await self._taken(video, folder, offset_ms)
        best: Pictures | None = None
        moments = [] if facts.seconds is None else [int(part * facts.seconds * 1000) for part in MOMENTS]
        failure: FileError | None = None
        for moment in (*moments, 0):
            if moment == 0 and best is not None:
                break
            try:
                taken = await self._taken(video, folder, moment)
            except FileError as error:
                failure = failure or error
                continue
            if best is None or taken.deviation > best.deviation:
                best = taken
            if best.deviation >= LEAST_DEVIATION:
                break
        if best is None:
            raise failure or bad_file("The video has no frames.")
        return best

    async def _taken(self, video: Path, folder: Path, offset_ms: int) -> Pictures:
        """The pictures of the frame at a moment, and how much it shows."""
        paths = [folder / f"{offset_ms}-{width}.webp" for width in self._widths]
        arguments = ["-v", "error", *INPUT, "-max_pixels", str(self._limits.pixels), "-ss", f"{offset_ms / 1000:.3f}"]
        arguments += ["-i", f"file:{video}", "-filter_complex", self._filters()]
        for place, path in enumerate(paths):
            arguments += ["-map", f"[p{place}]", "-frames:v", "1", "-c:v", "libwebp", "-quality", "80", f"file:{path}"]
        arguments += ["-map", "[sample]", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]
        output = await run_ffmpeg(arguments, self._limits)
        whole = output.status == 0 and len(output.out) == SAMPLE * SAMPLE
        if not whole or not all(path.is_file() and path.stat().st_size > 0 for path in paths):
            raise bad_file(f"The video is unusable: {why_failed(output, self._limits)}.")
        return Pictures(offset_ms, paths, pstdev(output.out))

    def _filters(self) -> str:
        """One decoding for all widths; pixels that are no squares become squares."""
        outputs = "".join(f"[s{place}]" for place in range(len(self._widths) + 1))
        parts = [f"[0:v:0]split={len(self._widths) + 1}{outputs}"]
        for place, width in enumerate(self._widths):
            scaled = f"scale=w='max(1,min({width},round(iw*sar)))':h='max(1,min({WIDEST_RATIO}*{width},round(ow/dar)))'"
            parts.append(f"[s{place}]{scaled},setsar=1[p{place}]")
        parts.append(f"[s{len(self._widths)}]scale={SAMPLE}:{SAMPLE},format=gray[sample]")
        return ";".join(parts)

    def _stored(self, found: Pictures) -> Frame:
        return Frame(found.offset_ms, [self._folder.store(path, WEBP) for path in found.paths])
