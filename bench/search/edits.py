"""What people do to a title while they type it, and how far two texts are apart."""

from __future__ import annotations

import re
import string
from random import Random

LONG_ENOUGH = 4  # letters of a word that may get one wrong letter
LONG = 8  # letters of a word that may get two
WORD = re.compile(r"[^\W\d_]+")


def spoiled(text: str, letters: int, rng: Random) -> str | None:
    """The text with so many wrong letters: one in a word of 4 or more, two in one of 8 or more or in two words.

    None for a text without such words."""
    words = [found.span() for found in WORD.finditer(text) if found.end() - found.start() >= LONG_ENOUGH]
    room = [span for start, end in words for span in [(start, end)] * (2 if end - start >= LONG else 1)]
    if len(room) < letters:
        return None
    while True:
        rng.shuffle(room)
        made = text
        # From the last to the first, so that what is still to be changed stays where it was.
        for start, end in sorted(room[:letters], reverse=True):
            made = made[:start] + spoiled_word(made[start:end], rng) + made[end:]
        if distance(made, text, letters) == letters:  # two changes may undo each other, or be one
            return made


def spoiled_word(word: str, rng: Random) -> str:
    """One letter substituted, missing, added, or two neighbours swapped; never the same word."""
    while True:
        at, letter = rng.randrange(len(word) - 1), rng.choice(string.ascii_lowercase)
        made = rng.choice(
            (
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
        if made != word:
            return made


def distance(one: str, other: str, most: int) -> int:
    """Letters substituted, missing, added or swapped with their neighbours between two texts; `most` + 1 for more."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > most and min(last) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)
