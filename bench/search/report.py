"""The report: tables for the terminal, and docs/benchmarks-search.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.catalogue.report import milliseconds
from bench.report import Rows, markdown_table
from bench.result import percentile
from bench.search.corpus import PAGE
from bench.search.engines.engine import BOOSTS, MOST, Engine
from bench.search.known_items import EACH, Known
from bench.search.quality import OVERALL, Quality, by_class, rank
from bench.search.speed import Speed

Answers = Mapping[Engine, Sequence[Sequence[int]]]

SPEED_COLUMNS = ("", "queries", "p50 ms", "p95 ms", "worst ms", "the worst", "failed")
WORST = 20  # queries of Marquee's that are shown


@dataclass(frozen=True, slots=True)
class Finding:
    """What the engines found: `titles` by document, `items` the queries."""

    titles: Sequence[str]
    items: Sequence[Known]
    answers: Answers

    def qualities(self) -> dict[Engine, Mapping[str, Quality]]:
        return {engine: by_class(self.items, found) for engine, found in self.answers.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """All that one run found; a part that was not asked for is empty."""

    finding: Finding | None
    speeds: Mapping[int, Speed]
    machine: Rows


def quality_rows(finding: Finding) -> tuple[list[str], list[list[str]]]:
    """Mean reciprocal ranks: classes by engines."""
    found = finding.qualities()
    kinds = list(next(iter(found.values())))
    examples = {item.kind: item.query for item in reversed(finding.items)}
    rows = [
        [
            f"**{kind}**" if kind == OVERALL else f"{kind} ({examples[kind]})",
            f"{next(iter(found.values()))[kind].queries}",
            *(f"{qualities[kind].mrr:.3f}" for qualities in found.values()),
        ]
        for kind in kinds
    ]
    return ["MRR", "queries", *(engine.name for engine in found)], rows


def success_rows(finding: Finding) -> list[list[str]]:
    """Over all queries, and for the weakest class by the first ten."""
    rows = []
    for engine, qualities in finding.qualities().items():
        overall = qualities[OVERALL]
        weakest = min((kind for kind in qualities if kind != OVERALL), key=lambda kind: qualities[kind].ten)
        weak = f"{qualities[weakest].ten:.3f} ({weakest})"
        rows.append([engine.name, f"{overall.mrr:.3f}", f"{overall.first:.3f}", f"{overall.ten:.3f}", weak])
    return rows


SUCCESS_COLUMNS = ("", "MRR", "success@1", "success@10", "weakest class, success@10")


def goals(finding: Finding) -> list[list[str]]:
    """What is wanted of the first engine, and whether it is so."""
    found = list(finding.qualities().values())
    own, peers = found[0], found[1:]
    behind = {kind: max(peer[kind].mrr for peer in peers) - own[kind].mrr for kind in own} if peers else {}
    worst = max((kind for kind in behind if kind != OVERALL), key=lambda kind: behind[kind], default=OVERALL)
    rows = [["success@10 overall >= 0.97", f"{own[OVERALL].ten:.3f}", met(own[OVERALL].ten >= 0.97)]]
    if behind:
        lead = -behind[OVERALL]
        rows.append(["MRR overall above every peer's", f"{lead:+.3f}", met(lead > 0)])
        text = f"{max(behind[worst], 0):.3f} ({worst})"
        rows.append(["no class more than 0.02 below the best peer", text, met(behind[worst] <= 0.02)])
    return rows


def met(is_met: bool) -> str:
    return "met" if is_met else "missed"


def misses(finding: Finding) -> Iterator[str]:
    """The queries that the first engine answers worst, with what came instead, the classes in turn."""
    found = next(iter(finding.answers.values()))
    missed = [
        (place, item, answer)
        for item, answer in zip(finding.items, found, strict=True)
        if (place := rank(answer, item.right)) != 1
    ]
    of_class: dict[str, int] = {}
    ordered = []
    for place, item, answer in sorted(missed, key=lambda miss: -(miss[0] or MOST + 1)):
        of_class[item.kind] = turn = of_class.get(item.kind, 0) + 1
        ordered.append((turn, place, item, answer))
    for _, place, item, answer in sorted(ordered, key=lambda miss: miss[0])[:WORST]:
        came = "; ".join(finding.titles[one] for one in answer[:3]) or "nothing"
        yield f"{item.kind}: {item.query!r} for {item.title!r}: place {place or '-'}; came {came}"


def speed_rows(speed: Speed) -> list[list[str]]:
    rows = []
    for name, of in speed.classes.items():
        if of.failures == len(of.latencies):
            rows.append([name, f"{len(of.requests)}", "-", "-", "-", "-", f"{of.failures} {of.refusal[:80]}"])
            continue
        worst, query = of.worst
        figures = [milliseconds(of.milliseconds(0.5)), milliseconds(of.milliseconds(0.95)), milliseconds(worst)]
        rows.append([name, f"{len(of.requests)}", *figures, f"`{query.replace('|', ' ')}`", f"{of.failures}"])
    return rows


def speed_goals(speeds: Mapping[int, Speed]) -> list[list[str]]:
    """Sizes by what is wanted of them."""
    rows = []
    for size, speed in speeds.items():
        search, suggest = speed.latencies(suggest=False), speed.latencies(suggest=True)
        worst = max(search[-1], suggest[-1]) / 1e3
        p95, typing = percentile(search, 0.95) / 1e3, percentile(suggest, 0.95) / 1e3
        rows.append(
            [
                f"{size:,}",
                f"{milliseconds(p95)} ({met(p95 < 30)})",
                f"{milliseconds(typing)} ({met(typing < 10)})",
                f"{milliseconds(worst)} ({met(worst < 150)})",
                f"{speed.rate:,.0f} ({met(speed.rate >= 200)})",
            ]
        )
    return rows


GOAL_COLUMNS = (
    *("media", f"p95 of search for {PAGE}, ms (< 30)", "p95 of suggest, ms (< 10)", "worst of all, ms (< 150)"),
    "queries/s (>= 200)",
)


def markdown(run: Run) -> str:
    """The whole document."""
    parts = [INTRODUCTION]
    if run.finding is not None:
        parts += ["## How well", WELL, markdown_table(["wanted", "found", ""], goals(run.finding))]
        parts += [markdown_table(SUCCESS_COLUMNS, success_rows(run.finding))]
        parts += [CLASSES_NOTE, markdown_table(*quality_rows(run.finding)), "## What Marquee answers worst", WORST_NOTE]
        parts += ["\n".join(f"- {line}" for line in misses(run.finding)), "## The engines", ENGINES_NOTE]
        parts += ["\n".join(f"- **{one.name}** {one.version}: {one.settings}" for one in run.finding.answers)]
    if run.speeds:
        parts += ["## How fast", FAST, markdown_table(GOAL_COLUMNS, speed_goals(run.speeds))]
        for size, speed in run.speeds.items():
            parts += [f"### {size:,} media", markdown_table(SPEED_COLUMNS, speed_rows(speed))]
    parts += ["## Machine", markdown_table(("", ""), run.machine).replace("---:", "---")]
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """# Benchmarks of search

