"""How often Python looks for cycles of objects."""

from __future__ import annotations

import gc

# Requests, jobs and imports leave no cycles behind, so collecting rarely costs little memory and saves much time: a
# third of what an upsert of thousands of items takes.
THRESHOLD = 50_000


def collect_rarely() -> None:
    """For a process that has loaded what it needs, and is to work on many things from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD, 20, 20)
