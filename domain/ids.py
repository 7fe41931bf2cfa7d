"""How global ids are written: the noun's prefix and the row's number, "media_42"."""

from __future__ import annotations


def format_id(prefix: str, number: object) -> str:
    """How an id is written; `split_id` in schema/core/node.py reads it."""
    return f"{prefix}_{number}"
