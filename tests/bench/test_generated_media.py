"""The generator of further media, and the load into a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import asyncpg
import pytest

from bench.generated.load import BULK, load_generated
from bench.generated.media import GeneratedMedia, generated_media
from domain.text import fold, sort_title
from sources.demo.catalogue import ForeignCatalogueError
from sources.demo.facts import read_facts
from tests.support.sessions import session_over

MOVIES = 11_216


def test_the_first_media_are_the_real_movies() -> None:
    first = next(generated_media(1))
    assert (first.library, first.title, first.year, first.external_id) == (
        *("Movies", "Airplane!", 1980),
        ("wikipedia", "Airplane!"),
    )
    assert [one.title for one in generated_media(20_000, 11_214)][:2] == [m.title for m in read_facts().movies[-2:]]


def test_made_media_are_the_same_at_every_run_and_from_every_start() -> None:
    made = list(generated_media(13_500, 11_216))
    assert made == list(generated_media(13_500, 11_216))
    assert made[1_000:] == list(generated_media(13_500, 12_216))
    assert made[:500] == list(islice(generated_media(1_000_000, 11_216), 500))
    assert made[0] == GeneratedMedia(
        library="Archive 1990s",
        title="The Giative",
        year=1991,
        rating=81,
        runtime=105,
        added_at=datetime(2023, 8, 8, 6, 35, tzinfo=UTC),
        external_id=("demo", "11217"),
        artwork=None,
        genres=("Drama",),
        tags=("1990s", "distributed by miramax", "rated pg-13"),
        cast=("Michael Ealy", "Samantha Mathis"),
        directors=(),
    )


def test_made_media_have_gaps_ties_and_skew() -> None:
    made = list(generated_media(21_216, 11_216))
    tags = Counter(tag for one in made for tag in one.tags)
    assert len({one.external_id for one in made}) == 10_000
    assert sum(one.year is None for one in made) == 457
    assert sum(one.rating is None for one in made) == 4_016
    assert sum(one.runtime is None for one in made) == 2_035
    assert tags.most_common(3) == [("american", 4_496), ("writer-director", 2_607), ("1990s", 2_432)]
    assert max(Counter(one.added_at for one in made).values()) == 16
    assert {name for one in made for name in (*one.cast, *one.directors)} <= set(read_facts().people)
    assert Counter(one.library for one in made) == {
        **{"Archive 1980s": 1_931, "Archive 1990s": 2_432, "Archive 2000s": 2_114, "Archive 2010s": 2_116},
        **{"Archive 2020s": 950, "Archive undated": 457},
    }


@pytest.fixture
async def writer(writer_dsn: dict[str, Any]) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(**writer_dsn)
    yield connection
    await connection.close()


async def test_media_are_loaded_once(writer: asyncpg.Connection) -> None:
    phases: list[tuple[str, int, int | None]] = []
    first = await load_generated(session_over(writer), MOVIES, lambda *step: phases.append(step))
    assert (first.loaded, first.media) == (True, 11_216)
    assert first.rows == {
        **{"library": 1, "tag": 453, "tag_name": 453, "genre": 40, "genre_name": 40, "person": 21_454},
        **{"media": 11_216, "media_tag": 54_112, "media_genre": 21_202, "media_person": 71_631, "credit": 71_779},
        **{"external_id": 11_006, "artwork": 10_677},
    }
    assert phases[0] == ("media", 0, 11_216)
    assert [phase for phase, done, total in phases if done == total] == ["media", "indexes", "counts", "vacuum"]
    again = await load_generated(session_over(writer), MOVIES)
    assert (again.loaded, again.media, again.rows) == (False, 0, first.rows)


async def test_a_larger_scale_adds_what_is_missing(writer: asyncpg.Connection) -> None:
    small = await load_generated(session_over(writer), 11_000)
    larger = await load_generated(session_over(writer), 11_500)
    assert (small.media, larger.media, larger.rows["media"]) == (11_000, 500, 11_500)
    assert (await load_generated(session_over(writer), 1_000)).loaded is False
    titles = [row["title"] for row in await writer.fetch("SELECT title FROM media ORDER BY id")]
    assert titles == [one.title for one in generated_media(11_500)]


async def test_a_catalogue_with_other_media_is_refused_untouched(writer: asyncpg.Connection) -> None:
    await load_generated(session_over(writer), 100)
    await writer.execute(
        """
        INSERT INTO media (library_id, kind, title, folded_title, sort_title)
        SELECT id, 'MOVIE', 'Mine', 'mine', 'mine' FROM library
        """
    )
    with pytest.raises(ForeignCatalogueError, match="holds 101 media that are not just the demo's") as refusal:
        await load_generated(session_over(writer), MOVIES)
    assert refusal.value.code == "DEMO_FOREIGN_CATALOGUE"
    assert await writer.fetchval("SELECT count(*) FROM media") == 101


async def test_names_that_are_there_already_are_used(writer: asyncpg.Connection) -> None:
    await writer.execute(
        """
        INSERT INTO tag (name, folded_name, slug) VALUES ('Years of Neon', 'years of neon', 'years-of-neon');
        INSERT INTO tag_name SELECT alias, id, alias <> '1980s' FROM tag, unnest(ARRAY['years of neon', '1980s']) alias;
        """
    )
    await load_generated(session_over(writer), 10)
    neon = "SELECT count(*) FROM media_tag JOIN tag ON tag.id = tag_id WHERE name = 'Years of Neon'"
    assert await writer.fetchval(neon) == 10
    assert await writer.fetchval("SELECT count(*) FROM tag WHERE name = '1980s'") == 0


async def test_kept_counts_and_sort_keys_are_those_of_the_media(writer: asyncpg.Connection) -> None:
    await load_generated(session_over(writer), 500)
    await load_generated(session_over(writer), 800)
    for noun in ("tag", "genre", "person"):
        await assert_copies_agree(writer, noun)


async def assert_copies_agree(writer: asyncpg.Connection, noun: str) -> None:
    kept = f"SELECT {noun}_id, library_id, sum(media_count)::int FROM {noun}_media_count GROUP BY 1, 2 ORDER BY 1, 2"
    counted = f"SELECT {noun}_id, library_id, count(*)::int FROM media_{noun} GROUP BY 1, 2 ORDER BY 1, 2"
    assert [tuple(row) for row in await writer.fetch(kept)] == [tuple(row) for row in await writer.fetch(counted)]
    assert await writer.fetchval(
        f"""
        SELECT count(*) FROM media_{noun} j JOIN media m ON m.id = j.media_id
        WHERE (j.library_id, j.sort_title, j.year, j.rating_tenths, j.added_at)
              IS DISTINCT FROM (m.library_id, m.sort_title, m.year, m.rating_tenths, m.added_at)
        """
    ) == 0  # fmt: skip


async def test_loaded_media_have_their_library_count_and_folded_titles(writer: asyncpg.Connection) -> None:
    await load_generated(session_over(writer), 11_400)
    counts = await writer.fetch(
        "SELECT name, sum(media_count)::int AS n FROM library_media_count JOIN library ON id = library_id GROUP BY name"
    )
    assert {row["name"]: row["n"] for row in counts} == Counter(one.library for one in generated_media(11_400))
    for row in await writer.fetch("SELECT title, folded_title, sort_title FROM media"):
        assert (row["folded_title"], row["sort_title"]) == (fold(row["title"]), sort_title(row["title"]))


async def test_cast_and_directors_are_credited_in_order(writer: asyncpg.Connection) -> None:
    await load_generated(session_over(writer), 1)
    credits = await writer.fetch(
        "SELECT name, role, position FROM credit JOIN person ON person.id = person_id ORDER BY position"
    )
    [airplane] = [one for one in read_facts().movies if (one.title, one.year) == ("Airplane!", 1980)]
    assert [tuple(row) for row in credits] == [
        *[(name, "ACTOR", place) for place, name in enumerate(airplane.cast)],
        ("Jerry Zucker", "DIRECTOR", 7),
    ]


async def test_a_movie_has_its_article_and_thumbnail(writer: asyncpg.Connection) -> None:
    await load_generated(session_over(writer), 1)
    [external_id] = await writer.fetch("SELECT source, value FROM external_id")
    assert tuple(external_id) == ("wikipedia", "Airplane!")
    thumbnail = "https://upload.wikimedia.org/wikipedia/en/2/21/Airplane%21_%281980_film%29.jpg"
    [picture] = await writer.fetch("SELECT type, url, width, height FROM artwork")
    assert tuple(picture) == ("THUMBNAIL", thumbnail, 258, 386)


async def test_a_bulk_load_leaves_indexes_keys_and_triggers_as_they_were(writer: asyncpg.Connection) -> None:
    definitions = """
        SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid::regclass::text !~ '^pg_'
        UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
        UNION ALL SELECT format('%s %s', tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1
    """
    before = await writer.fetch(definitions)
    await load_generated(session_over(writer), BULK)
    assert await writer.fetch(definitions) == before
