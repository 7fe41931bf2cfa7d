"""Bodies that come compressed."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from app.http.http_request import MAX_MEMBERS, HttpError, decompress
from database.connect_args import ConnectArgs
from tests.support.http_client import OK, is_json, open_http, post, refusal

BODY = json.dumps({"query": "{ __typename }"}).encode()
MOST = 262_144


def packed(body: bytes, level: int = 9) -> bytes:
    """The same bytes at any time, since the names of tests are made of them."""
    return gzip.compress(body, level, mtime=0)


@pytest.fixture
async def http(demo: ConnectArgs) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(demo, max_body_bytes=MOST) as client:
        yield client


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", packed(BODY)),
        ("GZip ", packed(BODY, 0)),
        ("x-gzip", packed(BODY)),
        ("gzip", packed(BODY[:9]) + packed(b"") + packed(BODY[9:])),
        ("gzip", packed(BODY + b" " * (MOST - len(BODY)))),
        ("identity", BODY),
        ("", BODY),
    ],
)
async def test_a_body_is_read_as_its_encoding_says(http: httpx.AsyncClient, encoding: str, body: bytes) -> None:
    assert is_json(await post(http, body, **{"content-encoding": encoding}), 200) == OK


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "compress", "x" * 500])
async def test_any_other_encoding_is_415_and_told_which_is_read(http: httpx.AsyncClient, encoding: str) -> None:
    answer = await post(http, zlib.compress(BODY), **{"content-encoding": encoding})
    assert f"encoding {encoding[:40]} are" in refusal(answer, 415, "BAD_REQUEST")
    assert answer.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        b"",
        zlib.compress(BODY),
        packed(BODY)[:-1],
        packed(BODY)[:5],
        packed(BODY) + b"more",
        packed(BODY)[:-8] + b"\0" * 8,
        packed(BODY) + packed(b"")[:-3],
        packed(BODY) + packed(b"") * MAX_MEMBERS,
    ],
)
async def test_a_body_that_is_no_gzip_is_400(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await post(http, body, **{"content-encoding": "gzip"})
    assert refusal(answer, 400, "BAD_REQUEST").startswith("The body is")


async def test_gzip_of_something_else_is_told_as_that(http: httpx.AsyncClient) -> None:
    answer = await post(http, packed(packed(BODY)), **{"content-encoding": "gzip"})
    assert refusal(answer, 400, "BAD_REQUEST").startswith("The body is not JSON")


@pytest.mark.parametrize("more", [1, 100_000_000])
async def test_a_body_that_grows_too_large_is_413(http: httpx.AsyncClient, more: int) -> None:
    body = packed(BODY + b" " * (MOST - len(BODY) + more))
    answer = await post(http, body, **{"content-encoding": "gzip"})
    assert refusal(answer, 413, "BODY_TOO_LARGE") == f"A request's body has at most {MOST} bytes."


def test_no_more_is_decompressed_than_is_allowed() -> None:
    members = packed(b"a" * 60) + packed(b"b" * 41)
    assert decompress(packed(b"a" * 60) + packed(b"b" * 40), 100) == b"a" * 60 + b"b" * 40
    with pytest.raises(HttpError) as refused:
        decompress(members, 100)
    assert refused.value.status == 413
