"""Media filters: what they refuse, what they mean where SQL and Python differ, and that equal ones are one."""

from __future__ import annotations

from typing import Any

import pytest

from loaders.sql.condition import ALWAYS, MAX_JOINED, NEVER, Has, InRange, Not, all_of, any_of, negated
from tests.support.api import Api
from tests.support.factories import (
    add_artwork,
    add_credit,
    add_external_id,
    add_library,
    add_media,
    add_name,
    add_person,
    mark,
)

TEXT = """query ($filter: MediaFilter, $after: String) {
    media(filter: $filter, after: $after) { edges { cursor node { id } } totalCount } }"""


async def found(api: Api, filter: Any) -> list[int]:
    """The numbers of the media that a filter finds."""
    page = (await api.run(TEXT, filter=filter))["media"]
    assert page["totalCount"] == len(page["edges"])
    return [int(edge["node"]["id"].split("_")[1]) for edge in page["edges"]]


def nested(depth: int, last: Any) -> Any:
    """A filter so many levels deep."""
    return last if depth == 1 else {"not": nested(depth - 1, last)}


async def refusal(api: Api, filter: Any) -> str:
    answer = await api.answer(TEXT, filter=filter)
    [error] = answer.body["errors"]
    assert error["extensions"]["code"] == "BAD_ARGUMENT", error
    assert api.statements == []
    return str(error["message"])


async def test_a_filter_is_at_most_five_levels_deep(api: Api) -> None:
    assert await found(api, nested(5, {"title": "x"})) == []
    assert await refusal(api, nested(6, {"title": "x"})) == "A filter is at most 5 levels deep."
    assert await refusal(api, {"and": [{"or": [nested(4, {})]}]}) == "A filter is at most 5 levels deep."
    for deep in (150, 5_000):
        assert await api.codes(TEXT, filter=nested_by_hand(deep)) in (
            ["BAD_ARGUMENT"],
            ["TOO_DEEP"],
            ["TOO_COMPLEX"],
        ), deep


def nested_by_hand(depth: int) -> Any:
    inner: Any = {}
    for _ in range(depth):
        inner = {"and": [inner]}
    return inner


async def test_a_filter_has_at_most_fifty_conditions(api: Api) -> None:
    assert await found(api, {"or": [{"title": str(number)} for number in range(49)]}) == []
    words = "A filter has at most 50 conditions."
    assert await refusal(api, {"or": [{"title": str(number)} for number in range(50)]}) == words
    assert await refusal(api, {"credits": {"any": [{"roles": ["ACTOR"]} for _ in range(50)]}}) == words
    assert await refusal(api, {"metadata": [{"path": ["a"], "exists": True} for _ in range(50)]}) == words
    assert await refusal(api, {"tags": {"any": [{"matching": {"contains": "x"}} for _ in range(50)]}}) == words


async def test_the_lists_of_a_filter_are_bounded_one_by_one_and_together(api: Api) -> None:
    hundred = [f"media_{number}" for number in range(1, 101)]
    assert await found(api, {"id": hundred, "and": [{"id": hundred}, {"parent": hundred}, {"id": hundred}]}) == []
    words = "A list in a filter has at most 100 items, not 101."
    assert await refusal(api, {"id": [*hundred, "media_101"]}) == words
    assert await refusal(api, {"year": {"in": list(range(101))}}) == words
    assert await refusal(api, {"and": [{}] * 101}) == words
    together = "The lists of a filter have at most 500 items together."
    assert await refusal(api, {"or": [{"id": hundred}] * 5}) == together


