"""The data folder of the embedded PostgreSQL: made whole or not at all, checked, and freed of what a crash left."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.postgres.postgres_files import Account, PostgresError, Programs

DATABASE = "marquee"
SUPERUSER = "postgres"
PORT = 5432  # only a part of the socket's name
SOCKET_PREFIX = "marquee-postgres-"


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a server says of itself in its data folder."""

    pid: int
    socket_folder: Path
    is_ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """None when there is no server, or when it has not written all of the file yet."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return PidFile(int(lines[0]), Path(lines[4]), len(lines) > 7 and lines[7].startswith("ready"))
    except (FileNotFoundError, IndexError, ValueError):
        return None


def check_major(data: Path, stamp: Path, programs: Programs) -> None:
    """Raises PostgresError when another major version made the data; `stamp` is where `initialise` wrote it."""
    for file in (stamp, data / "PG_VERSION"):
        with contextlib.suppress(FileNotFoundError):
            if (made_by := file.read_text().strip()) != programs.major:
                raise PostgresError(
                    f"{stamp.parent} was made by PostgreSQL {made_by}, and this is PostgreSQL {programs.major}: "
                    "set MARQUEE_STATE_DIR to another folder, or remove this one to begin anew."
                )


def initialise(data: Path, stamp: Path, who: Account, programs: Programs, keep: Sequence[int]) -> None:
    """Makes the data folder beside its place and moves it there when whole, so that a kill leaves nothing half.

    `keep` are the file descriptors that stay open in the programs (the lock of the folder).
    """
    partial = data.with_name("data.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for locale in _locales(programs):
        initdb = [programs.path("initdb"), "-D", str(partial), "-U", SUPERUSER, "--encoding=UTF8", *locale]
        said = who.run([*initdb, "--auth-local=trust", "--auth-host=reject", "--no-instructions"], keep=keep)
        if not said.returncode:
            break
    else:
        raise PostgresError(f"initdb failed: {_last_lines(said.stderr)}")
    single = [programs.path("postgres"), "--single", "-D", str(partial), "postgres"]
    said = who.run(single, f"create database {DATABASE}\n".encode(), keep=keep)
    if said.returncode:
        raise PostgresError(f"The database cannot be made: {_last_lines(said.stderr)}")
    stamp.write_text(programs.major + "\n")
    partial.rename(data)


def clear_stale(data: Path) -> None:
    """Removes what would keep a server from starting after a crash. Call it as the owner of the folder only."""
    left = read_pid_file(data)
    if left is None:
        return
    if left.socket_folder.name.startswith(SOCKET_PREFIX):
        shutil.rmtree(left.socket_folder, ignore_errors=True)
    if _is_another_program(left.pid):
        # After a reboot or in a new container the pid belongs to somebody else, for whom PostgreSQL would wait.
        (data / "postmaster.pid").unlink()
        (left.socket_folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def socket_folder(preferred: Path, who: Account) -> Path:
    """The preferred folder, or a new one with a short name in the temporary folder where the path is not fit."""
    # The shortest limit of a socket's path is that of macOS, 104 bytes. A comma would part two addresses.
    if len(os.fsencode(preferred)) + len(f"/.s.PGSQL.{PORT}") < 104 and "," not in str(preferred):
        preferred.mkdir(mode=0o700, exist_ok=True)
        folder = preferred
    else:
        folder = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX))
    if os.geteuid() == 0:
        os.chown(folder, who.uid, who.gid)
    return folder


def _locales(programs: Programs) -> list[list[str]]:
    """The locales to try: the order of bytes, and of the machine what a letter is (text search asks for that)."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if int(programs.major) >= 17 else []
    return [[*builtin, "--locale=C", f"--lc-ctype={letters}"] for letters in ("C.UTF-8", "en_US.UTF-8", "C")]


def _last_lines(said: bytes) -> str:
    return "\n".join(said.decode(errors="replace").strip().splitlines()[-5:])


def _is_another_program(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if sys.platform == "linux":
        name = Path(f"/proc/{pid}/comm").read_text()
    else:
        name = subprocess.run(["ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True).stdout
    return "postgres" not in name
