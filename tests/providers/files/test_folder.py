"""The folder of files: what is kept in it, and what is removed."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from domain.file_type import PICTURES
from providers.files.file_error import FileError
from providers.files.folder import FileFolder, StoredFile, open_part
from tests.support.media_files import png

CHECKOUT = Path(__file__).resolve().parents[3]


def stored(folder: FileFolder, content: bytes) -> StoredFile:
    folder.prepare()
    part = folder.part_of("test")
    part.write_bytes(content)
    return folder.store(part, PICTURES)


def age(path: Path, seconds: float) -> None:
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - seconds))


@pytest.mark.parametrize("name", ["../key", "..", "", "a.png", "A" * 64 + ".png", "a" * 64, f"{'a' * 64}.png/../x"])
def test_what_is_no_name_of_a_file_has_no_path(tmp_path: Path, name: str) -> None:
    assert FileFolder(tmp_path).path_of(name) is None


def test_files_are_removed_once_nobody_has_used_them_for_long(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)
    old, new, again = (stored(folder, png(seed=seed)) for seed in range(3))
    age(old.path, 100_000)
    age(again.path, 100_000)
    names = [name for batch in folder.stored_names() for name in batch]
    assert sorted(names) == sorted([old.path.name, again.path.name])

    stored(folder, png(seed=2))  # it comes again, after it was found to be unused

    assert folder.remove(names) == 1
    assert (old.path.exists(), new.path.exists(), again.path.exists()) == (False, True, True)


def test_downloads_that_nobody_goes_on_with_are_removed(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)
    folder.prepare()
    for name in ("old.part", "old.validator", "new.part"):
        (folder.parts / name).write_bytes(b"x")
    (folder.parts / "frames-x").mkdir()
    (folder.parts / "frames-x" / "1.webp").write_bytes(b"x")
    for name in ("old.part", "old.validator", "frames-x"):
        age(folder.parts / name, 100_000)

    assert folder.remove_old_parts() == 3
    assert [path.name for path in folder.parts.iterdir()] == ["new.part"]


def test_one_has_a_download_and_nobody_writes_into_what_another_has_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process stores the file in the moment between its opening and its lock."""
    path, stored_path = tmp_path / "a.part", tmp_path / "stored"
    path.write_bytes(b"whole")
    lock = fcntl.flock

    def late_lock(file: BinaryIO, how: int) -> None:
        if not stored_path.exists():
            path.rename(stored_path)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late_lock)
    part = open_part(path)
    assert part is not None
    assert open_part(path) is None
    part.begin(None)
    part.write(b"new")
    assert (stored_path.read_bytes(), path.read_bytes()) == (b"whole", b"new")
    part.close(keep=True)


def test_a_download_that_somebody_goes_on_with_is_not_removed(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)
    folder.prepare()
    path = folder.part_of("a")
    path.write_bytes(b"half")
    age(path, 100_000)
    part = open_part(path)
    assert part is not None
    assert folder.remove_old_parts() == 0
    part.close(keep=True)
    assert path.read_bytes() == b"half"


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError) as found:
        FileFolder(tmp_path / "file" / "files").prepare()
    assert found.value.extensions["code"] == "FILES_UNAVAILABLE"


WRITE = """
import resource, sys
from pathlib import Path
from providers.files.file_error import FileError
from providers.files.folder import FileFolder, open_part
folder = FileFolder(Path(sys.argv[1]))
folder.prepare()
part = open_part(folder.part_of("large"))
try:
    with folder.guarded():
        part.write(b"x" * int(sys.argv[2]))
        part.write(b"x" * int(sys.argv[2]))
except FileError as error:
    print(error.code)
finally:
    part.close(keep=False)
"""


@pytest.mark.parametrize("size", [200_000, 700])
def test_a_file_that_the_system_does_not_let_grow_is_a_full_disk(tmp_path: Path, size: int) -> None:
    """Also a small one, whose bytes a buffer would keep until it is closed."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    command = [sys.executable, "-c", WRITE, str(tmp_path), str(size)]
    done = subprocess.run(command, cwd=CHECKOUT, preexec_fn=limit, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "DISK_FULL"


def test_a_real_disk_that_is_full_is_told(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        folder = FileFolder(tmp_path)
        kept = stored(folder, png())
        with pytest.raises(FileError) as found:
            folder.check_space(100_000)
        assert found.value.extensions["code"] == "DISK_FULL"
        with pytest.raises(FileError) as found, folder.guarded():
            (folder.parts / "large").write_bytes(b"x" * 200_000)
        assert found.value.extensions["code"] == "DISK_FULL"
        assert kept.path.read_bytes() == png()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
