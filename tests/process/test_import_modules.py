"""What `python -m app import` loads: no libraries that the format at hand does without."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.connect_args import ConnectArgs
from tests.support.import_command import imported, write

NEVER = {"engine", "graphql", "strawberry", "schema", "aiocache", "redis", "starlette", "uvicorn", "opentelemetry"}
FOLDER = {"babelfish", "defusedxml"}
HTTP = {"aiohttp"}


def loaded(args: ConnectArgs, location: object, status: int, *options: str) -> set[str]:
    """The packages that a command has imported."""
    done = imported(args, location, "--library", "Films", *options, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == status, done.stderr[-2_000:]
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "catalog.importing.run" in names
    return {name.partition(".")[0] for name in names}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Alien (1979).mkv").write_bytes(b"video")
    (tmp_path / "Alien (1979).en.srt").write_bytes(b"words")
    return tmp_path


def test_an_import_of_a_file_loads_neither_the_engine_nor_what_other_sources_need(
    writer: ConnectArgs, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", ["Alien"])
    assert loaded(writer, path, 0) & (NEVER | FOLDER | HTTP | {"charset_normalizer", "symusic"}) == set()


def test_an_import_of_a_folder_loads_what_reads_folders(writer: ConnectArgs, folder: Path) -> None:
    assert loaded(writer, folder, 0, "--option", "workers=1") & (NEVER | FOLDER | HTTP) == FOLDER


def test_an_import_over_http_loads_what_asks_for_it(writer: ConnectArgs) -> None:
    found = loaded(writer, "http://127.0.0.1:1/", 3, "--format", "jellyfin")
    assert found & (NEVER | FOLDER | HTTP) == HTTP
