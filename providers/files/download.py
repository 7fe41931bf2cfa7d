"""Downloads into the folder of files: bounded, checked by content, and gone on with where they broke off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from yarl import URL

from domain.errors import Code
from domain.file_type import FileType
from providers.client import OutboundClient, Stream
from providers.errors import ProviderError
from providers.files.file_error import FileError
from providers.files.folder import FileFolder, Part, StoredFile
from providers.provider import Call, Provider, RateLimit, Timeouts
from providers.retry import retried

WRITTEN_AT_ONCE = 1 << 20  # bytes
CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")
ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')  # weak ones do not say that bytes are the same


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """limits: of each host; private_hosts: those that may have private addresses; attempts: of a download, which go on
    where the one before has come to."""

    limits: RateLimit | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
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
        def open_part() -> Part:
            self._folder.prepare()
            self._folder.check_space()
            with self._folder.guarded():
                return Part(self._folder.part_of(address))

        return await asyncio.to_thread(open_part)

    async def _filled(self, part: Part, address: str, most: int) -> None:
        """Attempt by attempt."""
        provider = self._provider(address)

        async def attempt(number: int) -> None:
            await self._attempt(provider, part, address, most)

        await retried(self._options.attempts, self._options.longest_pause, attempt)

    def _provider(self, address: str) -> Provider:
        """Of the host of an address: limits are by host."""
        options = self._options
        try:
            url = URL(address)
            return Provider(
                f"files {url.host}"[:200],
                str(url.origin()),
                options.limits,
                options.timeouts,
                allow_private=url.host in options.private_hosts,
                attempts=1,
            )
        except ValueError:
            raise FileError(Code.ADDRESS_NOT_ALLOWED, "This is no address with http or https.") from None

    async def _attempt(self, provider: Provider, part: Part, address: str, most: int) -> None:
        have, validator = part.size, part.validator
        # Bytes as they are, so that they can be counted.
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if have and validator is not None:
            headers |= {"Range": f"bytes={have}-", "If-Range": validator}
        call = Call(path=address, headers=headers, max_bytes=most, accepts=frozenset({416}))
        async with self._client.stream(provider, call) as stream:
            length = self._begin(part, stream, have, most, provider.name)
            await asyncio.to_thread(self._folder.check_space, length)
            if stream.status != 416:
                await self._write(part, stream, most)
        if stream.status == 416:
            # What there is was no beginning of what is there now.
            raise ProviderError(
                Code.PROVIDER_BAD_ANSWER, f"{provider.name} refuses the rest of a file.", is_repeated=True
            )

    def _begin(self, part: Part, stream: Stream, have: int, most: int, name: str) -> int:
        """Makes the part fit to what comes; how many bytes that are, as far as it is said."""
        length = content_length(stream.headers)
        if stream.status == 206:
            found = CONTENT_RANGE.fullmatch(stream.headers.get("Content-Range", ""))
            if found is None or int(found[1]) != have or not have:
                self._restart(part, None)
                raise ProviderError(Code.PROVIDER_BAD_ANSWER, f"{name} sends another part of a file.", is_repeated=True)
        else:
            have = 0
            self._restart(part, None if stream.status == 416 else validator_of(stream.headers))
        if have + length > most:
            raise file_too_large(most)
        return length

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
