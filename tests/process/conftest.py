"""What tests of processes share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from database.connect_args import ConnectArgs
from tests.support.import_command import Running


@pytest.fixture
def running(writer: ConnectArgs) -> Iterator[list[Running]]:
    """Imports that the test has begun, of its own database; what of them still runs is ended."""
    started: list[Running] = []
    yield started
    for one in started:
        one.end()
