"""Words with wrong letters: which are read otherwise, as what, and where their hits stand."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.search_vocabulary import learn_words
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.enums import SearchCorrect
from domain.text import fold
from loaders.search.distance import distance
from loaders.search.position import HitPosition
from loaders.search.words import may_mean
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_name
from tests.support.searching import found, search_page

AUTO, ALWAYS, NEVER = SearchCorrect.AUTO, SearchCorrect.ALWAYS, SearchCorrect.NEVER


async def learn(writer: ConnectArgs) -> None:
    async with open_session(writer) as session:
        while await learn_words(session):
            pass


async def with_titles(connection: Any, writer: ConnectArgs, *titles: str) -> None:
    library = await add_library(connection)
    for title in titles:
        await add_media(connection, library, title)
    await learn(writer)


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [
        *(("heat", "heat", 0), ("heat", "heta", 1), ("heat", "hat", 1), ("heat", "heats", 1), ("heat", "hext", 1)),
        *(("", "abc", 3), ("ca", "abc", 3), ("godfather", "gdofahter", 2)),
    ],
)
def test_exchanged_neighbours_are_one_wrong_letter(one: str, other: str, letters: int) -> None:
    assert (distance(one, other), distance(other, one)) == (letters, letters)


@pytest.mark.parametrize(
    ("written", "meant", "wrong"),
    [
        ("het", "hat", None),
        ("hat", "heat", 1),
        ("haet", "heat", 1),
        ("hxxt", "heat", None),
        ("gxdfxther", "godfather", 2),
    ],
)
def test_longer_words_may_have_more_wrong_letters(written: str, meant: str, wrong: int | None) -> None:
    assert may_mean(written, meant) == wrong


# Every way to write a word with one wrong letter: of each place left out, doubled, changed, or exchanged.
def misspelt(word: str) -> set[str]:
    places = range(len(word))
    left_out = {word[:at] + word[at + 1 :] for at in places}
    added = {word[:at] + "q" + word[at:] for at in [*places, len(word)]}
    changed = {word[:at] + "q" + word[at + 1 :] for at in places}
    exchanged = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]}
    return (left_out | added | changed | exchanged) - {word}


@pytest.mark.parametrize("word", ["heat", "alien", "matrix", "titanic", "predator", "godfather", "spartacus"])
async def test_a_word_is_found_wherever_a_letter_is_wrong(
    word: str, api: Api, connection: Any, writer: ConnectArgs
) -> None:
    await with_titles(connection, writer, word)

    for written in sorted(misspelt(word)):
        assert (written, await found(api, connection, f"{written} ", correct=AUTO)) == (written, [word])


async def test_corrected_hits_come_last_with_what_was_read(api: Api, connection: Any, writer: ConnectArgs) -> None:
    await with_titles(connection, writer, "The Matrix Reloaded", "The Matrix", "Matrox", "Something Else")

    page = await search_page(api, "matrox", correct=AUTO)

    assert await found(api, connection, "matrox", correct=AUTO) == ["Matrox", "The Matrix", "The Matrix Reloaded"]
    assert [(one.word, one.read) for one in page.corrections] == [("matrox", "matrix")]
    assert [hit.score for hit in page.edges] == sorted((hit.score for hit in page.edges), reverse=True)
    assert await found(api, connection, "matrox", correct=NEVER) == ["Matrox"]
    assert (await search_page(api, "matrox", correct=NEVER)).corrections == []


async def test_what_is_found_often_is_read_otherwise_only_where_it_is_asked_for(
    api: Api, connection: Any, writer: ConnectArgs
) -> None:
    await with_titles(connection, writer, *(f"Heat {number}" for number in range(12)), "Heap")

    assert "Heap" not in await found(api, connection, "heat ", correct=AUTO)
    assert (await found(api, connection, "heat ", correct=ALWAYS))[-1] == "Heap"


async def test_pages_of_corrected_hits_have_each_once(api: Api, connection: Any, writer: ConnectArgs) -> None:
    await with_titles(connection, writer, "Matrix", "Matrix Two", "Matrix Three", "Matrox", "Metrix")
    whole = [hit.position for hit in (await search_page(api, "matrox", correct=AUTO)).edges]

    hits: list[HitPosition] = []
    after = None
    while len(hits) < len(whole):
        page = await search_page(api, "matrox", correct=AUTO, first=1, after=after)
        hits += [hit.position for hit in page.edges]
        after = page.end_cursor

    assert hits == whole
    assert not page.has_next_page
    assert len(whole) == 4


async def test_names_are_read_otherwise_too(api: Api, connection: Any, writer: ConnectArgs) -> None:
    await add_name(connection, "tag", "Western")
    await connection.execute("INSERT INTO person (name, folded_name) VALUES ($1, $2)", "Al Pacino", fold("Al Pacino"))
    await learn(writer)

    assert await found(api, connection, "westren", correct=AUTO) == ["Western"]
    assert await found(api, connection, "al pachino", correct=AUTO) == ["Al Pacino"]


async def test_words_are_learnt_once_and_what_comes_later_too(connection: Any, writer: ConnectArgs) -> None:
    library = await add_library(connection)
    words = "SELECT array_agg(word ORDER BY word) FROM search_word"
    await add_media(connection, library, "The Matrix 1999", original_title="Die Matrix", metadata={})
    await learn(writer)
    assert await connection.fetchval(words) == ["die", "matrix", "the"]

    await connection.execute("UPDATE search_vocabulary SET transaction_id = transaction_id")
    await add_media(connection, library, "Spider-Man")
    async with open_session(writer) as session:
        assert [await learn_words(session) for _ in range(2)] == [1, 0]
    assert await connection.fetchval(words) == ["die", "man", "matrix", "spider", "spiderman", "the"]


async def test_without_the_extension_search_finds_without_corrections(
    api: Api, connection: Any, writer: ConnectArgs
) -> None:
    await with_titles(connection, writer, "Matrix")
    await connection.execute(
        "CREATE OR REPLACE FUNCTION search_distance(one text, other text, most integer) RETURNS integer"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN most + 1"
    )

    assert await found(api, connection, "matrix", correct=ALWAYS) == ["Matrix"]
    assert await found(api, connection, "matrox", correct=ALWAYS) == []
