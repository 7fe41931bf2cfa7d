"""PgBouncer in transaction mode before the tests' server, with its own defaults otherwise."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from database.connect_args import ConnectArgs
from tests.support import serving

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
needs_pgbouncer = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed here (.ci/run installs it)")

# Two connections for all clients: nearly every transaction finds the traces of another client's.
CONFIGURATION = """
[databases]
* = {server}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 2
{more}
"""


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def server_of(url: str) -> str:
    """The address of a server in PgBouncer's own words."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    found = {
        "host": parts.hostname or query.get("host", [""])[0],
        "port": str(parts.port or query.get("port", ["5432"])[0]),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or ""),
    }
    return " ".join(f"{name}={quoted(value)}" for name, value in found.items() if value)


@contextlib.contextmanager
def pgbouncer(url: str, more: str = "") -> Iterator[str]:
    """The address of a PgBouncer before the server of another address; the same databases are behind it.

    `more`: further lines of its configuration."""
    assert PROGRAM is not None
    folder = Path(tempfile.mkdtemp(prefix="marquee-pgb-"))
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(CONFIGURATION.format(server=server_of(url), folder=folder, more=more))
    owner = Path(parse_qs(urlsplit(url).query).get("host", ["/"])[0]).stat().st_uid  # may enter the server's folder
    user = (owner or "nobody") if os.geteuid() == 0 else None  # it does not run as root
    if owner:
        os.chown(folder, owner, -1)
    folder.chmod(0o755 if owner or user is None else 0o777)
    process = subprocess.Popen(
        [PROGRAM, "--quiet", str(configuration)], user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        serving.until((folder / ".s.PGSQL.6432").exists, "the socket of PgBouncer")
        yield f"postgresql://marquee@/postgres?host={folder}&port=6432&sslmode=disable"
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


def behind(url: str, args: ConnectArgs) -> ConnectArgs:
    """How to reach a database through the PgBouncer at an address."""
    return ConnectArgs(urlsplit(url)._replace(path=urlsplit(args.dsn).path).geturl())
