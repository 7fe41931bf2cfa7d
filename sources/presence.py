"""Whether a file is there, for sources that are asked before its media is deleted."""

from __future__ import annotations

import os
from pathlib import Path


def is_there(path: Path) -> bool | None:
    """None where the file system does not tell: a folder above that may not be read, a disk with faults."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return None
    return True
