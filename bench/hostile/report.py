"""The report: tables of what was measured, of one checkout or of two side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.hostile.cases import DOCUMENTS, TOGETHER
from bench.hostile.measure import Cost, Wait
from bench.hostile.sockets import STRAINS, Strain

INTRODUCTION = """# Benchmarks of hostile requests

What hostile requests cost one worker over the demo's 11,216 movies, and how long others wait
meanwhile. `make bench-hostile` makes this file; `ARGS='--beside DIRECTORY'` measures another checkout in the same run.
Each case meets a server that has just started. Absolute figures are those of one machine.
"""
ALONE = """
## One request at a time

`answer`: the code of the refusal, or ok, with HTTP status. `blocked`: milliseconds of the longest wait of a small
request that needs the event loop alone, sent every 5 ms meanwhile. `CPU`: milliseconds of the worker, those small
requests included. `peak`, `kept`: megabytes of the worker beyond what it held before, at most and a second later.
"""
SET = """
## The operations of tests/data/hostile

One after the other: the longest wait of a small request that needs the event loop alone, in milliseconds, beside which
operation, and how many of the operations were not refused.
"""
TOGETHER_WORDS = """
## A query for one row beside ten others

Milliseconds of a query for one row, sent every 5 ms, while ten copies of a request are under way all the time.
"""
SOCKETS = """
## Connections

`sent`: megabytes that the server took before it ended the connection. `failed`: small requests of others that were not
answered. The server may open 1,024 files.
"""
MEMORY = """
## Memory over distinct requests

Megabytes of the worker beyond its start, after a third, two thirds and all of 30,000 requests: distinct documents,
distinct variables, refused documents and refused prices in turn.
"""


@dataclass(slots=True)
class Side:
    """What was measured of one checkout."""

    costs: dict[str, Cost] = field(default_factory=dict)
    set: tuple[float, str, int] = (0.0, "", 0)
    alone: Wait | None = None
    waits: dict[str, Wait] = field(default_factory=dict)
    strains: dict[str, Strain] = field(default_factory=dict)
    growth: Sequence[float] = ()


def markdown(sides: Mapping[str, Side], machine: Sequence[tuple[str, str]]) -> str:
    """The whole document; `sides` by name, in order."""
    parts = [
        INTRODUCTION,
        table(["", ""], machine),
        ALONE,
        costs(sides),
        SET,
        whole(sides),
        TOGETHER_WORDS,
        waits(sides),
    ]
    parts += [SOCKETS, strains(sides), MEMORY, memory(sides)]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float) -> str:
    return "-" if value == float("inf") else f"{value:,.0f}"


def costs(sides: Mapping[str, Side]) -> str:
    head = ["request", "", "answer", "blocked", "CPU", "peak", "kept"]
    rows = []
    for case in DOCUMENTS:
        for name, side in sides.items():
            if (cost := side.costs.get(case.name)) is not None:
                answer = f"{cost.outcome.code} ({cost.outcome.status})"
                figures = (cost.blocked, cost.cpu, cost.peak, cost.kept)
                rows.append([case.title, name, answer, *map(number, figures)])
    return table(head, rows)


def whole(sides: Mapping[str, Side]) -> str:
    rows = [[name, number(side.set[0]), side.set[1], str(side.set[2])] for name, side in sides.items()]
    return table(["", "longest", "beside", "not refused"], rows)


def waits(sides: Mapping[str, Side]) -> str:
    head = ["beside", "", "median", "99 %", "longest", "failed", "answers of the others"]
    titles = {case.name: case.title for case in TOGETHER}
    rows = []
    for name, side in sides.items():
        for key, wait in {"": side.alone, **side.waits}.items():
            if wait is not None:
                figures = (wait.median, wait.p99, wait.longest, float(wait.failures))
                rows.append([titles.get(key, "nothing"), name, *map(number, figures), ", ".join(wait.codes)])
    return table(head, sorted(rows, key=lambda row: row[0]))


def strains(sides: Mapping[str, Side]) -> str:
    head = ["connections", "", "sent", "blocked", "failed", "peak", "kept"]
    rows = []
    for key, (title, _) in STRAINS.items():
        for name, side in sides.items():
            if (strain := side.strains.get(key)) is not None:
                figures = (strain.sent, strain.blocked, float(strain.failures), strain.peak, strain.kept)
                rows.append([title, name, *map(number, figures)])
    return table(head, rows)


def memory(sides: Mapping[str, Side]) -> str:
    rows = [[name, *map(number, side.growth)] for name, side in sides.items()]
    return table(["", "10,000", "20,000", "30,000"], rows)
