"""Pictures, subtitles and videos for tests, and the files of a process over a folder of theirs."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from providers.circuit_breaker import CircuitBreaker
from providers.client import OutboundClient
from providers.files.download import DownloadOptions, Downloads
from providers.files.ffmpeg import FrameLimits, ffmpeg_path
from providers.files.folder import FileFolder
from providers.files.frames import FrameMaker
from providers.files.links import FileLinks
from providers.files.service import FileBounds, FileService
from providers.services import OutsideServices
from tests.support.outbound import PATIENT, client_of

KEY = b"k" * 32
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n"
LOCAL = DownloadOptions(timeouts=PATIENT, private_hosts=frozenset({"127.0.0.1"}))


def png(width: int = 3, height: int = 2, seed: int = 0) -> bytes:
    """A whole PNG, another one for each seed."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes([seed % 256]) * width for _ in range(height))
    text = chunk(b"tEXt", b"seed\0" + str(seed).encode())
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def make_video(path: Path, *arguments: str) -> Path:
    """A clip that ffmpeg makes: lavfi sources and options."""
    command = [ffmpeg_path(), "-nostdin", "-v", "error", "-y", *arguments, str(path)]
    subprocess.run(command, check=True)
    return path


def moving(path: Path, *, seconds: float = 1.0, size: str = "64x36") -> Path:
    return make_video(path, "-f", "lavfi", "-i", f"testsrc=d={seconds}:s={size}:r=10", "-c:v", "mpeg4")


@asynccontextmanager
async def file_services(
    root: Path, *, breaker: CircuitBreaker | None = None, **given: Any
) -> AsyncIterator[OutsideServices]:
    """Services of a worker whose jobs work with files, of which nothing is cached. given: as for files_of."""
    client = client_of(breaker=breaker)
    yield OutsideServices(client, None, files=files_of(client, root, **given))  # type: ignore[arg-type]
    await client.close()


def files_of(
    client: OutboundClient, root: Path, *, free: int = 1 << 40, options: DownloadOptions = LOCAL, **bounds: Any
) -> FileService:
    """free: bytes of a disk that the folder seems to have."""
    folder = FileFolder(root, 1_000, free=lambda path: free)
    frames = FrameMaker(folder, [16, 32], FrameLimits(seconds=20))
    links = FileLinks(lambda: KEY, 100.0, clock=lambda: 1_000.0)
    return FileService(folder, links, Downloads(client, folder, options), frames, FileBounds(**bounds))
