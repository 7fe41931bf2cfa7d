"""Metrics of outside services by OpenTelemetry: read from the counts of the process whenever they are exported, so that
a call costs nothing for them.

Export is set up by the standard OTEL_* variables: OTEL_METRICS_EXPORTER=otlp, or an address for metrics alone. An
address for all signals is not enough, since many receivers of traces know no metrics."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from app.telemetry.export import CLOSE_SECONDS, INSTRUMENTATION, is_asked_for, is_disabled, is_grpc, own_resource
from providers.statistics import Statistics

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter, MetricReader

# By the names of the counts: unit and description.
COUNTED = {
    "calls": ("{request}", "Requests that were sent to outside services."),
    "seconds": ("s", "Time from sending them until their answers had been read."),
    "failures": ("{request}", "Those that failed."),
    "retries": ("{request}", "Those that were made once more."),
    "refusals": ("{request}", "Calls that were not sent: a limit, an open circuit, an address."),
    "limited": ("{request}", "Answers with status 429."),
    "waited": ("s", "Time for which calls waited for limits."),
    "received": ("By", "Size of answers, decompressed."),
    "cache_hits": ("{request}", "What was asked for and served from the cache."),
    "cache_misses": ("{request}", "What was asked for and had to be loaded."),
}


def observe_providers(meter: Meter, statistics: Statistics) -> None:
    """A counter `marquee.provider.*` for each count, by `marquee.provider`."""

    def observer(name: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(options: CallbackOptions) -> Iterable[Observation]:
            for provider, counts in statistics.snapshot().items():
                yield Observation(getattr(counts, name), {"marquee.provider": provider})

        return observe

    for name, (unit, description) in COUNTED.items():
        meter.create_observable_counter(f"marquee.provider.{name}", [observer(name)], unit, description)


def metric_exporter() -> MetricExporter | None:
    """The exporter that OTEL_METRICS_EXPORTER and OTEL_EXPORTER_OTLP_METRICS_* ask for, if any."""
    if not is_asked_for("METRICS", ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",)):
        return None
    if is_grpc("METRICS"):
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as Grpc  # noqa: PLC0415

        return Grpc()
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as Http  # noqa: PLC0415

    return Http()


class Metrics:
    """Exports the counts of a process from its start to its end."""

    def __init__(self, reader: MetricReader, statistics: Statistics) -> None:
        from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 (which takes its time)

        self._provider = MeterProvider([reader], resource=own_resource(), shutdown_on_exit=False)
        observe_providers(self._provider.get_meter(INSTRUMENTATION), statistics)

    def close(self) -> None:
        """Exports once more; blocks for at most CLOSE_SECONDS."""
        closing = threading.Thread(target=self._provider.shutdown, name="metrics close", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


def create_metrics(statistics: Statistics) -> Metrics | None:
    """None where nothing takes them, or OTEL_SDK_DISABLED says so."""
    exporter = None if is_disabled() else metric_exporter()
    if exporter is None:
        return None
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415

    return Metrics(PeriodicExportingMetricReader(exporter), statistics)
