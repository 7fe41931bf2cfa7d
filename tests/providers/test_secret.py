"""Keys are read from the environment or a file, and shown nowhere."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from providers.provider import Call
from providers.secret import Secret, read_secret
from tests.support.faulty_server import FaultyServer, answer, redirect, reset, status
from tests.support.outbound import NoLimits, client_of, error_of, provider_of


def test_a_key_is_read_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("hush\n")

    assert read_secret("hush", None) == read_secret(None, file) == Secret("hush")
    assert read_secret(None, None) is None
    assert read_secret(" ", None) is None


@pytest.mark.parametrize("content", ["", "\n", "hush\nhush", "hüsh", "h" * 9000])
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content)

    with pytest.raises(ValueError, match=r"key") as error:
        read_secret(None, file)

    assert "hush" not in str(error.value)
    with pytest.raises(ValueError, match="not both"):
        read_secret("hush", file)
    with pytest.raises(ValueError, match="cannot be read"):
        read_secret(None, tmp_path / "none")


def test_a_key_is_in_no_text_of_it() -> None:
    provider = repr(provider_of(FaultyServer(port=1), key=Secret("hush")))

    assert "hush" not in provider + repr(Secret("hush")) + str(Secret("hush")) + f"{Secret('hush')}"
    with pytest.raises(TypeError):
        pickle.dumps(Secret("hush"))


@pytest.mark.parametrize("given", [{}, {"key_parameter": "api_key"}])
@pytest.mark.parametrize("fault", [reset, status(500), status(401), answer(b"hush"), redirect("/a?api_key=hush")])
async def test_a_key_is_in_no_error_log_or_span(
    server: FaultyServer, limits: NoLimits, caplog: pytest.LogCaptureFixture, given: dict[str, Any], fault: Any
) -> None:
    exporter = InMemorySpanExporter()
    tracing = TracerProvider(shutdown_on_exit=False)
    tracing.add_span_processor(SimpleSpanProcessor(exporter))
    caplog.set_level(logging.DEBUG)
    server.behaviours = {"/a": [fault]}
    provider = provider_of(server, key=Secret("hush"), max_bytes=2, **given)

    async with client_of(limits, tracer=tracing.get_tracer("test")) as client:
        error = await error_of(client, provider, Call(path="/a"))

    spans = exporter.get_finished_spans()
    assert "hush" in str([(one.target, one.headers) for one in server.asked])
    assert "hush" not in str(error) + repr(error) + caplog.text + "".join(span.to_json() for span in spans)


async def test_each_request_is_a_client_span(server: FaultyServer, limits: NoLimits) -> None:
    exporter = InMemorySpanExporter()
    tracing = TracerProvider(shutdown_on_exit=False)
    tracing.add_span_processor(SimpleSpanProcessor(exporter))
    server.behaviours = {"/a/1": [status(503), answer(b"{}")]}

    async with client_of(limits, tracer=tracing.get_tracer("test")) as client:
        await client.call(provider_of(server), Call(path="/a/1", params={"q": "x"}, template="/a/{id}"))

    first, second = exporter.get_finished_spans()
    assert (first.name, first.kind) == ("GET /a/{id}", SpanKind.CLIENT)
    shared = {
        "http.request.method": "GET",
        "url.full": f"{server.url}/a/1",
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "marquee.provider": "films",
    }
    assert dict(first.attributes or {}) == {**shared, "http.response.status_code": 503, "error.type": "503"}
    assert dict(second.attributes or {}) == {
        **shared,
        "http.response.status_code": 200,
        "http.request.resend_count": 1,
    }
