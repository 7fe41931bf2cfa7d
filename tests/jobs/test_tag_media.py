"""The job that tags media: which it takes, what it writes and says, and how it waits."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from catalog.process import MAX_PROCESSES
from catalog.tagging import TAGGER_PROCESS
from database.connect_args import ConnectArgs
from domain.enums import MediaKind
from domain.errors import CatalogError, Code
from domain.viewer import Viewer
from jobs import waits
from jobs.kinds import KINDS
from jobs.parameters import from_values
from jobs.tag_media import TAG_MEDIA, TagParameters
from jobs.tagger_calls import FIRST_FAILURES
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.provider import RateLimit
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.faulty_server import Behaviour, answer, not_http, redirect, reset, status, truncate
from tests.support.jobs import queue, run_to_end, until_status, working
from tests.support.metadata_server import without_pauses
from tests.support.tagger_server import TaggerServer, add_untagged, tagger_server, tagger_services, until_so

TAGS = """
SELECT t.name FROM media_tag x JOIN tag t ON t.id = x.tag_id WHERE x.media_id = $1 ORDER BY t.name
"""
CATEGORIES = "SELECT category, value FROM categorisation WHERE media_id = $1 ORDER BY 1, 2"
MARKED = "SELECT media_id FROM process_timestamp WHERE process = 'tagger' ORDER BY media_id"
MARK_BEFORE = "INSERT INTO process_timestamp VALUES ($1, 'tagger', now() - make_interval(days => $2))"


@pytest.fixture
async def tagger() -> AsyncIterator[TaggerServer]:
    async with tagger_server() as server:
        with without_pauses():
            yield server


async def lines_with(connection: Any, words: str, number: int = 1) -> list[str]:
    """The lines of logs with some words: a heartbeat may write them after the end of their run."""
    found: list[str] = []

    async def are_there() -> bool:
        lines = [row[0] for row in await connection.fetch("SELECT line FROM job_log ORDER BY id")]
        found[:] = [line for line in lines if words in line]
        return len(found) >= number

    await until_so(are_there)
    return found


async def marked(connection: Any) -> list[int]:
    return [row[0] for row in await connection.fetch(MARKED)]


async def test_media_have_tags_and_categories_beside_what_they_had_and_are_sent_once(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    """Names go through aliases and the rules of normalisation; each is known by its first spelling."""
    await connection.execute("INSERT INTO setting (key, value) VALUES ('normalisation.tags', '[\"SEPARATORS\"]')")
    library = await add_library(connection)
    old, sci_fi = await add_name(connection, "tag", "old"), await add_name(connection, "tag", "Science Fiction", "sf")
    await add_untagged(connection, 45, library)
    await mark(connection, "tag", 1, old)
    tagger.says["media_1"] = {"id": "media_1", "tags": ["SF", "science fiction", "film_noir", "Film Noir"]}
    async with tagger_services(tagger, writer) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())
        again = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())

    assert (row["status"], row["succeeded"], row["failed"], row["total"]) == ("SUCCEEDED", 45, 0, 45), row["error"]
    assert json.loads(row["counts"]) == {"updated": 45}
    assert (again["succeeded"], again["failed"], again["total"]) == (0, 0, 0)
    assert sorted(map(len, tagger.sent)) == [5, 20, 20]
    assert [one[0] for one in await connection.fetch(TAGS, 1)] == ["Film Noir", "Science Fiction", "old"]
    assert [one[0] for one in await connection.fetch(TAGS, 2)] == ["film", "of Film 2"]
    assert [tuple(one) for one in await connection.fetch(CATEGORIES, 2)] == [("mood", "dark")]
    assert await marked(connection) == list(range(1, 46))
    assert await connection.fetchval("SELECT name FROM tag WHERE id = $1", sci_fi) == "Science Fiction"
    assert await lines_with(connection, "45 tagged, 0 that could not be.")


CHOICES: list[tuple[TagParameters, list[int]]] = [
    (TagParameters(), [1, 4, 5]),
    (TagParameters(older_than_days=30), [1, 3, 4, 5]),
    (TagParameters(older_than_days=0), [1, 2, 3, 4, 5]),
    (TagParameters(library_id=2), [5]),
    (TagParameters(kind=MediaKind.CLIP), [4]),
    (TagParameters(media=[2, 5, 5, 99]), [2, 5]),
    (TagParameters(media=[2, 5], library_id=1), [2]),
]


@pytest.mark.parametrize(("parameters", "expected"), CHOICES)
async def test_what_needs_it_is_tagged(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any, parameters: TagParameters, expected: list[int]
) -> None:
    await add_library(connection), await add_library(connection, "Clips", None)
    await add_untagged(connection, 3, 1)
    await add_media(connection, 1, kind="CLIP")
    await add_media(connection, 2)
    await connection.execute(MARK_BEFORE, 2, 5)
    await connection.execute(MARK_BEFORE, 3, 50)
    await connection.execute("INSERT INTO process_timestamp VALUES (1, 'another', now())")
    async with tagger_services(tagger, writer) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, parameters)
    assert (row["succeeded"], row["failed"], row["total"]) == (len(expected), 0, len(expected))
    assert [id for ids in tagger.sent for id in ids] == [f"media_{id}" for id in expected]


async def test_a_viewer_has_the_media_tagged_that_they_may_change(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    for name in ("a", "b"):
        await add_untagged(connection, 2, await add_library(connection, name))
    async with tagger_services(tagger, writer) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters(library_id=2), Viewer((2,)))
    assert (row["succeeded"], await marked(connection)) == (2, [3, 4])


FAULTS: list[tuple[Behaviour, str, int]] = [
    # Tried 4 times by the client; the batch of three, its halves of one and two, and those of the latter.
    (status(500), "PROVIDER_UNAVAILABLE", 4 * 3),
    (status(413), "PROVIDER_REFUSED", 3),
    (status(422), "PROVIDER_REFUSED", 3),
    (answer(b"<html>", Content_Type="text/html"), "PROVIDER_BAD_ANSWER", 3),
    (answer(b'{"media": 1}'), "PROVIDER_BAD_ANSWER", 3),
    (not_http, "PROVIDER_BAD_ANSWER", 3),
    (redirect("http://169.254.169.254/"), "PROVIDER_BAD_ANSWER", 3),
    (answer(b" " * 5_000_000), "ANSWER_TOO_LARGE", 3),
]


@pytest.mark.parametrize(("behaviour", "code", "calls"), FAULTS)
async def test_a_fault_that_a_media_causes_is_its_own(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any, behaviour: Behaviour, code: str, calls: int
) -> None:
    await add_untagged(connection, 3, await add_library(connection))
    tagger.lasting["media_3"] = behaviour
    async with tagger_services(tagger, writer, batch=3) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 2, 1), row["error"]
    assert json.loads(row["failures"]) == {code: 1}
    assert len(await lines_with(connection, f"media_3: {code}: ")) == 1
    assert sum("media_3" in ids for ids in tagger.sent) == calls
    assert await marked(connection) == [1, 2]


@pytest.mark.parametrize("behaviour", [status(503), reset, truncate])
async def test_a_fault_that_no_media_causes_fails_its_batch_after_three_rounds(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any, behaviour: Behaviour
) -> None:
    await add_untagged(connection, 4, await add_library(connection))
    tagger.lasting["media_3"] = behaviour
    async with tagger_services(tagger, writer, batch=2) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 2, 2)
    assert json.loads(row["failures"]) == {"PROVIDER_UNAVAILABLE": 2}
    assert Counter(map(tuple, tagger.sent)) == {("media_1", "media_2"): 1, ("media_3", "media_4"): 12}


@pytest.mark.parametrize("code", [401, 403, 404, 405])
async def test_a_tagger_that_is_not_set_up_well_ends_the_run_and_no_media_fails(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any, code: int
) -> None:
    await add_untagged(connection, 4, await add_library(connection))
    tagger.server.behaviours["/tag"] = [status(code)]
    async with tagger_services(tagger, writer, batch=2) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())
    assert (row["status"], row["error_code"]) == ("FAILED", "PROVIDER_REFUSED")
    assert (row["succeeded"], row["failed"], await marked(connection)) == (0, 0, [])


async def test_a_tagger_that_has_never_answered_is_not_asked_for_all(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    await add_untagged(connection, 300, await add_library(connection))
    tagger.server.behaviours["/tag"] = [answer(b"<html>")]
    async with tagger_services(tagger, writer, batch=4, limits=RateLimit(1_000, 1, 2)) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())
    assert (row["status"], row["error_code"]) == ("FAILED", "PROVIDER_BAD_ANSWER")
    assert len(tagger.server.asked) <= FIRST_FAILURES + 2


# As by itself, but for its pauses.
def quick_breaker() -> CircuitBreaker:
    return CircuitBreaker(BreakerOptions(pause=0.01, longest_pause=0.01))


@pytest.mark.parametrize("behaviour", [reset, status(503)])
async def test_a_run_against_a_dead_tagger_ends(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though each try that the circuit breaker lets through opens it again."""
    monkeypatch.setattr(waits, "LONGEST_WAIT", 0.01)
    await add_untagged(connection, 100, await add_library(connection))
    tagger.server.behaviours["/tag"] = [behaviour]
    async with tagger_services(tagger, writer, batch=4, breaker=quick_breaker()) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())
    assert (row["status"], row["error_code"]) == ("FAILED", "PROVIDER_UNAVAILABLE")
    assert "not called for" not in row["error"]


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [(status(429, Retry_After="3000"), "PROVIDER_LIMITED"), (status(503, Retry_After="3000"), "PROVIDER_UNAVAILABLE")],
)
async def test_a_tagger_that_is_left_alone_for_too_long_ends_the_run_and_no_media_fails(
    tagger: TaggerServer,
    writer: ConnectArgs,
    connection: Any,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    code: str,
) -> None:
    monkeypatch.setattr(waits, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(waits, "LONGEST_PATIENCE", 0.1)
    await add_untagged(connection, 8, await add_library(connection))
    tagger.server.behaviours["/tag"] = [behaviour]
    async with tagger_services(tagger, writer, batch=4) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())
    assert (row["status"], row["error_code"]) == ("FAILED", code)
    assert (row["succeeded"], row["failed"], await marked(connection)) == (0, 0, [])


