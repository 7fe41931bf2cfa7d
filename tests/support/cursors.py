"""Cursors that clients forge, for tests of what is made of them."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import orjson

from loaders.sql.cursor import mark_of
from loaders.sql.source import NoFilter

MARK = mark_of("list", "order", "filter")
OTHER = "This cursor belongs to another {}: ask as it was asked then, or start again without it."
# The mark of the list of all media in its own order.
PLAIN = mark_of("MediaRow", (), NoFilter())


def forged(values: Any, *, mark: bytes = MARK, version: int = 2) -> str:
    """A cursor as ours are made, with anything in it."""
    content = values if isinstance(values, bytes) else orjson.dumps(values)
    return urlsafe_b64encode(bytes([version]) + mark + content).rstrip(b"=").decode()