@pytest.mark.parametrize(
    "filter",
    [
        {"titleText": {"eq": "a\0"}},
        {"overview": {"contains": "\0"}},
        {"originalTitle": {"startsWith": "\ud800"}},
        {"search": "\0"},
        {"search": "\ufdfa" * 500},
        {"titleText": {"in": ["\0"]}},
        {"tags": {"any": [{"matching": {"eq": "\0"}}]}},
        {"credits": {"any": [{"character": {"eq": "\ud800"}}]}},
        {"externalIds": {"none": [{"value": {"eq": "\0"}}]}},
        {"metadata": [{"path": ["\0"], "exists": True}]},
        {"metadata": [{"path": [], "exists": True}]},
        {"metadata": [{"path": ["a"] * 11, "exists": True}]},
        {"metadata": [{"path": ["a" * 201], "exists": True}]},
        {"metadata": [{"path": ["a"], "eq": "\0"}]},
        {"metadata": [{"path": ["a"], "eq": {"\0": 1}}]},
        {"metadata": [{"path": ["a"], "contains": ["\ud800"]}]},
        {"metadata": [{"path": ["a"], "eq": "x" * 20_000}]},
        {"metadata": [{"path": ["a"], "eq": 10**400}]},
        {"metadata": [{"path": ["a"], "eq": float("inf")}]},
        {"metadata": [{"path": ["a"], "eq": float("nan")}]},
        {"metadata": [{"path": ["a"], "eq": [[[[[[[[[[1]]]]]]]]]]}]},
        {"metadata": [{"path": ["a"], "min": float("nan")}]},
        {"addedAt": {"min": "0001-01-01T00:00:00+14:00"}},
        {"addedAt": {"max": "9999-12-31T23:59:59-14:00"}},
        {"addedAt": {"max": "yesterday"}},
        {"year": {"eq": 2**31}},
        {"year": {"in": [1.5]}},
        {"rating": {"eq": "7"}},
        {"tags": {"any": [{"id": "tag_1", "matching": {}}]}},
        {"tags": {"any": [{}]}},
        {"nothing": 1},
    ],
    ids=str,
)
async def test_what_a_filter_cannot_mean_is_a_bad_argument(api: Api, filter: Any) -> None:
    await refusal(api, filter)


async def test_ids_in_a_filter_are_those_of_their_nouns(api: Api) -> None:
    for filter in (
        {"id": ["tag_1"]},
        {"parent": ["media_0"]},
        {"people": {"any": [{"id": "tag_1"}]}},
        {"credits": {"any": [{"person": {"id": "media_1"}}]}},
        {"or": [{"not": {"library": ["x"]}}]},
    ):
        assert await api.codes(TEXT, filter=filter) == ["BAD_ID"], filter
        assert api.statements == []


async def test_numbers_in_literals_may_be_as_large_as_json_allows(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection), metadata={"n": 5}, rating_tenths=50)
    text = "{{ media(filter: {{ {} }}) {{ totalCount }} }}"
    for filter, expected in (
        ("rating: { min: 1e400 }", 0),
        ("rating: { max: 1e400 }", 1),
        ("rating: { eq: 1e400 }", 0),
        ('metadata: [{ path: "n", max: 1e400 }]', 1),
        ('metadata: [{ path: "n", min: -1e400 }]', 1),
        ('metadata: [{ path: ["n"], min: 4.9999999999, max: 5.0000000001 }]', 1),
    ):
        assert await api.run(text.format(filter)) == {"media": {"totalCount": expected}}, filter
    assert await api.codes(text.format('metadata: [{ path: "n", eq: 1e400 }]')) == ["BAD_ARGUMENT"]


