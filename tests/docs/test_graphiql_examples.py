"""The examples of GraphiQL over what `make serve` shows: each is answered, for what it says it costs."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app.process.demo import OTHER_PARTS, import_demo
from bench.generated.load import load_generated
from database.connect_args import ConnectArgs
from database.open_session import open_session
from tests.support.api import Api
from tests.support.cookbook import lists_by_path
from tests.support.graphiql_examples import EXAMPLES, Example, read_examples

MOVIES, SOME = 11_216, 300  # all of them, and so many for edits
QUIET = Console(quiet=True)
QUERIES = [example for example in read_examples() if not example.is_edit]
EDITS = [example for example in read_examples() if example.is_edit]


async def fill(database: ConnectArgs, folder: Path, movies: int = MOVIES) -> None:
    """Loads the demo, of its movies all or some."""
    async with open_session(database) as session:
        await load_generated(session, movies)
    await import_demo(database, QUIET, folder, OTHER_PARTS)


def ids_in(value: Any) -> list[str]:
    """The ids of an answer, in its order, as the page takes them."""
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in ([one] if key == "id" else ids_in(one))]
    return [found for one in value for found in ids_in(one)] if isinstance(value, list) else []


async def run(api: Api, example: Example) -> Any:
    """What an example is answered with, run as the page does; it costs what it says."""
    ids = [] if example.ids_query is None else ids_in(await api.run(example.ids_query))
    answer = await api.answer(example.text, id=next(iter(ids), None), ids=ids)
    assert ("errors" in answer.body) is (example.statements == 0), (example.title, answer.body)
    cost = len(api.statements)
    compiled = api.service.engine.compiled
    assert cost == example.statements or (not compiled and cost > example.statements), (example.title, api.statements)
    return answer.body.get("data")


async def test_each_question_is_answered_for_what_it_says_it_costs(
    api: Api, writer: ConnectArgs, tmp_path: Path
) -> None:
    await fill(writer, tmp_path)
    for example in QUERIES:
        data = await run(api, example)
        found: dict[str, list[Any]] = defaultdict(list)
        for path, items in lists_by_path(data):
            found[path] += items
        assert [path for path, items in found.items() if not items] == [], example.title


async def test_the_edits_do_what_they_say_in_their_order(api: Api, writer: ConnectArgs, tmp_path: Path) -> None:
    await fill(writer, tmp_path, SOME)
    answers = {example.name: await run(api, example) for example in EDITS}

    made = answers["a-new-collection"]["createCollections"]
    assert ([one["name"] for one in made["collections"]], made["errors"]) == (["Rainy Sundays"], [])
    upserted = answers["media-made-or-changed"]["upsertMedia"]
    assert upserted["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "failed": 0}
    added = answers["tags-added-to-media"]["addTags"]
    assert (added["succeeded"], added["errors"]) == (3, [])
    preview = answers["what-cleaning-up-tags-would-do"]["normaliseTags"]
    assert preview["token"]
    assert preview["counts"]["merged"] == 1
    done = answers["tags-cleaned-up"]["normaliseTags"]
    assert done["counts"] == preview["counts"]
    people = answers["people-with-ids-elsewhere"]["createPeople"]
    assert [one["name"] for one in people["people"]] == ["Alan Smithee"]
    assert [(one["item"], one["code"]) for one in people["errors"]] == [(1, "EXTERNAL_ID_TAKEN")]
    [example] = [one for one in QUERIES if one.name == "a-person-by-an-id-elsewhere"]
    assert (await run(api, example))["personByExternalId"] == {**people["people"][0], "mediaCount": 0}
    undone = answers["an-edit-of-names-undone"]["undo"]
    assert undone["counts"] == done["counts"]
    assert undone["operation"]["undoes"]["id"] == done["operation"]["id"]
    tags = await api.run('{ tags(filter: {startsWith: "to"}) { nodes { name } } }')
    assert {"to_watch", "To-Watch"} <= {tag["name"] for tag in tags["tags"]["nodes"]}


async def test_media_that_are_made_a_second_time_are_unchanged(api: Api, writer: ConnectArgs, tmp_path: Path) -> None:
    await fill(writer, tmp_path, SOME)
    [example] = [one for one in EDITS if one.name == "media-made-or-changed"]
    await run(api, example)

    again = await api.run(example.text)

    assert again["upsertMedia"]["counts"] == {"created": 0, "updated": 0, "unchanged": 1, "failed": 0}


def test_there_is_an_example_for_each_kind_of_client_and_for_edits() -> None:
    assert len(QUERIES) >= 17
    assert len(EDITS) == 7
    numbers = [int(re.match(r"\d+", path.name)[0]) for path in sorted(EXAMPLES.glob("*.graphql"))]  # type: ignore[index]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))


@pytest.mark.parametrize("example", [*QUERIES, *EDITS], ids=lambda example: example.name)
def test_an_example_has_a_title_a_text_a_cost_and_a_named_operation(example: Example) -> None:
    assert example.title
    assert example.summary
    assert example.statements >= 0
    assert re.search(r"^(query|mutation|subscription) [A-Z]\w+", example.text, re.MULTILINE)
