"""What ffprobe tells of a file: container, codecs, size in pixels, duration. Without ffprobe nothing is told.

Each file gets a process of its own that is ended after a time: files may be broken on purpose."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from domain.bounds import COLUMNS
from domain.text import storable

PROBE_SECONDS = 20.0
MAX_OUTPUT = 1_000_000  # bytes
ENTRIES = "format=format_name,duration:stream=codec_name,codec_type,width,height:stream_disposition=attached_pic"


def find_ffprobe(named: str | None = None) -> str | None:
    """The program that is named, or the one on PATH."""
    return shutil.which(named or "ffprobe")


def probe(program: str, path: Path, seconds: float = PROBE_SECONDS) -> dict[str, Any]:
    """Columns of a media's file; {} where ffprobe fails, hangs or says nothing of use."""
    options = ("-v", "error", "-protocol_whitelist", "file", "-show_entries", ENTRIES, "-of", "json")
    try:
        with subprocess.Popen(
            [program, *options, f"file:{os.fspath(path)}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=seconds)
            except BaseException:
                process.kill()
                raise
    except (OSError, subprocess.SubprocessError):
        return {}
    return facts_of_output(output) if process.returncode == 0 and len(output) <= MAX_OUTPUT else {}


def facts_of_output(output: bytes) -> dict[str, Any]:
    """What can be stored of ffprobe's JSON."""
    try:
        told = orjson.loads(output)
        streams = [one for one in told.get("streams", []) if isinstance(one, dict)]
        container = told.get("format", {})
    except (orjson.JSONDecodeError, AttributeError, TypeError):
        return {}
    video = next((one for one in streams if one.get("codec_type") == "video" and not is_picture(one)), {})
    found = {
        "container": word(container.get("format_name"), 50),
        "codecs": codecs_of(streams),
        "width": within("media_file.width", video.get("width")),
        "height": within("media_file.height", video.get("height")),
        "duration_ms": probed_milliseconds(container.get("duration")),
    }
    return {name: value for name, value in found.items() if value}


def is_picture(stream: dict[str, Any]) -> bool:
    """Whether it is a cover that is stored within the file."""
    disposition = stream.get("disposition")
    return isinstance(disposition, dict) and bool(disposition.get("attached_pic"))


def codecs_of(streams: Sequence[dict[str, Any]]) -> list[str]:
    kept = [word(one.get("codec_name"), 100) for one in streams if one.get("codec_type") in ("video", "audio")]
    return list(dict.fromkeys(one for one in kept if one))[:64]


def word(value: Any, most: int) -> str | None:
    """ffprobe calls a container by all its names: the first is kept."""
    text = value.split(",")[0].strip() if isinstance(value, str) else ""
    return text if 0 < len(text.encode(errors="replace")) <= most and storable(text) and "\x1f" not in text else None


def within(column: str, value: Any) -> int | None:
    return value if isinstance(value, int) and COLUMNS[column].holds(value) else None


def probed_milliseconds(value: Any) -> int | None:
    try:
        found = round(float(value) * 1000)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if COLUMNS["media_file.duration_ms"].holds(found) else None