How well `search` finds known items beside other engines, in one run on the same documents and queries, and how fast it
is at several sizes. `make bench-search` makes this file."""

WELL = f"""The documents are the movies of the collection wikipedia-movies where it is there (MARQUEE_SHARED), with
cast, genres, other titles and the beginning of their articles, else the demo's. Queries are made from them by a seeded
script as people ask for what they know, up to {EACH} of each class. MRR: 1 where the first document is right, 1/2 where
the second one is, 0 where none of the first ten is; on average over the queries. success@1, success@10: the share of
queries with a right document first, or among the first ten.

Right is the document that the query was made from, and every one that the query means as well: movies of the same
title, for a query by title; of the same title and year or actor, where the query says these; titles that are as few
wrong letters away; titles that lack the same word. A query that means another title better is not asked ("Heat" for
"Heart" without a letter), nor is a half-typed title that could still become two. Titles are the same where their words
are, whatever their case, accents and signs. Half of the queries with a year or an actor are made from titles that
several movies bear. Equal rules for all engines."""

CLASSES_NOTE = "MRR by class, with an example of each:"

WORST_NOTE = """Queries without a right document in the first place, the classes in turn, those without one among ten
first, with what came instead."""

ENGINES_NOTE = f"""Each is set up as its documentation suggests: MiniSearch and tantivy in the one of several
ways that found most, the others in one way. All search the same fields; where weights are asked for, they are {BOOSTS}."""

FAST = """Databases of the benchmark's generator, whose titles have words as skewed as real ones. Each query of a class
is sent once to warm up and once to be measured, one at a time; a page has 20 results of all types. `queries/s`: all
classes but `suggest` in turn over 16 connections, with two workers of the server, database and load on the same
machine."""
