"""Downloads: what is kept, what is gone on with, what is refused."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from app.provider_limits import download_options
from app.settings import Settings
from domain.errors import CatalogError
from domain.file_type import PICTURES
from providers.address import AddressRule
from providers.client import OutboundClient
from providers.errors import ProviderError
from providers.files.download import DownloadOptions
from providers.files.folder import PARTS
from providers.files.service import FileService
from providers.provider import Call, Provider, Timeouts
from providers.session import Connections
from tests.support import faulty_server as faults
from tests.support.faulty_server import Asked, FaultyServer, answer, head
from tests.support.media_files import LOCAL, files_of, png
from tests.support.outbound import PATIENT, NoLimits, client_of, provider_of

PICTURE = png(64, 48) + b"\0" * 10_000  # what stands behind the end does not count
HALF = len(PICTURE) // 2


def parts(root: Path) -> list[str]:
    return sorted(path.name.partition(".")[2] for path in (root / PARTS).iterdir())


def cut_off(client: OutboundClient, body: bytes, sent: int, **headers: str) -> faults.Behaviour:
    """A connection that breaks in the middle of a body, once the client has read what was sent."""

    async def do(asked: Asked, writer: asyncio.StreamWriter) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        counted = client.statistics.of("files 127.0.0.1")
        expected = counted.received + sent
        writer.write(head(200, {"Content-Length": str(len(body)), **given}) + body[:sent])
        await writer.drain()
        while counted.received < expected:
            await asyncio.sleep(0.005)
        writer.close()

    return do


def ranged(body: bytes, tag: str) -> faults.Behaviour:
    """A server that knows Range and If-Range."""

    async def do(asked: Asked, writer: asyncio.StreamWriter) -> None:
        given = asked.headers.get("range")
        if given is None or asked.headers.get("if-range") != tag:
            await answer(body, ETag=tag)(asked, writer)
            return
        start = int(given.removeprefix("bytes=").rstrip("-"))
        rest = body[start:]
        span = f"bytes {start}-{len(body) - 1}/{len(body)}"
        writer.write(head(206, {"Content-Length": str(len(rest)), "Content-Range": span, "ETag": tag}) + rest)

    return do


async def code_of(work: Awaitable[object]) -> str:
    with pytest.raises(CatalogError) as found:
        await work
    return str(found.value.extensions["code"])


async def test_a_picture_is_stored_by_its_content(server: FaultyServer, client: OutboundClient, tmp_path: Path) -> None:
    server.behaviours = {"/a.svg": [answer(PICTURE)], "/b": [answer(PICTURE, Content_Type="text/html")]}
    files = files_of(client, tmp_path)

    first = await files.downloads.fetch(f"{server.url}/a.svg", PICTURES, 100_000)
    second = await files.downloads.fetch(f"{server.url}/b?size=large", PICTURES, 100_000)

    assert (first.type, first.size, first.dimensions) == ("PNG", len(PICTURE), (64, 48))
    assert first == second
    assert first.path == tmp_path / first.hash[:2] / f"{first.hash}.png"
    assert first.path.read_bytes() == PICTURE
    assert parts(tmp_path) == []


async def test_a_download_that_breaks_off_goes_on_where_it_was(
    server: FaultyServer, client: OutboundClient, tmp_path: Path
) -> None:
    server.behaviours["/a"] = [cut_off(client, PICTURE, HALF, ETag='"1"'), ranged(PICTURE, '"1"')]
    files = files_of(client, tmp_path)

    found = await files.downloads.fetch(f"{server.url}/a", PICTURES, 100_000)

    assert found.path.read_bytes() == PICTURE
    assert [(one.headers.get("range"), one.headers.get("if-range")) for one in server.asked] == [
        (None, None),
        (f"bytes={HALF}-", '"1"'),
    ]


async def test_another_process_goes_on_with_what_one_has_left(
    server: FaultyServer, client: OutboundClient, tmp_path: Path
) -> None:
    server.behaviours["/a"] = [cut_off(client, PICTURE, HALF, ETag='"1"'), faults.status(500), ranged(PICTURE, '"1"')]
    impatient = files_of(client, tmp_path, options=DownloadOptions(None, PATIENT, frozenset({"127.0.0.1"}), attempts=2))
    assert await code_of(impatient.downloads.fetch(f"{server.url}/a", PICTURES, 100_000)) == "PROVIDER_UNAVAILABLE"
    assert parts(tmp_path) == ["part", "validator"]

    found = await files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)

    assert found.path.read_bytes() == PICTURE
    assert server.asked[-1].headers["range"] == f"bytes={HALF}-"
    assert parts(tmp_path) == []


@pytest.mark.parametrize(
    "rest",
    [
        ranged(PICTURE, '"2"'),  # it has changed: the whole comes
        answer(PICTURE),  # no ranges
    ],
)
async def test_what_has_changed_meanwhile_is_fetched_anew(
    server: FaultyServer, client: OutboundClient, tmp_path: Path, rest: faults.Behaviour
) -> None:
    server.behaviours["/a"] = [cut_off(client, b"x" * len(PICTURE), HALF, ETag='"1"'), rest]

    found = await files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)

    assert found.path.read_bytes() == PICTURE


@pytest.mark.parametrize(
    "wrong",
    [
        faults.status(416),
        answer(PICTURE[5:], 206, Content_Range=f"bytes 5-{len(PICTURE) - 1}/{len(PICTURE)}"),
        answer(PICTURE[HALF:], 206),
        answer(PICTURE[HALF:], 206, Content_Range=f"bytes {HALF}-{len(PICTURE) - 1}/{len(PICTURE)}", ETag='"2"'),
    ],
)
async def test_a_rest_that_does_not_fit_is_not_taken(
    server: FaultyServer, client: OutboundClient, tmp_path: Path, wrong: faults.Behaviour
) -> None:
    server.behaviours["/a"] = [cut_off(client, PICTURE, HALF, ETag='"1"'), wrong, ranged(PICTURE, '"1"')]

    found = await files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)

    assert found.path.read_bytes() == PICTURE
    assert "range" not in server.asked[-1].headers


async def test_without_a_tag_nobody_goes_on(server: FaultyServer, client: OutboundClient, tmp_path: Path) -> None:
    server.behaviours["/a"] = [cut_off(client, PICTURE, HALF, ETag='W/"1"'), answer(PICTURE)]

    await files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)

    assert [one.headers.get("range") for one in server.asked] == [None, None]


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (answer(b"<svg/>", Content_Type="image/png"), "BAD_FILE"),
        (answer(b""), "BAD_FILE"),
        (answer(PICTURE * 20), "ANSWER_TOO_LARGE"),
        (faults.endless, "ANSWER_TOO_LARGE"),
        (answer(faults.gzip_bomb(1_000_000), Content_Encoding="gzip"), "ANSWER_TOO_LARGE"),
        (faults.status(404), "PROVIDER_REFUSED"),
        (faults.redirect("http://169.254.169.254/latest"), "ADDRESS_NOT_ALLOWED"),
        (faults.redirect("file:///etc/passwd"), "ADDRESS_NOT_ALLOWED"),
        (faults.not_http, "PROVIDER_BAD_ANSWER"),
    ],
)
async def test_what_cannot_be_used_leaves_nothing_behind(
    server: FaultyServer, client: OutboundClient, tmp_path: Path, behaviour: faults.Behaviour, code: str
) -> None:
    server.behaviours["/a"] = [behaviour]

    found = await code_of(files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000))

    assert found == code
    assert parts(tmp_path) == []
    assert server.times("/a") == 1


@pytest.mark.parametrize("address", ["ftp://x/a", "file:///etc/passwd", "/a", "http://", "", "http://[::1/a"])
async def test_an_address_that_is_none_is_refused(client: OutboundClient, tmp_path: Path, address: str) -> None:
    fetching = files_of(client, tmp_path).downloads.fetch(address, PICTURES, 100_000)
    assert await code_of(fetching) == "ADDRESS_NOT_ALLOWED"


async def test_private_hosts_are_called_where_settings_name_them_alone(
    server: FaultyServer, client: OutboundClient, tmp_path: Path
) -> None:
    files = files_of(client, tmp_path, options=DownloadOptions(timeouts=PATIENT))
    assert await code_of(files.downloads.fetch(f"{server.url}/a", PICTURES, 100)) == "ADDRESS_NOT_ALLOWED"
    assert server.asked == []


async def test_a_full_disk_is_seen_before_anything_is_fetched(
    server: FaultyServer, client: OutboundClient, tmp_path: Path
) -> None:
    server.behaviours["/a"] = [answer(PICTURE)]
    none, little = files_of(client, tmp_path, free=999), files_of(client, tmp_path, free=1_000 + HALF)

    assert await code_of(none.downloads.fetch(f"{server.url}/a", PICTURES, 100_000)) == "DISK_FULL"
    assert server.asked == []
    assert await code_of(little.downloads.fetch(f"{server.url}/a", PICTURES, 100_000)) == "DISK_FULL"
    assert parts(tmp_path) == []


async def test_a_disk_that_fills_up_meanwhile_says_so(
    server: FaultyServer, client: OutboundClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.behaviours["/a"] = [answer(PICTURE)]
    monkeypatch.setattr("providers.files.folder.Part.write", full)
    assert await code_of(files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 10**6)) == "DISK_FULL"
    assert parts(tmp_path) == []


async def test_a_host_that_sends_nothing_for_too_long_is_given_up_and_gone_on_with_later(
    server: FaultyServer, client: OutboundClient, tmp_path: Path
) -> None:
    """However long all of the file may take."""

    async def stalls(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, {"Content-Length": str(len(PICTURE)), "ETag": '"1"'}) + PICTURE[:HALF])
        await asyncio.Event().wait()

    server.behaviours["/a"] = [stalls, ranged(PICTURE, '"1"')]
    options = replace(LOCAL, timeouts=Timeouts(10, 3_000, idle=0.3))
    with pytest.raises(ProviderError) as error:
        await files_of(client, tmp_path, options=options).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)
    found = await files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)
    assert (error.value.code, found.path.read_bytes() == PICTURE) == ("PROVIDER_TIMEOUT", True)
    assert server.asked[-1].headers.get("range") == f"bytes={HALF}-"


async def test_a_deadline_is_of_the_beginning_of_an_answer_whose_end_has_another(
    server: FaultyServer, client: OutboundClient
) -> None:
    server.behaviours["/a"] = [faults.stall]
    now, begun = asyncio.get_running_loop().time(), []

    async def read() -> None:
        async with client.stream(provider_of(server), Call(path="/a"), deadline=now + 600, until=now) as stream:
            begun.append(stream.status)
            async for _ in stream.chunks:
                pass

    with pytest.raises(ProviderError) as error:
        await read()
    assert (error.value.code, begun) == ("PROVIDER_TIMEOUT", [200])


def test_a_download_has_more_time_than_an_answer() -> None:
    timeouts = download_options(Settings(provider_timeout=100)).timeouts
    assert (timeouts.idle, timeouts.total) == (100, 3_000)


def full(*given: object) -> None:
    raise OSError(28, os.strerror(28))


async def test_a_server_that_sends_less_than_the_rest_is_asked_again(
    server: FaultyServer, client: OutboundClient, tmp_path: Path
) -> None:
    """A part of an answer is an answer too, but not yet the file."""
    piece = PICTURE[HALF : HALF + 100]
    span = f"bytes {HALF}-{HALF + 99}/{len(PICTURE)}"
    server.behaviours["/a"] = [
        cut_off(client, PICTURE, HALF, ETag='"1"'),
        answer(piece, 206, Content_Range=span, ETag='"1"'),
        ranged(PICTURE, '"1"'),
    ]

    found = await files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)

    assert found.path.read_bytes() == PICTURE
    assert server.asked[-1].headers["range"] == f"bytes={HALF + 100}-"


async def test_one_address_is_fetched_by_one_at_a_time(
    server: FaultyServer, client: OutboundClient, tmp_path: Path, until: Callable[[Callable[[], bool]], Awaitable[None]]
) -> None:
    """The second waits for the first, and is no fault of the file."""
    go = asyncio.Event()

    async def wait(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        await answer(PICTURE)(asked, writer)

    server.behaviours["/a"] = [wait]
    looks = Counter[str]()
    fetching = [
        asyncio.create_task(
            watched(files_of(client, tmp_path), looks, name).downloads.fetch(f"{server.url}/a", PICTURES, 99_999)
        )
        for name in ("one", "other")
    ]
    await until(lambda: len(server.asked) == 1 and sorted(looks)[1:] != [] and max(looks.values()) > 1)
    assert len(server.asked) == 1
    go.set()
    first, second = await asyncio.gather(*fetching)
    assert first == second
    assert (len(server.asked), server.most_running, parts(tmp_path)) == (2, 1, [])


def watched(files: FileService, looks: Counter[str], name: str) -> FileService:
    """The same, which counts how often it looks whether an address is free."""
    looking = files.folder.part_of

    def look(key: str) -> Path:
        looks[name] += 1
        return looking(key)

    files.folder.part_of = look  # type: ignore[method-assign]
    return files


async def test_who_is_cancelled_while_a_download_is_opened_does_not_keep_it(
    server: FaultyServer, client: OutboundClient, tmp_path: Path
) -> None:
    server.behaviours["/a"] = [answer(PICTURE)]
    files, go, waits = files_of(client, tmp_path), threading.Event(), threading.Event()
    looking = files.folder.part_of

    def look(key: str) -> Path:
        waits.set()
        go.wait()
        return looking(key)

    files.folder.part_of = look  # type: ignore[method-assign]
    cancelled = asyncio.create_task(files.downloads.fetch(f"{server.url}/a", PICTURES, 100_000))
    await asyncio.to_thread(waits.wait)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    go.set()

    async with asyncio.timeout(60):
        found = await files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)

    assert (found.path.read_bytes(), parts(tmp_path)) == (PICTURE, [])


@dataclass
class NotedLimits(NoLimits):
    """What was asked for at the limit of which name."""

    asked: list[tuple[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def place(self, provider: Provider, deadline: float | None) -> AsyncIterator[None]:
        self.asked.append(("place", provider.name))
        try:
            yield
        finally:
            self.asked.append(("back", provider.name))

    async def turn(self, provider: Provider, deadline: float | None) -> float:
        self.asked.append(("turn", provider.name))
        return 0.0

    async def block(self, provider: Provider, seconds: float) -> None:
        self.asked.append((f"block {seconds:g}", provider.name))


async def test_each_host_to_which_a_file_is_redirected_has_its_own_limit(
    server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that asks to be left alone."""
    limits, request = NotedLimits(), Connections.request

    async def request_here(self: Connections, method: str, url: URL, rule: AddressRule, **content: Any) -> Any:
        """All hosts are this one."""
        rule.allows_private = True
        return await request(self, method, URL(f"{server.url}{url.path}"), rule, **content)

    monkeypatch.setattr(Connections, "request", request_here)
    server.behaviours = {
        "/a": [faults.redirect("http://other.example/b")],
        "/b": [faults.status(429, Retry_After="1"), answer(PICTURE)],
    }
    async with client_of(limits) as client:
        await files_of(client, tmp_path).downloads.fetch(f"{server.url}/a", PICTURES, 100_000)
    first, other = "files 127.0.0.1", "files other.example"
    hops = [("place", first), ("turn", first), ("back", first), ("place", other), ("turn", other)]
    assert limits.asked == [*hops, ("block 1", other), ("back", other), *hops, ("back", other)]
