"""Credits made, changed and deleted by hand."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import Any

import pytest

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_person

ERRORS = "succeeded failed errors { code item id message }"
CREDIT = "credits { id role job character position version person { name } media { id } }"
CREATE = f"""mutation ($items: [NewCredit!]!, $missing: Boolean = false) {{
    edit: createCredits(items: $items, createMissing: $missing) {{ {CREDIT} {ERRORS} }} }}"""
UPDATE = f"""mutation ($items: [CreditChanges!]!, $missing: Boolean = false) {{
    edit: updateCredits(items: $items, createMissing: $missing) {{ {CREDIT} {ERRORS} }} }}"""
DELETE = f"mutation ($ids: [ID!]!) {{ edit: deleteCredits(ids: $ids) {{ deletedIds {ERRORS} }} }}"


async def fill(connection: Any, media: int = 2) -> None:
    library = await add_library(connection)
    for _ in range(media):
        await add_media(connection, library)
    for name in ("Ann", "Bob", "Bob"):
        await add_person(connection, name)


def codes(payload: Any) -> list[tuple[str, int]]:
    return [(error["code"], error["item"]) for error in payload["errors"]]


async def pairs(connection: Any) -> list[tuple[int, int]]:
    rows = await connection.fetch("SELECT media_id, person_id FROM media_person ORDER BY 1, 2")
    return [tuple(row) for row in rows]


async def test_credits_are_made_changed_and_deleted(api: Api, connection: Any) -> None:
    await fill(connection)
    actor = {"media": "media_1", "person": {"name": "ann"}, "role": "ACTOR", "character": " Rosa "}
    writer = {"media": "media_1", "person": {"id": "person_2"}, "role": "WRITER", "job": "Story", "position": 7}
    made = (await api.run(CREATE, items=[actor, writer, actor]))["edit"]
    assert made["errors"] == []
    assert made["credits"][0] == {
        **{"id": "credit_1", "role": "ACTOR", "job": None, "character": "Rosa", "position": 0, "version": 1},
        **{"person": {"name": "Ann"}, "media": {"id": "media_1"}},
    }
    assert [one["position"] for one in made["credits"]] == [0, 7, 8]
    assert await pairs(connection) == [(1, 1), (1, 2)]

    changes = [
        {"id": "credit_1", "version": 1, "person": {"id": "person_2"}, "character": None},
        {"id": "credit_2", "person": {"id": "person_1"}},
    ]
    changed = (await api.run(UPDATE, items=changes))["edit"]
    assert [(one["version"], one["person"], one["character"]) for one in changed["credits"]] == [
        *((2, {"name": "Bob"}, None), (2, {"name": "Ann"}, None)),
    ]
    assert await pairs(connection) == [(1, 1), (1, 2)]
    await assert_no_drift(connection)

    gone = (await api.run(DELETE, ids=["credit_2", "credit_9", "credit_3", "x"]))["edit"]
    assert gone["deletedIds"] == ["credit_2", "credit_3"]
    assert codes(gone) == [("NOT_FOUND", 1), ("BAD_ID", 3)]
    assert await pairs(connection) == [(1, 2)]
    await assert_no_drift(connection)
    events = await connection.fetch("SELECT media_id, type FROM history_event ORDER BY id")
    assert [tuple(row) for row in events] == [(1, "UPDATED")] * 3


async def test_people_of_unknown_names_are_made_only_where_that_is_asked_for(api: Api, connection: Any) -> None:
    await fill(connection)
    items = [{"media": f"media_{number}", "person": {"name": "Zoë"}, "role": "OTHER"} for number in (1, 2)]
    assert codes((await api.run(CREATE, items=items))["edit"]) == [("NOT_FOUND", 0), ("NOT_FOUND", 1)]
    made = (await api.run(CREATE, items=items, missing=True))["edit"]
    assert [one["person"] for one in made["credits"]] == [{"name": "Zoë"}] * 2
    assert await connection.fetchval("SELECT count(*) FROM person") == 4
    changed = (await api.run(UPDATE, items=[{"id": "credit_1", "person": {"name": "New"}}], missing=True))["edit"]
    assert changed["credits"][0]["person"] == {"name": "New"}
    await assert_no_drift(connection)


async def test_bad_credits_fail_alone(api: Api, connection: Any) -> None:
    await fill(connection)
    good = {"media": "media_1", "person": {"name": "Ann"}, "role": "ACTOR"}
    bad: list[tuple[str, dict[str, Any]]] = [
        ("NOT_FOUND", {"media": "media_9"}),
        ("BAD_ID", {"media": "person_1"}),
        ("NOT_FOUND", {"person": {"id": "person_9"}}),
        ("AMBIGUOUS", {"person": {"name": "BOB"}}),
        ("BAD_ARGUMENT", {"person": {"name": " "}}),
        ("BAD_ARGUMENT", {"position": -1}),
        ("BAD_ARGUMENT", {"character": "x" * 501}),
        ("BAD_ARGUMENT", {"job": "\0"}),
    ]
    made = (await api.run(CREATE, items=[*({**good, **one} for _, one in bad), good]))["edit"]
    assert codes(made) == [(code, place) for place, (code, _) in enumerate(bad)]
    assert made["succeeded"] == 1
    changes = [
        *(
            {"id": "credit_9"},
            {"id": "media_1"},
            {"id": "credit_1", "version": 3},
            {"id": "credit_1", "position": None},
        ),
        *({"id": "credit_1", "role": None}, {"id": "credit_1", "person": None}),
        *({"id": "credit_1", "job": "Lead"}, {"id": "credit_1", "job": "Other"}),
    ]
    changed = (await api.run(UPDATE, items=changes))["edit"]
    expected = ["NOT_FOUND", "BAD_ID", "VERSION_CONFLICT", *["BAD_ARGUMENT"] * 3]
    assert codes(changed) == [*((code, place) for place, code in enumerate(expected)), ("BAD_ARGUMENT", 7)]
    assert changed["credits"][0]["job"] == "Lead"


async def test_credits_of_hidden_media_are_not_there(api: Api, connection: Any) -> None:
    await fill(connection)
    good = {"media": "media_1", "person": {"name": "Ann"}, "role": "ACTOR"}
    await api.run(CREATE, items=[good])
    nobody = Viewer(())
    assert codes((await api.run(CREATE, nobody, items=[good]))["edit"]) == [("NOT_FOUND", 0)]
    changed = await api.run(UPDATE, nobody, items=[{"id": "credit_1", "job": "x"}])
    assert codes(changed["edit"]) == [("NOT_FOUND", 0)]
    assert codes((await api.run(DELETE, nobody, ids=["credit_1"]))["edit"]) == [("NOT_FOUND", 0)]


@pytest.mark.parametrize("seed", range(3))
async def test_random_edits_of_credits_leave_no_drift(api: Api, connection: Any, seed: int) -> None:
    random = Random(seed)
    await fill(connection, 3)
    model: dict[str, tuple[str, str]] = {}
    for _ in range(25):
        some = random.sample(sorted(model), min(len(model), random.randint(1, 4)))
        action = random.choice(["create", "update", "delete"])
        if action == "create":
            items: list[dict[str, Any]] = [
                {
                    "media": f"media_{random.randint(1, 3)}",
                    "person": {"id": f"person_{random.randint(1, 3)}"},
                    "role": "ACTOR",
                }
                for _ in range(3)
            ]
            made = (await api.run(CREATE, items=items))["edit"]["credits"]
            model |= {one["id"]: (item["media"], item["person"]["id"]) for one, item in zip(made, items, strict=True)}
        elif action == "update":
            people = {one: f"person_{random.randint(1, 3)}" for one in some}
            await api.run(UPDATE, items=[{"id": one, "person": {"id": person}} for one, person in people.items()])
            model |= {one: (model[one][0], person) for one, person in people.items()}
        else:
            await api.run(DELETE, ids=some)
            model = {one: pair for one, pair in model.items() if one not in some}
        wanted = sorted({(int(media[6:]), int(person[7:])) for media, person in model.values()})
        assert await pairs(connection) == wanted
        await assert_no_drift(connection)


async def test_of_two_changes_of_one_version_one_is_done(api: Api, connection: Any) -> None:
    await fill(connection)
    await api.run(CREATE, items=[{"media": "media_1", "person": {"name": "Ann"}, "role": "ACTOR"}])
    texts = [f"Job {number}" for number in range(8)]
    answers = await asyncio.gather(
        *(api.run(UPDATE, items=[{"id": "credit_1", "version": 1, "job": text}]) for text in texts)
    )
    done = [answer["edit"]["credits"] for answer in answers if answer["edit"]["succeeded"]]
    assert len(done) == 1
    failed = Counter(code for answer in answers for code, _ in codes(answer["edit"]))
    assert failed == {"VERSION_CONFLICT": 7}
    assert await connection.fetchval("SELECT job FROM credit") == done[0][0]["job"]
