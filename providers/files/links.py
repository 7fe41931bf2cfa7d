"""Links to stored files, signed: who has one may read that file until it expires, without a key.

They are made where a file is seen through the catalogue, for those who may see it there."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from domain.errors import Code
from domain.file_type import FileType, file_name
from providers.files.file_error import FileError

KEY_BYTES = 32
EXPIRES = re.compile(r"[1-9][0-9]{0,11}")


class FileLinks:
    """key: what links are signed by, made when it is first needed; lifetime: seconds for which a link is good at least,
    and twice as many at most, so that its address stays the same for browsers that keep what they have; prefix: of the
    server as clients reach it, "https://media.example.com", nothing for paths alone."""

    def __init__(
        self, key: Callable[[], bytes], lifetime: float, prefix: str = "", *, clock: Callable[[], float] = time.time
    ) -> None:
        self._make_key = key
        self._key: bytes | None = None
        self._lifetime = max(int(lifetime), 1)
        self._prefix = prefix.rstrip("/")
        self._clock = clock

    def url(self, hash: str, type: FileType) -> str:
        """The address of a stored file."""
        name = file_name(hash, type)
        expires = (int(self._clock()) // self._lifetime + 2) * self._lifetime
        return f"{self._prefix}/files/{name}?expires={expires}&signature={self._signature(name, str(expires))}"

    def allows(self, name: str, expires: str, signature: str) -> bool:
        """Whether a link was made here for this file, and has not expired."""
        if EXPIRES.fullmatch(expires) is None or int(expires) <= self._clock():
            return False
        expected = self._signature(name, expires)
        return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))

    def remaining(self, expires: str) -> int:
        """Seconds until a link that is allowed expires."""
        return max(int(expires) - int(self._clock()), 0)

    def _signature(self, name: str, expires: str) -> str:
        if self._key is None:
            self._key = self._make_key()
        return hmac.new(self._key, f"{name}\n{expires}".encode(), sha256).hexdigest()


def key_of_secret(secret: str) -> Callable[[], bytes]:
    """The key that settings give."""
    return lambda: sha256(b"marquee files\n" + secret.encode()).digest()


def key_in_file(path: Path) -> Callable[[], bytes]:
    """A key in a file, made by the first process that needs it and shared by all that read the file. FileError where
    that cannot be."""

    def read_or_make() -> bytes:
        try:
            return read_or_made(path)
        except OSError as error:
            raise unusable_key(str(error.strerror)) from error

    return read_or_make


def read_or_made(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return whole(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):  # another process was first: its key it is
            os.link(own, path)
    finally:
        own.unlink()
    return whole(path)


def unusable_key(why: str) -> FileError:
    """Without the path: clients read it too."""
    return FileError(Code.FILES_UNAVAILABLE, f"The key of links to files cannot be used: {why}.")


def whole(path: Path) -> bytes:
    """The key in a file; FileError where that was cut off."""
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise unusable_key("its file holds none; remove it, and another one is made")
    return key