async def test_metadata_may_hold_any_number_and_still_be_compared(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for text in ('{"n": 1e1000}', '{"n": "5"}', '{"n": {"n": 5}}', '{"n": [5]}', '{"n": 5}', '{"n": -0.0}'):
        number = await add_media(connection, library)
        await connection.execute("UPDATE media SET metadata = $2::text::jsonb WHERE id = $1", number, text)

    assert await found(api, {"metadata": [{"path": ["n"], "min": 5}]}) == [1, 5]
    assert await found(api, {"metadata": [{"path": ["n", "n"], "max": 5}]}) == [3]
    assert await found(api, {"metadata": [{"path": ["n"], "eq": 0}]}) == [6]
    assert await found(api, {"metadata": [{"path": ["n"], "eq": [5]}]}) == [4]
    assert await found(api, {"metadata": [{"path": ["n"], "contains": 5}]}) == [5]


async def test_values_that_python_takes_for_equal_are_different_filters(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for value in (1, True, "1"):
        await add_media(connection, library, metadata={"v": value})
    field = 'media(filter: {{ metadata: [{{ path: "v", eq: {} }}] }}) {{ nodes {{ id }} }}'

    data = await api.run(f"{{ a: {field.format('1')} b: {field.format('true')} c: {field.format('1.0')} }}")

    assert [[node["id"] for node in data[name]["nodes"]] for name in "abc"] == [["media_1"], ["media_2"], ["media_1"]]


async def test_not_is_the_complement_where_values_are_missing(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for year in (1999, None, 2001):
        await add_media(connection, library, year=year)

    assert await found(api, {"year": {"min": 2000}}) == [3]
    assert await found(api, {"not": {"year": {"min": 2000}}}) == [1, 2]
    assert await found(api, {"not": {"not": {"year": {"min": 2000}}}}) == [3]
    assert await found(api, {"not": {"originalTitle": {"contains": "x"}}}) == [1, 2, 3]
    assert await found(api, {"not": {}}) == []
    assert (await found(api, {"or": []}), await found(api, {"and": []})) == ([], [1, 2, 3])
    assert await found(api, {"or": [{"title": "nothing"}, {}]}) == [1, 2, 3]


async def test_what_hangs_on_a_media_is_asked_row_by_row(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    anna, bea = [await add_person(connection, name) for name in ("Anna", "Bea")]
    one, two, three = [await add_media(connection, library) for _ in range(3)]
    await add_credit(connection, one, anna, "ACTOR", character="Élan")
    await add_credit(connection, one, bea, "DIRECTOR")
    await add_credit(connection, two, anna, "DIRECTOR")
    await add_artwork(connection, two, "POSTER", width=100)
    await add_external_id(connection, three, "imdb", "tt1")

    directed = {"person": {"name": "anna"}, "roles": ["DIRECTOR"]}
    assert await found(api, {"credits": {"any": [directed]}}) == [two]
    assert await found(api, {"credits": {"none": [directed]}}) == [one, three]
    assert await found(api, {"credits": {"all": [{"roles": ["ACTOR"]}, {"roles": ["DIRECTOR"]}]}}) == [one]
    assert await found(api, {"credits": {"any": [{"character": {"startsWith": "éL"}}]}}) == [one]
    assert await found(api, {"people": {"any": [{"matching": {"contains": "NN"}}]}}) == [one, two]
    assert await found(api, {"people": {"count": {"min": 2}}}) == [one]
    assert await found(api, {"artwork": {"missing": True}}) == [one, three]
    assert await found(api, {"artwork": {"any": [{"types": ["POSTER"], "width": {"min": 101}}]}}) == []
    assert await found(api, {"externalIds": {"none": [{"source": {"eq": "imdb"}}]}}) == [one, two]


async def test_episodes_are_found_by_their_parents(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    series = await add_media(connection, library, kind="SERIES")
    season = await add_media(connection, library, kind="SEASON", parent_id=series, season_number=1)
    episode = await add_media(connection, library, kind="EPISODE", parent_id=season)

    assert await found(api, {"parent": [f"media_{series}", "media_99"]}) == [season]
    assert await found(api, {"not": {"parent": [f"media_{series}"]}}) == [series, episode]


async def test_search_takes_phrases_exclusions_and_alternatives(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for title in ("The Red Moon", "Moon, Red", "Moonlight", "Élan"):
        await add_media(connection, library, title)

    assert await found(api, {"search": "red moon"}) == [1, 2]
    assert await found(api, {"search": '"red moon"'}) == [1]
    assert await found(api, {"search": "moon -the"}) == [2]
    assert await found(api, {"search": "ÉLAN or the"}) == [1, 4]
    for nothing in ("!!!", "&", "'", '"', "\\", "a & | ! b:*", "-"):
        await found(api, {"search": nothing})


async def test_tags_below_a_tag_are_found_with_it(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    tags = [await add_name(connection, "tag", name) for name in ("genre", "crime", "noir", "other")]
    await connection.executemany("INSERT INTO tag_parent (tag_id, parent_id) VALUES ($1, $2)", [(2, 1), (3, 2)])
    media = [await add_media(connection, library) for _ in tags]
    for one, tag in zip(media, tags, strict=True):
        await mark(connection, "tag", one, tag)

    for wanted, expected in (({"name": "genre"}, [1, 2, 3]), ({"id": "tag_2"}, [2, 3]), ({"name": "other"}, [4])):
        assert await found(api, {"tags": {"any": [wanted], "withDescendants": True}}) == expected
        rest = [one for one in media if one not in expected]
        assert await found(api, {"tags": {"none": [wanted], "withDescendants": True}}) == rest
    assert await found(api, {"tags": {"any": [{"name": "genre"}], "withDescendants": False}}) == [1]


async def test_equal_trees_are_one_filter_and_others_are_not(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for _ in range(2):
        await add_media(connection, library, "Noir", year=2000)
    year, title, kind = {"year": {"eq": 2000}}, {"title": "noir"}, {"kind": ["MOVIE", "CLIP"]}
    cursor = (await api.run(TEXT, filter={**year, **title, **kind}))["media"]["edges"][0]["cursor"]
    same: list[Any] = [
        {"and": [title, year, {"kind": ["CLIP", "MOVIE"]}]},
        {"and": [{"and": [title, {}, title]}, {**kind, "or": [year]}, {"and": []}]},
        {**title, "not": {"not": {**year, **kind}}},
        {**title, **kind, "year": {"in": [2000, 2000]}},
    ]
    for filter in same:
        page = (await api.run(TEXT, filter=filter, after=cursor))["media"]
        assert [edge["node"]["id"] for edge in page["edges"]] == ["media_2"], filter
    for filter in ({"or": [title, year, kind]}, {"not": {"and": [title, year, kind]}}, {**title, **year}):
        assert await api.codes(TEXT, filter=filter, after=cursor) == ["BAD_CURSOR"], filter


def test_conditions_have_one_form() -> None:
    one, two = InRange("a", 1, None, "integer"), Has("t", ALWAYS)
    assert all_of([one, two, one]) == all_of([two, all_of([one]), ALWAYS])
    assert any_of([one, any_of([two, one])]) == any_of([two, one])
    assert (all_of([]), any_of([]), all_of([one]), any_of([one])) == (ALWAYS, NEVER, one, one)
    assert (all_of([one, NEVER]), any_of([one, ALWAYS])) == (NEVER, ALWAYS)
    assert (negated(negated(one)), negated(ALWAYS), negated(NEVER)) == (one, NEVER, ALWAYS)
    assert negated(one) == Not(one)


async def test_the_planner_begins_with_few_of_many_relations(api: Api) -> None:
    tags = [{"id": f"tag_{number}"} for number in range(1, 41)]
    text = "query ($filter: MediaFilter) { media(filter: $filter) { nodes { id } } }"
    await api.run(text, filter={"tags": {"all": tags}, "genres": {"none": [{"id": "genre_1"}]}})
    [sent] = api.texts
    # One tag is walked along, as many as may be joined, and the others are fenced off.
    branch = sent.split("UNION ALL")[0]
    assert branch.count("EXISTS") == 40
    assert branch.count("OFFSET 0") == 40 - MAX_JOINED


async def test_values_are_parameters_whatever_they_are(api: Api) -> None:
    evil = "'; DROP TABLE media --"
    text = {"eq": evil, "in": [evil, "x"], "contains": evil, "startsWith": evil}
    filter = {
        "titleText": text,
        "overview": text,
        "search": evil,
        "tags": {"any": [{"name": evil}, {"matching": text}]},
        "credits": {"any": [{"person": {"name": evil}, "character": text}]},
        "externalIds": {"any": [{"value": text}]},
        "metadata": [{"path": [evil, '"', "\\", "{", "$1", "{columns:m}"], "eq": {evil: evil}, "min": 1}],
    }
    assert await found(api, filter) == []
    assert not any("DROP" in sent for sent in api.texts)
