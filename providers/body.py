"""Answers as they come in: read in pieces up to a size, after they were decompressed, and read as JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from domain.errors import Code
from providers.errors import ProviderError
from providers.http_errors import error_of_fault

CHUNK_BYTES = 64 << 10
# What aiohttp decompresses, each time at most a piece of bounded size; an answer in any other encoding is refused.
ENCODINGS = frozenset({"", "identity", "gzip", "deflate", "br", "zstd"})
ACCEPT_ENCODING = "gzip, deflate, br, zstd"


@dataclass(frozen=True, slots=True)
class Answer:
    """status, headers: of the last answer, after redirects; body: decompressed; provider: for messages."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    provider: str = "The service"

    def json(self) -> Any:
        """The body as JSON; ProviderError where it is none.

        It is parsed as a whole, since its size is bounded: an incremental parser (ijson) keeps a stack that a hostile
        answer fills. Nesting is bounded by orjson, at 1,024."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            known = kind if kind in ("text/html", "text/plain", "application/xml", "text/xml") else ""
            what = f" but {known}" if known else ", or JSON that is broken"
            raise ProviderError(
                Code.PROVIDER_BAD_ANSWER,
                f"{self.provider} answers with no JSON{what}: is its address the one of its API?",
                status=self.status,
            ) from None


def check_encoding(provider: str, response: aiohttp.ClientResponse) -> None:
    """ProviderError for what would not be decompressed."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise ProviderError(
            Code.PROVIDER_BAD_ANSWER,
            f"{provider} answers in an encoding that was not asked for.",
            status=response.status,
        )


async def read_chunks(provider: str, response: aiohttp.ClientResponse, most: int) -> AsyncIterator[bytes]:
    """The body in pieces; ProviderError as soon as it has more than `most` bytes, decompressed."""
    length = response.content_length
    if length is not None and length > most:
        raise too_large(provider, most)
    size = 0
    try:
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            size += len(chunk)
            if size > most:
                raise too_large(provider, most)
            yield chunk
    except (aiohttp.ClientError, OSError) as fault:
        raise error_of_fault(provider, fault) from None


def too_large(provider: str, most: int) -> ProviderError:
    return ProviderError(Code.ANSWER_TOO_LARGE, f"{provider} answers with more than {most} bytes, which is not read.")
