"""The examples of GraphiQL, read as its page reads them (ui/src/examples.ts)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "ui" / "examples"
COST = re.compile(r"^# (\d+) SQL statements?\b", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A file: its leading comment is title, text and cost. ids_query: what gives the values of `id` and `ids`."""

    name: str
    title: str
    summary: str
    statements: int
    text: str
    ids_query: str | None

    @property
    def is_edit(self) -> bool:
        return re.search("^mutation ", self.text, re.MULTILINE) is not None


def read_example(path: Path) -> Example:
    text = path.read_text()
    title, *summary = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("#")]
    cost = COST.search(text)
    assert cost is not None, f"{path.name} does not say what it costs"
    ids = path.with_name(f"{path.stem}.ids.graphql")
    words = " ".join(line for line in summary if not COST.match(f"# {line}"))
    name = re.sub(r"^\d+-", "", path.stem)
    return Example(name, title, words, int(cost[1]), text, ids.read_text() if ids.exists() else None)


def read_examples() -> list[Example]:
    """In the order of their numbers."""
    paths = sorted(EXAMPLES.glob("*.graphql"))
    return [read_example(path) for path in paths if not path.name.endswith(".ids.graphql")]
