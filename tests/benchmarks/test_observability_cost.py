"""What watching costs: python -m pytest -m benchmark tests/benchmarks/test_observability_cost.py -n0 -s"""

from __future__ import annotations

from typing import Any

import pytest

from database.connect_args import ConnectArgs
from tests.benchmarks.load import Server, load, request_bytes
from tests.conftest import free_port

QUERY = "{ media(first: 20) { nodes { id title year tags { name } genres { name } } } }"
ROUNDS = 8
SECONDS = 1.5


@pytest.mark.benchmark
async def test_the_cost_of_traces_and_reports(demo: ConnectArgs, tmp_path_factory: Any) -> None:
    common = {"DATABASE_URL": demo.dsn, "MARQUEE_N_PLUS_ONE_GUARD": "false"}
    pages = {**common, "MARQUEE_TRACE_PAGES": "true"}
    sampled = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}
    variants: list[tuple[str, dict[str, str], dict[str, str]]] = [
        ("nothing", {**common, "OTEL_SDK_DISABLED": "true", "MARQUEE_TRACE_PAGES": "false"}, {}),
        ("traces sampled at 1 %", {**pages, **sampled}, {}),
        ("every trace", pages, {}),
        ("every trace and report", pages, {"Marquee-Report": "1"}),
    ]
    servers = []
    for name, env, _ in variants:
        state = {"MARQUEE_STATE_DIR": str(tmp_path_factory.mktemp("state"))}
        servers.append(Server(name, free_port(), {**env, **state}))
    try:
        for server in servers:
            server.wait_until_ready()
        for turn in range(ROUNDS + 1):
            for server, (_, _, headers) in zip(servers, variants, strict=True):
                found = await load(server, request_bytes(QUERY, headers), SECONDS)
                if turn:  # the first one warms up
                    server.slices.append(found)
    finally:
        for server in servers:
            server.stop()
    plain = servers[0].typical
    print("\n| watched | requests/s | of plain | CPU ms a request | of plain |\n|---|---|---|---|---|")  # noqa: T201
    for server in servers:
        found = server.typical
        print(  # noqa: T201
            f"| {server.name} | {found.per_second:.0f} | {found.per_second / plain.per_second:.2f} "
            f"| {found.cpu_ms:.2f} | {found.cpu_ms / plain.cpu_ms:.2f} |"
        )
