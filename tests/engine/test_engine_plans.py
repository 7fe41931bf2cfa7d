"""Plans: made once for a document and its conditions, bounded, with generated code that equal selections share."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from itertools import product
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import strawberry
from graphql.execution.values import VariableValues, get_variable_values

from app.service.graphql_service import GRAPHQL_SCHEMA
from engine.documents.document import Document, DocumentCache, read
from engine.documents.variables import NO_VALUES
from engine.executor import Engine
from engine.limits import Limits
from engine.plans.codegen import compiled
from engine.plans.plan import Field, Plan, Selection
from engine.plans.plan_cache import PlanCache
from tests.support.engine_schema import LIMITS, World, context_of, run, schema, told

MEDIA_SOURCE = """\
def build(objects, broken):
    answers = []
    add = answers.append
    for o in objects:
        try:
            v0 = f"media_{o['id']}"
            if v0.__class__ is not str: v0 = c0(v0)
            v2 = o['kind']
            v2 = e2.get(v2) or c2(v2)
            v3 = o['title']
            if v3.__class__ is not str: v3 = c3(v3)
            v4 = o['year']
            if v4 is not None and (v4.__class__ is not int or not -2147483648 <= v4 <= 2147483647): v4 = c4(v4)
            v6 = o['added_at']
            if v6.__class__ is not datetime or v6.tzinfo is not UTC: v6 = c6(v6)
            add({'id': v0, '__typename': 'Media', 'kind': v2, 'name': v3, 'year': v4, 'tags': None, 'addedAt': v6})
        except Exception:
            add(broken(len(answers), o))
    return answers
