"""The one rule by which search reads words, in what is stored and in what is asked.

A text is folded (domain/text.py) and parted at everything that is no letter, mark, number or symbol; "&" is the word
"and". What was written without a space between is a group: ("spider", "man") of "Spider-Man". What is stored has the
words in order, and after a bar the groups joined, so that "spiderman" finds it; who asks for "spider man" is found by
the words. Scripts without spaces between words (Chinese, Japanese, Thai) are parted into their characters.

The database derives what it stores from folded texts by a function of the same rule (search_words() of
migrations/0060_search_words.sql): a change here is a change there, by a migration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from domain.text import fold
from domain.word_characters import ATTACHED_MARKS, SEPARATORS, SPACELESS, SYMBOLS

# A word and a key are cut here: nobody types as much, and indexes take no more than 2,700 bytes.
MAX_WORD, MAX_KEY = 64, 100
# Groups that are longer are joined as a whole, and not neighbour by neighbour.
MAX_JOINED_PAIRS = 8
# Between the words of a stored text and what is joined of them.
BAR = "|"

# "+" that stands alone, as in "Romeo + Juliet".
PLUS = re.compile(r"(^| )[+](?= |$)")
# What loses its vowel before an apostrophe: "L'Amour" has two words, "don't" is one.
ELIDED = re.compile(
    r"(^|[^a-z0-9])([ldjmnsco]|qu|un|all|dell|dall|nell|sull|quell|lorsqu|puisqu|jusqu)'(?=[a-z0-9]{2})"
)
ASCII_SEPARATORS = re.compile("[^a-z0-9 ]+")
# What has a separator, and what is a word by itself with the marks that follow it.
ALL_SEPARATORS = re.compile(rf"[\x01-\x1f!-/:-`{{-\x7f{SEPARATORS}]+")
ALONE = re.compile(f"[{SPACELESS}{SYMBOLS}][{ATTACHED_MARKS}]*")
ALONE_LETTER = re.compile(f"[{SPACELESS}{SYMBOLS}]")
HYPHENS, SPACES = re.compile("--+"), re.compile("[ -]* [ -]*")
LONG_WORD = re.compile(rf"([^ -]{{{MAX_WORD}}})[^ -]+")
INITIALS = re.compile("(?<![^ ])[a-zα-ωа-я](?: [a-zα-ωа-я])+(?![^ ])")  # noqa: RUF001 - Greek and Cyrillic

# Articles that do not count at the beginning of a title; none that is an everyday word of English.
ARTICLE_WORDS = "the|a|an|le|la|les|l|un|une|der|das|die|ein|eine|el|los|las|una|il|lo|gli|os|um|uma|het|een|den|det"
LEADING_ARTICLE = re.compile(f"^(?:{ARTICLE_WORDS}) (?=.)")

ROMAN = re.findall("[ivx]+", "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx")
OTHER_NUMERALS = {
    **{str(number): roman for number, roman in enumerate(ROMAN, 1)},
    **{roman: str(number) for number, roman in enumerate(ROMAN, 1)},
}

Group = tuple[str, ...]


def word_groups(text: str) -> tuple[Group, ...]:
    """The words in order, grouped as they were written: "Spider-Man 2" -> (("spider", "man"), ("2",)).

    Where a text has no words the signs are words: "?!" -> (("?!",),). Empty for a text that shows nothing."""
    plain = fold(text)
    hyphened = hyphenated(plain)
    if hyphened:
        return tuple(tuple(chunk.split("-")) for chunk in hyphened.split(" "))
    return tuple((sign,) for sign in signs_of(plain).split())


def signs_of(plain: str) -> str:
    """The words of a folded text of signs alone."""
    return " ".join(sign[:MAX_WORD] for sign in plain.replace(BAR, "\u00a6").split())


@lru_cache(maxsize=64)  # what is stored of one text is asked for more than once
def hyphenated(plain: str) -> str:
    """The words of a folded text, with one hyphen between those that were written together, else one space."""
    text = plain.replace("&", "-and-") if "&" in plain else plain
    text = PLUS.sub(r"\1and", text) if "+" in text else text
    text = ELIDED.sub(r"\1\2-", text).replace("'", "") if "'" in text else text
    text = ASCII_SEPARATORS.sub("-", text) if text.isascii() else ALONE.sub(r"-\g<0>-", ALL_SEPARATORS.sub("-", text))
    text = SPACES.sub(" ", HYPHENS.sub("-", text)).strip(" -")
    return LONG_WORD.sub(r"\1", text)


def words_of(plain: str) -> list[str]:
    """The words of a folded text; none of signs alone."""
    return hyphenated(plain).replace("-", " ").split()


def is_alone(letter: str) -> bool:
    """Whether a character is a word by itself: a symbol, or of a script without spaces between words."""
    return ALONE_LETTER.match(letter) is not None


def is_separator(letter: str) -> bool:
    """Whether a character of a folded text parts words."""
    return ALL_SEPARATORS.match(letter) is not None or letter == " "


def search_words(text: str) -> Group:
    """The words in order: "E.T. & Spider-Man" -> e, t, and, spider, man."""
    return tuple(word for group in word_groups(text) for word in group)


def joined_words(hyphened: str) -> Iterator[str]:
    """What else a text is found by: groups joined, their neighbours joined, and initials that stand in a row."""
    for chunk in hyphened.split(" "):
        if "-" in chunk and not ALONE_LETTER.search(chunk):
            yield chunk.replace("-", "")
            group = chunk.split("-")
            if 2 < len(group) <= MAX_JOINED_PAIRS and any(len(word) > 1 for word in group):
                yield from map("".join, pairwise(group))
    for initials in INITIALS.findall(hyphened.replace("-", " ")):
        yield initials.replace(" ", "")


def stored_words(text: str) -> str:
    """The words as they are stored: "Spider-Man 2" -> "spider man 2 | spiderman". Empty for a text without any."""
    hyphened = hyphenated(fold(text))
    words = hyphened.replace("-", " ") or signs_of(fold(text))
    found = dict.fromkeys(word[:MAX_WORD] for word in joined_words(hyphened))
    beside = [word for word in found if word not in words.split(" ")]
    return " ".join([words, BAR, *beside]) if beside else words


def without_article(words: Sequence[str]) -> Sequence[str]:
    """The words without a leading article; an article that stands alone stays."""
    return LEADING_ARTICLE.sub("", " ".join(words)).split(" ")


def title_key(words: Sequence[str]) -> str:
    """What whole titles and their beginnings are compared by: "The Spider-Man" and "spiderman" -> "spiderman"."""
    return "".join(without_article(words))[:MAX_KEY]


def other_numeral(word: str) -> str | None:
    """The other way to write a number from 1 to 20: "2" -> "ii", "ii" -> "2"."""
    return OTHER_NUMERALS.get(word)
