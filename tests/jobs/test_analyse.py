"""The job that analyses MIDI files: what it saves with each chunk, what it tells, and how it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog import music_analysis
from catalog.transaction import Writer
from database.session import Session
from domain.enums import JobLogLevel
from domain.viewer import UNRESTRICTED, Viewer
from jobs.analyse import ANALYSE_MIDI, AnalyseParameters, run_analyse
from jobs.kind import JobCounts, JobStopped, StopReason
from jobs.kinds import KINDS
from jobs.parameters import from_values
from providers.services import OutsideServices
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_media_file
from tests.support.midi_files import midi, note


class Context:
    """What a run is given, which notes what it is told."""

    run_id = 1
    services: OutsideServices  # none is called

    def __init__(
        self, session: Session, state: Mapping[str, Any] | None = None, stops_after: int | None = None
    ) -> None:
        self.session = session
        self.viewer: Viewer = UNRESTRICTED
        self.state: Mapping[str, Any] = state or {}
        self.counts = JobCounts()
        self.saved: list[tuple[Mapping[str, Any], JobCounts]] = []
        self.lines: list[tuple[str, JobLogLevel]] = []
        self.told: list[JobCounts] = []
        self.stops_after = stops_after

    async def save(self, writer: Writer, state: Mapping[str, Any], counts: JobCounts, report: Any = None) -> None:
        assert writer.name == music_analysis.NAME_OF_ANALYSIS
        self.saved.append((state, counts))

    def progress(self, counts: JobCounts, total: int | None = None, item: str = "") -> None:
        self.told.append(counts)
        if len(self.told) == self.stops_after:
            raise JobStopped(StopReason.CANCEL)

    def step(self, name: str) -> None:
        raise AssertionError

    def log(self, line: str, level: JobLogLevel = JobLogLevel.INFO) -> None:
        self.lines.append((line, level))

    def check(self) -> None:
        raise AssertionError


@pytest.fixture
async def session(api: Api, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Session]:
    """A session; chunks are of two media."""
    monkeypatch.setattr(music_analysis, "CHUNK_OF_MEDIA", 2)
    opened = Session(api.pool)
    yield opened
    await opened.close()


async def add_tracks(connection: Any, folder: Path, *contents: bytes) -> None:
    await add_library(connection, kind="TRACK")
    for place, data in enumerate(contents, 1):
        path = folder / f"{place}.mid"
        path.write_bytes(data)
        await add_media(connection, 1, kind="TRACK")
        await add_media_file(connection, place, str(path), container="mid")


async def test_facts_are_stored_with_the_place_to_go_on_from(session: Session, connection: Any, tmp_path: Path) -> None:
    await add_tracks(connection, tmp_path, midi(note()), b"broken", midi(note()))
    context = Context(session)

    line = await run_analyse(context, AnalyseParameters())

    assert line == "2 analysed, 1 that cannot be."
    assert [(state, counts.succeeded, counts.failed, dict(counts.by_code)) for state, counts in context.saved] == [
        ({"after": 2}, 1, 1, {"UNREADABLE": 1}),
        ({"after": 3}, 2, 1, {"UNREADABLE": 1}),
    ]
    assert context.told == [counts for _, counts in context.saved]
    reason = "the file does not begin with a MIDI header"
    assert context.lines == [(f"media_2, {tmp_path / '2.mid'}: {reason}", JobLogLevel.WARNING)]
    assert await connection.fetchval("SELECT array_agg(media_id ORDER BY 1) FROM music") == [1, 3]


async def test_a_run_that_is_stopped_has_stored_its_chunks_and_goes_on_behind_them(
    session: Session, connection: Any, tmp_path: Path
) -> None:
    await add_tracks(connection, tmp_path, *[midi(note())] * 5)
    stopped = Context(session, stops_after=1)
    parameters = AnalyseParameters(media=[1, 2, 3, 4, 5])

    with pytest.raises(JobStopped):
        await run_analyse(stopped, parameters)
    first = await connection.fetchval("SELECT array_agg(media_id ORDER BY 1) FROM music")
    rest = Context(session, state=stopped.saved[-1][0])
    await run_analyse(rest, parameters)

    assert first == [1, 2]
    assert rest.told[-1].succeeded == 3
    assert await connection.fetchval("SELECT count(*) FROM music") == 5


def test_it_is_a_kind_of_job_whose_runs_over_all_media_exclude_each_other() -> None:
    assert KINDS["analyse"] is ANALYSE_MIDI
    assert ANALYSE_MIDI.exclusive_key(AnalyseParameters()) == "analyse"
    assert ANALYSE_MIDI.exclusive_key(from_values(AnalyseParameters, {"media": ["media_3"]})) is None
