"""What a person sees of an import in the terminal: how far it is, at which rate, what became of the items."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from catalog.importing.progress import ImportCounts
from domain.text import printable

SHOWN_REASONS = 10
EXAMPLES = 5
OUTCOMES = ("created", "updated", "unchanged", "failed", "moved", "pruned", "released")


class ImportDisplay:
    """A live display; where the output is no terminal nothing but what `say` says."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = printable(title)
        self._counts = ImportCounts()
        self._item = ""
        self._bar: Progress | None = None
        self._task: Any = None
        self._since = monotonic()
        self._before = 0
        self._live = Live(get_renderable=self._render, console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> ImportDisplay:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def begin(self, counts: ImportCounts) -> None:
        """From here on the rate is counted."""
        self._since, self._before, self._counts = monotonic(), counts.done, counts

    def update(self, counts: ImportCounts, total: int | None, item: str) -> None:
        self._counts, self._item = counts.copy(), printable(item)
        if self._bar is None:
            self._bar = bar(total)
            self._task = self._bar.add_task(self._title, total=total)
        self._bar.update(self._task, completed=counts.done, total=total)

    def say(self, line: str) -> None:
        self._console.print(printable(line), highlight=False, markup=False, soft_wrap=True)

    @property
    def rate(self) -> float:
        """Items a second."""
        return (self._counts.done - self._before) / max(monotonic() - self._since, 1e-3)

    def _render(self) -> RenderableType:
        top: RenderableType = Text(f"{self._title}: reading ...") if self._bar is None else self._bar
        line = f"{outcomes(self._counts)}  {self.rate:,.0f} items/s"
        return Group(top, Text(line), Text(self._item, style="dim", overflow="ellipsis", no_wrap=True))


def bar(total: int | None) -> Progress:
    """With a bar and the time that is left where the number of items is known."""
    if total is None:
        return Progress(
            SpinnerColumn(), TextColumn("{task.description}: {task.completed} items", markup=False), TimeElapsedColumn()
        )
    columns = (
        *(TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()),
        *(TimeElapsedColumn(), TimeRemainingColumn()),
    )
    return Progress(*columns)


def outcomes(counts: ImportCounts) -> str:
    """In one line, always those of all imports, the others where there are some."""
    shown = [(name, getattr(counts, name)) for name in OUTCOMES]
    return ", ".join(f"{number:,} {name}" for name, number in shown if number or name in OUTCOMES[:4])


def reasons(counts: ImportCounts) -> Table:
    """Why items failed, the most frequent first."""
    table = Table("Failed because of", "Items")
    for code, number in sorted(counts.reasons.items(), key=lambda pair: -pair[1])[:SHOWN_REASONS]:
        table.add_row(code, f"{number:,}")
    return table


def gone_line(known: int, gone: int, examples: Sequence[str]) -> str:
    some = ", ".join(examples[:EXAMPLES])
    return f"{gone:,} of {known:,} items are gone from the source: {some}{' ...' if gone > EXAMPLES else ''}"