async def test_while_the_tagger_is_left_alone_the_run_waits_and_no_media_fails(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    await add_untagged(connection, 40, await add_library(connection))
    tagger.faults["media_1"] = [status(429, Retry_After="1")]
    tagger.faults["media_21"] = [status(503)] * 2
    breaker = CircuitBreaker(BreakerOptions(failures=2, pause=0.01, longest_pause=0.02))
    limits = RateLimit(1_000, 1, 1)
    async with tagger_services(tagger, writer, breaker=breaker, attempts=1, limits=limits) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 40, 0), json.loads(row["failures"])
    assert await lines_with(connection, "Waiting: tagger says that it was called too often: try again later.")


async def test_what_the_catalogue_cannot_take_is_a_reason(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    await add_untagged(connection, 6, await add_library(connection))
    full = "INSERT INTO process_timestamp SELECT 2, 'p' || n, now() FROM generate_series(1, $1::integer) n"
    await connection.execute(full, MAX_PROCESSES)
    tagger.says["media_1"] = {"id": "media_1", "error": "It has no overview."}
    tagger.says["media_3"] = {"id": "media_3", "tags": ["  "]}
    tagger.says["media_4"] = {"id": "media_4", "tags": [f"tag {n}" for n in range(256)]}
    tagger.says["media_6"] = {"id": "media_6"}
    await mark(connection, "tag", 4, await add_name(connection, "tag", "x"))
    tagger.gates = []
    run = await queue(writer, TAG_MEDIA, TagParameters())
    async with tagger_services(tagger, writer) as services, working(writer, kinds=KINDS, services=services):
        await until_so(lambda: len(tagger.sent) > 0)
        await connection.execute("DELETE FROM media WHERE id = 5")
        tagger.gates[0].set()
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 1, 5)
    assert json.loads(row["counts"]) == {"unchanged": 1}
    assert json.loads(row["failures"]) == {"PROVIDER_REFUSED": 1, "TOO_MANY": 2, "BAD_ARGUMENT": 1, "NOT_FOUND": 1}
    assert await lines_with(connection, "media_1: PROVIDER_REFUSED: tagger: It has no overview.")
    assert await marked(connection) == [6]


