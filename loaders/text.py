"""Folding of names and titles: one rule for what is stored and for what is asked."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart, spelt as catalogues search them.
LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "\u0131": "i"}
    | dict.fromkeys("\u2018\u2019", "'")
    | dict.fromkeys("\u201c\u201d", '"')
)
ARTICLE = re.compile(r"(?:the|an|a) (?=\S)")
NOT_A_WORD = re.compile(r"[\W_]+")
NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


def fold(text: str) -> str:
    """Lower case without accents, runs of white space as one blank: "  Amélie " -> "amelie".

    Never empty for a text that is not blank: what folds to nothing stays as it is."""
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(plain.translate(LETTERS).split()) or " ".join(text.split())


def storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text: no U+0000, no half of a surrogate pair."""
    return NOT_STORABLE.search(text) is None


def sort_title(title: str) -> str:
    """The folded title without a leading English article: "The Matrix" -> "matrix"."""
    folded = fold(title)
    article = ARTICLE.match(folded)
    return folded[article.end() :] if article else folded


def slug(name: str) -> str:
    """The folded name as one word for an address: "Sci-Fi & Fantasy" -> "sci-fi-fantasy"; "-" where nothing is left."""
    return NOT_A_WORD.sub("-", fold(name)).strip("-") or "-"
