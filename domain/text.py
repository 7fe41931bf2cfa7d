"""The one rule by which texts are compared: names, titles and all words are stored folded beside what was written, and
what is asked is folded alike. What is no text to people is compared letter by letter: paths, ids, codes of languages.

Folded: case; accents of Latin, Greek and Cyrillic letters (marks of other scripts make other words and stay); forms of
one letter (full and half width, ligatures, superscripts); characters that show nothing; every dash, apostrophe,
quotation mark and space as the one of ASCII."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from domain.characters import ACCENTS, INVISIBLE, REPLACEMENTS
from domain.errors import CatalogError, Code

# To be raised with every change of `fold`, `sort_title` or `slug`: what is stored is then folded anew
# (catalog/refold.py).
FOLD_VERSION = 2

# An English article before a word, within quotation marks too; not before a sign that stands alone ("A - Z").
ARTICLE = re.compile(r"""(["']*)(?:the|an|a)[ ](?=\S)(?![-&+/=][ ])""", re.ASCII | re.IGNORECASE)
# Control characters, ends of lines, changes of direction, halves of surrogate pairs.
STEERING = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
NOT_STORABLE = re.compile("[\0\ud800-\udfff]")

# Folding takes time for every letter, and compatibility characters stand for up to 18 of them: a text may become so
# many times as long on average, and longer by some letters, which matter in a short one.
MAX_EXPANSION, MAX_MORE_LETTERS = 4, 32


def fold(text: str) -> str:
    """The text as it is compared: "  Amélie\\u200b " -> "amelie", "Straße" -> "strasse".

    Takes time in proportion to the text. Never empty for a text that is not blank: where nothing is left it stays."""
    return folded(text) or " ".join(text.split())


@lru_cache(maxsize=16)  # checks and columns that follow ask for the same text one after the other
def folded(text: str) -> str:
    """Folded, and empty where the text shows nothing."""
    seen = visible(text)
    if seen.isascii():
        return " ".join(seen.lower().translate(REPLACEMENTS).split())
    # Signs become alike before their forms do, which make a blank with an accent of an acute accent that stands alone.
    alike = unicodedata.normalize("NFD", seen).translate(REPLACEMENTS)
    apart = unicodedata.normalize("NFKD", alike).casefold()
    # Once more: what has become lower case may be taken apart further. Nothing that is left shows nothing.
    plain = ACCENTS.sub("", visible(unicodedata.normalize("NFKD", apart)))
    return " ".join(unicodedata.normalize("NFC", plain.translate(REPLACEMENTS)).split())


def check_foldable(text: str) -> None:
    """BAD_ARGUMENT for a text that becomes many times as long when it is folded."""
    if not text.isascii() and len(unicodedata.normalize("NFKD", text)) > MAX_EXPANSION * len(text) + MAX_MORE_LETTERS:
        raise CatalogError(
            Code.BAD_ARGUMENT, "Too many characters of this text stand for several letters: write the letters."
        )


def visible(text: str) -> str:
    """The text without the characters that show nothing; white space stays."""
    return text if text.isascii() and text.isprintable() else INVISIBLE.sub(r"\1", text)


def shows_nothing(text: str) -> bool:
    """Whether a text is made of white space and of characters that show nothing."""
    return not folded(text)


def storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text: no U+0000, no half of a surrogate pair."""
    return NOT_STORABLE.search(text) is None


def printable(text: str) -> str:
    """A text as a line of a terminal or of a log: what would steer these is written as an escape, such as \\x1b."""
    if text.isprintable():
        return text
    return STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


@lru_cache(maxsize=16)
def sort_title(title: str) -> str:
    """The folded title without a leading English article: "The Matrix" -> "matrix".

    The article is looked for in the title as it was written: "À bout de souffle" has none. Quotation marks before it go
    with it. A title that is nothing else keeps it: "The The" -> "the", "A" -> "a"."""
    written = " ".join(unicodedata.normalize("NFKC", visible(title).translate(REPLACEMENTS)).split())
    article = ARTICLE.match(written)
    return fold(written[article.end() :] if article else title)


def slug(name: str) -> str:
    """The folded name as one word for an address: "Sci-Fi & Fantasy" -> "sci-fi-fantasy", "हिन्दी" -> "हिन्दी".

    Of names without letters, numbers and symbols the code points: "?!" -> "u3f-u21"."""
    plain = fold(name)
    words = "".join(letter if is_of_word(letter) else " " for letter in plain).split()
    return "-".join(words) or "-".join(f"u{ord(letter):x}" for letter in plain if letter != " ") or "-"


def is_of_word(letter: str) -> bool:
    """Whether a character may stand in a slug: letters, marks, numbers, and beyond ASCII symbols such as emoji."""
    if letter.isascii():
        return letter.isalnum()
    category = unicodedata.category(letter)
    return category[0] in "LMN" or category in ("So", "Sk") or letter > "\U0001f000"
