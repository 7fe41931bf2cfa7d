"""Titles put together from words, as skewed as real ones: a search for "the" or "love" finds as large a share of them.

A made title has the frame of a real one, its length, signs, numerals and small words ("The ... of the ...: Part II"),
and other words in it. These are drawn as often as real titles have them, which is by Zipf's law. Real titles also have
ever more words that nearly no other has: a part of the words are names of people, a part is coined of two halves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import NamedTuple, TypeVar

from sources.demo.facts import read_facts

T = TypeVar("T")

SHARE_OF_NAMES = 0.04
SHARE_OF_COINED = 0.04
WORD = re.compile(r"(\w+(?:['’]\w+)*)")  # noqa: RUF001
POSSESSIVE = re.compile("['’]s$", re.IGNORECASE)  # noqa: RUF001
# Words that stay where they are. Numbers and contractions stay too.
SMALL_WORDS = """
a about after all an and are as at be before but by de do down episode for from go how i ii iii in into is it iv la le
like me mr mrs ms my no not of off on or out over part s so that the these they this to too under up us vs we what when
where who why with x you your
"""
SMALL = frozenset(SMALL_WORDS.split())


class TitleParts(NamedTuple):
    """`frames`: of each real title its pieces, None where a word is drawn; `words`: as often as titles have them;
    `names`: the last words of people's names, one a person."""

    frames: Sequence[Sequence[str | None]]
    words: Sequence[str]
    names: Sequence[str]


def made_title(parts: TitleParts, rng: Random) -> str:
    """The frame of a real title with other words."""
    return "".join([made_word(parts, rng) if piece is None else piece for piece in drawn(parts.frames, rng)])


def made_word(parts: TitleParts, rng: Random) -> str:
    kind = rng.random()
    if kind < SHARE_OF_NAMES:
        return drawn(parts.names, rng)
    word = drawn(parts.words, rng)
    if kind < SHARE_OF_NAMES + SHARE_OF_COINED:
        other = drawn(parts.words, rng)
        return word[: len(word) // 2 + 1] + other[len(other) // 2 :].lower()
    return word


@cache
def read_title_parts() -> TitleParts:
    """The parts of the shipped facts, made at the first call and kept."""
    facts = read_facts()
    frames, words = [], []
    for movie in facts.movies:
        frame: list[str | None] = []
        for piece in WORD.split(movie.title):
            word = POSSESSIVE.sub("", piece)
            if is_replaced(word):
                words.append(word)
                frame.append(None)
                piece = piece[len(word) :]
            if piece:
                frame.append(piece)
        frames.append(frame)
    return TitleParts(frames, words, [last for name in facts.people if is_replaced(last := name.split()[-1])])


def is_replaced(piece: str) -> bool:
    """Whether a piece of a title is a word in whose place others may stand."""
    return piece.isalpha() and piece.lower() not in SMALL


def drawn(values: Sequence[T], rng: Random) -> T:
    """One of the values, each place equally likely."""
    return values[int(rng.random() * len(values))]
