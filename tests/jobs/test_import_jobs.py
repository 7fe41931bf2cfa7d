"""The jobs that import: where they may read, what the run is told, how they stop and go on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings, variable
from catalog.transaction import Writer
from database.connect_args import ConnectArgs
from database.open_session import open_session
from database.session import Session
from domain.enums import JobLogLevel
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED, Viewer
from jobs import import_places
from jobs.import_media import IMPORT
from jobs.import_places import ImportPlaces
from jobs.kind import JobContext, JobCounts, JobKind, JobStopped, StopReason
from jobs.parameters import from_values
from jobs.prune import PRUNE_SOURCES
from jobs.resync import RESYNC
from providers.services import OutsideServices
from tests.support.factories import add_library


class Context:
    """A run as its kind sees it, kept in memory. stops_after: chunks after which it is asked to stop."""

    run_id = 1
    services: OutsideServices  # none is called

    def __init__(self, session: Session, viewer: Viewer = UNRESTRICTED) -> None:
        self.session = session
        self.viewer = viewer
        self.state: Mapping[str, Any] = {}
        self.counts = JobCounts()
        self.lines: list[str] = []
        self.steps: list[str] = []
        self.stops_after: int | None = None

    async def save(self, writer: Writer, state: Mapping[str, Any], counts: JobCounts, report: Any = None) -> None:
        self.state, self.counts = json.loads(json.dumps(state)), counts

    def progress(self, counts: JobCounts, total: int | None = None, item: str = "") -> None:
        if self.stops_after is not None:
            self.stops_after -= 1
        if self.stops_after == 0:
            raise JobStopped(StopReason.PAUSE)

    def step(self, name: str) -> None:
        self.steps.append(name)

    def log(self, line: str, level: JobLogLevel = JobLogLevel.INFO) -> None:
        self.lines.append(line)

    def check(self) -> None:
        pass


@pytest.fixture
async def context(writer: ConnectArgs, connection: Any) -> AsyncIterator[Context]:
    await add_library(connection, kind=None)
    async with open_session(writer) as session:
        yield Context(session)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that may be read, beside one that may not."""
    (tmp_path / "media").mkdir()
    (tmp_path / "other").mkdir()
    monkeypatch.setenv(import_places.FOLDERS, f"/nowhere:{tmp_path / 'media'}")
    monkeypatch.setenv(import_places.HOSTS, "tv.example.org, 10.0.0.1:8096")
    monkeypatch.setenv(import_places.CHUNK_SIZE, "3")
    return tmp_path / "media"


def write(path: Path, titles: list[str], *lines: str) -> Path:
    path.write_text("\n".join([*(json.dumps({"key": title, "title": title}) for title in titles), *lines]) + "\n")
    return path


async def run(kind: JobKind[Any], context: Context, **values: Any) -> str | None:
    parameters = from_values(kind.parameters, {"library": "library_1", **values})
    kind.check(parameters)
    given: JobContext = context
    return await kind.run(given, parameters)


async def refused(kind: JobKind[Any], context: Context, **values: Any) -> str:
    with pytest.raises(CatalogError) as raised:
        await run(kind, context, **values)
    return str(raised.value.extensions["code"])


async def count(connection: Any) -> int:
    return int(await connection.fetchval("SELECT count(*) FROM media"))


async def test_a_file_is_imported_and_failures_stand_in_the_log(
    context: Context, connection: Any, folder: Path
) -> None:
    path = write(folder / "a.jsonl", list("ABCDE"), "{broken")

    assert await run(IMPORT, context, location=str(path)) == "5 created, 1 failed"

    assert context.counts == JobCounts(5, 1, {"created": 5}, {"UNREADABLE": 1})
    assert context.lines[0] == "The format is jsonl: its lines are JSON objects."
    assert context.lines[1].startswith("line 6: UNREADABLE: This is no JSON")
    assert await count(connection) == 5


async def test_a_run_that_was_stopped_goes_on(context: Context, connection: Any, folder: Path) -> None:
    path = write(folder / "a.jsonl", list("ABCDEFGH"))
    context.stops_after = 1
    with pytest.raises(JobStopped):
        await run(IMPORT, context, location=str(path))
    assert (await count(connection), context.counts.succeeded) == (3, 3)

    context.stops_after = None
    assert await run(IMPORT, context, location=str(path)) == "8 created"
    assert "Going on after 3 items of an import that was interrupted." in context.lines
    assert context.counts == JobCounts(8, 0, {"created": 8}, {})


