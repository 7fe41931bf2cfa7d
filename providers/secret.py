"""Keys of outside services: from the environment or from a file, and shown nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

MAX_SECRET_BYTES = 8192


class Secret:
    """A text that is in no repr, log, error or pickle. `reveal` is called where it is sent alone."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        if not value or not value.isascii() or not value.isprintable() or value != value.strip():
            # It goes into a header: a line break would begin another one.
            raise ValueError("A key is printable ASCII text of one line.")
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        return hash(self.__value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is not to be stored.")


def read_secret(value: str | None, file: Path | None) -> Secret | None:
    """The key that is given itself, or stands in a file; None where there is neither.

    ValueError, without the key, where both are given or the file has none."""
    if value and file is not None:
        raise ValueError("A key is given itself or by its file, not both.")
    if file is None:
        return Secret(value.strip()) if value and value.strip() else None
    try:
        with file.open("rb") as opened:
            found = opened.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        raise ValueError(f"The file of the key cannot be read: {error.strerror}.") from None
    if len(found) > MAX_SECRET_BYTES or not found.strip():
        raise ValueError("The file of the key is empty, or is no key.")
    try:
        return Secret(found.decode("ascii").strip())
    except UnicodeDecodeError:
        raise ValueError("A key is printable ASCII text of one line.") from None
