"""Plans as PostgreSQL ran them: a statement prepared, executed under a plan mode, and what each node did."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from database.row import Row
from database.statement import PlanMode, Statement
from domain.viewer import UNRESTRICTED
from loaders.core.read_session import ReadSession
from tests.loaders.test_contract import DECLARED, SilentDatabase

MODES = ("force_generic_plan", "force_custom_plan")


@dataclass(frozen=True)
class Step:
    """A node of a plan; `rows` it gave and `removed` by its filter, over all its loops."""

    type: str
    index: str | None
    table: str | None
    rows: int
    removed: int
    children: tuple[Step, ...]

    def walk(self) -> Iterator[Step]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def read(self) -> int:
        """Rows that a scan looked at."""
        return self.rows + self.removed


def step(node: dict[str, Any]) -> Step:
    loops = node["Actual Loops"]
    return Step(
        node["Node Type"],
        node.get("Index Name"),
        node.get("Relation Name"),
        round(node["Actual Rows"] * loops),
        round(node.get("Rows Removed by Filter", 0) * loops + node.get("Rows Removed by Index Recheck", 0)),
        tuple(step(child) for child in node.get("Plans", ())),
    )


def literal(value: object) -> str:
    """A value as it stands in EXECUTE."""
    if isinstance(value, list | tuple):
        inner = ", ".join(literal(item) for item in value)
        return f"ARRAY[{inner}]" if value else "'{}'"
    if isinstance(value, datetime):
        return f"'{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value)


async def explain(connection: Any, statement: Statement[Any], values: Sequence[object], mode: str) -> list[Step]:
    """All nodes of the plan that ran."""
    await connection.execute(f"SET plan_cache_mode = {mode}")
    await connection.execute(f"PREPARE probe AS {statement.text}")
    given = f"({', '.join(map(literal, values))})" if values else ""
    text = await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE probe{given}")
    await connection.execute("DEALLOCATE probe")
    return list(step(json.loads(text)[0]["Plan"]).walk())


def scans(steps: list[Step]) -> list[Step]:
    return [one for one in steps if one.table is not None]


def indexes(steps: list[Step]) -> set[str]:
    return {one.index for one in steps if one.index is not None}


def sorted_rows(steps: list[Step]) -> int:
    """Rows that the largest sort took in; a sort within groups counts the rows that came in all the same."""
    sorts = [one for one in steps if one.type in ("Sort", "Incremental Sort")]
    return max((child.rows for one in sorts for child in one.children), default=0)


async def explain_batch(connection: Any, name: str, keys: Sequence[Any], mode: str = MODES[0]) -> list[Step]:
    """The plan of a loader's statement for these keys, all columns of its rows named."""
    statement: Any = DECLARED[name].statement  # type: ignore[attr-defined]
    reader = ReadSession(
        SilentDatabase(), UNRESTRICTED, columns={statement.row: statement.row.wanted(statement.row.columns)}
    )
    composed, values = statement.compose(name, reader, list(keys))
    return await explain(connection, composed, values, mode)


async def explain_text(connection: Any, text: str) -> list[Step]:
    """The plan of a statement without values."""
    return await explain(connection, Statement("probe", text, Row, PlanMode.CUSTOM), [], "force_custom_plan")


def read_from_index_alone(steps: list[Step], index: str) -> bool:
    """Whether the index gave everything: nothing else was scanned."""
    return {(scan.type, scan.index) for scan in scans(steps)} == {("Index Only Scan", index)}
