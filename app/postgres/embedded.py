"""A PostgreSQL server of our own in the state folder, reached over a Unix socket there; it ends with its owner."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from app.postgres import data_folder, exec_guard
from app.postgres.postgres_files import ENVIRONMENT, Account, PostgresError, Programs, account, programs_for
from app.settings import CHECKOUT, Settings
from database.connect_args import ConnectArgs

START_TIMEOUT = 120.0  # recovery after a crash can take long
LOG_BYTES = 5_000_000
# Where root's database goes when the user who runs PostgreSQL cannot enter the checkout.
STATE_FOLDERS = (Path("/var/lib/marquee"), Path("/var/tmp/marquee"))
NO_SPACE = b"No space left on device"

# Sized for a laptop. Nothing replicates from here, so the log holds only what recovery needs.
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(data_folder.PORT),
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


class FolderInUseError(PostgresError):
    """Another process serves this state folder."""


class EmbeddedPostgres:
    """The server of one state folder, and the claim on that folder.

    `start` and `stop` block, and belong into the main thread: Linux takes the end of the thread that started the
    server for the end of its owner.
    """

    def __init__(
        self, state_dir: Path, options: Mapping[str, str] | None = None, *, watcher: bool = sys.platform != "linux"
    ) -> None:
        """`options` are added to OPTIONS. With a `watcher` a process looks after the owner instead of the kernel."""
        self.state_dir = state_dir
        self.data = _data(state_dir)
        self.log = state_dir / "postgres" / "server.log"
        self._first_start = state_dir / "first-start"
        self._options = {**OPTIONS, **(options or {})}
        self._watcher = watcher
        self._watch_pipe: int | None = None
        self._locks: list[int] = []
        self._log_starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_folder: Path | None = None

    def __enter__(self) -> ConnectArgs:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def is_first_start(self) -> bool:
        """True from the making of the database until `end_first_start`, over crashes and restarts."""
        return self._first_start.exists()

    def end_first_start(self) -> None:
        self._first_start.unlink(missing_ok=True)

    def ran_out_of_space(self) -> bool:
        """Whether the disk was full since the server was started."""
        if not self.log.exists():
            return False
        with self.log.open("rb") as log:
            log.seek(self._log_starts)
            return NO_SPACE in log.read(LOG_BYTES)

    def start(self) -> ConnectArgs:
        """Makes the database if there is none, and returns when it takes connections. Raises PostgresError."""
        try:
            self._take_folder()
            data_folder.clear_stale(self.data)
            return self._start()
        except OSError as error:
            self.stop()
            raise PostgresError(f"{error.filename or self.state_dir}: {error.strerror}") from error
        except BaseException:
            self.stop()
            raise

    def restart(self) -> ConnectArgs:
        """Starts a server anew that died under its owner; clients find it at the same place. Raises PostgresError."""
        self._stop_process()
        return self._start()

    def stop(self) -> None:
        """Ends the server (clients are cut off, data is kept) and lets the folder go. Harmless when not started."""
        self._stop_process()
        if self._socket_folder is not None and self._socket_folder.name.startswith(data_folder.SOCKET_PREFIX):
            shutil.rmtree(self._socket_folder, ignore_errors=True)
        self._socket_folder = None
        while self._locks:
            os.close(self._locks.pop())

    def _take_folder(self) -> None:
        _make_folder(self.data.parent)
        self._locks.append(_lock(self.state_dir / "owner.lock", 0))
        # The server holds this one too, since it may outlive a killed owner for a moment.
        self._locks.append(_lock(self.state_dir / "server.lock", START_TIMEOUT))

    def _start(self) -> ConnectArgs:
        who = account(self.data)
        self._hand_folder_to(who)
        programs = programs_for(who, self.state_dir)
        stamp = self.state_dir / "postgres-version"
        data_folder.check_major(self.data, stamp, programs)
        if not self.data.exists():
            self._first_start.touch()
            data_folder.initialise(self.data, stamp, who, programs, self._locks[1:])
        if self._socket_folder is None:
            self._socket_folder = data_folder.socket_folder(self.data.with_name("run"), who)
        self._start_process(who, programs)
        self._wait_until_ready()
        return connect_args(self._socket_folder)

    def _hand_folder_to(self, who: Account) -> None:
        folder = self.data.parent
        if os.geteuid() == 0:
            os.chown(folder, who.uid, who.gid)
            if not who.can_enter(folder):
                raise PostgresError(
                    f"PostgreSQL does not run as root, and the user {who.name} cannot enter {folder}: "
                    "open the folders on the way (chmod o+x), or set MARQUEE_STATE_DIR to a folder that others can "
                    "enter, such as /var/lib/marquee."
                )
        folder.chmod(0o700)

    def _start_process(self, who: Account, programs: Programs) -> None:
        options = {**self._options, "unix_socket_directories": str(self._socket_folder)}
        if programs.has_library("pg_stat_statements"):
            options.setdefault("shared_preload_libraries", "pg_stat_statements")
        command = [programs.path("postgres"), "-D", str(self.data)]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        become = [who.uid, who.gid] if os.geteuid() == 0 else [-1, -1]
        watch, self._watch_pipe = os.pipe() if self._watcher else (-1, None)
        guarded = [sys.executable, "-I", "-S", exec_guard.__file__, *map(str, [os.getpid(), *become, watch]), *command]
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.rename(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._log_starts = log.tell()
            self._process = subprocess.Popen(
                guarded,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                pass_fds=[*self._locks[1:], *([watch] if self._watcher else [])],
                start_new_session=True,  # Ctrl-C at the terminal is for the owner
            )
        if self._watcher:
            os.close(watch)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            said = data_folder.read_pid_file(self.data)
            if said is not None and said.pid == self.pid and said.is_ready:
                return
            if not self.is_running() or time.monotonic() > deadline:
                last = self.log.read_text(errors="replace").splitlines()[-8:]
                raise PostgresError("\n".join(["PostgreSQL did not start; its log ends with:", *last]))
            time.sleep(0.01)

    def _stop_process(self) -> None:
        if self._process is None:
            return
        # Fast shutdown, then immediate shutdown, which leaves the rest to the next start.
        for request, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            if self.is_running():
                self._process.send_signal(request)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(patience)
        self._process = None
        if self._watch_pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._watch_pipe, b".")
            os.close(self._watch_pipe)
            self._watch_pipe = None


def connect_args(socket_folder: Path) -> ConnectArgs:
    """How to reach an embedded server; PGPORT and PGSSLMODE in the environment change nothing."""
    where = f"host={quote(str(socket_folder))}&port={data_folder.PORT}&sslmode=disable"
    return ConnectArgs(f"postgresql://{data_folder.SUPERUSER}@/{data_folder.DATABASE}?{where}")


def find_running(state_dir: Path) -> ConnectArgs | None:
    """How to reach the server that another process owns in this folder; None when it takes no connections."""
    said = data_folder.read_pid_file(_data(state_dir))
    return connect_args(said.socket_folder) if said is not None and said.is_ready else None


def state_folder(settings: Settings) -> Path:
    """The state folder: the one that was set, or the default, or where the user who runs PostgreSQL for root cannot
    enter that, another one, the same at every start of this checkout."""
    if "state_dir" in settings.model_fields_set or os.geteuid() != 0:
        return settings.state_dir
    name = f"{CHECKOUT.name}-{hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:8]}"
    folders = [settings.state_dir, *(folder / name for folder in STATE_FOLDERS)]
    # One with a database stays the one, even where it can be entered no longer: its start says so.
    made = [folder for folder in folders if _data(folder).exists()]
    return next(iter([*made, *filter(_can_hold_data, folders)]), settings.state_dir)


def _data(state_dir: Path) -> Path:
    return state_dir / "postgres" / "data"


def _can_hold_data(folder: Path) -> bool:
    """Whether the user who runs PostgreSQL for root can enter it, or the folder that is there to make it in."""
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    return os.access(nearest, os.W_OK) and account(_data(folder)).can_enter(nearest)


def _make_folder(path: Path) -> None:
    """With root's folders open to the user who runs PostgreSQL, whatever the umask."""
    if not path.exists():
        _make_folder(path.parent)
        path.mkdir(mode=0o700)
        if os.geteuid() == 0:
            path.chmod(0o755)


def _lock(path: Path, patience: float) -> int:
    """Takes the lock and returns its file descriptor. Raises FolderInUseError after `patience` seconds."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise FolderInUseError(
                    f"{path.parent} is in use by another running Marquee: "
                    "stop that one first, or set MARQUEE_STATE_DIR to another folder."
                ) from None
            time.sleep(0.02)
