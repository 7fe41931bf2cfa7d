"""Libraries over HTTP: JSON that is asked for with a key, within bounds of time and size, and tried again for faults
that pass.

The key comes from the environment alone. It goes into a header, to the host that was named and to no other, and stands
in no error and no log."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from domain.exact_json import loads
from sources.binary_file import shown
from sources.in_thread import read_in_thread
from sources.json_array import find_array
from sources.json_scanner import JsonScanner, UnexpectedEnd
from sources.source import SourceError

if TYPE_CHECKING:  # it is imported where a library is asked: other imports need not have it in memory
    import aiohttp
    from yarl import URL

API_KEY = "MARQUEE_IMPORT_API_KEY"
CONNECT_SECONDS, TOTAL_SECONDS = 10.0, 300.0
MAX_BODY_BYTES = 2 << 30  # of an answer, which lies in a temporary file
MAX_SMALL_BYTES = 4 << 20  # of one that is read at once
TRIES = 4
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 5
PIECE_BYTES, WRITTEN_BYTES = 64 << 10, 1 << 20


@dataclass(frozen=True, slots=True)
class ApiRecord:
    """An element of an array that was answered; value: None where it cannot be read, then `reason` says why."""

    value: Any
    reason: str = ""
    raw: str = ""


class RefusedError(SourceError):
    """A server refuses the key, or does not answer: whatever it is, it does not say so."""


class PassingFault(Exception):
    """What may go better the next time; the message is for people. pause: seconds that the server asks for."""

    def __init__(self, message: str, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause


def api_key(*names: str) -> str:
    """The key of the environment: by these names, else by that of all."""
    return next((found for name in (*names, API_KEY) if (found := os.environ.get(name, "").strip())), "")


def base_address(location: str) -> str:
    """A URL without a slash at its end; SourceError for one with a key, user or password in it."""
    parts = urlsplit(location)
    try:
        is_plain = parts.username is None and parts.password is None and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_plain = False
    if not is_plain or parse_qsl(parts.query, keep_blank_values=True) or parts.fragment:
        raise SourceError(
            f"The address of a library is like http://host:8096, without user, password or key: the key comes from"
            f" the environment variable {API_KEY}."
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


class HttpClient:
    """Asks one library. key_names: variables of the environment that its key may be in, told where it is refused."""

    def __init__(
        self, session: aiohttp.ClientSession, base: str, what: str, key_names: Sequence[str], headers: Mapping[str, str]
    ) -> None:
        self._session = session
        self.base = base
        self._what = what
        self._key_names = key_names
        self.tries = TRIES
        self._headers = {"Accept": "application/json", **headers}

    async def value(self, path: str, **parameters: Any) -> Any:
        """A small answer as a whole; SourceError."""
        with tempfile.TemporaryFile() as file:
            await self._download(path, parameters, cast(BinaryIO, file), MAX_SMALL_BYTES)
            file.seek(0)
            try:
                return await asyncio.to_thread(lambda: loads(file.read()))
            except ValueError:
                raise self._no_json(path) from None

    async def records(self, path: str, array: Sequence[str] = (), **parameters: Any) -> AsyncIterator[ApiRecord]:
        """The elements of an array, which is the answer or stands in it at `array`; SourceError."""
        with tempfile.TemporaryFile() as file:
            await self._download(path, parameters, cast(BinaryIO, file), MAX_BODY_BYTES)
            file.seek(0)
            async for one in read_in_thread(lambda: self._elements(cast(BinaryIO, file), path, list(array))):
                yield one

    def _elements(self, file: BinaryIO, path: str, array: list[str]) -> Iterator[ApiRecord | None]:
        scanner = JsonScanner(file)
        if scanner.peek() not in (b"[", b"{") or (scanner.peek() == b"{" and not array):
            raise self._no_json(path)
        try:
            find_array(scanner, array)
            while scanner.peek() != b"]":
                raw = scanner.value()
                scanner.skip(b",")
                yield record_of(raw)
        except UnexpectedEnd:
            raise SourceError(f"{self.base}{path} has answered JSON that ends in the middle: try again.") from None

    async def _download(self, path: str, parameters: Mapping[str, Any], file: BinaryIO, most: int) -> None:
        """The answer into a file; tried again for faults that pass."""
        pause = FIRST_PAUSE_SECONDS
        tries = 1
        while (fault := await self._fault(path, parameters, file, most)) is not None:
            if tries >= self.tries:
                raise RefusedError(f"{self.base}{path} {fault}") from fault
            await asyncio.sleep(min(fault.pause or pause, LONGEST_PAUSE_SECONDS))
            pause *= 2
            tries += 1

    async def _fault(self, path: str, parameters: Mapping[str, Any], file: BinaryIO, most: int) -> PassingFault | None:
        """The answer into a file, or what may go better the next time."""
        await asyncio.to_thread(file.truncate, 0)
        file.seek(0)
        try:
            await self._try(path, parameters, file, most)
        except PassingFault as fault:
            return fault
        return None

    async def _try(self, path: str, parameters: Mapping[str, Any], file: BinaryIO, most: int) -> None:
        import aiohttp
        from yarl import URL

        url = URL(self.base + path).with_query({name: str(value) for name, value in parameters.items()})
        try:
            for _ in range(MAX_REDIRECTS + 1):
                async with self._session.get(url, headers=self._headers, allow_redirects=False) as answer:
                    if answer.status in REDIRECTS and "Location" in answer.headers:
                        url = self._redirected(url, answer.headers["Location"])
                        continue
                    self._check(path, answer)
                    return await self._keep(path, answer, file, most)
        except TimeoutError:
            raise PassingFault(f"did not answer within {TOTAL_SECONDS:g} seconds.") from None
        except aiohttp.ClientPayloadError:
            raise PassingFault("has cut its answer off.") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise PassingFault(f"cannot be reached: {reason_of(error)}.") from None
        raise SourceError(f"{self.base}{path} redirects without end.")

    def _redirected(self, url: URL, location: str) -> URL:
        """Where a redirect leads: the key goes to no other host, and not from https to http."""
        found = url.join(type(url)(location))
        if found.host != url.host or (url.scheme == "https" and found.scheme != "https"):
            raise SourceError(
                f"{self.base} redirects to {found.with_query(None).with_user(None)}, which the key is not sent to:"
                " give that address if it is the right one."
            )
        return found

    def _check(self, path: str, answer: aiohttp.ClientResponse) -> None:
        """SourceError, PassingFault for an answer that is none."""
        if answer.status in (401, 403):
            raise RefusedError(
                f"{self.base} refuses the key: the variable {' or '.join([*self._key_names, API_KEY])} of the"
                f" environment holds that of {self._what}."
            )
        if answer.status == 404:
            raise SourceError(f"{self.base} has no {path}: is it the address of {self._what}?")
        if answer.status in PASSING_STATUSES:
            raise PassingFault(f"answers with status {answer.status}.", seconds_of(answer.headers.get("Retry-After")))
        if answer.status != 200:
            raise SourceError(f"{self.base}{path} answers with status {answer.status}.")

    async def _keep(self, path: str, answer: aiohttp.ClientResponse, file: BinaryIO, most: int) -> None:
        size, held = 0, bytearray()
        async for piece in answer.content.iter_chunked(PIECE_BYTES):
            size += len(piece)
            held += piece
            if size > most:
                raise SourceError(f"{self.base}{path} answers with more than {most} bytes.")
            if len(held) >= WRITTEN_BYTES:
                await asyncio.to_thread(file.write, bytes(held))
                held.clear()
        await asyncio.to_thread(file.write, bytes(held))

    def _no_json(self, path: str) -> SourceError:
        return SourceError(f"{self.base}{path} answers with no JSON of {self._what}: is it the address of its API?")


def record_of(raw: bytes | None) -> ApiRecord:
    if raw is None:
        return ApiRecord(None, "It is too large.")
    try:
        return ApiRecord(loads(raw))
    except ValueError as error:
        return ApiRecord(None, f"This is no JSON: {error}", shown(raw))


def reason_of(error: Exception) -> str:
    """Why a server cannot be reached, without what was sent to it."""
    cause = getattr(error, "os_error", None) or error
    return getattr(cause, "strerror", None) or type(error).__name__


def seconds_of(given: str | None) -> float | None:
    """Of the header Retry-After; None where it says none."""
    return float(given) if given is not None and given.isascii() and given.isdigit() else None


@asynccontextmanager
async def opened_client(
    base: str, what: str, key_names: Sequence[str], headers: Mapping[str, str]
) -> AsyncIterator[HttpClient]:
    aiohttp = await asyncio.to_thread(import_module, "aiohttp")  # it takes long
    timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield HttpClient(session, base, what, key_names, headers)
