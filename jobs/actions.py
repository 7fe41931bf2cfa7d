"""What can be done with a run now: what follows from its state, and whether a worker can do it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.enums import JobAction, JobStatus, JobStopRequest
from domain.errors import CatalogError
from jobs.core.queue import kind_again
from jobs.kinds import KINDS

WAITING = (JobAction.PAUSE, JobAction.CANCEL)


def possible_actions(run: Mapping[str, Any]) -> list[JobAction]:
    """Of a run as `JobRunRow.actions` has it. No file is looked at, and no server asked."""
    if run["stop_request"] == JobStopRequest.CANCEL:
        return []
    match run["status"]:
        case JobStatus.RUNNING:
            is_pausable = run["stop_request"] is None and not run["is_command"]
            return [*WAITING] if is_pausable else [JobAction.CANCEL]
        case JobStatus.QUEUED:
            return [*WAITING]
        case JobStatus.PAUSED:
            return [JobAction.RESUME, JobAction.CANCEL]
        case JobStatus.FAILED | JobStatus.CANCELLED if is_repeatable(run["type"], run["parameters"]):
            return [JobAction.RETRY]
    return []


def is_repeatable(type: str, parameters: Mapping[str, Any]) -> bool:
    try:
        kind_again(KINDS, type, parameters)
    except CatalogError:
        return False
    return True
