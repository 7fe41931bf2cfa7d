"""Plans of the writing statements: whatever plan is kept, what is joined with the changed rows is found by an index."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.media_deletion import DELETE
from catalog.media_edit import UPDATE, UPDATE_WITH_COPIES
from catalog.membership import give, take
from domain.memberships import BY_NOUN
from tests.support.plans import MODES

# A statement and the tables that it reads or writes beside `changed`.
STATEMENTS = {
    "update": (UPDATE, 3),
    "update with copies": (UPDATE_WITH_COPIES, 3),
    "delete": (DELETE, 1),
    "give": (give(BY_NOUN["tag"]), 2),
    "take": (take(BY_NOUN["tag"]), 2),
}


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for child in plan.get("Plans", ()) for inner in nodes(child))]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_writing_statement_reads_a_table_or_the_changed_rows_for_each_row(
    large_reader: Any, name: str, mode: str
) -> None:
    text, parameters = STATEMENTS[name]
    types = {"delete": "bigint[]", "give": "bigint[], bigint[]", "take": "bigint[], bigint[]"}
    await large_reader.execute(f"SET plan_cache_mode = {mode}")
    await large_reader.execute(f"PREPARE written ({types.get(name, 'bigint[], jsonb[], jsonb[]')}) AS {text}")
    values = ", ".join(["'{1,2,3}'", *["'{}'"] * (parameters - 1)])
    try:
        explained = await large_reader.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE written ({values})")
    finally:
        await large_reader.execute("DEALLOCATE written")
    for node in nodes(json.loads(explained)[0]["Plan"]):
        assert node["Node Type"] != "Seq Scan", node
        if node["Node Type"] in ("Nested Loop", "Merge Join"):
            [inner] = [child for child in node["Plans"] if child["Parent Relationship"] == "Inner"]
            assert inner["Node Type"] not in ("CTE Scan", "Function Scan", "Materialize"), node
