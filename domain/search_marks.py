"""Where the words of a search stand in a text as it was written: a part of the text, with the places in it.

Words are read as search reads them (domain/search_words.py), so "SPIDER-MAN" is marked for spiderman. A word that was
typed in part is marked whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple, TypeAlias

from domain.characters import APOSTROPHES
from domain.search_query import SearchQuery, Term
from domain.search_words import ALONE, MAX_JOINED_PAIRS, MAX_WORD, is_alone, is_separator, other_numeral, search_words
from domain.text import visible

FRAGMENT_LETTERS = 200  # a longer text is cut, at blanks where there are some
LETTERS_BEFORE = 40  # of a mark, in a text that is cut
CUT = "…"

CHUNK = re.compile(r"\S+")
ASCII_RUN = re.compile(r"[A-Za-z0-9]+(?:['`][A-Za-z0-9]+)*")


class Word(NamedTuple):
    """A word and where it was written; `chunk`: which text without blanks it is of."""

    text: str
    start: int
    end: int
    chunk: int


# A query, and the words that were read in place of its own.
Wanted: TypeAlias = tuple[SearchQuery, tuple[str, ...]]

Span = tuple[int, int]  # the place of the first letter, and the one after the last


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a text, or all of it. `marks`: places in it, in code units of UTF-16."""

    text: str
    marks: tuple[Span, ...]


class Marker:
    """Marks the words of one query. `read`: words that were read in place of those that were written."""

    def __init__(self, query: SearchQuery, read: Iterable[str] = ()) -> None:
        wanted = [term for term in query.terms if not term.is_excluded]
        self._sequences = {term.words for term in wanted if is_sequence(term)}
        alone = [term for term in wanted if not is_sequence(term)]
        words = [word for term in alone for word in term.words]
        numerals = [other for word in words if (other := other_numeral(word)) is not None]
        joined = map("".join, pairwise(words))
        self._words = {*words, *numerals, *joined, *("".join(term.words) for term in alone)}
        for words_read in map(search_words, read):
            self._words.update(words_read)
        self._prefixes = tuple(term.words[-1] for term in alone if term.is_prefix)

    @property
    def words(self) -> set[str]:
        """All that may be marked, those that may go on too."""
        return {*self._words, *self._prefixes, *(word for sequence in self._sequences for word in sequence)}

    def fragment(self, text: str) -> Fragment | None:
        """The part of a text with most of the words, None where none is there."""
        spans = merged(self.spans(list(written_words(text))))
        if not spans:
            return None
        start, end = cut_out(text, spans)
        before, after = CUT if start else "", CUT if end < len(text) else ""
        inside = [(first, last) for first, last in spans if start <= first and last <= end]
        shown = before + text[start:end] + after
        moved = [(first - start + len(before), last - start + len(before)) for first, last in inside]
        return Fragment(shown, tuple(in_code_units(shown, moved)))

    def spans(self, words: Sequence[Word]) -> Iterator[Span]:
        """Where the query's words are, in any order."""
        for word in words:
            if self._is_wanted(word.text):
                yield word.start, word.end
        for _, group in groupby(words, lambda word: word.chunk):
            yield from self._joined(list(group))
        for sequence in self._sequences:
            for place in range(len(words) - len(sequence) + 1):
                found = words[place : place + len(sequence)]
                if tuple(word.text for word in found) == sequence:
                    yield found[0].start, found[-1].end

    def _is_wanted(self, word: str) -> bool:
        return word in self._words or word.startswith(self._prefixes)

    def _joined(self, group: list[Word]) -> Iterator[Span]:
        """What was written joined and is asked for as one word: spider-man, by spiderman."""
        if len(group) < 2 or any(is_alone(word.text) for word in group):
            return
        parts = [group, *(pairwise(group) if len(group) <= MAX_JOINED_PAIRS else ())]
        for part in parts:
            if self._is_wanted("".join(word.text for word in part)):
                yield part[0].start, part[-1].end


def is_sequence(term: Term) -> bool:
    """Whether its words are marked only where they stand in this order."""
    return len(term.words) > 1 and (term.is_phrase or any(map(is_alone, term.words)))


def written_words(text: str) -> Iterator[Word]:
    """The words of a text, each with its place."""
    for number, chunk in enumerate(CHUNK.finditer(text)):
        offset, written = chunk.start(), chunk[0]
        spans = (run.span() for run in ASCII_RUN.finditer(written)) if written.isascii() else runs(written)
        for start, end in spans:
            run = written[start:end]
            # Most words are of plain letters.
            words = (run.lower()[:MAX_WORD],) if run.isascii() and run.isalnum() else search_words(run)
            for word in words:
                yield Word(word, offset + start, offset + end, number)


def runs(chunk: str) -> Iterator[Span]:
    """The places of words in a text without blanks: letters, with apostrophes between them; others stand alone."""
    start, place = None, 0
    while place < len(chunk):
        alone = ALONE.match(chunk, place)
        if alone is None and is_within(chunk, place, begun=start is not None):
            start = place if start is None else start
            place += 1
            continue
        if start is not None:
            yield start, place
            start = None
        if alone is not None:
            yield alone.span()
        place = place + 1 if alone is None else alone.end()
    if start is not None:
        yield start, len(chunk)


def is_within(chunk: str, place: int, *, begun: bool) -> bool:
    """Whether a character belongs to a word. `begun`: one has letters before it."""
    letter = chunk[place]
    if letter in APOSTROPHES:
        return begun and place + 1 < len(chunk) and not is_separator(chunk[place + 1].lower())
    return not visible(letter) or not is_separator(letter.lower())


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order, those that touch made one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def cut_out(text: str, spans: Sequence[Span]) -> Span:
    """The part of a text in which most letters are marked, the first of several."""
    if len(text) <= FRAGMENT_LETTERS:
        return 0, len(text)
    begins = [max(0, min(start - LETTERS_BEFORE, len(text) - FRAGMENT_LETTERS)) for start, _ in spans]
    begin = max(begins, key=lambda begin: marked_letters(spans, begin, begin + FRAGMENT_LETTERS))
    end = begin + FRAGMENT_LETTERS
    first = next(start for start, _ in spans if start >= begin)
    last = max((stop for _, stop in spans if stop <= end), default=0)
    if last <= first:  # one mark that is longer than a fragment
        return first, next(stop for start, stop in spans if start == first)
    if begin and (blank := text.find(" ", begin - 1, first)) >= 0:
        begin = blank + 1
    if end < len(text) and (blank := text.rfind(" ", last, end + 1)) >= 0:
        end = blank
    return begin, end


def marked_letters(spans: Iterable[Span], begin: int, end: int) -> int:
    """How many letters of a part of a text are marked."""
    return sum(stop - start for start, stop in spans if begin <= start and stop <= end)


def in_code_units(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Places in a text as UTF-16 counts them, as JavaScript, Java and C# do."""
    if text.isascii():
        yield from spans
        return
    units = [0, *accumulate(2 if letter > "\uffff" else 1 for letter in text)]
    for start, end in spans:
        yield units[start], units[end]