async def test_what_was_imported_is_read_again_and_what_is_gone_is_pruned(
    context: Context, connection: Any, folder: Path
) -> None:
    one, two = write(folder / "1.jsonl", list("ABCD")), write(folder / "2.jsonl", list("XY"))
    for path in (one, two):
        await run(IMPORT, context, location=str(path))
    write(one, list("ACDE"))
    context = Context(context.session)

    assert await run(RESYNC, context) == "1 created, 5 unchanged"
    assert context.steps == [str(one), str(two)]
    assert await refused(PRUNE_SOURCES, Context(context.session), maxPrune=19) == "PRUNE_REFUSED"
    preview = Context(context.session)
    assert await run(PRUNE_SOURCES, preview, maxPrune=50) == "6 unchanged, 1 pruned"
    assert "1 of 5 items are gone from the source: B (B)" in preview.lines
    assert await count(connection) == 7
    context = Context(context.session)
    assert await run(PRUNE_SOURCES, context, maxPrune=50, preview=False, location=str(one)) == "4 unchanged, 1 pruned"
    assert await count(connection) == 6


async def test_a_source_that_cannot_be_read_does_not_keep_the_others_from_being_read(
    context: Context, connection: Any, folder: Path
) -> None:
    paths = [write(folder / f"{name}.jsonl", list(name)) for name in ("ABC", "XYZ")]
    for path in paths:
        await run(IMPORT, context, location=str(path))
    paths[0].unlink()
    write(paths[1], list("XYZQ"))
    context = Context(context.session)

    assert await refused(RESYNC, context) == "SOURCE_UNREADABLE"

    assert await count(connection) == 7
    assert f"{paths[0]} is not there." in context.lines
    assert context.lines[-1] == "1 created, 3 unchanged"


async def test_sources_that_were_read_before_a_stop_are_not_read_again(
    context: Context, connection: Any, folder: Path
) -> None:
    paths = [write(folder / f"{name}.jsonl", list(name)) for name in ("ABC", "XYZ")]
    for path in paths:
        await run(IMPORT, context, location=str(path))
    write(paths[1], list("XYQ"))
    context = Context(context.session)
    context.stops_after = 2
    with pytest.raises(JobStopped):
        await run(RESYNC, context)
    context.stops_after = None
    context.steps.clear()
    assert await run(RESYNC, context) == "1 created, 5 unchanged"
    assert context.steps == [str(paths[1])]


@pytest.mark.parametrize(
    "location",
    [
        "{other}/a.jsonl",
        "{folder}/../other/a.jsonl",
        "{folder}x/a.jsonl",
        "a.jsonl",
        "/etc/passwd",
        "{folder}/link/a.jsonl",
        "{folder}/file.jsonl",
        "http://example.org/",
        "http://tv.example.org.evil.org/",
        "http://evil.org@tv.example.org/",
        "http://10.0.0.1/",
        "http://[/",
        "file:///etc/passwd",
    ],
)
async def test_what_lies_outside_of_the_allowed_places_is_refused(
    location: str, context: Context, folder: Path
) -> None:
    other = folder.parent / "other"
    write(other / "a.jsonl", ["A"])
    (folder / "link").symlink_to(other)
    (folder / "file.jsonl").symlink_to(other / "a.jsonl")
    assert await refused(IMPORT, context, location=location.format(folder=folder, other=other)) == "FORBIDDEN"


@pytest.mark.parametrize("option", ["ffprobe=/bin/sh", "links=follow", "workers=64", "folder=/tmp"])
async def test_options_that_run_programs_or_leave_the_folder_are_of_the_command_alone(
    option: str, context: Context, folder: Path
) -> None:
    named = {"location": str(folder), "format": "media-folder"}
    assert await refused(IMPORT, context, **named, options=[option]) == "FORBIDDEN"
    assert await refused(IMPORT, context, location=str(folder), options=["extras=skip", option]) == "FORBIDDEN"
    await run(IMPORT, context, **named, options=["extras=skip"])


def test_hosts_that_are_allowed_are_let_through() -> None:
    places = ImportPlaces(hosts=frozenset({"tv.example.org", "10.0.0.1:8096"}))
    for location in ("http://tv.example.org/", "https://TV.example.org:8920/web", "http://10.0.0.1:8096"):
        places.check(location)


