"""The benchmark of counts: its filters are the same each time, and its report says what was measured."""

from __future__ import annotations

from itertools import islice

from bench.counting.__main__ import report
from bench.counting.filters import Names, random_filters
from bench.counting.measure import FacetTime, Measured, Way

NAMES = Names(["drama", "comedy"], ["robots", "love"], ["arte"], ["night", "dead"])


def test_the_random_filters_are_the_same_for_the_same_seed() -> None:
    found = [list(islice(random_filters(seed, NAMES), 50)) for seed in (1, 1, 2)]

    assert found[0] == found[1] != found[2]
    assert len(set(found[0])) > 25


def test_the_report_tells_errors_and_times_of_each_way() -> None:
    exact = Way(200, True, 4.0)
    counts = [
        Measured(exact, Way(210, False, 3.0), 0.1, Way(100, False, 0.5), Way(300, False, 2.0)),
        Measured(exact, Way(180, False, 3.0), 0.05, Way(20_000, False, 0.5), Way(200, False, 2.0)),
        Measured(exact, Way(200, True, 6.0), None, Way(100, False, 0.5), Way(200, False, 2.0)),
    ]

    text = report(1_000, counts, [FacetTime(10, 2.0), FacetTime(7_000, 20.0)])

    assert "| `ESTIMATED` | 5.0 % | 10.0 % | 10.0 % | 33 % | 3.0 | 6.0 |" in text
    assert "| EXPLAIN | 50.0 % | over 1,000 % | over 1,000 % | 0 % | 0.5 | 0.5 |" in text
    assert "2 of the answers of `ESTIMATED` were estimates, with a median error of 7.5 %; 1 of them lie within" in text
    assert "| 5,000 to 20,000 | 1 | 20.0 | 20.0 |" in text
