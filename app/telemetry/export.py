"""Where spans go that are exported: OTLP, set up by the standard OTEL_* variables."""

from __future__ import annotations

import os
import threading

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

INSTRUMENTATION = "marquee"
# A receiver that is away is waited for until then; the supervisor gives a worker little longer to end.
CLOSE_SECONDS = 4.0


def is_disabled() -> bool:
    return os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"


def is_asked_for(signal: str, endpoints: tuple[str, ...]) -> bool:
    """Whether OTEL_TRACES_EXPORTER or the like, or one of these variables, asks for OTLP."""
    named = {name.strip() for name in os.environ.get(f"OTEL_{signal}_EXPORTER", "").lower().split(",")}
    is_pointed = any(os.environ.get(name) for name in endpoints)  # an empty variable counts as not set
    return "none" not in named and (is_pointed or "otlp" in named)


def is_grpc(signal: str) -> bool:
    own = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL")
    return (own or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")) == "grpc"


def span_exporter() -> SpanExporter | None:
    """The exporter that OTEL_TRACES_EXPORTER and OTEL_EXPORTER_OTLP_* ask for, if any."""
    if not is_asked_for("TRACES", ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")):
        return None
    if is_grpc("TRACES"):
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as Grpc  # noqa: PLC0415

        return Grpc()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as Http  # noqa: PLC0415

    return Http()


def own_resource() -> Resource:
    """What is traced and measured. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before our own name."""
    return Resource.create({"service.name": "marquee", **OTELResourceDetector().detect().attributes})


class SpanExport:
    """Spans of a process, from its start to its end."""

    def __init__(self, targets: list[SpanProcessor]) -> None:
        self.provider = TracerProvider(resource=own_resource(), shutdown_on_exit=False)
        for target in targets:
            self.provider.add_span_processor(target)
        self.tracer = self.provider.get_tracer(INSTRUMENTATION)

    def close(self) -> None:
        """Hands over the spans that wait; blocks for at most CLOSE_SECONDS."""
        closing = threading.Thread(target=self.provider.shutdown, name="telemetry close", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


def create_span_export() -> SpanExport | None:
    """Of a process that has no trace pages; None where nothing takes spans."""
    exporter = None if is_disabled() else span_exporter()
    return None if exporter is None else SpanExport([BatchSpanProcessor(exporter)])
