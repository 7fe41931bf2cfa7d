"""What may be folded: folding takes time for every letter, and compatibility characters stand for up to 18 of them."""

from __future__ import annotations

from unicodedata import normalize

# So many letters for one character on average, and some more, for a short text.
MOST_EXPANDED, SOME = 4, 32
WORDS = "Too many characters of this text stand for several letters: write the letters."


def swells(text: str) -> bool:
    """Whether a text becomes many times as long when it is folded."""
    return not text.isascii() and len(normalize("NFKD", text)) > MOST_EXPANDED * len(text) + SOME
