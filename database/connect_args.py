"""The address of a database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ConnectArgs:
    """How to reach a database: `asyncpg.connect(**args.kwargs())`.

    One address serves the embedded server (its Unix socket is a part of the address) and an outside one alike, so that
    it also goes to the worker processes as DATABASE_URL.
    """

    dsn: str

    def kwargs(self) -> dict[str, Any]:
        return {"dsn": self.dsn}

    def __repr__(self) -> str:
        return f"ConnectArgs({without_password(self.dsn)})"


def without_password(url: str) -> str:
    return re.sub(r"(//[^:/?#@]*):.*@", r"\1:***@", re.sub(r"(password=)[^&]*", r"\1***", url))
