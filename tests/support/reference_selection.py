"""Which tests are run again on graphql-core's own executor: those that execute operations, and a sample of the rest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

# Fixtures and functions that lead to a service.
SERVICES = frozenset({"api", "demo_api", "real_api", "real_writer", "live_server", "graphiql"})
MAKERS = ("open_api(", "create_service(", "create_app(", "Service(")
# These run both executors, or neither, whatever is set.
COMPARISONS = ("test_differential_", "test_statements", "test_bench")
ONE_IN = 20


def is_reference_run() -> bool:
    """Whether this run is a repetition on graphql-core: MARQUEE_REFERENCE=all repeats everything."""
    return os.environ.get("MARQUEE_ENGINE") == "reference" and os.environ.get("MARQUEE_REFERENCE") != "all"


def split(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests to repeat, and the others."""
    texts = {path: path.read_text() for path in {item.path for item in items}}
    kept = [item for item in items if executes(item, texts) or is_sampled(item)]
    chosen = set(kept)
    return kept, [item for item in items if item not in chosen]


def executes(item: pytest.Item, texts: dict[Path, str]) -> bool:
    """Whether a test executes operations by the engine that is set."""
    if item.path.name.startswith(COMPARISONS):
        return False
    fixtures = SERVICES.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or any(maker in texts[item.path] for maker in MAKERS)


def is_sampled(item: pytest.Item) -> bool:
    """One test in twenty, the same ones in every run."""
    return sha256(item.nodeid.encode()).digest()[0] % ONE_IN == 0