async def test_a_thousand_media_with_random_faults_end_in_success_or_a_reason(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    """Each fifth media has a fault: half of them once, half of them each time."""
    ids = await add_untagged(connection, 1_000, await add_library(connection))
    draw = random.Random(7)
    bad = draw.sample(ids[100:], 200)
    for id in bad[:100]:
        tagger.lasting[id] = draw.choice([answer(b"<html>"), status(400), answer(b"[]"), status(422)])
    for id in bad[100:]:
        tagger.faults[id] = [draw.choice([status(500), status(503), reset, truncate])]
    async with tagger_services(tagger, writer, batch=20, limits=RateLimit(1_000, 1, 8)) as services:
        row = await run_to_end(writer, connection, services, TAG_MEDIA, TagParameters())

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 900, 100), row["error"]
    assert sum(json.loads(row["failures"]).values()) == 100
    assert await marked(connection) == sorted(int(id[6:]) for id in set(ids) - set(bad[:100]))
    assert sorted(line.split(":")[0] for line in await lines_with(connection, "media_", 100)) == sorted(bad[:100])
    assert tagger.server.most_running <= 8


@pytest.mark.parametrize(
    "values", [{"olderThanDays": -1}, {"kind": "SONG"}, {"media": ["media_1"], "olderThanDays": 1}]
)
def test_parameters_that_make_no_sense(values: dict[str, Any]) -> None:
    with pytest.raises(CatalogError) as error:
        TAG_MEDIA.check(from_values(TagParameters, values))
    assert error.value.extensions["code"] == Code.BAD_ARGUMENT


async def test_without_a_tagger_the_run_says_what_to_set(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    async with tagger_services(tagger, writer) as services:
        bare = type(services)(services.client, services.cache)
        row = await run_to_end(writer, connection, bare, TAG_MEDIA, TagParameters())
    assert (row["status"], row["error_code"]) == ("FAILED", "PROVIDER_NOT_CONFIGURED")
    assert "MARQUEE_TAGGER_URL" in row["error"]


def test_the_process_is_the_one_that_documents_name() -> None:
    assert TAGGER_PROCESS == "tagger"


def test_runs_of_one_library_wait_for_each_other_and_those_of_others_do_not() -> None:
    given: list[dict[str, Any]] = [{}, {"library": "library_5"}, {"library": "library_6"}, {"media": ["media_1"]}]
    keys = [TAG_MEDIA.exclusive_key(from_values(TagParameters, values)) for values in given]
    assert keys == ["tag_media ", "tag_media 5", "tag_media 6", None]