"""


def selection_of(text: str, *names: str, graphql: Any = schema) -> Selection:
    """The selection below the fields with these names, each of one type."""
    engine = Engine(graphql)
    document = read(graphql, text, LIMITS)
    found = engine.plan(document.operations[None], NO_VALUES).root
    for name in names:
        field = next(field for field in (*found.to_resolve, *found.inline) if field.name == name)
        [found] = field.selections.values()
    return found


def values_of(document: Document, given: Mapping[str, Any]) -> VariableValues:
    definitions = document.operations[None].node.variable_definitions
    values = get_variable_values(schema, definitions or (), dict(given))
    assert isinstance(values, VariableValues)
    return values


def plan_of(engine: Engine, document: Document, **given: Any) -> Plan:
    return engine.plan(document.operations[None], values_of(document, given))


def test_the_code_of_a_selection_reads_its_columns_checks_them_and_leaves_relations_open() -> None:
    selection = selection_of(
        "{ media { nodes { id __typename kind name: title year tags { name } addedAt } } }",
        "media",
        "nodes",
        graphql=GRAPHQL_SCHEMA,
    )

    assert selection.source == MEDIA_SOURCE
    assert [field.key for field in selection.inline] == ["id", "kind", "name", "year", "addedAt"]
    assert [field.key for field in selection.to_resolve] == ["tags"]
    assert list(selection.template.items())[:3] == [("id", None), ("__typename", "Media"), ("kind", None)]


def test_a_selection_knows_to_which_loaders_it_leads() -> None:
    text = "{ authors { books { tags { name } } late { mentor { id } } name } books { title } author(id: 1) { id } }"

    root = selection_of(text)

    assert root.leads_to == {"authors", "books", "books_by_author_id", "tags_by_book_id", "author_by_id", "lookup"}
    assert [(field.key, set(field.below)) for field in root.to_resolve] == [
        ("authors", {"books_by_author_id", "tags_by_book_id", "author_by_id"}),
        ("books", set()),
        ("author", set()),
    ]
    assert selection_of(text, "authors", "books").leads_to == {"tags_by_book_id"}
    assert selection_of(text, "books").leads_to == frozenset()


def test_equal_selections_share_their_code() -> None:
    text = "{{ {} {{ id sharedByNobodyElse: name }} }}"
    first = selection_of(text.format("authors"), "authors")
    before = compiled.cache_info()

    second = selection_of(text.format("authors: lateAuthors"), "lateAuthors")

    after = compiled.cache_info()
    assert second.source == first.source
    assert (after.misses, after.currsize) == (before.misses, before.currsize)
    assert after.hits > before.hits
    assert second.build.__code__ is first.build.__code__


async def test_a_document_is_planned_once() -> None:
    engine = Engine(schema)
    document = read(schema, "query($id: Int!) { author(id: $id) { name } }", LIMITS)

    results = [await engine.execute(document.choose(None), {"id": id}, context_of(World())) for id in (1, 2, 3)]

    assert [result.data for result in results] == [{"author": {"name": f"author {id}"}} for id in (1, 2, 3)]
    assert (engine.statistics.compiled, engine.statistics.plans) == (3, 1)


async def test_each_set_of_values_of_conditions_has_a_plan() -> None:
    engine = Engine(schema)
    text = """query($a: Boolean!, $b: Boolean = false, $id: Int!) {
      author(id: $id) { id name @include(if: $a) ...F @skip(if: $b) }
    } fragment F on Author { mentor { id @include(if: $a) name } }"""
    document = read(schema, text, LIMITS)
    expected = {
        (True, True): {"id": 1, "name": "author 1"},
        (True, False): {"id": 1, "name": "author 1", "mentor": {"id": 101, "name": "author 101"}},
        (False, True): {"id": 1},
        (False, False): {"id": 1, "mentor": {"name": "author 101"}},
    }

    for _ in range(2):
        for (a, b), answer in expected.items():
            result = await engine.execute(document.choose(None), {"a": a, "b": b, "id": 1}, context_of(World()))
            assert result.data == {"author": answer}

    assert engine.statistics.plans == 4
    assert plan_of(engine, document, a=True, id=9) is plan_of(engine, document, a=True, b=False, id=1)


def test_plans_are_bounded_by_their_fields_and_the_least_recently_used_go() -> None:
    engine = Engine(schema)
    engine.plans = PlanCache(most=100)
    names = [f"v{number}" for number in range(6)]
    variables = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(
        f"{name}: __typename @skip(if: ${name}) n{name}: __typename @include(if: ${name})" for name in names
    )
    document = read(schema, f"query({variables}) {{ {fields} authors {{ id }} }}", LIMITS)
    sets = [dict(zip(names, values, strict=True)) for values in product((True, False), repeat=6)]

    plans = [plan_of(engine, document, **values) for values in sets]

    assert {plan.size for plan in plans} == {10}  # two selections, six names of types, two fields
    assert (len(engine.plans), engine.plans.fields) == (10, 100)
    assert plan_of(engine, document, **sets[-10]) is plans[-10]
    assert engine.statistics.plans == 64
    assert plan_of(engine, document, **sets[0]) is not plans[0]
    assert plan_of(engine, document, **sets[-10]) is plans[-10]
    assert (len(engine.plans), engine.statistics.plans) == (10, 65)


def test_plans_of_nothing_but_names_of_types_are_bounded_as_well() -> None:
    engine = Engine(schema)
    engine.plans = PlanCache(most=50)
    documents = [read(schema, f"query Q{number} {{ __typename }}", LIMITS) for number in range(100)]

    for number, document in enumerate(documents):
        engine.plan(document.operations[f"Q{number}"], NO_VALUES)

    assert (len(engine.plans), engine.plans.fields) == (25, 50)
    assert sum(len(operation.plans) for document in documents for operation in document.operations.values()) == 25


async def test_an_operation_whose_plan_would_be_huge_is_left_to_graphql_core() -> None:
    nodes = " ".join(f"n{number}: nodes(ids: []) {{ ...F }}" for number in range(95))
    fields = " ".join(f"{name}: id" for name in map(chr, range(ord("a"), ord("a") + 26)))
    document = read(
        GRAPHQL_SCHEMA, f"{{ {nodes} }} fragment F on Node {{ {fields} }}", Limits(fields=3_000, aliases=10_000)
    )
    engine = Engine(GRAPHQL_SCHEMA)

    await engine.execute(document.choose(None), {}, SimpleNamespace(loaders=None, observer=None))

    assert engine.fallback(document.choose(None)) == "more than 4000 fields"
    assert len(engine.plans) == 0


async def flood(documents: DocumentCache, numbers: range) -> Engine:
    """Runs as many documents, no two of them alike."""
    engine = Engine(schema)
    for number in numbers:
        document = documents.get(f"{{ authors {{ n{number}: name }} }}")
        result = await engine.execute(document.choose(None), {}, context_of(World()))
        assert result.errors is None
    assert engine.statistics.plans == len(numbers)
    gc.collect()
    return engine


def fields_alive() -> int:
    return sum(type(one) is Field for one in gc.get_objects())


async def test_a_flood_of_distinct_documents_leaves_the_plans_of_those_that_are_kept() -> None:
    gc.collect()
    before = fields_alive()
    documents = DocumentCache(schema, LIMITS)

    await flood(documents, range(3_000))

    assert len(documents) == 1_000
    assert fields_alive() == before + 2 * len(documents)
    assert compiled.cache_info().currsize == compiled.cache_parameters()["maxsize"]


async def test_the_memory_of_plans_does_not_grow_under_a_flood() -> None:
    documents = DocumentCache(schema, LIMITS, most=100)
    await flood(documents, range(3_000, 3_200))
    tracemalloc.start()
    await flood(documents, range(3_200, 3_400))
    before, _ = tracemalloc.get_traced_memory()
    await flood(documents, range(3_400, 3_700))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert after - before < 1_000_000


async def test_arguments_without_variables_are_read_once_and_others_each_time() -> None:
    engine = Engine(schema)
    document = read(schema, "query($id: Int!) { fixed: author(id: 4) { id } given: author(id: $id) { id } }", LIMITS)
    fixed, given = plan_of(engine, document, id=1).root.to_resolve

    for id in (5, 6):
        result = await engine.execute(document.choose(None), {"id": id}, context_of(World()))
        assert result.data == {"fixed": {"id": 4}, "given": {"id": id}}

    assert (fixed.arguments, fixed.uses_variables) == ({"id": 4}, False)
    assert (given.arguments, given.uses_variables) == (None, True)


@pytest.mark.parametrize("compiled", [True, False])
async def test_variables_stand_anywhere_in_an_argument(compiled: bool) -> None:
    text = "query($id: Int! = 7, $ids: [Int!]!) { a: tags(ids: [$id, 2]) { id } b: tags(ids: $ids) { id } }"

    result = await run(text, World(), {"ids": [3, 3]}, compiled=compiled)

    assert result.data == {"a": [{"id": 7}, {"id": 2}], "b": [{"id": 3}, {"id": 3}]}


async def test_variables_that_cannot_be_read_refuse_the_request() -> None:
    engine = Engine(schema)
    document = read(schema, "query($id: Int!) { author(id: $id) { name } }", LIMITS)

    result = await engine.execute(document.choose(None), {"id": "one"}, context_of(World()))

    assert result.data is None
    assert told(result) == [("Variable '$id' has invalid value: Int cannot represent non-integer value: 'one'", None)]
    assert (engine.statistics.compiled, engine.statistics.plans) == (0, 0)


class Color(Enum):
    RED = "r"
    BLUE = "b"


@strawberry.type
class Leaves:
    color: Color | None
    day: date
    moment: datetime
    id: strawberry.ID
    number: float


@strawberry.type
class LeavesQuery:
    @strawberry.field
    def leaves(self) -> list[Leaves]:
        moment = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
        good = Leaves(color=Color.BLUE, day=date(2026, 1, 2), moment=moment, id=strawberry.ID("x"), number=1.5)
        odd: Any = Leaves(color=None, day=date(1, 1, 1), moment=moment, id=7, number=3)  # type: ignore[arg-type]
        return [good, odd]


@pytest.mark.parametrize("compiled", [True, False])
async def test_enums_dates_and_ids_are_made_by_the_generated_code(compiled: bool) -> None:
    leaves = strawberry.Schema(LeavesQuery)._schema
    text = "{ leaves { color day moment id number } }"

    result = await run(text, World(), schema=leaves, compiled=compiled)

    moment = "2026-05-04T03:02:01+00:00"
    assert result.data == {
        "leaves": [
            {"color": "BLUE", "day": "2026-01-02", "moment": moment, "id": "x", "number": 1.5},
            {"color": None, "day": "0001-01-01", "moment": moment, "id": "7", "number": 3.0},
        ]
    }
    selection = selection_of(text, "leaves", graphql=leaves)
    assert (len(selection.inline), selection.to_resolve) == (5, [])


def test_a_time_of_utc_is_left_to_json_and_any_other_goes_through_its_scalar() -> None:
    nodes = selection_of("{ media { nodes { addedAt } } }", "media", "nodes", graphql=GRAPHQL_SCHEMA)
    times = [datetime(2026, 5, 4, 3, 2, 1, 5, UTC), datetime(2026, 5, 4, 3, 2, 1, 5), datetime.min.replace(tzinfo=UTC)]
    times.append(times[0].astimezone(timezone(timedelta(hours=2))))
    answers = nodes.build([{"added_at": time} for time in times], lambda row, parent: {})

    assert [answer["addedAt"] for answer in answers] == [times[0], times[1].isoformat(), times[2], times[3].isoformat()]
    assert orjson.loads(orjson.dumps(answers)) == [{"addedAt": time.isoformat()} for time in times]
