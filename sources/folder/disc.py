"""A disc's folder (VIDEO_TS, BDMV) as one file: the folder's path, all its bytes, its newest time."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from sources.folder.files import DIGEST, FileState, UnfitFile

MAX_ENTRIES = 10_000


def disc_state(root: Path, path: str) -> tuple[FileState, str]:
    """With a hash of the names and sizes of its files, which stays when the folder is moved."""
    size = newest = entries = 0
    made = blake2b(digest_size=DIGEST)
    for folder, folders, names in os.walk(root / path):
        folders.sort()
        for name in sorted(names):
            entries += 1
            if entries > MAX_ENTRIES:
                raise UnfitFile(f"It has more than {MAX_ENTRIES} files: it is no disc.")
            try:
                at = os.lstat(os.path.join(folder, name))  # noqa: PTH118
            except FileNotFoundError:
                continue
            inner = os.path.relpath(os.path.join(folder, name), root / path)  # noqa: PTH118
            made.update(f"{os.fsencode(inner)!r}{at.st_size}".encode())
            size, newest = size + at.st_size, max(newest, at.st_mtime_ns)
    if not size:
        raise UnfitFile("It is empty: it has no bytes.")
    return FileState(path, size, newest), f"blake2b-disc:{made.hexdigest()}"
