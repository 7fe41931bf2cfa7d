"""Keys: secrets shared with clients, which send one as `Authorization: Bearer KEY`. Only their hashes are kept."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from hashlib import sha256

SHORTEST, LONGEST = 16, 256
# What a Bearer token may be made of (RFC 6750).
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


def new_key() -> str:
    """256 random bits, in letters that need no quotes."""
    return secrets.token_urlsafe(32)


def read_keys(text: str) -> tuple[str, ...]:
    """The keys of a setting, with commas between them. Raises ValueError, whose words never hold a key."""
    keys = [key for part in text.split(",") if (key := part.strip())]
    if not keys:
        raise ValueError("holds no key")
    for place, key in enumerate(keys, 1):
        which = "the key" if len(keys) == 1 else f"key {place} of {len(keys)}"
        if not SHORTEST <= len(key) <= LONGEST:
            raise ValueError(f"{which} has {len(key)} characters")
        if not TOKEN.fullmatch(key):
            raise ValueError(f"{which} has a character that is no letter, no digit and none of -._~+/")
    return tuple(keys)


class Keys:
    """The keys of a server."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._hashes = tuple(sha256(key.encode()).digest() for key in keys)

    def __len__(self) -> int:
        return len(self._hashes)

    def hold(self, token: bytes) -> bool:
        """Whether this is one of them, compared in constant time."""
        if len(token) > LONGEST:
            return False
        given = sha256(token).digest()
        found = False
        for known in self._hashes:
            found |= hmac.compare_digest(given, known)
        return found


def credentials(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """The Authorization headers of a request."""
    return [value for name, value in headers if name == b"authorization"]


def bearer(given: list[bytes]) -> bytes | None:
    """The token of the one Authorization header; None where there are none, several, or another scheme."""
    if len(given) != 1:
        return None
    scheme, _, token = given[0].partition(b" ")
    return token.strip(b" ") if scheme.lower() == b"bearer" else None
