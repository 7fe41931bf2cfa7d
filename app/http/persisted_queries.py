"""Automatic persisted queries, as Apollo's clients send them: a text comes once, afterwards its hash is enough."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import Any

from app.http.http_request import HttpError

MAX_QUERIES = 1_000
MAX_QUERY_BYTES = 2_000_000
VERSION = 1
# An answer that says that the text is not known must not be kept: the next one will be another.
NOT_KEPT = (b"cache-control", b"private, no-cache, must-revalidate")


class PersistedQueries:
    """Texts by their hashes, the least recently used ones dropped. One a process.

    longest: letters of a text that is kept. A longer one would be refused as a document, and drop many others."""

    def __init__(self, longest: int, most: int = MAX_QUERIES, most_bytes: int = MAX_QUERY_BYTES) -> None:
        self._longest = longest
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._known: OrderedDict[str, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def complete(self, given: Any) -> Any:
        """A request with its text, where it comes with a hash alone; keeps the text of one that brings both.

        Raises HttpError, in the words and with the codes that clients know."""
        extensions = given.get("extensions") if isinstance(given, dict) else None
        if not isinstance(extensions, dict) or extensions.get("persistedQuery") is None:
            return given
        key = hash_of(extensions["persistedQuery"])
        text = given.get("query")
        if text is None:
            return {**given, "query": self._find(key)}
        if isinstance(text, str):
            self._keep(key, text)
        return given

    def _find(self, key: str) -> str:
        text = self._known.get(key)
        if text is None:
            # With 200, as clients expect it.
            raise HttpError(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", NOT_KEPT)
        self._known.move_to_end(key)
        return text

    def _keep(self, key: str, text: str) -> None:
        if key in self._known and self._known[key] == text:
            self._known.move_to_end(key)
            return
        if len(text) > self._longest:
            return
        encoded = text.encode()
        if sha256(encoded).hexdigest() != key:
            raise HttpError(400, "BAD_REQUEST", "`sha256Hash` is not the SHA-256 of `query` in UTF-8.")
        if len(encoded) > self._most_bytes:
            return
        self._known[key] = text
        self._bytes += len(encoded)
        while len(self._known) > self._most or self._bytes > self._most_bytes:
            _, dropped = self._known.popitem(last=False)
            self._bytes -= len(dropped.encode())


def hash_of(asked: Any) -> str:
    """The hash in the extension `persistedQuery`."""
    version = asked.get("version") if isinstance(asked, dict) else None
    if isinstance(version, int) and version != VERSION:
        raise HttpError(200, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported", NOT_KEPT)
    key = asked.get("sha256Hash") if isinstance(asked, dict) else None
    if version != VERSION or not isinstance(key, str):
        words = "`persistedQuery` is an object with `version` 1 and `sha256Hash`, a string."
        raise HttpError(400, "BAD_REQUEST", words)
    return key.lower()
