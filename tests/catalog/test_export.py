"""A catalogue written as JSON lines and imported into an empty one is the same catalogue."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.errors import StartError
from app.process.export import export_media
from catalog.export import Unescaped, export_statement
from catalog.importing.plan import ImportPlan
from catalog.importing.run import run_import
from catalog.upsert.item import PersonKey
from catalog.upsert.lists import LISTS
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.viewer import UNRESTRICTED
from sources.json_lines import open_json_lines
from tests.support.databases import clone, drop
from tests.support.factories import add_library
from tests.support.importing import Told, catalogue, movie, movies, run
from tests.support.upserting import FULL

ODD = 'a "quoted" \\ back\\\\slash, tab\t, line\nend, é, 日本, \U0001f600, \\N \\. </script>'

# Two of one name, whom their ids tell apart, and one of several ids.
ODD_PEOPLE = [
    PersonKey("Ann", (("imdb", "nm1"),)),
    PersonKey("Ann", (("imdb", "nm2"), ("url", "http://a:1"))),
    PersonKey('Zoe \\ "é"', (("x", "\\N"), ("x", "2"))),
]


def known_actor(person: PersonKey) -> dict[str, Any]:
    return {"person_id": person, "role": "ACTOR"}


async def full_catalogue(args: ConnectArgs) -> None:
    items = [
        movie("series", "Series", kind="SERIES"),
        movie("season", "Season", kind="SEASON", season_number=1, parent="series"),
        movie("e1", "Episode", kind="EPISODE", season_number=1, episode_number=1, parent="season"),
        movie("e2", "Episode", kind="EPISODE", season_number=1, episode_number=2, parent="series"),
        movie(
            "odd",
            ODD.replace("\n", "").replace("\t", ""),
            overview=ODD,
            metadata={ODD: [1, 1.0, None, {"a": ODD}], "none": None},
            rating_tenths=73,
        ),
        movie("full", **FULL, year=5, original_title="Ä"),
        movie("people", "People", credits=[*map(known_actor, ODD_PEOPLE)]),
        *movies(30, tags=["b", "a"], collections=[{"collection_id": "Box"}]),
    ]
    told = Told()
    counts = await run(args, items, told)
    assert (counts.created, told.failures) == (37, [])


@pytest.fixture
async def empty(server_url: str, prefix: str, template: str) -> Any:
    name = f"{prefix}_empty_{uuid4().hex[:8]}"
    yield await clone(server_url, template, name)
    await drop(server_url, name)


async def imported(args: ConnectArgs, path: Path, chunk: int) -> Any:
    """An empty catalogue after the import of a file."""
    connection = await asyncpg.connect(**args.kwargs())
    await add_library(connection, kind=None)
    plan = ImportPlan(1, "jsonl", str(path), match_by=(), chunk=chunk)
    told = Told()
    async with open_session(args) as session:
        counts = await run_import(session, UNRESTRICTED, open_json_lines(str(path), {}), plan, told)
    assert (counts.created, told.failures) == (37, [])
    found = await catalogue(connection)
    await connection.close()
    return found


async def test_a_catalogue_that_is_exported_and_imported_is_the_same(
    writer: ConnectArgs, connection: Any, empty: ConnectArgs, tmp_path: Path
) -> None:
    await add_library(connection, kind=None)
    await full_catalogue(writer)
    path = tmp_path / "catalogue.jsonl"

    assert await export_media(writer, None, path) == 37

    assert [one.name for one in tmp_path.iterdir()] == ["catalogue.jsonl"]
    told, found = await catalogue(connection), await imported(empty, path, 7)
    del told["import_item"], found["import_item"]  # keys are the file's
    assert found == told
    assert all(told[of.table] for of in LISTS)
    assert len(told["person_external_id"]) == 5


async def test_only_a_library_is_exported_where_that_is_asked_for(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    await add_library(connection, kind=None)
    await add_library(connection, "Other")
    await run(writer, movies(3))
    await run(writer, movies(2, 3), library=2)
    assert await export_media(writer, "óther", tmp_path / "a") == 2
    assert await export_media(writer, None, tmp_path / "b") == 5


async def test_a_pipe_is_written_to_and_a_link_is_kept(writer: ConnectArgs, connection: Any, tmp_path: Path) -> None:
    await add_library(connection, kind=None)
    await run(writer, movies(3))
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "real")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert await export_media(writer, None, pipe) == 3
    assert os.read(reader, 100_000).count(b"\n") == 3
    os.close(reader)
    assert await export_media(writer, None, link) == 3
    assert (pipe.is_fifo(), link.is_symlink(), (tmp_path / "real").is_file()) == (True, True, True)
    with pytest.raises(StartError, match="cannot be written"):
        await export_media(writer, None, tmp_path)


def test_every_column_of_an_item_is_exported() -> None:
    text = export_statement()
    for of in LISTS:
        for one in of.fields:
            assert one.column.startswith("folded_") or re.search(rf"\bt\.{one.column}\b", text), (of.name, one.column)


@pytest.mark.parametrize("size", range(1, 12))
async def test_backslashes_are_read_from_pieces_of_any_size(size: int) -> None:
    text = b'{"a": "\\\\n \\\\\\\\ \\\\\\"x"}\n'
    found = b""

    async def write(piece: bytes) -> None:
        nonlocal found
        found += piece

    out = Unescaped(write)
    escaped = text.replace(b"\\", b"\\\\")
    for at in range(0, len(escaped), size):
        await out.write(escaped[at : at + size])
    assert found == text
