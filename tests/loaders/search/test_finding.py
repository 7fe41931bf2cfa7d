"""What a search finds, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from domain.enums import SearchType
from domain.errors import CatalogError
from domain.text import fold
from domain.viewer import Viewer
from loaders.search import title_sql, words
from loaders.search.position import WALKED
from loaders.sql.condition import All, one_of
from tests.support.api import Api
from tests.support.derived import insert_row
from tests.support.factories import add_library, add_media, add_name
from tests.support.searching import found, search_count, search_page


async def add_titles(connection: Any, *titles: str) -> list[int]:
    library = await add_library(connection)
    return [await add_media(connection, library, title) for title in titles]


async def add_person(connection: Any, name: str, *media: int) -> int:
    person = int(
        await connection.fetchval(
            "INSERT INTO person (name, folded_name) VALUES ($1, $2) RETURNING id", name, fold(name)
        )
    )
    for one in media:
        await insert_row(connection, "credit", {"media_id": one, "person_id": person, "role": "ACTOR"})
    return person


@pytest.mark.parametrize(
    ("title", "queries"),
    [
        ("Spider-Man", ["spider-man", "spiderman", "spider man", "Spider\u2011Man", "SPIDERM", "man spider"]),
        ("Spider Man", ["spider-man", "spider man", "spiderman"]),
        ("E.T. the Extra-Terrestrial", ["et", "e.t.", "e t", "extra terrestrial", "extraterrestrial"]),
        ("Amélie", ["amelie", "AMÉLIE", "ame\u0301lie", "amel"]),
        ("Fast & Furious", ["fast and furious", "fast & furious", "furious fast"]),
        ("Don't Look Now", ["dont look now", "don\u2019t look now"]),
        ("Rocky II", ["rocky 2", "rocky ii", "2 rocky "]),
        ("Rocky 2", ["rocky II "]),
        ("東京物語", ["東京", "物語", "東京物語", "京"]),
        ("L'Amour", ["amour", "lamour", "l'amour"]),
        ("😀 Movie", ["😀"]),
        ("?!", ["?!"]),
        ("The", ["the", "th"]),
        ("$", ["$"]),
    ],
)
async def test_what_is_equal_is_found(title: str, queries: list[str], api: Api, connection: Any) -> None:
    await add_titles(connection, title, "Something Else")

    for query in queries:
        assert (query, await found(api, connection, query)) == (query, [title])


@pytest.mark.parametrize("query", ["heat cold", "eat", "heat -wave -man", '"wave heat"', "物京", "-", "--", '"'])
async def test_what_differs_is_not_found(query: str, api: Api, connection: Any) -> None:
    await add_titles(connection, "Heat Wave", "Heat Man", "東京物語")

    assert await found(api, connection, query) == []


async def test_whole_titles_come_first_then_beginnings_then_words_near_each_other(api: Api, connection: Any) -> None:
    best_first = [
        *("The Dead", "Dead", "Dead Man", "The Dead Zone", "Evil Dead", "Night of the Living Dead"),
    ]
    await add_titles(connection, *reversed(best_first))

    assert await found(api, connection, "the dead ") == ["The Dead", "The Dead Zone", "Night of the Living Dead"]
    assert await found(api, connection, "dead ") == ["Dead", "The Dead", *best_first[2:]]


async def test_words_in_order_come_before_words_that_are_apart(api: Api, connection: Any) -> None:
    await add_titles(connection, "War of Other Worlds", "A Great War of Worlds", "Worlds of War")

    assert await found(api, connection, "war of worlds") == [
        *("A Great War of Worlds", "Worlds of War", "War of Other Worlds"),
    ]


async def test_equal_ones_come_by_popularity_then_rating_then_the_newest(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media = {
        name: await add_media(connection, library, "Heat", **columns)
        for name, columns in {
            "old": {},
            "new": {},
            "rated": {"rating_tenths": 50},
            "popular": {"popularity": 1},
        }.items()
    }

    page = await search_page(api, "heat")

    assert [hit.id for hit in page.edges] == [media[name] for name in ("popular", "rated", "new", "old")]


async def test_a_year_beside_a_title_is_one_of_the_media(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media = {year: await add_media(connection, library, "Heat", year=year) for year in (1986, 1995)}
    other = await add_media(connection, library, "Heat 1986")

    assert [hit.id for hit in (await search_page(api, "heat 1995")).edges] == [media[1995]]
    assert [hit.id for hit in (await search_page(api, "heat 1986")).edges] == [other, media[1986]]


async def test_whole_other_titles_come_right_after_whole_titles(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    original = await add_media(connection, library, "Spirited Away", original_title="Sen to Chihiro")
    alias = await add_media(connection, library, "Amélie")
    await insert_row(connection, "media_alias", {"media_id": alias, "title": "Sen", "folded_title": "sen"})
    begins = await add_media(connection, library, "Sen Returns")
    await insert_row(connection, "media_alias", {"media_id": begins, "title": "Return", "folded_title": "return"})
    title = await add_media(connection, library, "Who is Sen?")
    whole = await add_media(connection, library, "The Sen", original_title="Sen")

    hits = (await search_page(api, "sen")).edges
    assert [hit.id for hit in hits] == [whole, alias, begins, title, original]


@pytest.mark.parametrize("query", ["sen to chihiro", "Sen-to Chihiro", '"sen to" chihiro', "sen to chihiro -away"])
async def test_a_whole_other_title_has_the_words_that_are_asked_for(query: str, api: Api, connection: Any) -> None:
    library = await add_library(connection)
    spirited = await add_media(connection, library, "Spirited Away", original_title="Sen to Chihiro")
    insert = {"media_id": spirited, "title": "Sen to Chihiro", "folded_title": "sen to chihiro"}
    await insert_row(connection, "media_alias", insert)
    begins = await add_media(connection, library, "Sen to Chihiro no Kamikakushi")

    wanted = [begins] if "-away" in query else [spirited, begins]
    assert [hit.id for hit in (await search_page(api, query)).edges] == wanted


async def test_a_title_with_a_name_is_found_by_both(api: Api, connection: Any) -> None:
    heat, wave, other = await add_titles(connection, "Heat", "Heat Wave", "Serpico")
    await add_person(connection, "Al Pacino", heat, wave, other)
    crime = await add_name(connection, "genre", "Crime")
    await insert_row(connection, "media_genre", {"media_id": wave, "genre_id": crime})

    assert await found(api, connection, "heat al pacino") == ["Heat", "Heat Wave"]
    assert await found(api, connection, "pacino heat") == ["Heat", "Heat Wave"]
    assert await found(api, connection, "crime heat ") == ["Heat Wave"]
    assert await found(api, connection, "pacino ") == ["Al Pacino", "Serpico", "Heat Wave", "Heat"]
    assert await found(api, connection, "pacino -wave", types=[SearchType.MEDIA]) == ["Serpico", "Heat"]


async def test_overviews_and_names_of_files_come_last(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    told = await add_media(connection, library, "Heat", overview="A thief in Los Angeles.")
    filed = await add_media(connection, library, "Untitled")
    insert = "INSERT INTO media_file (media_id, path, name, size, modified_at) VALUES ($1, '/a', $2, 1, now())"
    await connection.execute(insert, filed, "Los.Ángeles.mkv")

    assert [hit.id for hit in (await search_page(api, "los angeles")).edges] == [filed, told]


async def test_names_are_found_beside_media_by_the_number_of_their_media(api: Api, connection: Any) -> None:
    first, second = await add_titles(connection, "Heat", "Cold")
    await add_person(connection, "Heat", first)
    tag = await add_name(connection, "tag", "Warm", "Heat")
    await insert_row(connection, "media_tag", {"media_id": second, "tag_id": tag})
    await add_person(connection, "John Heat", first, second)
    await add_person(connection, "Jane Heat", first)

    assert await found(api, connection, "heat ") == ["Heat", "Heat", "Warm", "John Heat", "Jane Heat", "Cold"]
    assert await found(api, connection, "heat ", types=[SearchType.PERSON]) == ["Heat", "John Heat", "Jane Heat"]


async def test_types_and_filters_narrow(api: Api, connection: Any) -> None:
    heat, _ = await add_titles(connection, "Heat", "Heat Wave")
    await add_person(connection, "Heat")

    assert await found(api, connection, "heat", types=[SearchType.TAG]) == []
    only = All((one_of("m.id", [heat], "bigint"),))
    assert await found(api, connection, "heat", types=[SearchType.MEDIA], filter=only) == ["Heat"]


async def test_libraries_that_a_viewer_may_not_see_are_not_searched(api: Api, connection: Any) -> None:
    [hidden] = await add_titles(connection, "Heat Wave")
    other = await add_library(connection, "Other")
    seen = await add_media(connection, other, "Heat")
    await insert_row(connection, "media_alias", {"media_id": hidden, "title": "Fire", "folded_title": "fire"})
    viewer = Viewer((other,))

    assert [hit.id for hit in (await search_page(api, "heat", viewer=viewer)).edges] == [seen]
    assert (await search_page(api, "fire", viewer=viewer)).edges == []


async def test_pages_of_any_size_have_the_same_hits(api: Api, connection: Any) -> None:
    titles = [f"Heat {'Wave ' * (number % 3)}{number}" for number in range(9)]
    media = await add_titles(connection, *titles, "Cold", "Old")
    await add_person(connection, "Heat", *media)
    await insert_row(connection, "media_alias", {"media_id": media[-1], "title": "Heat", "folded_title": "heat"})
    whole = [hit.position for hit in (await search_page(api, "heat", first=100)).edges]

    for size in (1, 2, 5):
        hits, after = [], None
        while True:
            page = await search_page(api, "heat", first=size, after=after)
            assert page.has_previous_page == (after is not None)
            hits += [hit.position for hit in page.edges]
            after = page.end_cursor
            if not page.has_next_page:
                break
        assert hits == whole
    assert len(whole) == 12
    assert [hit.score for hit in page.edges] == sorted((hit.score for hit in page.edges), reverse=True)


@pytest.mark.parametrize("most", [1, 4, 100])
async def test_pages_of_common_words_have_all_hits_however_few_entries_are_walked(
    most: int, api: Api, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(title_sql, "MAX_WALKED", most)
    monkeypatch.setattr(words, "MIN_WALKED", 0)
    monkeypatch.setattr(words, "MIN_WALKED_PART", 0)
    library = await add_library(connection)
    titles = ["Wave", *["Wave Heat"] * 3, *(["Cold"] * 5 + ["The Wave Machine", "A Wave"]) * 6, "Heat Wave", "Ripple"]
    media = [
        await add_media(connection, library, title, popularity=len(titles) - at) for at, title in enumerate(titles)
    ]
    await insert_row(connection, "media_alias", {"media_id": media[-1], "title": "Wave", "folded_title": "wave"})
    await insert_row(connection, "media_alias", {"media_id": media[-2], "title": "Wave", "folded_title": "wave"})
    whole = [at for at, title in enumerate(titles) if title == "Wave"]
    article = [at for at, title in enumerate(titles) if title == "A Wave"]
    begins = [at for at, title in enumerate(titles) if title in ("Wave Heat", "The Wave Machine")]
    wanted = [media[at] for at in (*whole, *article, len(titles) - 2, len(titles) - 1, *begins)]

    for size in (2, 100):
        hits, after, has_more = [], None, True
        while has_more:
            page = await search_page(api, "wave ", first=size, after=after, types=[SearchType.MEDIA])
            assert all(hit.position.mode == WALKED for hit in page.edges)
            hits += [hit.id for hit in page.edges]
            after, has_more = page.end_cursor, page.has_next_page
        assert hits == wanted
    heat = (await search_page(api, "heat ", types=[SearchType.MEDIA])).edges
    assert [hit.id for hit in heat] == [media[-2], *media[1:4]]
    assert await search_count(api, "wave", types=[SearchType.MEDIA]) == len(wanted)


async def test_a_cursor_of_another_search_is_refused(api: Api, connection: Any) -> None:
    await add_titles(connection, "Heat", "Heat Wave")
    cursor = (await search_page(api, "heat")).edges[0].cursor

    with pytest.raises(CatalogError, match="another order"):
        await search_page(api, "wave", after=cursor)
    with pytest.raises(CatalogError, match="0 to 100"):
        await search_page(api, "heat", first=101)


async def test_a_search_takes_two_statements(api: Api, connection: Any) -> None:
    await add_titles(connection, "Heat")
    for query in ("heat", "nothing at all", "the of"):
        api.statements.clear()
        await search_page(api, query)
        assert api.statements == ["search_words", "search_pages"]


@pytest.mark.parametrize("query", ["heat", "heat ", "pacino", "wave -heat", "zzz", "kind"])
async def test_the_count_is_that_of_all_pages(query: str, api: Api, connection: Any) -> None:
    media = await add_titles(connection, *(f"Heat {number}" for number in range(30)), "Wave", "Kindness")
    await add_person(connection, "Al Pacino", *media[:3])
    await add_name(connection, "tag", "Heat")

    assert await search_count(api, query) == len((await search_page(api, query, first=100)).edges)