async def test_without_settings_nothing_may_be_read(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(import_places.FOLDERS, raising=False)
    monkeypatch.delenv(import_places.HOSTS, raising=False)
    assert await refused(IMPORT, context, location=str(write(tmp_path / "a.jsonl", ["A"]))) == "FORBIDDEN"
    assert await refused(IMPORT, context, location="http://127.0.0.1/") == "FORBIDDEN"


async def test_sources_that_cannot_be_read_and_wrong_parameters_are_refused(context: Context, folder: Path) -> None:
    assert await refused(IMPORT, context, location=str(folder / "none.jsonl")) == "SOURCE_UNREADABLE"
    place = str(write(folder / "a.jsonl", ["A"]))
    for wrong in ({"options": ["x"]}, {"maxPrune": 101}, {"matchBy": ["PATH", "PATH"]}, {"matchBy": ["ID"]}):
        assert await refused(IMPORT, context, location=place, **wrong) == "BAD_ARGUMENT"
    assert await refused(RESYNC, context) == "NOT_FOUND"
    assert await refused(IMPORT, Context(context.session, Viewer((9,))), location=place) == "NOT_FOUND"


def test_settings_have_the_names_that_workers_read() -> None:
    names = (import_places.FOLDERS, import_places.HOSTS, import_places.CHUNK_SIZE)
    assert names == tuple(map(variable, ("import_folders", "import_hosts", "import_chunk")))
    assert Settings.model_fields["import_chunk"].default == import_places.chunk_size({})


async def test_new_items_find_media_by_what_their_format_says(
    context: Context, connection: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (folder / "tunes" / name).mkdir(parents=True)
        (folder / "tunes" / name / "jig.mid").write_bytes(name.encode())
    given: dict[str, Any] = {"location": str(folder / "tunes"), "format": "midi", "options": ["analyse=no"]}

    # Titles are names of files, and the two are two.
    assert await run(IMPORT, context, **given) == "2 created"
    assert await connection.fetchval("SELECT plan -> 'match_by' FROM import_source") == '["PATH"]'
    await run(IMPORT, context, **given, matchBy=["TITLE"])
    assert await connection.fetchval("SELECT plan -> 'match_by' FROM import_source") == '["TITLE"]'


@pytest.mark.parametrize(
    ("format", "options", "message"),
    [
        ("csv", ["colour=red"], "The format csv has no option colour. It has map, delimiter, encoding, rating-scale."),
        ("csv", ["rating-scale=0"], "rating-scale is the best rating that there is, for example 5."),
        ("csv", ["delimiter=;;"], "The delimiter is one letter, for example ;."),
        ("csv", ["map=title"], None),
        ("csv", ["encoding=utf-9"], "There is no encoding utf-9: utf-8, utf-16 and cp1252 are some."),
        ("jsonl", ["encoding=utf-9"], "There is no encoding utf-9: utf-8, utf-16 and cp1252 are some."),
        ("media-folder", ["extras=all"], "extras=all: one of skip, clips is needed here."),
        ("midi", ["analyse=perhaps"], "analyse is yes or no, not perhaps."),
        ("jellyfin", ["page=0"], "page is a number of items from 1 to 1000."),
        ("jellyfin", ["page=\u0663"], "page is a number of items from 1 to 1000."),
        ("none", [], None),
        (None, ["colour=red"], "No format has an option colour."),
        (None, ["page=x"], "page is a number of items from 1 to 1000."),
        (None, ["map=title=Name", "page=5"], None),
    ],
)
async def test_options_are_refused_before_a_run_is_queued(
    folder: Path, format: str | None, options: list[str], message: str | None
) -> None:
    values = {"library": "library_1", "location": str(folder), "format": format, "options": options}
    with pytest.raises(CatalogError) as raised:
        IMPORT.check(from_values(IMPORT.parameters, values))
    assert raised.value.extensions["code"] == "BAD_ARGUMENT"
    assert message is None or str(raised.value) == message


@pytest.mark.parametrize("options", [["encoding=cp1251", "rating-scale=5"], ["delimiter=\\t", "map=title=Name"]])
async def test_options_that_hold_are_taken(folder: Path, options: list[str]) -> None:
    for format in ("csv", None):
        values = {"library": "library_1", "location": str(folder), "format": format, "options": options}
        IMPORT.check(from_values(IMPORT.parameters, values))


async def test_a_source_whose_stored_options_hold_no_more_is_told_and_the_others_are_read(
    context: Context, connection: Any, folder: Path
) -> None:
    one, other = write(folder / "a.jsonl", ["A"]), write(folder / "b.jsonl", ["B"])
    await run(IMPORT, context, location=str(one), options=["encoding=utf-8"])
    await run(IMPORT, context, location=str(other))
    changed = "UPDATE import_source SET plan = jsonb_set(plan, '{options}', $1::jsonb) WHERE location = $2"
    await connection.execute(changed, '{"colour": "red"}', str(one))
    write(other, ["B", "C"])

    with pytest.raises(CatalogError) as raised:
        await run(RESYNC, context)
    assert raised.value.extensions["code"] == "SOURCE_UNREADABLE"
    assert str(raised.value) == (
        f"{one} cannot be read as its last import was told to. The format jsonl has no option colour. It has encoding. "
        "Import it with others."
    )
    assert str(raised.value) in context.lines
    assert await count(connection) == 3
