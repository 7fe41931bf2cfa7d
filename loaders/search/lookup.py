"""A search as it is looked up: which words may stand for each that was written, as tsquery and as conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from domain.search_query import SearchQuery, Term
from domain.search_words import is_alone, other_numeral, title_key

# A number that may be the year of a media beside the words of its title: "heat 1995".
YEAR_WORD = re.compile("1[89][0-9]{2}|20[0-9]{2}")

# Letters of a word that may have been meant as two, and of the shorter of these.
MAX_PARTED, MIN_PART = 20, 2


@dataclass(frozen=True, slots=True)
class Reading:
    """Words that may stand for a term: all of them. is_prefix: the last may go on; is_adjacent: one after the other;
    is_parted: they are a word that was written as one."""

    words: tuple[str, ...]
    is_prefix: bool = False
    is_adjacent: bool = False
    is_parted: bool = False

    @property
    def text(self) -> str:
        """The words as stored texts have them, with blanks around each whole word."""
        return f" {' '.join(self.words)}" + ("" if self.is_prefix else " ")


@dataclass(frozen=True, slots=True)
class Lookup:
    """`needed`: of each term the readings of which one must be there; `excluded`: readings none of which may.

    text: the words as they stand in whole titles; is_prefix: whether the last of them may go on."""

    needed: tuple[tuple[Reading, ...], ...]
    excluded: tuple[Reading, ...] = ()
    text: str = ""
    is_prefix: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be there."""
        return not self.needed

    @property
    def tsquery(self) -> str:
        """What must match, as PostgreSQL reads it."""
        parts = [*map(any_reading, self.needed)]
        parts += [f"!({lexemes(one)})" for one in self.excluded if len(one.words) == 1]
        return " & ".join(f"({part})" for part in parts)

    @property
    def certain(self) -> str:
        """What must match of words that are written to their end: what begins with a few letters is too much."""
        certain = [readings for readings in self.needed if not readings[0].is_prefix or len(readings[0].words[-1]) > 3]
        return " & ".join(f"({any_reading(readings)})" for readings in certain)

    @property
    def keys(self) -> tuple[str, ...]:
        """What the whole title may be compared by: as it was written, and with numbers written the other way."""
        words = self.text.split(" ")
        other = [other_numeral(word) or word for word in words]
        return tuple(dict.fromkeys(title_key(one) for one in (words, other)))

    @property
    def word_count(self) -> int:
        return len(self.text.split(" ")) if self.text else 0

    @property
    def phrases(self) -> tuple[str, ...]:
        """What a text must have as it stands."""
        return tuple(readings[0].text for readings in self.needed if readings[0].is_adjacent)

    @property
    def excluded_phrases(self) -> tuple[str, ...]:
        return tuple(one.text for one in self.excluded if one.is_adjacent)

    @property
    def unspaced(self) -> tuple[str, ...]:
        """What a text must have when the spaces are left out: words that may be written as two."""
        return tuple(readings[0].words[0] for readings in self.needed if any(one.is_parted for one in readings))

    def year_apart(self) -> tuple[Lookup, int] | None:
        """The search without the one word that may be a year, and that year."""
        years = [place for place, term in enumerate(self.needed) if is_year(term)]
        if len(years) != 1 or len(self.needed) < 2:
            return None
        year = self.needed[years[0]][0].words[0]
        rest = tuple(term for place, term in enumerate(self.needed) if place != years[0])
        words = self.text.split(" ")
        words.remove(year)
        is_last = years[0] == len(self.needed) - 1
        return replace(self, needed=rest, text=" ".join(words), is_prefix=self.is_prefix and not is_last), int(year)


def is_year(term: Sequence[Reading]) -> bool:
    return len(term[0].words) == 1 and YEAR_WORD.fullmatch(term[0].words[0]) is not None


def lookup_of(query: SearchQuery) -> Lookup:
    """The search as it was written."""
    terms = [term for term in query.terms if not term.is_excluded]
    singles = [term.words[0] if len(term.words) == 1 and not term.is_phrase else None for term in terms]
    needed = [list(readings_of(term)) for term in terms]
    for place, (one, other) in enumerate(pairwise(singles)):
        if one and other and not is_alone(one[0]) and not is_alone(other[0]):
            joined = Reading((one + other,), terms[place + 1].is_prefix)
            needed[place].append(joined)
            needed[place + 1].append(joined)
    return Lookup(
        tuple(map(tuple, needed)),
        tuple(Reading(term.words, is_adjacent=len(term.words) > 1) for term in query.terms if term.is_excluded),
        query.text,
        bool(terms) and terms[-1].is_prefix,
    )


def readings_of(term: Term) -> Iterator[Reading]:
    """What a term may be read as by itself."""
    several, spaceless = len(term.words) > 1, any(is_alone(word[0]) for word in term.words)
    yield Reading(term.words, term.is_prefix, is_adjacent=several and (term.is_phrase or spaceless))
    if several and not term.is_phrase and not spaceless:
        yield Reading(("".join(term.words),), term.is_prefix)
    if not several:
        other = other_numeral(term.words[0])
        yield from parted(term.words[0], term.is_prefix) if other is None else [Reading((other,))]


def parted(word: str, is_prefix: bool) -> Iterator[Reading]:
    """A word as two: "spiderman" finds "Spider Man". Which of these are words, the index knows."""
    if word.isalpha() and len(word) <= MAX_PARTED:
        least = MIN_PART + is_prefix  # what begins with two letters is half of everything
        for at in range(MIN_PART, len(word) - least + 1):
            yield Reading((word[:at], word[at:]), is_prefix, is_parted=True)


def any_reading(readings: Iterable[Reading]) -> str:
    return " | ".join(f"({lexemes(one)})" if len(one.words) > 1 else lexemes(one) for one in readings)


def lexemes(reading: Reading) -> str:
    """All words of a reading, as tsquery."""
    quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in reading.words]
    return " & ".join(quoted) + (":*" if reading.is_prefix else "")
