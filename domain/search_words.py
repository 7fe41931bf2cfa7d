"""The one rule by which search reads words, in what is stored and in what is asked.

A text is folded (domain/text.py) and parted at everything that is no letter, mark, number or symbol; "&" is the word
"and". What was written without a space between is a group: ("spider", "man") of "Spider-Man". What is stored has the
words in order, and after a bar the groups joined, so that "spiderman" finds it; who asks for "spider man" is found by
the words. Scripts without spaces between words (Chinese, Japanese, Thai) are parted into their characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

from domain.text import fold

# A word and a key are cut here: nobody types as much, and indexes take no more than 2,700 bytes.
MAX_WORD, MAX_KEY_BYTES = 64, 400
# Groups that are longer are joined as a whole, and not neighbour by neighbour.
MAX_JOINED_PAIRS = 8
# Between the words of a stored text and what is joined of them.
BAR = "|"

# A number and a fraction are two words: "9½" would be folded to 91/2.
FRACTIONS = re.compile("([\u00bc-\u00be\u2150-\u215f\u2189])")
# "&", and "+" that stands alone, as in "Romeo + Juliet".
AND = re.compile(r"&|(?<![^ ])\+(?![^ ])")
ASCII_WORDS = re.compile(r"[a-z0-9]+")

# What loses its vowel before an apostrophe: "L'Amour" has two words, "don't" is one.
ELIDED = re.compile(
    r"\b(l|d|j|m|n|s|c|o|qu|un|all|dell|dall|nell|sull|quell|bell|gl|lorsqu|puisqu|jusqu|quoiqu)'(?=[^\W_]{2})"
)

# Scripts that are written without spaces between words, by their first and last characters.
SPACELESS_RANGES = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0x3005, 0x3007)),
    *((0x3031, 0x3035), (0x3041, 0x30FF), (0x3105, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF)),
    *((0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA980, 0xA9DF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0xF900, 0xFAFF)),
    *((0x1B000, 0x1B16F), (0x20000, 0x3FFFF)),
)

# Articles that do not count at the beginning of a title; none that is an everyday word of English.
ARTICLES = frozenset(
    re.findall(
        "[a-z]+", "the a an le la les l un une der das die ein eine el los las una il lo gli os um uma het een den"
    )
)

ROMAN = re.findall("[ivx]+", "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx")
OTHER_NUMERALS = {
    **{str(number): roman for number, roman in enumerate(ROMAN, 1)},
    **{roman: str(number) for number, roman in enumerate(ROMAN, 1)},
}

Group = tuple[str, ...]


@lru_cache(maxsize=64)  # what is stored of one text is asked for column by column
def word_groups(text: str) -> tuple[Group, ...]:
    """The words in order, grouped as they were written: "Spider-Man 2" -> (("spider", "man"), ("2",)).

    Where a text has no words the signs are words: "?!" -> (("?!",),). Empty for a text that shows nothing."""
    plain = fold(text if text.isascii() else FRACTIONS.sub(r" \1", text))
    plain = AND.sub("-and-", plain)
    apart = ELIDED.sub(r"\1-", plain).replace("'", "") if "'" in plain else plain
    groups = (tuple(word[:MAX_WORD] for word in words_of(chunk)) for chunk in apart.split())
    found = tuple(group for group in groups if group)
    return found or tuple((signs[:MAX_WORD],) for signs in plain.replace(BAR, "\u00a6").split())


def words_of(chunk: str) -> Iterator[str]:
    """The words of a folded text without spaces."""
    if chunk.isascii():
        yield from ASCII_WORDS.findall(chunk)
        return
    word = ""
    for letter in chunk:
        kind = kind_of(letter)
        if (kind == "LETTER" and (not word or kind_of(word[0]) == "LETTER")) or (kind == "MARK" and word):
            word += letter
        else:
            if word:
                yield word
            word = "" if kind == "OTHER" else letter
    if word:
        yield word


@lru_cache(maxsize=4096)
def kind_of(letter: str) -> str:
    """LETTER of a word (numbers too), MARK that belongs to what it follows, ALONE for what is a word by itself."""
    category = unicodedata.category(letter)
    if category[0] == "M" or category == "Sk":
        return "MARK"
    if category[0] == "L" or category[0] == "N":
        return "ALONE" if is_spaceless(letter) else "LETTER"
    return "ALONE" if not letter.isascii() and category in ("So", "Sc") else "OTHER"


def is_spaceless(word: str) -> bool:
    """Whether a word is a character of a script without spaces between words."""
    code = ord(word[0])
    return code >= 0x0E00 and any(first <= code <= last for first, last in SPACELESS_RANGES)


def search_words(text: str) -> Group:
    """The words in order: "E.T. & Spider-Man" -> e, t, and, spider, man."""
    return tuple(word for group in word_groups(text) for word in group)


def joined_words(groups: Sequence[Group]) -> Iterator[str]:
    """What else a text is found by: groups joined, their neighbours joined, and initials that stand in a row."""
    for group in groups:
        if len(group) > 1 and not any(map(is_spaceless, group)):
            yield "".join(group)
            if 2 < len(group) <= MAX_JOINED_PAIRS and any(len(word) > 1 for word in group):
                yield from map("".join, pairwise(group))
    words = [word for group in groups for word in group]
    for is_initial, run in groupby(words, lambda word: len(word) == 1 and word.isalpha() and not is_spaceless(word)):
        initials = "".join(run) if is_initial else ""
        if len(initials) > 1:
            yield initials


def stored_words(text: str) -> str:
    """The words as they are stored: "Spider-Man 2" -> "spider man 2 | spiderman". Empty for a text without any."""
    groups = word_groups(text)
    words = [word for group in groups for word in group]
    joined = dict.fromkeys(word[:MAX_WORD] for word in joined_words(groups))
    beside = [word for word in joined if word not in words]
    return " ".join([*words, BAR, *beside] if beside else words)


def plain_words(text: str) -> str:
    """The words alone, each once, for long texts and names of files, in which no group is joined."""
    return " ".join(dict.fromkeys(search_words(text)))


def without_article(words: Sequence[str]) -> Sequence[str]:
    """The words without a leading article; an article that stands alone stays."""
    return words[1:] if len(words) > 1 and words[0] in ARTICLES else words


def title_key(words: Sequence[str]) -> str:
    """What whole titles and their beginnings are compared by: "The Spider-Man" and "spiderman" -> "spiderman"."""
    return "".join(without_article(words)).encode()[:MAX_KEY_BYTES].decode(errors="ignore")


def other_numeral(word: str) -> str | None:
    """The other way to write a number from 1 to 20: "2" -> "ii", "ii" -> "2"."""
    return OTHER_NUMERALS.get(word)
