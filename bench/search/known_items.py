"""Queries of people who know what they look for, made from the documents by a seed: the same ones at every run.

An engine is right if it gives the document that the query was made from, or one that the query means as well: two
movies of one title with nothing that tells them apart. A query that means another document better is not asked: "Heat"
for "Heart" with a missing letter, where there is a movie "Heat"."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple, TypeAlias

from bench.search.documents import Document, words_of
from bench.search.edits import spoiled
from bench.search.titles import Right, Titles, ids

SEED = 20_261_129
EACH = 200  # queries of a class, where there are so many
FEWEST_TYPED = 4  # letters

Made: TypeAlias = tuple[str, Right] | None
Maker: TypeAlias = Callable[[Document, Titles, Random], Made]


class Known(NamedTuple):
    """A query, its class, the title that it was made from, and the documents of which each is right."""

    kind: str
    query: str
    title: str
    right: Right


def typed(title: str) -> str:
    """As people type it: nobody uses capitals."""
    return " ".join(title.lower().split())


def exact(document: Document, titles: Titles, rng: Random) -> Made:
    return typed(document.title), titles.same(words_of(document.title))


def wrong_letters(count: int) -> Maker:
    def make(document: Document, titles: Titles, rng: Random) -> Made:
        query = spoiled(typed(document.title), count, rng)
        return (query, titles.nearest(words_of(query), count)) if query is not None else None

    return make


def missing_word(document: Document, titles: Titles, rng: Random) -> Made:
    words = typed(document.title).split()
    if len(words) < 3:
        return None
    words.pop(rng.randrange(len(words)))
    left = words_of(" ".join(words))
    return (" ".join(words), titles.same_but_one_word(left)) if not titles.same(left) else None


def swapped_words(document: Document, titles: Titles, rng: Random) -> Made:
    words = typed(document.title).split()
    if len(words) < 2:
        return None
    at = rng.randrange(len(words) - 1)
    words[at : at + 2] = reversed(words[at : at + 2])
    swapped = words_of(" ".join(words))
    return (" ".join(words), titles.same_in_any_order(swapped)) if not titles.same(swapped) else None


def no_accents(document: Document, titles: Titles, rng: Random) -> Made:
    """The title, and where it has no accents one of the first three of the cast whose name has."""
    title, words = typed(document.title), words_of(document.title)
    if has_accents(title):
        return without_accents(title), titles.same(words)
    names = [name for name in document.people[:3] if has_accents(name)]
    if not names:
        return None
    name = without_accents(typed(rng.choice(names)))
    return f"{title} {name}", with_person(titles.by_words[words], name)


def has_accents(text: str) -> bool:
    return any(letter.isalpha() and not letter.isascii() for letter in text)


def without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def other_title(document: Document, titles: Titles, rng: Random) -> Made:
    if not document.aliases:
        return None
    title = rng.choice(document.aliases)
    return typed(title), titles.same_in_any_title(words_of(title))


def half_typed(document: Document, titles: Titles, rng: Random) -> Made:
    """A beginning that only one title has."""
    title = typed(document.title)
    cuts = range(max(FEWEST_TYPED, len(title) // 2), max(len(title) - 1, 0))
    fit = [at for at in cuts if title[at - 1].isalnum() and title[at].isalnum() and is_sure(title[:at], titles)]
    return (title[: rng.choice(fit)], titles.same(words_of(title))) if fit else None


def is_sure(query: str, titles: Titles) -> bool:
    return len(titles.beginning_with(" ".join(words_of(query)))) == 1


def title_and_year(document: Document, titles: Titles, rng: Random) -> Made:
    if document.year is None:
        return None
    same = titles.by_words[words_of(document.title)]
    return f"{typed(document.title)} {document.year}", ids(one for one in same if one.year == document.year)


def title_and_actor(document: Document, titles: Titles, rng: Random) -> Made:
    """One of the first three of the cast, by the last name or the whole one."""
    if not document.people:
        return None
    name = rng.choice(document.people[:3])
    name = typed(name if rng.random() < 0.5 else name.split()[-1])
    return f"{typed(document.title)} {name}", with_person(titles.by_words[words_of(document.title)], name)


def with_person(documents: Sequence[Document], name: str) -> Right:
    """Those with a person whose name has these words."""
    wanted = set(words_of(name))
    return ids(one for one in documents if any(wanted <= set(words_of(person)) for person in one.people))


CLASSES: dict[str, Maker] = {
    "exact": exact,
    "one wrong letter": wrong_letters(1),
    "two wrong letters": wrong_letters(2),
    "missing word": missing_word,
    "swapped words": swapped_words,
    "no accents": no_accents,
    "other title": other_title,
    "half-typed": half_typed,
    "title + year": title_and_year,
    "title + actor": title_and_actor,
}
# What people add where the title alone would not do: half of these are made from titles that several movies have.
TELLING_APART = ("title + year", "title + actor")


def known_items(documents: Sequence[Document], each: int = EACH) -> list[Known]:
    """So many queries of each class, or as many as there are."""
    titles = Titles(documents)
    return [known for kind in CLASSES for known in of_class(kind, documents, titles, each)]


def of_class(kind: str, documents: Sequence[Document], titles: Titles, each: int) -> Iterator[Known]:
    rng = Random(f"{SEED} {kind}")
    shuffled = rng.sample(documents, len(documents))
    shared = [one for one in shuffled if len(titles.by_words[words_of(one.title)]) > 1]
    found: dict[str, Known] = {}
    for places, most in ((shared, each // 2 if kind in TELLING_APART else 0), (shuffled, each)):
        for document in places:
            if len(found) >= most:
                break
            made = CLASSES[kind](document, titles, rng)
            if made is not None and document.id in made[1] and words_of(made[0]):
                found.setdefault(made[0], Known(kind, made[0], document.title, made[1]))
    return iter(found.values())
