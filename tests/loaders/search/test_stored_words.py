"""The words that the database derives are those of domain/search_words.py, for any text, whoever writes."""

from __future__ import annotations

import random
from typing import Any

from domain.search_words import search_words, stored_words, title_key
from domain.text import fold
from tests.support.factories import add_library, add_media

DERIVED = """
SELECT search_words(folded) AS words, search_key(search_words(folded)) AS key
FROM unnest($1::text[]) WITH ORDINALITY AS text(folded, place) ORDER BY place
"""
SIGNS = "abx '-&+.|,12½★東京ไม่ガ♥👍🏽éßсобака"


async def check(connection: Any, texts: list[str]) -> None:
    kept = [text for text in texts if fold(text) and "\0" not in fold(text)]
    rows = await connection.fetch(DERIVED, [fold(text) for text in kept])
    for text, row in zip(kept, rows, strict=True):
        assert (text, row["words"], row["key"]) == (text, stored_words(text), title_key(search_words(text)))


async def test_every_character_belongs_to_words_alike(connection: Any) -> None:
    """Between letters, where it parts them, is a word by itself, or does neither."""
    letters = [chr(code) for code in range(1, 0x30000) if not 0xD800 <= code <= 0xDFFF]
    await check(connection, [f"a{letter}b" for letter in letters])


async def test_mixed_signs_and_letters_are_parted_alike(connection: Any) -> None:
    chosen = random.Random(1)
    await check(connection, ["".join(chosen.choices(SIGNS, k=chosen.randint(1, 14))) for _ in range(5_000)])


async def test_whoever_writes_a_title_has_its_words_derived(connection: Any) -> None:
    media = await add_media(connection, await add_library(connection), "The Spider-Man")
    stored = "SELECT title_words, title_key FROM media WHERE id = $1"

    assert tuple(await connection.fetchrow(stored, media)) == ("the spider man | spiderman", "spiderman")
    await connection.execute("UPDATE media SET title = 'Heat', folded_title = 'heat' WHERE id = $1", media)
    assert tuple(await connection.fetchrow(stored, media)) == ("heat", "heat")


async def test_popularity_then_rating_decide_the_rank(connection: Any) -> None:
    library = await add_library(connection)
    for popularity, rating in ((0, None), (0, 0), (0, 100), (1, None)):
        await add_media(connection, library, popularity=popularity, rating_tenths=rating)

    ranks = [row[0] for row in await connection.fetch("SELECT search_rank FROM media ORDER BY id")]

    assert ranks == sorted(set(ranks))
