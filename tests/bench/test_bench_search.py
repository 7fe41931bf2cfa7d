"""The benchmark of search: its queries, what counts as right, its arithmetic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from graphql import parse, validate

from app.service.graphql_service import GRAPHQL_SCHEMA
from bench.search.corpus import CLASSES as SPEED_CLASSES
from bench.search.corpus import HIGHLIGHTS, SEARCH, SUGGEST, Request, Sample, requests_of
from bench.search.documents import Document, other_titles, words_of
from bench.search.edits import distance, spoiled
from bench.search.engines import sqlite
from bench.search.engines.engine import Engine
from bench.search.engines.marquee import SEARCH as MARQUEE_SEARCH
from bench.search.known_items import CLASSES, Known, known_items
from bench.search.quality import Quality, by_class, quality, rank
from bench.search.report import Finding, Run, goals, markdown, misses, quality_rows, speed_goals, success_rows
from bench.search.speed import ClassSpeed, Speed
from bench.search.titles import Titles


def document(place: int, title: str, year: int | None = 1990, *people: str, aliases: tuple[str, ...] = ()) -> Document:
    return Document(place, title, year, aliases, people, ("Drama",), f"{title} is a film.")


DOCUMENTS = [
    document(0, "Heat", 1986, "Burt Reynolds"),
    document(1, "Heat", 1995, "Al Pacino", "Robert De Niro"),
    document(2, "Heart", 1987),
    document(3, "Scary Movie", 2000, "Anna Faris"),
    document(4, "Scary Movie 2", 2001, "Anna Faris"),
    document(5, "Scary Movie 3", 2003, "Anna Faris"),
    document(6, "Amélie", 2001, "Audrey Tautou", aliases=("The Fabulous Destiny",)),
    document(7, "The Shawshank Redemption", 1994, "Tim Robbins", "Penélope Cruz"),
    document(8, "Redemption: The Shawshank", 1999),
]


def test_queries_are_the_same_in_every_run_and_each_has_a_right_answer() -> None:
    items = known_items(DOCUMENTS)
    assert items == known_items(DOCUMENTS)
    assert set(Counter(item.kind for item in items)) == set(CLASSES)
    assert all(item.right and item.query == item.query.lower() for item in items)
    assert len({(item.kind, item.query) for item in items}) == len(items)


def of_kind(kind: str) -> dict[str, set[int]]:
    return {item.query: set(item.right) for item in known_items(DOCUMENTS) if item.kind == kind}


def test_movies_of_one_title_are_equally_right_unless_year_or_actor_tell_them_apart() -> None:
    assert of_kind("exact")["heat"] == {0, 1}
    assert of_kind("title + year")["heat 1995"] == {1}
    actors = of_kind("title + actor")
    assert actors.keys() & {"heat reynolds", "heat burt reynolds"}
    assert all(right == {0} for query, right in actors.items() if "reynolds" in query)


def test_a_query_that_means_another_title_better_is_not_asked() -> None:
    titles = Titles(DOCUMENTS)
    assert titles.nearest(("heat",), 1) == {0, 1}
    assert "heat" not in of_kind("one wrong letter")
    assert "scary movie" not in of_kind("missing word")


def test_titles_that_lack_the_same_word_or_have_them_in_another_order_are_right_too() -> None:
    titles = Titles(DOCUMENTS)
    assert titles.same_but_one_word(("scary", "movie")) == {4, 5}
    assert titles.same_but_one_word(("movie", "3")) == {5}
    assert titles.same_in_any_order(("the", "redemption", "shawshank")) == {7, 8}
    assert titles.same_in_any_title(("the", "fabulous", "destiny")) == {6}


def test_a_half_typed_title_can_become_one_title_alone() -> None:
    titles = Titles(DOCUMENTS)
    assert titles.beginning_with("scary movie") == ["scary movie", "scary movie 2"]
    for query in of_kind("half-typed"):
        assert len(titles.beginning_with(" ".join(words_of(query)))) == 1, query


def test_accents_are_left_out_of_titles_and_of_names() -> None:
    asked = of_kind("no accents")
    assert asked == {"amelie": {6}, "the shawshank redemption penelope cruz": {7}}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("heat", "heat", 0),
        ("heat", "hart", 2),
        ("heat", "haet", 1),
        ("heat", "heart", 1),
        ("heat", "eat", 1),
        ("heat", "heap", 1),
        ("heat", "love", 3),
        ("", "ab", 2),
    ],
)
def test_the_distance_counts_substituted_missing_added_and_swapped_letters(one: str, other: str, expected: int) -> None:
    assert distance(one, other, 2) == distance(other, one, 2) == expected


def test_wrong_letters_are_as_many_as_asked_for_and_none_in_short_words() -> None:
    rng = Random(1)
    for _ in range(300):
        for letters in (1, 2):
            found = spoiled("up to the shawshank", letters, rng)
            assert found is not None
            assert distance(found, "up to the shawshank", 2) == letters
            assert found.startswith("up to the ")
    assert spoiled("up to it", 1, rng) is None
    assert spoiled("heat of us", 2, rng) is None


def test_other_titles_are_those_with_other_words() -> None:
    beginning = "Race (also known as Melting Pot) is a 1998 film, released as The Race in the UK."
    assert other_titles("Race", {"article": "Race_(1998_film)"}, beginning) == ["Melting Pot"]
    assert other_titles("Wish", {"article": "List_of_films#Upcoming"}, "") == []
    assert other_titles("The Road Warrior", {"article": "Mad_Max_2"}, "") == ["Mad Max 2"]
    assert other_titles("Spider-Man", {"article": "Spiderman_(film)"}, "") == []


def test_the_rank_is_the_place_of_the_first_right_document_among_ten() -> None:
    assert rank([7, 3, 5], {5, 3}) == 2
    assert rank([7, 3, 5], {9}) is None
    assert rank([*range(10), 42], {42}) is None


def test_quality_by_hand() -> None:
    # Reciprocal ranks 1, 1/2, 1/4 and 0: their mean is 1.75 / 4.
    assert quality([1, 2, 4, None]) == Quality(queries=4, first=0.25, ten=0.75, mrr=0.4375)
    items = [Known("exact", "a", "A", frozenset({1})), Known("swapped words", "b", "B", frozenset({2}))]
    found = by_class(items, [[1, 2], [3, 2, 1]])
    assert list(found) == ["exact", "swapped words", "overall"]
    assert (found["exact"].mrr, found["swapped words"].mrr) == (1.0, 0.5)
    assert found["overall"] == Quality(2, 0.5, 1.0, 0.75)


def find_nothing(documents: Sequence[Document], queries: Sequence[str]) -> list[list[int]]:
    return [[] for _ in queries]


def test_an_engine_finds_what_the_report_says() -> None:
    items = known_items(DOCUMENTS)
    answers = sqlite.search(DOCUMENTS, [item.query for item in items])
    exact = [found for item, found in zip(items, answers, strict=True) if item.query == "amelie"]
    assert exact == [[6]]
    nobody = Engine("Nobody", "1", "finds nothing.", find_nothing)
    finding = Finding([one.title for one in DOCUMENTS], items, {sqlite.FTS5: answers, nobody: [[] for _ in items]})
    assert [row[0] for row in success_rows(finding)] == ["SQLite FTS5", "Nobody"]
    assert success_rows(finding)[1][1:4] == ["0.000", "0.000", "0.000"]
    assert quality_rows(finding)[1][-1][:2] == ["**overall**", str(len(items))]
    assert [row[2] for row in goals(finding)][1:] == ["met", "met"]
    reversed_finding = Finding(finding.titles, items, {nobody: finding.answers[nobody], sqlite.FTS5: answers})
    assert [row[2] for row in goals(reversed_finding)] == ["missed", "missed", "missed"]
    assert len(list(misses(reversed_finding))) == min(20, len(items))
    assert "## The engines" in markdown(Run(finding, {}, []))


def test_the_worst_query_is_found_and_shown() -> None:
    search = ClassSpeed([Request("the"), Request("a | b")], [2_000, 31_000], 0, "")
    suggest = ClassSpeed([Request("t")], [160_000], 0, "")
    failed = ClassSpeed([Request("x")], [1_000], 1, '{"errors":[]}')
    speed = Speed({"a common word": search, "suggest": suggest, "a phrase": failed}, rate=250.0)
    assert search.worst == (31.0, "a | b")
    assert speed.latencies(suggest=False) == [1_000, 2_000, 31_000]
    [row] = speed_goals({10_000: speed})
    assert row == ["10,000", "31.0 (missed)", "160 (missed)", "160 (missed)", "250 (met)"]
    text = markdown(Run(None, {10_000: speed}, []))
    assert "| a common word | 2 | 2.00 | 31.0 | 31.0 | `a   b` | 0 |" in text
    assert re.search(r"\| a phrase \| 1 \| - \| - \| - \| - \| 1 ", text)


@pytest.mark.parametrize("document", [SEARCH, HIGHLIGHTS, SUGGEST, MARQUEE_SEARCH])
def test_every_document_is_valid_in_the_schema(document: str) -> None:
    assert validate(GRAPHQL_SCHEMA, parse(document)) == []


def test_the_corpus_is_the_same_in_every_run_and_has_queries_of_every_class() -> None:
    titles = [(f"Low{place} Wandering{place} Song of High{place}", 1990 + place % 9) for place in range(60)]
    sample = Sample(titles, [(f"Person Number{place}", title) for place, (title, _) in enumerate(titles)])
    for of in SPEED_CLASSES:
        requests = requests_of(of, sample)
        assert requests == requests_of(of, sample), of.name
        assert len(requests) >= 5, of.name
    assert len({of.name for of in SPEED_CLASSES}) == len(SPEED_CLASSES)
