"""The web application of a worker process: GraphQL, GraphiQL, health."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.collecting import collect_rarely
from app.http.access import Access, refuse_access
from app.http.browse_page import browse_routes
from app.http.connection_limits import ConnectionLimits
from app.http.event_stream_view import EventStreams
from app.http.files import file_routes
from app.http.graphql_view import GraphQLView
from app.http.health import Health
from app.http.keys import Keys
from app.http.operations import Operations
from app.http.streams import Streams
from app.http.trace_pages import trace_routes
from app.http.trusted_hosts import TrustedHosts, refuse_host
from app.http.websocket_view import GraphQLSockets, SocketLimits
from app.limits import connection_limits
from app.operation_limits import budget, operation_limits
from app.process.list_lengths import refresh_list_lengths
from app.process.open_pool import create_connector, open_pool
from app.process.outbound import open_services
from app.service.graphql_service import Service
from app.settings import CHECKOUT, Settings
from app.telemetry.instrumentation import Instrumentation
from app.telemetry.metrics import create_metrics
from app.telemetry.spans import create_telemetry
from app.telemetry.trace_store import TRACES, TraceReader
from database.notifications import Notifications, Topic
from database.pool import Pool
from database.row_signals import RowSignals

DIST = CHECKOUT / "ui" / "dist"
PAGE_HEADERS = {
    # GraphiQL's editor writes style elements; everything else comes from here or not at all.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


def create_service(settings: Settings) -> Service:
    """The GraphQL service with the limits of the settings."""
    return Service(
        operation_limits(settings),
        budget(settings),
        settings.request_timeout,
        operation_seconds=settings.operation_timeout,
        guard=settings.n_plus_one_guard,
        compiled=settings.engine == "compiled",
        batch_wait=settings.batch_wait,
    )


def create_instrumentation(settings: Settings, rules: Access) -> Instrumentation:
    """What is recorded of requests: traces, reports, slow ones."""
    pages = bool(settings.trace_pages)
    store = settings.state_dir / TRACES if pages else None
    telemetry = create_telemetry(store, settings.traces_kept)
    return Instrumentation(telemetry, settings.report, settings.slow_request, pages, rules.trusts)


class Application(Starlette):
    """Starlette's routes, and GraphQL by a shorter way: past its middleware and its router."""

    graphql: Any  # an ASGI application
    hosts: TrustedHosts
    sockets: Any  # the same for WebSockets
    event_streams: EventStreams
    streams: Streams
    jobs: RowSignals
    access: Access
    connection_limits: ConnectionLimits

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        if scope["type"] == "http":
            if not self.hosts.allow(scope):
                return refuse_host(scope, receive, send)
            if self.access.required and not (self.access.admits(scope) or self.event_streams.admits(scope)):
                return refuse_access(scope, receive, send)
            if scope["path"] == "/graphql":
                return self.graphql(scope, receive, send)  # type: ignore[no-any-return]
        elif scope["type"] == "websocket":  # at /graphql alone (app/http/http_protocol.py)
            if not self.hosts.allow(scope):
                return refuse_host(scope, receive, send)
            if not self.access.admits_socket(scope):
                return refuse_access(scope, receive, send)
            return self.sockets(scope, receive, send)  # type: ignore[no-any-return]
        return super().__call__(scope, receive, send)


