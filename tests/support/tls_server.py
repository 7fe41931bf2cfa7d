"""A PostgreSQL of the machine, of another major version than the embedded one, reached over TLS with a password."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.postgres.postgres_files import ENVIRONMENT, Account, account
from database.connect_args import ConnectArgs
from tests.support import serving

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
needs_postgresql_15 = pytest.mark.skipif(
    not (PROGRAMS / "initdb").exists() or shutil.which("openssl") is None,
    reason="PostgreSQL 15 or openssl is not installed here (.ci/run installs them)",
)
OPTIONS = {"fsync": "off", "shared_buffers": "16MB", "ssl": "on", "listen_addresses": "127.0.0.1"}
HBA = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
ROLE = "CREATE ROLE marquee LOGIN PASSWORD 'a:b@c/d'"
DATABASE = "CREATE DATABASE marquee OWNER marquee"


@dataclass(frozen=True)
class TlsServer:
    """`authority` has signed the server's certificate, `stranger` has not."""

    port: int
    authority: Path
    stranger: Path

    def args(self, options: str) -> ConnectArgs:
        return ConnectArgs(f"postgresql://marquee:a%3Ab%40c%2Fd@127.0.0.1:{self.port}/marquee?{options}")


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_certificates(folder: Path) -> None:
    """An authority, a stranger, and a certificate for 127.0.0.1 by the first."""
    new = ("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for name in ("authority", "stranger"):
        openssl(folder, *new, "-x509", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt")
    openssl(folder, *new, "-subj", "/CN=127.0.0.1", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    by = ("-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "names")
    openssl(folder, "x509", "-req", "-in", "server.csr", *by, "-out", "server.crt")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def tls_server() -> Iterator[TlsServer]:
    """A running server with a database `marquee`, owned by a role that is no superuser."""
    folder = Path(tempfile.mkdtemp(prefix="marquee-tls-"))
    who = account(folder / "none")
    make_certificates(folder)
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, who.uid, who.gid)
    data, port = folder / "data", free_port()
    said = who.run([str(PROGRAMS / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"])
    assert said.returncode == 0, said.stderr
    (data / "pg_hba.conf").write_text(HBA)
    process = start(who, folder, data, port)
    try:
        serving.until((folder / f".s.PGSQL.{port}").exists, "the server's socket")
        psql = [str(PROGRAMS / "psql"), "-h", str(folder), "-p", str(port), "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
        serving.until(lambda: who.run([*psql, "-c", "SELECT 1"]).returncode == 0, "a server that answers")
        said = who.run([*psql, "-c", ROLE, "-c", DATABASE])
        assert said.returncode == 0, said.stderr
        yield TlsServer(port, folder / "authority.crt", folder / "stranger.crt")
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


def start(who: Account, folder: Path, data: Path, port: int) -> subprocess.Popen[bytes]:
    files = {"ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}
    options = {**OPTIONS, **{name: str(folder / file) for name, file in files.items()}, "port": str(port)}
    options["unix_socket_directories"] = str(folder)
    is_root = os.geteuid() == 0
    return subprocess.Popen(
        [str(PROGRAMS / "postgres"), "-D", str(data), *(w for o in options.items() for w in ("-c", "=".join(o)))],
        cwd="/",
        env=ENVIRONMENT,
        user=who.uid if is_root else None,
        group=who.gid if is_root else None,
        extra_groups=[who.gid] if is_root else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
