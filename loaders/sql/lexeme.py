"""Words within a tsquery."""

from __future__ import annotations


def quoted_lexeme(word: str) -> str:
    """A word as PostgreSQL reads it in a tsquery, whatever its characters."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
