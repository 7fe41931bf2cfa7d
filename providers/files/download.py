"""Downloads into the folder of files: bounded, checked by content, and gone on with where they broke off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from yarl import URL

from domain.errors import Code
from domain.file_type import FileType
from providers.client import OutboundClient, Stream
from providers.errors import ProviderError
from providers.files.file_error import FileError
from providers.files.folder import FileFolder, Part, StoredFile, open_part
from providers.provider import Call, Provider, RateLimit, Timeouts
from providers.retry import retried

WRITTEN_AT_ONCE = 1 << 20  # bytes
# A slow host is read from for as long as bytes come, within a time that is bounded.
DOWNLOAD_TIMEOUTS = Timeouts(total=3_000.0, idle=300.0)
LOOK_SECONDS = 0.2  # between two looks whether an address is free
CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")
ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')  # weak ones do not say that bytes are the same


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """limits: of each host; timeouts: of one attempt, of which `total` is that of the whole download; private_hosts:
    those that may have private addresses; attempts: of a download, which go on where the one before has come to."""

    limits: RateLimit | None = None
    timeouts: Timeouts = DOWNLOAD_TIMEOUTS
    private_hosts: frozenset[str] = frozenset()
    attempts: int = 4
    longest_pause: float = 60.0


class Downloads:
    """Of a process. `fetch` gives stored files, `fetched` those that are only looked at."""

    def __init__(self, client: OutboundClient, folder: FileFolder, options: DownloadOptions) -> None:
        self._client = client
        self._folder = folder
        self._options = options

    async def fetch(self, address: str, wanted: Collection[FileType], most: int) -> StoredFile:
        """The file at an address, of at most so many bytes. ProviderError, FileError."""
        part = await self._opened(address)
        is_kept = True
        try:
            await self._filled(part, address, most)
            is_kept = False
            return await asyncio.to_thread(self._folder.store, part.path, wanted)
        except Exception as error:
            is_kept = is_kept and is_worth_keeping(error)
            raise
        finally:
            part.close(keep=is_kept)

    @asynccontextmanager
    async def fetched(self, address: str, most: int) -> AsyncIterator[Path]:
        """The same for a file that is removed after the context."""
        part = await self._opened(address)
        is_kept = True
        try:
            await self._filled(part, address, most)
            is_kept = False
            yield part.path
        except Exception as error:
            is_kept = is_kept and is_worth_keeping(error)
            raise
        finally:
            part.close(keep=is_kept)

    async def _opened(self, address: str) -> Part:
        """In its turn: an address is fetched by one at a time, of all processes."""
        while True:
            opening = asyncio.ensure_future(asyncio.to_thread(self._open_part, address))
            try:
                part = await asyncio.shield(opening)
            except asyncio.CancelledError:
                opening.add_done_callback(close_unused)
                raise
            if part is not None:
                return part
            await asyncio.sleep(LOOK_SECONDS)

    def _open_part(self, address: str) -> Part | None:
        self._folder.prepare()
        self._folder.check_space()
        with self._folder.guarded():
            return open_part(self._folder.part_of(address))

    async def _filled(self, part: Part, address: str, most: int) -> None:
        """Attempt by attempt."""
        provider = self._provider(address)
        until = asyncio.get_running_loop().time() + provider.timeouts.total

        async def attempt(number: int) -> None:
            await self._attempt(provider, part, address, most, until)

        # A host that is left alone is told as such, so that its files are asked for later.
        await retried(self._options.attempts, self._options.longest_pause, attempt, deadline=until, tells_cause=False)

    def _provider(self, address: str) -> Provider:
        """Of the host of an address: limits are by host."""
        options = self._options
        try:
            url = URL(address)
            return Provider(
                "files",
                str(url.origin()),
                options.limits,
                options.timeouts,
                allow_private=url.host in options.private_hosts,
                attempts=1,
                hosts="files",
            ).at(url)
        except ValueError:
            raise FileError(Code.ADDRESS_NOT_ALLOWED, "This is no address with http or https.") from None

    async def _attempt(self, provider: Provider, part: Part, address: str, most: int, until: float) -> None:
        have, validator = part.size, part.validator
        # Bytes as they are, so that they can be counted.
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if have and validator is not None:
            headers |= {"Range": f"bytes={have}-", "If-Range": validator}
        call = Call(path=address, headers=headers, max_bytes=most, accepts=frozenset({416}))
        # Who is asked to wait for longer gives its place to others (PROVIDER_LIMITED).
        timeouts = provider.timeouts
        begins = asyncio.get_running_loop().time() + (timeouts.idle or timeouts.total) + self._options.longest_pause
        async with self._client.stream(provider, call, deadline=min(begins, until), until=until) as stream:
            if stream.status == 206 and not is_rest(stream.headers, have, validator):
                self._restart(part, None)
                raise unfit(provider, "sends another part of a file")
            if stream.status != 206:
                have = 0
                self._restart(part, None if stream.status == 416 else validator_of(stream.headers))
            length = content_length(stream.headers)
            if have + length > most:
                raise file_too_large(most)
            await asyncio.to_thread(self._folder.check_space, length)
            if stream.status != 416:
                await self._write(part, stream, most)
        if stream.status == 416:
            # What there is was no beginning of what is there now.
            raise unfit(provider, "refuses the rest of a file")
        if stream.status == 206 and part.size < whole_size(stream.headers):
            raise unfit(provider, "sends less than the rest of a file")  # the next attempt goes on from there

    def _restart(self, part: Part, validator: str | None) -> None:
        with self._folder.guarded():
            part.begin(validator)

    async def _write(self, part: Part, stream: Stream, most: int) -> None:
        waiting: list[bytes] = []
        size, unwritten = part.size, 0

        def flush() -> None:
            with self._folder.guarded():
                part.write(b"".join(waiting))
            self._folder.check_space()

        try:
            async for chunk in stream.chunks:
                waiting.append(chunk)
                unwritten += len(chunk)
                size += len(chunk)
                if size > most:
                    raise file_too_large(most)
                if unwritten >= WRITTEN_AT_ONCE:
                    await asyncio.to_thread(flush)
                    waiting, unwritten = [], 0
        except ProviderError:
            await asyncio.to_thread(flush)  # the next attempt goes on from there
            raise
        await asyncio.to_thread(flush)


def close_unused(opening: asyncio.Task[Part | None]) -> None:
    """A part that was opened for somebody who was cancelled meanwhile."""
    if not opening.cancelled() and opening.exception() is None and (part := opening.result()) is not None:
        part.close(keep=True)


def unfit(provider: Provider, what: str) -> ProviderError:
    """An answer that does not fit to what has come: asked again, another one may."""
    return ProviderError(Code.PROVIDER_BAD_ANSWER, f"{provider.name} {what}.", is_repeated=True)


def is_rest(headers: Mapping[str, str], have: int, validator: str | None) -> bool:
    """Whether a part of a file begins where another ends, and is of the same file as far as that is said."""
    found = CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
    return bool(have) and found is not None and int(found[1]) == have and validator_of(headers) in (None, validator)


def whole_size(headers: Mapping[str, str]) -> int:
    """Of the file of which a part comes; 0 where it is not said."""
    found = CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
    return int(found[3]) if found is not None and found[3] != "*" else 0


def is_worth_keeping(error: Exception) -> bool:
    """Whether a later download could go on with what has come."""
    return isinstance(error, ProviderError) and error.is_transient


def file_too_large(most: int) -> FileError:
    return FileError(Code.ANSWER_TOO_LARGE, f"The file has more than the {most} bytes that it may have.")


def content_length(headers: Mapping[str, str]) -> int:
    """0 where it is not said."""
    given = headers.get("Content-Length", "")
    return int(given[:18]) if given.isascii() and given.isdigit() else 0


def validator_of(headers: Mapping[str, str]) -> str | None:
    """By what the rest of an answer can be asked for; None where there is nothing that says whether it is the same."""
    if headers.get("Content-Encoding", "identity") != "identity":
        return None
    tag = headers.get("ETag", "").strip()
    if ETAG.fullmatch(tag):
        return tag
    modified = headers.get("Last-Modified", "").strip()
    return modified if modified and modified.isascii() and modified.isprintable() and len(modified) < 100 else None
