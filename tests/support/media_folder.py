"""Folders of media files made for a test, and what a source makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sources.folder.source import open_folder
from sources.source import Reading, SourceItem, Unreadable

WITHOUT_FFPROBE = {"ffprobe": "off"}


def lay(root: Path, files: Iterable[str] | Mapping[str, str | bytes]) -> Path:
    """Makes files with the given contents, or with their own paths as contents."""
    given = files if isinstance(files, Mapping) else {path: path for path in files}
    for path, content in given.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


async def read(root: Path, position: str = "", **options: str) -> list[Reading]:
    source = open_folder(str(root), {**WITHOUT_FFPROBE, **options})
    return [one async for one in source.read(position)]


async def items(root: Path, **options: str) -> dict[str, SourceItem]:
    """By key; nothing may be unreadable."""
    found = await read(root, **options)
    assert [one for one in found if isinstance(one, Unreadable)] == []
    return {one.key: one for one in found if isinstance(one, SourceItem)}


async def faults(root: Path, **options: str) -> list[tuple[str, str]]:
    """Where and why something is unreadable."""
    return [(one.where, one.reason) for one in await read(root, **options) if isinstance(one, Unreadable)]


async def keys(root: Path, **options: str) -> list[str]:
    return [one.key for one in await read(root, **options) if isinstance(one, SourceItem)]


def paths(root: Path, item: SourceItem, name: str = "files") -> list[str]:
    """Of a list of an item the paths from the root."""
    return [str(Path(one["path"]).relative_to(root)) for one in item.item.lists.get(name, ())]


def values(item: SourceItem, *names: str) -> tuple[Any, ...]:
    return tuple(item.item.values.get(name) for name in names)
