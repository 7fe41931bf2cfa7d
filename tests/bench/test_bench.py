"""The benchmark's own arithmetic. What it measures is for `make bench` to say."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse, validate

from app.service.graphql_service import GRAPHQL_SCHEMA
from bench.executor import Costs
from bench.load import Outcome, ResponseReader, is_fine, request
from bench.measure import CONNECTIONS, QUICK, Slice
from bench.queries import QUERIES, Query
from bench.report import Run, markdown
from bench.result import Entry, Figures, better, percentile, ratios, summarise
from bench.servers import PEERS, Server
from bench.verify import Statements, comparable, differences

RESPONSE = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\ncontent-type: application/json\r\n\r\n{"data":{}}'


@pytest.mark.parametrize("cut", range(len(RESPONSE)))
def test_a_response_is_whole_wherever_it_is_cut(cut: int) -> None:
    reader = ResponseReader()

    pieces = [reader.feed(piece) for piece in (RESPONSE[:cut], RESPONSE[cut:]) if piece]

    assert pieces[-1] == RESPONSE
    assert pieces[:-1] in ([], [None])
    assert reader.feed(RESPONSE) == RESPONSE


def test_more_than_one_response_at_once_is_refused() -> None:
    with pytest.raises(ValueError, match="more than one response"):
        ResponseReader().feed(RESPONSE * 2)


def test_a_response_without_content_length_is_refused() -> None:
    with pytest.raises(ValueError, match="without content-length"):
        ResponseReader().feed(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")


@pytest.mark.parametrize(
    ("response", "fine"),
    [
        (RESPONSE, True),
        (RESPONSE.replace(b"200", b"503"), False),
        (b'HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n{"data":null,"errors":[{}]}', False),
    ],
)
def test_errors_are_counted_whatever_the_status(response: bytes, fine: bool) -> None:
    assert is_fine(response) is fine


def test_a_request_says_how_long_it_is_in_bytes() -> None:
    head, _, body = request('{"query":"é"}').partition(b"\r\n\r\n")

    assert head.endswith(b"content-length: 14")
    assert len(body) == 14


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_document_is_valid_in_the_schema(query: Query) -> None:
    assert validate(GRAPHQL_SCHEMA, parse(query.document)) == []


def response_names(selection: SelectionSetNode) -> list[Any]:
    fields = [node for node in selection.selections if isinstance(node, FieldNode)]
    return [
        (node.alias or node.name).value if node.selection_set is None else
        ((node.alias or node.name).value, response_names(node.selection_set))
        for node in fields
    ]  # fmt: skip


@pytest.mark.parametrize("query", [one for one in QUERIES if one.postgraphile], ids=lambda query: query.name)
def test_postgraphile_is_asked_for_an_answer_of_the_same_shape(query: Query) -> None:
    operations = [parse(text or "").definitions[0] for text in (query.document, query.postgraphile)]

    shapes = [response_names(one.selection_set) for one in operations if isinstance(one, OperationDefinitionNode)]

    assert shapes[0] == shapes[1]


def test_ids_are_written_as_each_schema_has_them() -> None:
    query = next(query for query in QUERIES if query.name == "entities")

    plain, own = (orjson.loads(query.bodies(dialect)[0]) for dialect in ("plain", "marquee"))

    assert len(query.bodies("plain")) == 50
    wanted = plain["variables"]["representations"]
    assert len(wanted) == 100
    assert own["variables"]["representations"] == [{**one, "id": f"media_{one['id']}"} for one in wanted]


def test_answers_are_compared_without_what_may_differ() -> None:
    own = {"id": "media_7", "rating": 7.8, "cursor": "a", "addedAt": "2020-01-01T00:00:00+00:00"}
    other = {"id": "7", "rating": 78, "cursor": "b", "addedAt": "2020-01-01T00:00:00Z"}

    assert comparable(own, "marquee") == comparable(other, "postgraphile")


def test_a_difference_is_named_with_its_place() -> None:
    wanted = {"media": {"nodes": [{"tags": [{"name": "a"}, {"name": "b"}]}, {"tags": []}]}}
    got = {"media": {"nodes": [{"tags": [{"name": "b"}, {"name": "a"}]}, {"tags": None}]}}

    assert list(differences(wanted, got)) == [
        ("media.nodes[0].tags[0].name", "a", "b"),
        ("media.nodes[0].tags[1].name", "b", "a"),
        ("media.nodes[1].tags", [], None),
    ]


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.75, 3), (0.99, 4), (1.0, 4)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile([1, 2, 3, 4], share) == value


def a_slice(latency: int, count: int, foreign: float) -> Slice:
    return Slice(Outcome([latency] * count, 1, 2.0), 1.0, 0.5, 0.25, foreign, 60.0)


def test_disturbed_slices_count_for_cpu_alone() -> None:
    found = summarise([a_slice(1000, 300, 0.1), a_slice(2000, 200, 0.0), a_slice(9000, 500, 0.9)])

    assert (found.lowest_rate, found.highest_rate) == (CONNECTIONS * 500, CONNECTIONS * 1000)
    assert (found.p50, found.p99) == (1.0, 2.0)
    assert (found.server_ms, found.postgres_ms, found.load_cores) == (3.0, 1.5, 0.125)
    assert (found.failures, found.slices, found.disturbed) == (3, 3, 1)


def test_a_peer_is_shown_with_its_faster_server() -> None:
    peer = next(peer for peer in PEERS if peer.name == "mercurius")
    servers = [Server(peer, plan, 0, 0) for plan in peer.plans]

    found = better({servers[0]: [a_slice(2000, 100, 0.0)], servers[1]: [a_slice(1000, 100, 0.0)]})

    assert found == {peer: (servers[1], summarise([a_slice(1000, 100, 0.0)]))}


def an_entry(rate: float, p99: float = 1.0) -> Entry:
    figures = Figures(rate, rate, rate, 0.5, p99, 0.1, 0.2, 0.3, 60.0, 0, 3, 0)
    return Entry(figures, "force_generic_plan", Statements(3, 4))


RATES = {"marquee": 600.0, "sampled": 500.0, "reference": 50.0, "postgraphile": 200.0, "mercurius": 300.0}


def test_ratios_are_to_the_faster_node_peer_and_to_the_lower_p99() -> None:
    tails = {"postgraphile": 0.8}

    found = ratios(
        {peer: an_entry(RATES[peer.name], tails.get(peer.name, 1.0)) for peer in PEERS if peer.name in RATES}
    )

    assert (found.node, found.node_peer) == (2.0, "Mercurius, JIT and loaders")
    assert (found.sampled, found.reference, found.tail) == (1.2, 12.0, 0.8)
    assert found.floor is None


def test_the_document_has_a_row_for_each_peer_and_dashes_where_one_has_no_answer() -> None:
    query = next(query for query in QUERIES if query.name == "entities")
    entries = {peer: an_entry(100.0) for peer in PEERS if peer.answers(query)}
    settings = {"server_version": "18.6", "jit": "off"}

    document = markdown(Run(PEERS, [("Memory", "8 GB")], settings, QUICK, {query: entries}, {query: Costs(0.5, 6.0)}))

    assert "| PostGraphile | - | - | - |" in document
    assert "| Marquee | 100 | 0.50 | 1.00 | 0.100 | 0.200 | 60 | 3 + 4 | generic | 0 | 0 of 3 |" in document
    assert "| 0.500 | 6.000 | 12.0 |" in document
    assert "| PostgreSQL | 18.6: jit off |" in document
