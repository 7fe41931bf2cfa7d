"""The compiled engine beside graphql-core on schemas that are made to be hard: cases by hand and generated operations.

Half of the generated operations are run here, the other half on the product's schema. `make test` generates 500 in all;
the nightly run sets the number: `MARQUEE_DIFFERENTIAL=5000 pytest tests/test_differential_*.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from tests.differential import (
    cases_fields,
    cases_inputs,
    cases_operations,
    cases_rows,
    cases_types,
    cases_values,
    handmade,
)
from tests.differential.adversarial import SCHEMA
from tests.differential.case import Case
from tests.differential.cases_batches import CASES as BATCH_CASES
from tests.differential.cases_batches import BatchCase
from tests.differential.checking import blocks, check
from tests.differential.inputs import Inputs
from tests.differential.operations import Generator
from tests.differential.running import document_of, engine_of
from tests.differential.subjects import Subject

CASES = [*cases_values.CASES, *cases_types.CASES, *cases_fields.CASES, *cases_inputs.CASES, *cases_operations.CASES]
IDS = (
    "star_1",
    "star_2",
    "star_5",
    "planet_3",
    "planet_4",
    "moon_2",
    "moon_7",
    "star_24",
    "none_1",
    "broken_1",
    "x",
    5,
)


def draw_id(name: str, random: Random) -> Any:
    return random.choice(IDS)


# graphql-core leaves coroutines behind where errors cut an operation short; our engine's are told by its outcomes.
FORGETFUL = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
STRAWBERRY = Generator(SCHEMA._schema, Inputs({"ID": draw_id}))
CORE = Generator(handmade.SCHEMA, Inputs({"ID": draw_id}))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_case_is_answered_as_graphql_core_answers_it(case: Case) -> None:
    subject = Subject(case.schema(), case.root)

    assert await subject.differ(case.text, case.variables) == []


@pytest.mark.parametrize("text", cases_rows.CASES.values(), ids=cases_rows.CASES)
async def test_records_are_answered_as_graphql_core_answers_them(text: str) -> None:
    assert await Subject(SCHEMA._schema, batch_wait=5.0).differ(text, {}) == []


@pytest.mark.parametrize("case", BATCH_CASES, ids=lambda case: case.name)
async def test_batches_do_not_depend_on_delays(case: BatchCase) -> None:
    subject = Subject(SCHEMA._schema, batch_wait=case.batch_wait)
    document = document_of(SCHEMA._schema, case.text)

    outcomes = [await subject.outcome(document, {}, None, compiled=True, seed=seed) for seed in range(6)]

    assert [dict(outcome.batches) for outcome in outcomes] == [case.batches] * 6
    assert await subject.differ(case.text, {}) == []


async def test_batches_do_not_depend_on_other_operations() -> None:
    subjects = [(Subject(SCHEMA._schema, batch_wait=case.batch_wait), case) for case in BATCH_CASES]

    outcomes = await asyncio.gather(
        *(
            subject.together(document_of(SCHEMA._schema, case.text), seed=seed)
            for seed, (subject, case) in enumerate(subjects)
        )
    )

    assert [dict(outcome.batches) for outcome in outcomes] == [case.batches for case in BATCH_CASES]


@FORGETFUL
@pytest.mark.parametrize("seeds", blocks(0.3), ids=lambda seeds: f"seeds {seeds.start} to {seeds.stop - 1}")
async def test_generated_operations_over_strawberry_are_answered_alike(seeds: range) -> None:
    for seed in seeds:
        await check_generated(STRAWBERRY, Subject(SCHEMA._schema, batch_wait=5.0 * (seed % 2)), seed)


@FORGETFUL
@pytest.mark.parametrize("seeds", blocks(0.2), ids=lambda seeds: f"seeds {seeds.start} to {seeds.stop - 1}")
async def test_generated_operations_over_graphql_core_alone_are_answered_alike(seeds: range) -> None:
    for seed in seeds:
        await check_generated(CORE, Subject(handmade.SCHEMA), seed)


async def check_generated(generator: Generator, subject: Subject, seed: int) -> None:
    async def differ(text: str, variables: Mapping[str, Any], name: str | None) -> list[str]:
        return await subject.differ(text, variables, name, seed=seed)

    await check(generator.operation(seed), seed, differ)


def test_nothing_but_introspection_is_left_to_graphql_core() -> None:
    """Of what the tests before it in this process have run."""
    assert set(engine_of(SCHEMA._schema).statistics.reasons) <= {"introspection"}
