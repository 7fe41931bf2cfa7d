"""Keys: secrets shared with clients, which send one as `Authorization: Bearer KEY`. Only their hashes are kept."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

SHORTEST, LONGEST = 16, 256
# What a Bearer token may be made of (RFC 6750).
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
# What comes before the colon, which no token has.
KEY_NAME = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key of a server. name: of whom it is, for the log of what is done with it; None where it has none."""

    token: str = field(repr=False)
    name: str | None = None


def new_key() -> str:
    """256 random bits, in letters that need no quotes."""
    return secrets.token_urlsafe(32)


def read_keys(text: str) -> tuple[AccessKey, ...]:
    """The keys of a setting, `KEY` or `NAME:KEY` with commas between them. Raises ValueError, whose words never hold
    a key."""
    parts = [part for text_of_key in text.split(",") if (part := text_of_key.strip())]
    if not parts:
        raise ValueError("holds no key")
    keys = tuple(
        read_key(part, "the key" if len(parts) == 1 else f"key {place} of {len(parts)}")
        for place, part in enumerate(parts, 1)
    )
    if len({key.token for key in keys}) < len(keys):
        raise ValueError("holds one key twice")
    return keys


def read_key(text: str, which: str) -> AccessKey:
    before, colon, after = text.partition(":")
    name, token = (before, after) if colon else (None, before)
    if name is not None and not KEY_NAME.fullmatch(name):
        raise ValueError(f"the name of {which} is not 1 to 64 letters, digits and -._@")
    if not SHORTEST <= len(token) <= LONGEST:
        raise ValueError(f"{which} has {len(token)} characters")
    if not TOKEN.fullmatch(token):
        raise ValueError(f"{which} has a character that is no letter, no digit and none of -._~+/")
    return AccessKey(token, name)


class Keys:
    """The keys of a server."""

    def __init__(self, keys: Iterable[AccessKey]) -> None:
        self._names = {sha256(key.token.encode()).digest(): key.name for key in keys}
        self.have_names = any(self._names.values())

    def __len__(self) -> int:
        return len(self._names)

    def hold(self, token: bytes) -> bool:
        """Whether this is one of them, compared in constant time."""
        return self._find(token) is not None

    def name(self, token: bytes) -> str | None:
        """The name of a key; None where it has none, or is none of them."""
        found = self._find(token)
        return None if found is None else self._names[found]

    def _find(self, token: bytes) -> bytes | None:
        if len(token) > LONGEST:
            return None
        given, found = sha256(token).digest(), None
        for known in self._names:
            if hmac.compare_digest(given, known):
                found = known
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
