"""The schema has no SQL: its texts are looked at one by one, docstrings apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from schema.core.node import PREFIXES

SCHEMA = Path(__file__).resolve().parents[2] / "schema"
# What values are written as in an f-string.
HOLE = "{}"
# An alias and a column, either of which may be put in: "m.year", "f.{}", "{}.{}".
DOTTED = re.compile(r"(?<![\w./:])([a-z_]\w*|\{\})\.([a-z_]\w*|\{\})(?![\w/])")
# Keywords, in upper case as in all SQL here, parameters, casts and the markers of statements.
WRITTEN = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|JOIN|EXISTS|LATERAL|UNION|HAVING|COLLATE|(ORDER|GROUP) BY"
    r"|IS (NOT )?NULL|count\(|any\()|\$\d|\w::\w|\{(visible|columns):"
)


class Names(NamedTuple):
    """What the database calls its tables and columns."""

    tables: frozenset[str]
    columns: frozenset[str]


@pytest.fixture
async def names(connection: Any) -> Names:
    rows = await connection.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    return Names(frozenset(row[0] for row in rows), frozenset(row[1] for row in rows))


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts in a module, those of f-strings with holes, each with its line; no docstrings, no names of bounds."""
    within: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
            within.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else HOLE for part in node.values]
            within.update(map(id, node.values))
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            yield node.lineno, node.value


def is_sql(text: str, names: Names) -> bool:
    """Whether a text is SQL or a part of it.

    Names of tables that clients know are prefixes of ids. What is a module's name is no column's."""
    columns = {column for alias, column in DOTTED.findall(text) if not is_module(alias, column)}
    return (
        bool(columns & {*names.columns, HOLE})
        or WRITTEN.search(text) is not None
        or text in names.tables - {*PREFIXES.values()}
    )


def is_module(package: str, name: str) -> bool:
    return package != HOLE and find_spec(package) is not None and find_spec(f"{package}.{name}") is not None


def test_no_text_of_the_schema_is_sql(names: Names) -> None:
    for path in sorted(SCHEMA.rglob("*.py")):
        found = [(line, text) for line, text in texts(ast.parse(path.read_text())) if is_sql(text, names)]
        assert found == [], path.relative_to(SCHEMA)


@pytest.mark.parametrize(
    "code",
    [
        'numbers("m.year")',
        'name_selectors("t.folded_name")',
        'f"f.{column}"',
        'f"{alias}.{column}"',
        'f"media.{column}"',
        'named("media_tag")',
        'rows("music")',
        'Count("(SELECT count(*) FROM credit f)")',
        'f"EXISTS ({inner})"',
        'argument("year = $1")',
        'argument("year::text")',
        'argument("x{visible:m.library_id}")',
    ],
)
def test_sql_is_seen(code: str, names: Names) -> None:
    assert any(is_sql(text, names) for _, text in texts(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        '"""SELECT: a docstring, of m.year."""',
        'strawberry.lazy("schema.collection")',
        'field(description="From low to high; docs/orders.md says where, e.g. by year.")',
        'decode_id(text, "media")',
        'f"Mutation.{name}"',
        'f"It is said in {place}. {more}"',
    ],
)
def test_other_texts_are_not(code: str, names: Names) -> None:
    assert not any(is_sql(text, names) for _, text in texts(ast.parse(code)))
