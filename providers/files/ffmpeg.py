"""Runs ffmpeg on what strangers have made: with limits of time, memory and size, without network, input or children
that outlive it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import imageio_ffmpeg

from domain.errors import Code
from providers.files.file_error import FileError, bad_file

LIMITED = str(Path(__file__).with_name("limited.py"))
OUTPUT_BYTES = 1 << 16  # of what it prints, of each kind
# Containers that hold a video themselves: none that names other files or addresses, as playlists do.
FORMATS = "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,mxf,gif,h264,hevc,ivf,nut,rm,wtv,y4m,yuv4mpegpipe"
INPUT = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-probesize", "20M", "-analyzeduration", "10M")
# At the beginnings of lines and not far from them: the rest may be what the file itself says, and is of any length.
DURATION = re.compile(r"^  Duration: (\d{1,6}):(\d{2}):(\d{2})\.(\d{2})", re.MULTILINE)
STREAM = re.compile(
    r"^ {2,8}Stream #0:\d{1,5}[^\n]{0,60}?: Video: (?![^\n]*\(attached pic\))"
    r"[^\n]{0,400}?[ ,](\d{1,6})x(\d{1,6})[ ,\n\[]",
    re.MULTILINE,
)
MAX_SECONDS = 1_000_000  # of a video; who says more does not know it


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """Of one run of ffmpeg: seconds, bytes of addresses, pixels of a frame, bytes of a file that it writes."""

    seconds: int = 60
    memory: int = 1 << 30
    pixels: int = 50_000_000
    file_bytes: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Output:
    """What a run has printed, and how it ended: as subprocesses do, None where it was ended for taking too long."""

    status: int | None
    out: bytes
    errors: str


@lru_cache(maxsize=1)
def ffmpeg_path() -> str:
    """The machine's ffmpeg, else the one that imageio-ffmpeg brings; FileError where there is none."""
    if (found := shutil.which("ffmpeg")) is not None:
        return found
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise FileError(Code.PROVIDER_NOT_CONFIGURED, "There is no ffmpeg: install it, and try again.") from None


async def run_ffmpeg(arguments: Sequence[str], limits: FrameLimits) -> Output:
    """One run. It is ended, with all that it has started, when its time is over or whoever waits is cancelled."""
    given = map(str, (limits.seconds, limits.memory, limits.file_bytes))
    options = ("-nostdin", "-hide_banner", "-nostats", "-threads", "1", "-filter_threads", "1")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", LIMITED, *given, ffmpeg_path(), *options, *arguments),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
        env={"PATH": os.defpath, "LC_ALL": "C"},
    )
    try:
        return await finished(process, limits.seconds)
    finally:
        end_group(process)
        await asyncio.shield(process.wait())


async def finished(process: Process, seconds: int) -> Output:
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(seconds):
            out, errors = await asyncio.gather(beginning(process.stdout), beginning(process.stderr))
            status = await process.wait()
    except TimeoutError:
        return Output(None, b"", "")
    return Output(status, out, errors.decode("utf-8", "replace"))


async def beginning(stream: asyncio.StreamReader) -> bytes:
    """All is read, so that nobody waits for a full pipe, and not all is kept."""
    kept = b""
    while chunk := await stream.read(OUTPUT_BYTES):
        kept += chunk[: OUTPUT_BYTES - len(kept)]
    return kept


def end_group(process: Process) -> None:
    """A process that leads its group, and all of it."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def why_failed(output: Output, limits: FrameLimits) -> str:
    """In words for people; nothing of what the file itself says."""
    text = output.errors
    if output.status is None or output.status in (-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL):
        return f"it takes longer than {limits.seconds} seconds"
    if output.status == -signal.SIGXFSZ:
        return "its frame is too large to be stored"
    if "not on whitelist" in text or "not in allowed" in text:
        return "it is no video of a known container, but maybe a list of other files"
    if "Cannot allocate memory" in text or "max_pixels" in text or "Picture size" in text:
        return f"its frames are too large: more than {limits.pixels} pixels, or than memory allows"
    if output.status < 0:
        return "it ends the program that reads it"
    return "no frame of it can be read"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """seconds: None where the file does not say how long it is, or says what cannot be."""

    seconds: float | None
    width: int
    height: int


async def probe(video: Path, limits: FrameLimits) -> VideoFacts:
    """What there is in a file; FileError with BAD_FILE where that is no video."""
    output = await run_ffmpeg((*INPUT, "-i", f"file:{video}"), limits)
    # Without an output it ends with an error in any case.
    found = STREAM.search(output.errors)
    if found is None:
        reason = "it has no frames" if "Input #0" in output.errors else why_failed(output, limits)
        raise bad_file(f"The video is unusable: {reason}.")
    width, height = int(found[1]), int(found[2])
    if width * height > limits.pixels:
        raise bad_file(f"The video is unusable: its frames of {width}x{height} have more than {limits.pixels} pixels.")
    lasts = DURATION.search(output.errors)
    hours, minutes, seconds, hundredths = map(int, lasts.groups()) if lasts else (0, 0, 0, 0)
    known = hours * 3600 + minutes * 60 + seconds + hundredths / 100
    return VideoFacts(known if 0 < known <= MAX_SECONDS else None, width, height)