async def healthz(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def jobs_page(request: Request) -> Response:
    page = DIST / "jobs.html"
    if not page.is_file():
        return PlainTextResponse("The pages are not built: run `make ui`.", 404)
    return FileResponse(page, headers=PAGE_HEADERS)


async def home(request: Request) -> Response:
    return RedirectResponse("/browse")


def readiness(health: Health, pool: Pool, service: Service, rules: Access) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that tells whether the process can serve, and counts of it to those who may see them."""

    async def readyz(request: Request) -> Response:
        reason = await health.not_ready()
        lane = pool.shares.lane
        long = {"running": lane.running, "waiting": lane.waiting}
        counts = {"pool": asdict(pool.statistics), "long": long, "engine": asdict(service.engine.statistics)}
        if service.outside is not None:
            found = service.outside.client.statistics.snapshot()
            counts["providers"] = {name: asdict(found[name]) for name in sorted(found)}
        counts = counts if rules.trusts(request.scope) else {}
        return JSONResponse({"ready": reason is None, "reason": reason, **counts}, 200 if reason is None else 503)

    return readyz


@asynccontextmanager
async def background_tasks(
    pool: Pool, notifications: Notifications, service: Service, instrumentation: Instrumentation
) -> AsyncIterator[None]:
    """What runs beside the requests, from the server's start to its end."""
    await pool.start()
    notifications.start()
    collect_rarely()
    averages = asyncio.create_task(refresh_list_lengths(pool, service))
    metrics = None if service.outside is None else create_metrics(service.outside.client.statistics)
    yield
    await notifications.close()
    averages.cancel()
    await asyncio.wait([averages])
    if service.outside is not None:
        await service.outside.close()
    await pool.close()
    for exporting in (instrumentation.telemetry, metrics):
        if exporting is not None:
            await asyncio.to_thread(exporting.close)


def create_app(settings: Settings) -> Application:
    """The application; its pool opens with the server's start and closes with its end."""
    connector = create_connector(settings.connect_args(), settings)
    pool = open_pool(settings, connector)
    rules = Access(Keys(settings.key_values))
    instrumentation = create_instrumentation(settings, rules)
    service = create_service(settings)
    telemetry = instrumentation.telemetry
    service.outside = open_services(settings, pool, connector, None if telemetry is None else telemetry.tracer)
    notifications = Notifications(connector.open_plain)
    notifications.subscribe(Topic.SETTING, service.setting_cache)
    page = DIST / "graphiql.html"
    jobs = RowSignals()
    notifications.subscribe_rows(Topic.JOB, jobs)
    operations = Operations(service, pool, instrumentation, jobs, rules.viewer)
    streams = Streams(settings.max_streams)
    view = GraphQLView(
        operations,
        streams,
        settings.max_body_bytes,
        page,
        PAGE_HEADERS,
        settings.body_timeout,
        most=settings.max_subscriptions,
        reserves=settings.workers == 1,
    )
    socket_limits = SocketLimits(settings.socket_init_timeout, settings.max_subscriptions)
    sockets = GraphQLSockets(operations, streams, rules, socket_limits)
    reader = TraceReader(settings.state_dir / TRACES, settings.traces_kept) if instrumentation.trace_pages else None
    routes = [
        Route("/graphql", view),
        Route("/healthz", healthz),
        Route("/readyz", readiness(Health(connector), pool, service, rules)),
        Route("/", home),
        *file_routes(service.outside.files),
        *browse_routes(DIST / "browse.html", PAGE_HEADERS, settings.outside_pictures),
        Route("/jobs", jobs_page),
        *trace_routes(reader, DIST / "traces.html", PAGE_HEADERS, rules.trusts),
        *([Mount("/ui", StaticFiles(directory=DIST))] if DIST.is_dir() else []),
    ]
    # What a proxy says of its client is read where it is used: in traces, and in redirects.
    proxies = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
    app = Application(
        routes=routes,
        lifespan=lambda app: background_tasks(pool, notifications, service, instrumentation),
        middleware=[Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)],
    )
    app.graphql = view if instrumentation.telemetry is None else ProxyHeadersMiddleware(view, proxies)  # type: ignore[arg-type]
    app.sockets = ProxyHeadersMiddleware(sockets, proxies)  # type: ignore[arg-type]
    app.event_streams = view.event_streams
    app.streams = streams
    app.jobs = jobs
    app.hosts = TrustedHosts(settings.allowed_hosts)
    app.access = rules
    app.connection_limits = connection_limits(settings)
    app.state.pool = pool
    app.state.outside = service.outside
    return app
