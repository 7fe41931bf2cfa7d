"""Why a file is not stored."""

from __future__ import annotations

import errno

from domain.errors import CatalogError, Code

# No space, a quota, and the largest file that this process may write.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileError(CatalogError):
    """With its code: BAD_FILE for what is no file of a type that is wanted, DISK_FULL, ..."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code = code


def bad_file(message: str) -> FileError:
    return FileError(Code.BAD_FILE, message)


def disk_full(folder: object) -> FileError:
    return FileError(
        Code.DISK_FULL, f"The disk of {folder} has no room: make some, or lower MARQUEE_FILES_RESERVE, and try again."
    )


def error_of_os(error: OSError, folder: object) -> FileError:
    """In our words, what the file system says."""
    if error.errno in FULL:
        return disk_full(folder)
    return FileError(Code.FILES_UNAVAILABLE, f"{folder} cannot be written to: {error.strerror}.")
