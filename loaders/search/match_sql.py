"""Conditions and ranks of a search in SQL, over the words of a text as they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from loaders.search.lookup import Lookup, Reading
from loaders.sql.statement import Composer

# How well something matches, the best first. Other titles, and all from them on, are of media alone.
WHOLE, WHOLE_BUT_ARTICLE, WHOLE_OTHER_TITLE, BEGINNING, NEAR, ALL_WORDS = range(6)
WORDS_OF_OTHER_TITLE, NAME_AND_TITLE, NAME_AND_WORDS, REST = range(6, 10)
# With wrong letters: the whole title or name, or some words of it.
CORRECTED, CORRECTED_WORDS = range(10, 12)

# After everything that a key can go on with.
LAST_LETTER = "\U0010ffff"


def lexemes_sql(words: str) -> str:
    """The words of a text as they are looked up: the expression of the indexes."""
    return f"array_to_tsvector(string_to_array({words}, ' '))"


class Matcher:
    """A lookup in one statement: its parameters are numbered once, however often they are used."""

    def __init__(self, lookup: Lookup, composer: Composer) -> None:
        self.lookup = lookup
        self.composer = composer
        self._texts: dict[object, str] = {}

    @cached_property
    def tsquery(self) -> str:
        """The lookup by the index. Hidden from the planner by a sub-select: a plan for these words would be no better
        than one for any, which is kept. Planning takes ten times as long as finding."""
        return f"(SELECT {self.composer.parameter(self.lookup.tsquery)}::tsquery)"

    def parameter(self, value: object) -> str:
        """The placeholder of a text or of a list of texts."""
        known = self._texts.get(value)
        if known is None:
            cast = "text[]" if isinstance(value, tuple) else "text"
            known = self._texts[value] = f"{self.composer.parameter(value)}::{cast}"
        return known

    def by_index(self, words: str) -> str:
        """That a text has the words, by the index of its lexemes."""
        return " AND ".join([self.by_lexemes(words), *self.beyond_index(words)])

    def by_lexemes(self, words: str) -> str:
        """That a text has the words, wherever they stand."""
        return f"{lexemes_sql(words)} @@ {self.tsquery}"

    def beyond_index(self, words: str) -> Iterator[str]:
        """What the index does not know: which words are adjacent. By arrays, so that the statement stays the same."""
        spaced = f"' ' || {words} || ' '"
        if phrases := self.lookup.phrases:
            yield self.none_of(phrases, f"strpos({spaced}, part) = 0")
        if phrases := self.lookup.excluded_phrases:
            yield self.none_of(phrases, f"strpos({spaced}, part) > 0")
        if unspaced := self.lookup.unspaced:
            yield self.none_of(unspaced, f"strpos(replace({words}, ' ', ''), part) = 0")

    def none_of(self, parts: tuple[str, ...], condition: str) -> str:
        """That a condition holds for no part."""
        return f"NOT EXISTS (SELECT FROM unnest({self.parameter(parts)}) AS needle(part) WHERE {condition})"

    def by_text(self, words: str) -> str:
        """The same without an index."""
        parts = [self.any_of(words, (one for one in terms if not one.is_parted)) for terms in self.lookup.needed]
        parts += [f"NOT {self.has(words, one)}" for one in self.lookup.excluded]
        return " AND ".join(parts) or "true"

    def any_of(self, words: str, readings: Iterable[Reading]) -> str:
        return f"({' OR '.join(self.has(words, one) for one in readings)})"

    def has(self, words: str, reading: Reading) -> str:
        """That a text has the words of a reading."""
        if reading.is_adjacent or len(reading.words) == 1:
            return f"strpos(' ' || {words} || ' ', {self.parameter(reading.text)}) > 0"
        last = len(reading.words) - 1
        single = (Reading((word,), reading.is_prefix and at == last) for at, word in enumerate(reading.words))
        return f"({' AND '.join(self.has(words, one) for one in single)})"

    @property
    def written(self) -> str:
        """What was written, as a text has it that has it whole."""
        return self.parameter(f" {self.lookup.text}" + ("" if self.lookup.is_prefix else " "))

    def tier(self, plain: str, key: str) -> str:
        """How well words match, from WHOLE to ALL_WORDS. `plain`: the words in order; `key`: as in media.title_key."""
        whole, keys = self.parameter(self.lookup.text), self.parameter(self.lookup.keys)
        return (
            f"CASE WHEN {plain} = {whole} THEN {WHOLE} WHEN {key} = any({keys}) THEN {WHOLE_BUT_ARTICLE}"
            f" WHEN {self.begins(key)} THEN {BEGINNING}"
            f" WHEN strpos(' ' || {plain} || ' ', {self.written}) > 0 THEN {NEAR} ELSE {ALL_WORDS} END"
        )

    def begins(self, key: str) -> str:
        return f"starts_with({key}, {self.parameter(self.lookup.keys[0])})"

    def extra(self, plain: str) -> str:
        """How many more words a text has than were written."""
        number = f"greatest(length({plain}) - length(replace({plain}, ' ', '')) + 1 - {self.lookup.word_count}, 0)"
        if not self.lookup.is_prefix:
            return number
        # A word that goes on counts as one more: "the black" is rather The Black Phone than The Blackening.
        return f"{number} + (strpos({plain} || ' ', {self.parameter(self.lookup.last_word)}) = 0)::integer"


def plain_words(words: str) -> str:
    """The words in order, without those that are joined of them."""
    return f"split_part({words}, ' | ', 1)"
