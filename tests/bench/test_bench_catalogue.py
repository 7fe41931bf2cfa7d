"""The benchmark of the catalogue: its arithmetic, and that all of it works on a small database."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import asyncpg
import pytest
import typer
from graphql import parse, validate

from app.postgres.embedded import EmbeddedPostgres
from app.service.graphql_service import GRAPHQL_SCHEMA
from bench.catalogue.__main__ import NAMES, measure_all, read_names, read_sizes
from bench.catalogue.database import TAG
from bench.catalogue.measure import OPERATIONS, QUICK, Result, Slice
from bench.catalogue.operation import Figure, Operation
from bench.catalogue.report import Run, failure_word, figure_rows, markdown, page_rows
from bench.load import Outcome, is_fine
from database.connect_args import ConnectArgs
from tests.support import serving

BY_NAME = {operation.name: operation for operation in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_every_document_is_valid_in_the_schema(operation: Operation) -> None:
    assert validate(GRAPHQL_SCHEMA, parse(operation.document)) == []


def a_slice(latencies: list[int], foreign: float = 0.0, refusal: str = "", database_ms: float = 0.0) -> Slice:
    outcome = Outcome(latencies, len(latencies) if refusal else 0, 1.0, refusal)
    return Slice(outcome, (2.0 * len(latencies), database_ms * len(latencies)), foreign)


def test_latencies_are_those_of_the_slices_that_nobody_disturbed() -> None:
    found = Result([a_slice([3000, 1000]), a_slice([9000], foreign=1.0), a_slice([2000])], [a_slice([4000] * 32)])

    assert found.latencies == [1000, 2000, 3000]
    assert (found.milliseconds(0.5), found.milliseconds(0.95)) == (2.0, 3.0)
    assert (found.statements, found.disturbed, found.rate) == (2.0, 1, 4000.0)


def test_a_rate_is_that_of_the_connections_that_had_something_to_send() -> None:
    assert Result([], [a_slice([1000] * 4)]).rate == 4000.0
    assert Result([a_slice([1000])]).rate is None


def test_what_takes_longer_than_a_second_in_the_middle_is_slow() -> None:
    assert Result([a_slice([999_999, 1_000_001, 1_000_001])]).is_slow
    assert not Result([a_slice([999_999])]).is_slow


@pytest.mark.parametrize(
    ("body", "fine"),
    [(b'{"data":{"succeeded":1}}', True), (b'{"data":{"succeeded":10}}', False), (b'{"data":{"succeeded":0}}', False)],
)
def test_an_answer_must_have_in_it_what_a_good_one_has(body: bytes, fine: bool) -> None:
    assert is_fine(b"HTTP/1.1 200 OK\r\n\r\n" + body, re.compile(rb'"succeeded":1\b')) is fine


def a_run(*results: dict[str, Result]) -> Run:
    sizes = [10_000, 100_000, 1_000_000]
    found = [{BY_NAME[name]: result for name, result in one.items()} for one in results]
    return Run(dict(zip(sizes, found, strict=False)), [], {"server_version": "18"}, QUICK)


def test_a_figure_is_missed_where_it_is_said_and_an_answer_that_failed_misses_it() -> None:
    refused = a_slice([1000], refusal='{"errors":[{"extensions":{"code":"STATEMENT_TIMEOUT"}}]}')
    slow = a_slice([150_000])

    run = a_run({"page1": Result([slow])}, {"page1": Result([slow])}, {"page1": Result([refused])})

    assert figure_rows(run, "request") == [
        [
            "The first page of 100, by title",
            *("150", "150", "STATEMENT_TIMEOUT", "T3 < 100, D3 < 1000"),
            "T3 at 100,000, T3 at 1,000,000, D3 at 1,000,000",
        ]
    ]


def test_figures_of_the_database_are_compared_with_what_a_request_costs_it() -> None:
    results = [{"total": Result([a_slice([1000], database_ms=cost)])} for cost in (0.05, 0.15, 5.0)]

    title = "The number of all media (kept)"
    assert figure_rows(a_run(*results), "database") == [[title, "0.05", "0.15", "5.00", "R2 < 0.1", "R2 at 100,000"]]
    assert figure_rows(a_run(*results[:1]), "database") == [[title, "0.05", "R2 < 0.1", "none"]]


def test_deep_pages_are_compared_with_the_first_and_dashes_stand_where_there_is_none() -> None:
    pages = {"page1": 1000, "page2": 1100, "page1000": 1500}

    run = a_run({name: Result([a_slice([latency])]) for name, latency in pages.items()})

    assert page_rows(run) == [["10,000", "1.00", "1.10 (1.10)", "1.50 (1.50)", "-"]]


def test_an_answer_without_a_code_is_told_too() -> None:
    assert failure_word(Result([a_slice([1000], refusal='{"data":{"media":null}}')])) == "not what was asked"
    assert failure_word(Result([a_slice([1000])])) == ""


def test_a_figure_is_said_for_sizes() -> None:
    assert [Figure("R2", 1, most=100_000).is_for(size) for size in (10_000, 100_000, 1_000_000)] == [True, True, False]


def test_options_are_read() -> None:
    assert read_sizes("100000,10000,10000") == (10_000, 100_000)
    assert read_names("") == NAMES
    assert read_names("one,total") == ["one", "total"]
    for wrong in ("many", "", "10"):
        with pytest.raises(typer.BadParameter):
            read_sizes(wrong)
    with pytest.raises(typer.BadParameter, match="nothing is none of"):
        read_names("nothing")


async def rows(args: ConnectArgs) -> tuple[int, int]:
    """How many media and tags there are."""
    connection = await asyncpg.connect(**args.kwargs())
    found = (
        await connection.fetchval("SELECT count(*) FROM media"),
        await connection.fetchval("SELECT count(*) FROM tag WHERE name = $1", TAG),
    )
    await connection.close()
    return found


def test_a_small_database_is_measured_and_its_edits_are_taken_back() -> None:
    lengths = replace(QUICK, slice=0.02, edits=3)
    asked = ["one", "external", "page1", "page2", "person", "total", "words", "add1", "remove1", "create", "delete"]

    with serving.state_folder() as folder:
        run = measure_all([300], asked, lengths, folder)
        with EmbeddedPostgres(folder / "catalogue-300") as args:
            left = asyncio.run(rows(args))

    found = {operation.name: result for operation, result in run.sizes[300].items()}
    assert {name: result.refusal for name, result in found.items() if result.failures} == {}
    assert sorted(found) == sorted(asked)
    assert found["one"].statements == 1
    assert found["one"].database_ms > 0
    assert left == (300, 0)
    document = markdown(run)
    assert "| A media by id, with tags and genres |" in document
    assert "query page2($after: String!)" in document
