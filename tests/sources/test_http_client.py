"""Libraries over HTTP: keys, bounds, faults that pass and those that do not."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from sources import http_client
from sources.formats import open_source
from sources.radarr import RadarrSource
from sources.source import SourceError, Unreadable
from tests.support.library_server import LibraryServer, cut_off, redirect, serving, status, text, too_slow
from tests.support.reading import read_all, titles_of

KEY = "s3cret-of-nobody"
MOVIES = [{"id": number, "title": f"Movie {number}"} for number in range(1, 4)]
ANSWERS: dict[str, Any] = {"/api/v3/movie": MOVIES, "/api/v3/tag": []}
PATH = "/api/v3/movie"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_IMPORT_API_KEY", KEY)
    monkeypatch.setattr(http_client, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(http_client, "LONGEST_PAUSE_SECONDS", 0.02)


def radarr(**more: Any) -> LibraryServer:
    return LibraryServer({**ANSWERS, **more.pop("answers", {})}, key=("X-Api-Key", KEY), **more)


async def test_the_key_is_sent_in_a_header_and_stands_in_no_address() -> None:
    async with serving(radarr()) as server:
        assert titles_of(await read_all(RadarrSource(server.address))) == ["Movie 1", "Movie 2", "Movie 3"]
    assert server.asked == ["/api/v3/tag", PATH]
    assert [one["X-Api-Key"] for one in server.headers] == [KEY, KEY]


async def test_a_key_of_the_format_goes_before_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADARR_API_KEY", "own")
    async with serving(LibraryServer(ANSWERS, key=("X-Api-Key", "own"))) as server:
        assert len(await read_all(RadarrSource(server.address))) == 3


@pytest.mark.parametrize(
    "faults",
    [
        [status(503)],
        [status(500), status(502), status(504)],
        [status(429, Retry_After="1")],
        [cut_off],
        [cut_off, status(408), cut_off],
    ],
)
async def test_faults_that_pass_are_tried_again(faults: list[Any]) -> None:
    async with serving(radarr(faults={PATH: list(faults)})) as server:
        assert len(await read_all(RadarrSource(server.address))) == 3
    assert len(server.asked) == 2 + len(faults)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ([status(503)] * 4, "{address}/api/v3/movie answers with status 503."),
        ([cut_off] * 4, "{address}/api/v3/movie has cut its answer off."),
        ([too_slow] * 2, "{address}/api/v3/movie did not answer within 0.5 seconds."),
        ([status(401)], "{address} refuses the key: the variable RADARR_API_KEY or MARQUEE_IMPORT_API_KEY of the"),
        ([status(403)], "{address} refuses the key: the variable RADARR_API_KEY or MARQUEE_IMPORT_API_KEY of the"),
        ([status(404)], "{address} has no /api/v3/movie: is it the address of Radarr?"),
        ([status(418)], "{address}/api/v3/movie answers with status 418."),
        ([text("<html>Log in</html>")], "{address}/api/v3/movie answers with no JSON of Radarr: is it the address"),
        ([text("")], "{address}/api/v3/movie answers with no JSON of Radarr: is it the address"),
        ([text('{"error": "x"}')], "{address}/api/v3/movie answers with no JSON of Radarr: is it the address"),
        ([text('[{"id": 1, "title": "A"}, {"id"')], "{address}/api/v3/movie has answered JSON that ends in the middle"),
        ([redirect("/loop")], "{address} has no /api/v3/movie: is it the address of Radarr?"),
        ([redirect(PATH)] * 6, "{address}/api/v3/movie redirects without end."),
        ([redirect("http://localhost:1/x?key=a")], "{address} redirects to http://localhost:1/x, which the key is not"),
        ([text("[" + " " * 2_000 + "]")], "{address}/api/v3/movie answers with more than 1000 bytes."),
    ],
)
async def test_faults_that_stay_say_what_to_do_and_tell_no_key(
    faults: list[Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "MAX_BODY_BYTES", 1_000)
    if too_slow in faults:
        monkeypatch.setattr(http_client, "TOTAL_SECONDS", 0.5)
        monkeypatch.setattr(http_client, "TRIES", 2)
    async with serving(radarr(faults={PATH: list(faults)})) as server:
        with pytest.raises(SourceError) as error:
            await read_all(RadarrSource(server.address))
    assert str(error.value).startswith(message.format(address=server.address))
    told = [str(error.value), repr(error.value), *(repr(one) for one in chain_of(error.value))]
    assert not any(KEY in one for one in told)


def chain_of(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


async def test_the_key_follows_a_redirect_within_the_host_alone() -> None:
    other = LibraryServer({"/api/v3/movie": MOVIES})
    async with serving(other), serving(radarr(answers={"/moved": MOVIES})) as server:
        server.faults[PATH] = [redirect("/moved")]
        assert len(await read_all(RadarrSource(server.address))) == 3
        server.faults[PATH] = [redirect(f"{other.address.replace('127.0.0.1', 'localhost')}{PATH}")]
        with pytest.raises(SourceError, match="which the key is not sent to"):
            await read_all(RadarrSource(server.address))
    assert other.asked == []


async def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match=r"/api/v3/tag cannot be reached: Connect call failed|Connection refused"):
        await read_all(RadarrSource(f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    "address",
    [
        "http://user:password@localhost",
        "http://localhost/?apikey=x",
        "http://localhost/#x",
        "http://",
        "http://localhost:99999",
    ],
)
def test_an_address_with_a_key_or_without_a_host_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="without user, password or key: the key comes from the environment"):
        RadarrSource(address)


async def test_elements_that_are_no_objects_are_told_and_passed() -> None:
    body = '[1, {"id": 1, "title": "A"}, {"id": 2, "title": "\\ud800"}, {"title": "no id"}, {"id": 5, "title": []}]'
    async with serving(radarr(faults={PATH: [text(body)]})) as server:
        found = await read_all(RadarrSource(server.address))
    assert titles_of(found) == ["A"]
    told = [(one.where, one.reason.partition(":")[0]) for one in found if isinstance(one, Unreadable)]
    assert told == [
        ("movie 1", "An object is needed here."),
        ("movie 3", "This is no JSON"),
        ("movie 4", "It has not the fields that it should."),
        ("movie 5", "title"),
    ]


SERVERS: dict[str, dict[str, Any]] = {
    "jellyfin": {"/System/Info/Public": {"ProductName": "Jellyfin Server", "Id": "x"}},
    "radarr": {"/api/v3/system/status": {"appName": "Radarr"}},
    "sonarr": {"/api/v3/system/status": {"appName": "Sonarr"}},
    "tunarr": {"/api/version": {"tunarr": "0.22.0"}},
}


@pytest.mark.parametrize("name", list(SERVERS))
async def test_a_server_is_asked_what_it_is(name: str) -> None:
    async with serving(LibraryServer(SERVERS[name])) as server:
        opened = await open_source(server.address)
    assert opened.format.name == name
    assert opened.reason == f"The format is {name}: a {name.capitalize()} server answers there."


async def test_a_server_of_another_kind_is_told() -> None:
    async with serving(LibraryServer({})) as server:
        with pytest.raises(SourceError, match="is of no format that is known"):
            await open_source(server.address)


async def test_a_server_that_refuses_the_key_when_it_is_asked_what_it_is_is_told() -> None:
    path = "/api/v3/system/status"
    async with serving(LibraryServer(SERVERS["sonarr"], faults={path: [status(401), status(401)]})) as server:
        with pytest.raises(SourceError, match="refuses the key"):
            await open_source(server.address)
        server.faults[path] = [status(401)]  # of Radarr, say
        assert (await open_source(server.address)).format.name == "sonarr"
