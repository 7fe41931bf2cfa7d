"""The way of a request through the code: how many calls of our own functions it takes, in how many files and rooms.

`python -m bench.calls` prints it for two requests whose documents are known already, with `-v` every call. It needs a
database with the demo's data: one of its own in `.bench/calls`, or that of DATABASE_URL, whose media with the smallest
ids it gives a tag.

A call is a call of a function or the start of a coroutine, from the web application on; comprehensions, generated code
and libraries do not count. A stay ends where the next call goes to another room."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from pathlib import Path
from secrets import token_hex
from types import CodeType, FrameType
from typing import Any

import asyncpg
import orjson

from app.http.application import create_app
from app.postgres.embedded import EmbeddedPostgres
from app.process.migrate import migrate
from app.settings import CHECKOUT, Settings
from bench.generated.load import load_generated
from database.connect_args import ConnectArgs
from database.open_session import open_session

ROOMS = ("app", "schema", "jobs", "catalog", "sources", "loaders", "providers", "database", "domain", "engine")
FOLDER = CHECKOUT / ".bench" / "calls"
WARM_UPS = 5
NEVER = 1e9  # seconds
RESUMED = CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR
PAGE = "{ media(first: 20) { nodes { title tags { name } } } }"
EDIT = """mutation edit($media: ID!) {
  addTags(items: [{ media: [$media], tags: [{ name: "walked %s" }] }]) { succeeded media { id tags { name } } }
}"""


@dataclass(slots=True)
class Walk:
    """The calls of a request, in order, each as the file, below the checkout, and the function."""

    calls: list[tuple[str, str]] = field(default_factory=list)

    @property
    def functions(self) -> int:
        return len(set(self.calls))

    @property
    def files(self) -> list[str]:
        return sorted({file for file, _ in self.calls})

    @property
    def stays(self) -> int:
        """How often the next call is one in another room."""
        rooms = [file.partition("/")[0] for file, _ in self.calls]
        return sum(room != before for room, before in zip(rooms, ["", *rooms], strict=False))


async def walk(request: Callable[[], Awaitable[Any]]) -> Walk:
    """What is called for a request. It must be the only thing that the event loop has to do."""
    found = Walk()
    known: dict[CodeType, str | None] = {}
    begun: set[FrameType] = set()  # of coroutines, which are entered again whenever they go on

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event != "call":
            return
        code = frame.f_code
        if code not in known:
            known[code] = own_file(code)
        file = known[code]
        if file is None or frame in begun or is_beside():
            return
        if code.co_flags & RESUMED:
            begun.add(frame)
        found.calls.append((file, code.co_qualname))

    sys.setprofile(note)
    try:
        await request()
    finally:
        sys.setprofile(None)
    return found


def own_file(code: CodeType) -> str | None:
    """The file of a function of ours, None for others, and for comprehensions, which are functions to Python 3.11."""
    path = Path(code.co_filename)
    if not path.is_relative_to(CHECKOUT) or code.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"):
        return None
    file = path.relative_to(CHECKOUT)
    return str(file) if file.parts[0] in ROOMS else None


def is_beside() -> bool:
    """Whether a timer runs, or what it has begun: it looks after requests that take long, as under this count."""
    task = asyncio.current_task()
    return task is None or str(getattr(task.get_coro(), "__qualname__", "")).endswith("._watch")


async def walks(args: ConnectArgs) -> dict[str, Walk]:
    """The walks of both requests. Writes into the database: some media get a tag."""
    app = create_app(Settings(database_url=args.dsn, pool_min=1, trace_pages=False, report=False, slow_request=NEVER))
    pool = app.state.pool
    await pool.start()
    try:
        ids = [f"media_{number}" for number in await media_ids(args)]
        for _ in ids:
            page = await walk(partial(post, app, PAGE, {}))
        document = EDIT % token_hex(4)  # a tag that no media has, so that each edit writes
        for one in ids:
            edit = await walk(partial(post, app, document, {"media": one}))
    finally:
        await pool.close()
    return {"page": page, "addTags": edit}


async def media_ids(args: ConnectArgs) -> list[int]:
    connection = await asyncpg.connect(**args.kwargs())
    rows = await connection.fetch("SELECT id FROM media ORDER BY id LIMIT $1", WARM_UPS)
    await connection.close()
    return [row["id"] for row in rows]


async def post(app: Callable[..., Awaitable[None]], document: str, variables: dict[str, Any]) -> None:
    """One request to the application, without a socket. Raises RuntimeError where its answer has errors."""
    body = orjson.dumps({"query": document, "variables": variables})
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"accept", b"application/json")]
    headers.append((b"content-length", b"%d" % len(body)))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "scheme": "http",
    }
    said: list[bytes] = []

    bodies = [body]

    async def receive() -> dict[str, Any]:
        if not bodies:
            await asyncio.Event().wait()  # the client stays
        return {"type": "http.request", "body": bodies.pop(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        said.append(message.get("body", b""))

    await app(scope, receive, send)
    answer = orjson.loads(b"".join(said))
    if "errors" in answer:
        raise RuntimeError(answer["errors"])


async def main(args: ConnectArgs) -> None:
    lines = []
    for name, one in (await walks(args)).items():
        where = f"{len(one.files)} files, {one.stays} stays in rooms"
        lines.append(f"{name}: {len(one.calls)} calls of {one.functions} functions in {where}")
        lines += [f"  {file}  {function}" for file, function in one.calls] if "-v" in sys.argv else []
    sys.stdout.write("\n".join(lines) + "\n")


async def fill(args: ConnectArgs) -> None:
    await migrate(args)
    async with open_session(args) as session:
        await load_generated(session, 1_000)


if __name__ == "__main__":
    if "DATABASE_URL" in os.environ:
        asyncio.run(main(ConnectArgs(os.environ["DATABASE_URL"])))
    else:
        with EmbeddedPostgres(FOLDER, {}) as own:
            asyncio.run(fill(own))
            asyncio.run(main(own))
