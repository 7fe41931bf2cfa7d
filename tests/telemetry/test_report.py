"""The batch report: its numbers are the database's, it costs nothing unasked, and it says when loads come apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.service.report import verdict
from database.connect_args import ConnectArgs
from database.session import Session
from domain.viewer import UNRESTRICTED
from loaders.core.batch_loader import BatchLoader
from loaders.core.load_stats import BatchSplit, LoadStats
from loaders.core.read_session import ReadSession
from loaders.registry import Loaders
from tests.support.api import Api
from tests.support.http_client import open_http

QUERY = "query Q { media(first: 3) { nodes { title a: tags { name } b: tags { id } } } }"


@pytest.fixture
async def http(demo: ConnectArgs, tmp_path: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The web application with traces, called over HTTP."""
    async with open_http(demo, state_dir=tmp_path, trace_pages=True, engine="compiled") as client:
        yield client


async def ask(http: httpx.AsyncClient, headers: dict[str, str] | None = None, **body: Any) -> Any:
    return (await http.post("/graphql", json={"query": QUERY, **body}, headers=headers)).json()


async def test_a_report_is_given_to_who_asks_by_header_or_by_extension(http: httpx.AsyncClient) -> None:
    by_header = (await ask(http, {"Marquee-Report": "1"}))["extensions"]["marquee"]
    by_extension = (await ask(http, extensions={"marquee": {"report": True}}))["extensions"]["marquee"]

    for found in (by_header, by_extension):
        assert (found["engine"], found["statements"], found["verdict"]) == ("compiled", 2, "ok")
        assert found["traceUrl"] == f"/traces/{found['traceId']}"
        page, tags = found["batches"]
        assert (page["loader"], page["keys"], page["rows"], page["fields"]) == ("media_pages", 1, 4, ["Query.media"])
        assert (tags["loader"], tags["wave"], tags["fields"]) == ("tags_by_media_id", 1, ["Media.tags"])
        assert (tags["keys"], tags["uniqueKeys"], tags["cacheHits"], tags["statements"]) == (6, 3, 3, 1)
        assert tags["runMs"] > 0
        assert tags["sql"][0].startswith("SELECT /* tags_by_media_id */")


async def test_an_answer_is_the_same_with_and_without_a_report(http: httpx.AsyncClient) -> None:
    plain = await ask(http)
    reported = await ask(http, {"Marquee-Report": "1"})

    assert "extensions" not in plain
    assert reported["data"] == plain["data"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Marquee-Report": "0"}, {}),
        ({"Marquee-Report": "yes"}, {}),
        ({}, {"extensions": {"marquee": {"report": "true"}}}),
        ({}, {"extensions": {"marquee": True}}),
        ({}, {"extensions": {}}),
    ],
)
async def test_anything_else_is_no_request_for_a_report(
    http: httpx.AsyncClient, headers: dict[str, str], body: dict[str, Any]
) -> None:
    assert "extensions" not in await ask(http, headers, **body)


async def test_an_operator_can_forbid_reports(demo: ConnectArgs) -> None:
    async with open_http(demo, report=False) as http:
        answer = await ask(http, {"Marquee-Report": "1"})

    assert "extensions" not in answer


async def test_a_report_without_traces_names_none(demo: ConnectArgs) -> None:
    async with open_http(demo) as http:
        found = (await ask(http, {"Marquee-Report": "1"}))["extensions"]["marquee"]

    assert (found["traceId"], found["traceUrl"]) == (None, None)


async def test_a_refused_document_has_no_report(http: httpx.AsyncClient) -> None:
    assert "extensions" not in await ask(http, {"Marquee-Report": "1"}, query="{ nonsense }")


async def test_a_failed_statement_stands_in_the_report(demo: ConnectArgs) -> None:
    async with open_http(demo, max_rows=1) as http:
        answer = await ask(http, {"Marquee-Report": "1"})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["TOO_MANY_ROWS"]
    assert [batch["rows"] for batch in answer["extensions"]["marquee"]["batches"]] == [4]


