"""Rules by which names are cleaned: each is off unless it is asked for, and they are applied in the order below."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.characters import ACCENTS
from domain.text import fold

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
SEPARATORS = re.compile(r"(?<=\w)[-_\u2010\u2011]+(?=\w)|_+")
QUOTES = frozenset("'\u2018\u2019`")
PUNCTUATION = QUOTES | frozenset('!"#$%()*+,./:;<=>?@[\\]^{|}~\u00a1\u00bf\u2026\u00b7\u00ab\u00bb\u201c\u201d\u201e')
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
DIGITS = {word: str(number) for number, word in enumerate(NUMBERS)}


class NameCase(StrEnum):
    """Which letters of a name are capitals."""

    LOWER = "LOWER"
    UPPER = "UPPER"
    TITLE = "TITLE"
    SENTENCE = "SENTENCE"


class Ampersand(StrEnum):
    """How "and" is written between words."""

    AND = "AND"
    SIGN = "SIGN"


@dataclass(frozen=True, slots=True)
class Rules:
    """What is done to names. `names`: by the folded name what it becomes, before all else; `kept`: words that are no
    plurals, folded."""

    names: Mapping[str, str] = field(default_factory=dict)
    separators: bool = False
    punctuation: bool = False
    ampersand: Ampersand | None = None
    numbers: bool = False
    plurals: bool = False
    accents: bool = False
    case: NameCase | None = None
    spaces: bool = True
    kept: frozenset[str] = frozenset()

    def clean(self, name: str) -> str:
        """The name as the rules want it; it may be empty, or too long."""
        text = self.names.get(fold(name), name)
        for is_on, step in self.steps():
            if is_on:
                text = step(text)
        return text

    def steps(self) -> tuple[tuple[bool, Callable[[str], str]], ...]:
        return (
            (self.separators, split_words),
            (self.punctuation, without_punctuation),
            (self.ampersand is Ampersand.AND, lambda text: by_words(text, {"&": "and", "+": "and"})),
            (self.ampersand is Ampersand.SIGN, lambda text: by_words(text, {"and": "&", "+": "&"})),
            (self.numbers, lambda text: by_words(text, DIGITS)),
            (self.plurals, self.singular),
            (self.accents, without_accents),
            (self.case is not None, self.cased),
            (self.spaces, lambda text: " ".join(text.split())),
        )

    def singular(self, text: str) -> str:
        """The last word in the singular; a name that is kept whole, or whose last word is, stays."""
        head, blank, last = text.rpartition(" ")
        if fold(text) in self.kept or fold(last) in self.kept:
            return text
        return head + blank + singular_word(last)

    def cased(self, text: str) -> str:
        if self.case is NameCase.LOWER:
            return text.lower()
        if self.case is NameCase.UPPER:
            return text.upper()
        words = text.lower().split(" ")
        if self.case is NameCase.TITLE:
            return " ".join(word[:1].upper() + word[1:] for word in words)
        return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def split_words(text: str) -> str:
    """Hyphens and underscores between words, and capitals within a word, become spaces: sci-fi, sci_fi, sciFi."""
    apart = SEPARATORS.sub(" ", text)
    return apart if " " in apart.strip() else CAMEL.sub(" ", apart)


def without_punctuation(text: str) -> str:
    """Apostrophes go, other marks become spaces."""
    return "".join(letter if letter not in PUNCTUATION else "" if letter in QUOTES else " " for letter in text)


def by_words(text: str, words: Mapping[str, str]) -> str:
    """Words replaced, never at the ends where they stand for themselves alone."""
    parts = text.split(" ")
    return text if len(parts) == 1 else " ".join(words.get(part.lower(), part) for part in parts)


def without_accents(text: str) -> str:
    """Accents of Latin, Greek and Cyrillic letters taken away; marks of other scripts make other words, and stay."""
    return unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", text)))


# Of these only the s goes: movies, not "movy".
ENDING_IN_IE = frozenset(
    [
        "anomie",
        "aussie",
        "auntie",
        "birdie",
        "bogie",
        "bookie",
        "boogie",
        "brownie",
        "budgie",
        "calorie",
        "camaraderie",
        "collie",
        "cookie",
        "coolie",
        "cowrie",
        "cutie",
        "dixie",
        "eerie",
        "eyrie",
        "foodie",
        "genie",
        "goalie",
        "goodie",
        "groupie",
        "hippie",
        "hoodie",
        "indie",
        "junkie",
        "laddie",
        "lassie",
        "lingerie",
        "magpie",
        "menagerie",
        "movie",
        "newbie",
        "oldie",
        "pinkie",
        "pixie",
        "prairie",
        "quickie",
        "reverie",
        "rookie",
        "selfie",
        "smoothie",
        "sortie",
        "talkie",
        "veggie",
        "walkie",
        "yuppie",
        "zombie",
    ]
)


def singular_word(word: str) -> str:
    """English plurals of one rule: stories -> story, boxes -> box, robots -> robot; bus, class, this and ss stay."""
    low = word.lower()
    if not word.isascii() or not word.isalpha() or len(word) < 4 or word.isupper():
        return word
    if low.endswith("ies") and len(word) > 4:
        return word[:-1] if low[:-1] in ENDING_IN_IE else word[:-3] + "y"
    if low.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return word[:-2]
    return word[:-1] if low.endswith("s") and not low.endswith(("ss", "us", "is")) else word
