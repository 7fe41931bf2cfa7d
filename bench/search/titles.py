"""What a query may mean: which documents explain it as well as the one that it was made from.

Titles are the same here if their words are: case, accents and signs do not tell them apart."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bench.search.documents import Document, words_of
from bench.search.edits import distance

Words = tuple[str, ...]
Right = frozenset[int]


class Titles:
    """The titles of a collection. Every answer is a set of ids of documents."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.by_words: dict[Words, list[Document]] = defaultdict(list)
        self.by_any_title: dict[Words, set[int]] = defaultdict(set)
        self.by_sorted_words: dict[Words, set[int]] = defaultdict(set)
        self.by_fewer_words: dict[Words, set[int]] = defaultdict(set)
        for document in documents:
            words = words_of(document.title)
            self.by_words[words].append(document)
            self.by_sorted_words[tuple(sorted(words))].add(document.id)
            for fewer in without_one(words):
                self.by_fewer_words[fewer].add(document.id)
            for title in (document.title, *document.aliases):
                self.by_any_title[words_of(title)].add(document.id)
        self._texts = sorted({" ".join(words) for words in self.by_words})
        self._letters = [(text, len(text), letters_of(text)) for text in self._texts]

    def same(self, words: Words) -> Right:
        """Whose title has these words."""
        return ids(self.by_words.get(words, ()))

    def same_in_any_title(self, words: Words) -> Right:
        return frozenset(self.by_any_title.get(words, ()))

    def same_in_any_order(self, words: Words) -> Right:
        return frozenset(self.by_sorted_words.get(tuple(sorted(words)), ()))

    def same_but_one_word(self, words: Words) -> Right:
        """Whose title has these words and one more."""
        return frozenset(self.by_fewer_words.get(words, ()))

    def beginning_with(self, text: str) -> list[str]:
        """The first two different titles, as words with blanks, that begin with these letters."""
        at = bisect_left(self._texts, text)
        return [found for found in self._texts[at : at + 2] if found.startswith(text)]

    def nearest(self, words: Words, most: int) -> Right:
        """Whose title has the fewest wrong letters, up to so many."""
        text = " ".join(words)
        found: dict[int, list[str]] = defaultdict(list)
        for title in self._alike(text, most):
            found[distance(text, title, most)].append(title)
        best = min(found, default=most + 1)
        titles = found[best] if best <= most else []
        return frozenset().union(*(self.same(tuple(title.split())) for title in titles))

    def _alike(self, text: str, most: int) -> Iterator[str]:
        """Titles of about this length and with about these letters; a wrong letter changes two of them at most."""
        length, letters = len(text), letters_of(text)
        for title, its_length, its_letters in self._letters:
            if abs(its_length - length) <= most and (letters ^ its_letters).bit_count() <= 2 * most:
                yield title


def ids(documents: Iterable[Document]) -> Right:
    return frozenset(document.id for document in documents)


def letters_of(text: str) -> int:
    """Which letters stand in a text, as bits."""
    bits = 0
    for letter in text:
        bits |= 1 << (ord(letter) % 64)
    return bits


def without_one(words: Words) -> Iterator[Words]:
    """The words without one of them, for each."""
    for place in range(len(words)):
        yield words[:place] + words[place + 1 :]
