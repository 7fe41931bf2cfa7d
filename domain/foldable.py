"""What may be folded: folding takes time for every letter, and compatibility characters stand for up to 18 of them."""

from __future__ import annotations

from unicodedata import normalize

from domain.errors import CatalogError, Code

# So many letters for one character on average, and some more, for a short text.
MAX_EXPANDED, SOME = 4, 32


def check_foldable(text: str) -> None:
    """BAD_ARGUMENT for a text that becomes many times as long when it is folded."""
    if not text.isascii() and len(normalize("NFKD", text)) > MAX_EXPANDED * len(text) + SOME:
        raise CatalogError(
            Code.BAD_ARGUMENT, "Too many characters of this text stand for several letters: write the letters."
        )