async def late_loads(api: Api, stats: LoadStats, *turns: int) -> None:
    """Loads of one site, each after some turns of the event loop more."""
    database = Session(api.pool)
    loaders = Loaders(ReadSession(database, UNRESTRICTED, stats=stats))
    loads = []
    for key, wait in enumerate(turns, start=1):
        for _ in range(wait):
            await asyncio.sleep(0.002)
        stats.visit("Media.tags", "media.nodes.tags", 20)
        loads.append(loaders.tags_by_media_id.load(key))
    await asyncio.gather(*loads)
    await database.close()


async def test_loads_that_come_apart_are_told_with_their_field_and_how_late_they_were(demo_api: Api) -> None:
    stats = LoadStats()

    await late_loads(demo_api, stats, 0, 0, 5, 0)

    assert [batch.unique for batch in stats.batches] == [2, 2]
    [split] = stats.splits
    assert (split.field, len(split.batches), split.late_loads) == ("Media.tags", 2, 2)
    assert split.late_by > 0
    assert verdict(stats).startswith("Media.tags came apart into 2 batches: 2 loads came ")


@pytest.mark.parametrize("turns", range(7))
async def test_every_turn_by_which_a_load_is_late_is_booked_on_the_batch_that_took_it(
    demo_api: Api, turns: int
) -> None:
    stats = LoadStats()
    database = Session(demo_api.pool)
    loaders = Loaders(ReadSession(database, UNRESTRICTED, stats=stats))
    demo_api.statements.clear()

    stats.visit("Media.tags", "media.nodes.tags", 20)
    first = loaders.tags_by_media_id.load(1)
    for _ in range(turns):
        await asyncio.sleep(0)
    stats.visit("Media.tags", "media.nodes.tags", 20)
    await asyncio.gather(first, loaders.tags_by_media_id.load(2))
    await database.close()

    assert len(stats.batches) == len(demo_api.statements)
    assert [(batch.keys, batch.unique, len(batch.sent)) for batch in stats.batches] in ([(2, 2, 1)], [(1, 1, 1)] * 2)
    assert (len(stats.splits) == 1) is (len(stats.batches) == 2)


async def test_a_split_is_blamed_on_its_own_field_and_its_own_batches(demo_api: Api) -> None:
    stats = LoadStats()
    database = Session(demo_api.pool)
    loaders = Loaders(ReadSession(database, UNRESTRICTED, stats=stats))
    for key, field in ((1, "B.f"), (2, "A.f"), (3, "B.f")):
        stats.visit(field, field, 0)
        load = loaders.tags_by_media_id.load(key)
        if key == 2:
            continue
        await load
    await database.close()

    [split] = stats.splits
    assert (split.field, split.late_loads, stats.split_batches) == ("B.f", 1, {0, 1})


async def test_loads_that_stay_together_are_ok(demo_api: Api) -> None:
    stats = LoadStats()

    await late_loads(demo_api, stats, 0, 0, 0)

    assert (len(stats.batches), verdict(stats)) == (1, "ok")


async def test_the_guard_fails_a_request_whose_loads_come_apart_naming_the_field(demo_api: Api) -> None:
    class Scattered(LoadStats):
        @property
        def splits(self) -> Any:
            return [BatchSplit("Media.tags", (), 1, 0.001)]

    answer = await demo_api.answer(QUERY, stats=Scattered())

    [error] = answer.body["errors"]
    assert error["extensions"]["code"] == "BATCH_SPLIT"
    assert error["message"].startswith("Media.tags came apart into 0 batches")


async def test_the_guard_fails_a_request_that_sends_a_statement_outside_a_loader(
    demo_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stray(self: BatchLoader[Any, Any], keys: list[Any], *_: Any) -> Any:
        return await self.ref.batch(self.reader, keys, self.arguments)

    monkeypatch.setattr(BatchLoader, "_run", stray)

    answer = await demo_api.answer("{ media(first: 1) { nodes { id } } }")

    [error] = answer.body["errors"]
    assert (error["extensions"]["code"], error["message"]) == ("BATCH_SPLIT", "media_pages was sent outside a loader")


async def test_nothing_is_noted_where_nobody_asks(demo_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def noted(*_: object) -> None:
        raise AssertionError("a ledger was made")

    monkeypatch.setattr("loaders.core.load_stats.LoadStats.open_batch", noted)
    monkeypatch.setattr("loaders.core.load_stats.LoaderStats.__init__", noted)
    demo_api.service.guard = False

    answer = await demo_api.answer(QUERY)

    assert "errors" not in answer.body
