"""Metrics and spans of calls of outside services, as receivers get them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import stamina
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from app.telemetry.metrics import COUNTED, Metrics, create_metrics, metric_exporter
from database.connect_args import ConnectArgs
from providers.cache.cache import CacheKey, CachePolicy
from providers.cache.disk import DiskStore
from providers.cache.store import Bounds
from providers.provider import Call
from providers.statistics import Statistics
from tests.support.cache_stores import patient_cache
from tests.support.faulty_server import FaultyServer, answer, faulty_server, status
from tests.support.metadata_server import metadata_server
from tests.support.outbound import client_of, error_of, provider_of
from tests.support.receivers import open_traced, tree

LOOKUP = '{ lookup(title: "Heat", kind: MOVIE) { score } }'


@pytest.fixture
async def server() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as found:
        yield found


@pytest.fixture
def statistics() -> Statistics:
    """Of a process that has made one call."""
    found = Statistics()
    found.of("films").calls = 1
    return found


def points_of(reader: InMemoryMetricReader) -> dict[str, dict[str, float]]:
    """By metric and provider."""
    data = reader.get_metrics_data()
    assert data is not None
    [resource] = data.resource_metrics
    assert resource.resource.attributes["service.name"] == "marquee"
    return {
        metric.name: {str(point.attributes["marquee.provider"]): point.value for point in metric.data.data_points}  # type: ignore[union-attr, index]
        for metric in resource.scope_metrics[0].metrics
    }


async def test_calls_seconds_retries_refusals_and_cache_hits_are_metrics(server: FaultyServer, tmp_path: Path) -> None:
    server.behaviours = {"/a": [status(500), status(429), answer(b"{}")], "/b": [status(404)]}
    reader = InMemoryMetricReader()
    with stamina.set_testing(True, attempts=100, cap=True):
        async with client_of() as client:
            metrics = Metrics(reader, client.statistics)
            cache = patient_cache(DiskStore(tmp_path, Bounds(10, 100_000)), statistics=client.statistics)
            films = provider_of(server)

            async def load() -> bytes:
                return (await client.call(films, Call(path="/a"))).body

            for _ in range(3):
                await cache.get_or_load(CacheKey("default", "films", "a"), load, CachePolicy(ttl=60))
            await error_of(client, films, Call(path="/b"))
            await error_of(client, films, Call(path="no path"))
            await client.call(provider_of(server, name="other"), Call(path="/c"))
            await cache.close()

    found = points_of(reader)
    metrics.close()
    assert set(found) == {f"marquee.provider.{name}" for name in COUNTED}
    counted = {name: found[f"marquee.provider.{name}"] for name in COUNTED}
    assert counted["calls"] == {"films": 4, "other": 1}
    assert counted["retries"] == {"films": 2, "other": 0}
    assert counted["failures"] == {"films": 3, "other": 0}
    assert counted["refusals"] == {"films": 1, "other": 0}
    assert counted["limited"] == {"films": 1, "other": 0}
    assert counted["cache_hits"] == {"films": 2, "other": 0}
    assert counted["cache_misses"] == {"films": 1, "other": 0}
    assert counted["received"] == {"films": 2, "other": 12}
    assert counted["seconds"]["films"] > 0


async def test_a_receiver_gets_them_when_the_process_ends(
    server: FaultyServer, statistics: Statistics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", f"{server.url}/v1/metrics")

    metrics = create_metrics(statistics)
    assert metrics is not None
    await asyncio.to_thread(metrics.close)

    sent = ExportMetricsServiceRequest.FromString(server.asked[-1].body)
    metric = sent.resource_metrics[0].scope_metrics[0].metrics[0]
    assert (metric.name, metric.unit, metric.sum.is_monotonic) == ("marquee.provider.calls", "{request}", True)
    assert metric.sum.data_points[0].as_int == 1


@pytest.mark.parametrize(
    ("variables", "is_exported"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, False),  # of traces, as far as anybody knows
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:1"}, True),
        ({"OTEL_METRICS_EXPORTER": "otlp"}, True),
        ({"OTEL_METRICS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, True),
        ({"OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:1"}, False),
    ],
)
def test_they_are_exported_where_the_environment_says_so(
    variables: dict[str, str], is_exported: bool, monkeypatch: pytest.MonkeyPatch, statistics: Statistics
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    exporter = metric_exporter()
    assert (exporter is not None) == is_exported
    if exporter is not None:
        exporter.shutdown()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert create_metrics(statistics) is None


async def test_a_call_is_a_span_of_the_request_and_counts_where_readiness_is_asked(
    writer: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with metadata_server() as films:
        given: dict[str, Any] = {"metadata_url": films.url, "metadata_allow_private": True}
        async with open_traced(writer, monkeypatch, **given) as traced:
            await traced.spans_of({"query": LOOKUP})
            name, _, children = tree(traced.spans)
            assert name == "POST /graphql"
            assert ("GET /search/movie", "CLIENT", []) in children
            counts = (await traced.http.get("/readyz")).json()["providers"]["tmdb"]
            assert (counts["calls"], counts["cache_misses"]) == (2, 2)


async def test_a_call_of_a_request_that_is_not_sampled_makes_no_span(
    writer: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    async with metadata_server() as films:
        given: dict[str, Any] = {"metadata_url": films.url, "metadata_allow_private": True}
        async with open_traced(writer, monkeypatch, **given) as traced:
            assert await traced.spans_of({"query": LOOKUP}) == []
            assert films.times("/search/movie") == 1
