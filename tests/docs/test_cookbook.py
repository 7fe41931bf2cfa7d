"""Every operation of docs/cookbook.md: it is answered, with something, by as many statements as it says."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, validate

from app.service.graphql_service import GRAPHQL_SCHEMA
from tests.support.api import Api
from tests.support.cookbook import COOKBOOK, Recipe, lists_by_path, read_cookbook
from tests.support.real_data import SOURCE, read_catalogue

COOK = read_cookbook()
QUERIES = [recipe for recipe in COOK.values() if not recipe.is_edit and not recipe.is_subscription]


def test_the_cookbook_has_its_operations_named_as_their_headings() -> None:
    names = []
    for recipe in COOK.values():
        document = parse(recipe.text)
        [operation] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        names.append(operation.name.value if operation.name else "")
        assert validate(GRAPHQL_SCHEMA, document) == [], recipe.name

    assert names == list(COOK)
    assert len(names) == COOKBOOK.read_text().count("\n### ") == 50
    assert sum(recipe.is_edit for recipe in COOK.values()) == 18


@pytest.mark.parametrize("recipe", QUERIES, ids=lambda recipe: recipe.name)
async def test_a_question_is_answered_by_as_many_statements_as_it_says(recipe: Recipe, real_api: Api) -> None:
    data = await real_api.run(recipe.text, **recipe.variables)

    cost = len(real_api.statements)
    # graphql-core's executor brings nothing along, and reads pages of which only the total is asked.
    compiled = real_api.service.engine.compiled
    assert cost == recipe.statements or (not compiled and cost > recipe.statements), real_api.statements
    assert None not in data.values()
    found: dict[str, list[Any]] = defaultdict(list)
    for path, items in lists_by_path(data):
        found[path] += items
    assert found
    assert [path for path, items in found.items() if not items] == [], "lists that are always empty"


async def test_settings_cost_nothing_while_the_service_keeps_them(real_api: Api) -> None:
    for _ in range(2):
        await real_api.run(COOK["SettingsOfChannel"].text, **COOK["SettingsOfChannel"].variables)

    assert real_api.statements == []


async def test_edits_do_what_they_say_by_as_many_statements_as_they_say(real_writer: Api) -> None:
    async def run(name: str, **variables: Any) -> Any:
        data = await real_writer.run(COOK[name].text, **(variables or COOK[name].variables))
        if COOK[name].is_edit:
            assert len(real_writer.statements) - real_writer.statements.count("transaction") == COOK[name].statements
        [answer] = data.values()
        return answer

    page = await run("ChangesSince", since=None)
    while page["pageInfo"]["hasNextPage"]:
        page = await run("ChangesSince", since=page["pageInfo"]["endCursor"])

    retagged = await run("RetagInBulk")
    assert (retagged["succeeded"], retagged["failed"]) == (3, 1)
    assert [(error["id"], error["code"]) for error in retagged["errors"]] == [("media_999999", "NOT_FOUND")]
    assert [[tag["name"] for tag in media["tags"]] for media in retagged["media"]] == [
        ["Bullet Time", "philosophy", "sci-fi"],
        ["time travel"],
        ["time travel"],
    ]
    assert await run("MarkTagged") == {"succeeded": 3, "failed": 0, "errors": []}
    corrected = await run("CorrectMovie")
    assert corrected["succeeded"] == 1
    assert [(error["id"], error["code"]) for error in corrected["errors"]] == [("media_3550", "VERSION_CONFLICT")]
    assert corrected["media"] == [
        {"id": "media_5020", "title": "The Matrix", "runtimeMinutes": 136, "rating": 8.8, "version": 2}
    ]
    assert await run("SetBatchSize") == {
        "setting": {"key": "clips.batch_size", "value": 50, "scope": "CHANNEL", "default": 10}
    }
    made = await run("MakeCollection")
    assert made["collections"] == [{"name": "Rainy Sundays", "kind": "PLAYLIST", "version": 1}]
    assert [(error["item"], error["code"]) for error in made["errors"]] == [(1, "BAD_ARGUMENT")]
    put = await run("PutFirstInCollection")
    assert put["succeeded"] == 2
    assert [one["id"] for one in put["collection"]["media"]["nodes"]][:2] == ["media_2", "media_1"]
    credits = await run("CorrectCredit")
    assert credits["credits"] == [
        {"id": "credit_1", "version": 2, "character": "Herself", "person": {"name": "Somebody Else"}}
    ]
    assert [(error["id"], error["code"]) for error in credits["errors"]] == [("credit_2", "VERSION_CONFLICT")]
    deleted = await run("DeleteSeries")
    assert (deleted["succeeded"], deleted["errors"]) == (1, [])
    assert deleted["deletedIds"] == [f"media_{number}" for number in range(20_001, 20_009)]

    changed = (await run("ChangesSince", since=page["pageInfo"]["endCursor"]))["nodes"]
    assert [(node["mediaId"], node["type"]) for node in changed] == [
        *((f"media_{number}", "UPDATED") for number in (3550, 3847, 5020)),
        *((media, "DELETED") for media in deleted["deletedIds"]),
    ]
    await clean_up_tags(run)


async def test_upserts_do_what_they_say_and_nothing_the_second_time(real_writer: Api) -> None:
    """Each kind of client: statuses of the items, and what is changed of those that are there."""
    made: tuple[str, list[str]] = ("CREATED", [])
    changed, same = "UPDATED", ("UNCHANGED", list[str]())
    costs: dict[str, int] = {}
    expected: dict[str, list[tuple[str, list[str]]]] = {
        "PutOnAir": [(changed, ["channels", "categories"]), (changed, ["channels"])],
        "CastByProviderIds": [(changed, ["credits"])],
        "RecordMovies": [(changed, ["files", "subtitles"]), made],
        "RecordClips": [made],
        "RecordTunes": [made, (changed, ["files", "music"])],
        "RecordSeries": [same, made, made],
    }
    for name, told in expected.items():
        for statuses in (told, [same] * len(told)):
            [answer] = (await real_writer.run(COOK[name].text, **COOK[name].variables)).values()
            assert [(one["status"], one["fields"]) for one in answer["results"]] == statuses, (name, answer)
            cost = len(real_writer.statements) - real_writer.statements.count("transaction")
            costs.setdefault(name, cost)

    assert costs == {name: COOK[name].statements for name in costs}
    text = '{ personByExternalId(source: "imdb", value: "nm9900001") { name mediaCount credits { nodes { role } } } }'
    found = (await real_writer.run(text))["personByExternalId"]
    assert (found["name"], found["mediaCount"]) == ("A Stunt Rider", 1)
    assert sorted(one["role"] for one in found["credits"]["nodes"]) == ["ACTOR", "DIRECTOR"]


async def clean_up_tags(run: Any) -> None:
    """A preview, a merge, and its undo."""
    shown = await run("NormaliseTagsPreview")
    assert shown["counts"]["merged"] > 0
    merged = await run("MergeTags")
    assert (merged["operation"]["counts"]["merged"], merged["conflicts"]) == (1, [])
    undone = await run("UndoOperation")
    assert (undone["operation"]["counts"], undone["conflicts"]) == (merged["operation"]["counts"], [])


@pytest.mark.skipif(not SOURCE.is_dir(), reason=f"the real collections are not here: {SOURCE}")
def test_as_many_movies_of_both_collections_are_one_as_is_said() -> None:
    catalogue = read_catalogue()

    assert len(catalogue.movies) == 15_974
    assert (catalogue.matched_by_title, catalogue.matched_by_other_title) == (4960, 24)
    assert sum(movie.library == 1 for movie in catalogue.movies) == 4758
