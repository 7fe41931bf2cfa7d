"""Times of files: exact to the microsecond, and never one that the catalogue does not hold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.checks import moment
from sources.file_time import time_of_file


def test_a_time_is_exact_to_the_microsecond() -> None:
    for seconds in (0, 1_700_000_000, -1, 9_999_999_999):
        for nanoseconds in (0, 999, 123_456_789):
            exact = datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanoseconds // 1000)
            assert time_of_file(seconds * 10**9 + nanoseconds) == exact


@pytest.mark.parametrize(("nanoseconds", "year"), [(-(2**63), 1677), (2**63 - 1, 2262), (-(10**21), 2), (10**21, 9998)])
def test_times_that_no_catalogue_holds_are_the_nearest_that_it_does(nanoseconds: int, year: int) -> None:
    assert moment(time_of_file(nanoseconds)).year == year
