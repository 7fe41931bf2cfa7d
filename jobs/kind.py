"""What a kind of job is: its parameters, what it does, and how its runs are queued and tried again.

docs/add-a-job.md shows how one is added; jobs/kinds.py lists them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, Self, TypeVar

from catalog.transaction import Writer
from database.session import Session
from domain.enums import JobLogLevel
from domain.errors import CatalogError
from domain.viewer import Viewer
from providers.services import OutsideServices

P = TypeVar("P")

MAX_ATTEMPTS = 5


class StopReason(StrEnum):
    """Why a run is to stop where it stands.

    CANCEL and PAUSE: somebody asked for it; SHUTDOWN: the worker ends, and another goes on; LOST: the run is another
    worker's, or was deleted."""

    CANCEL = "CANCEL"
    PAUSE = "PAUSE"
    SHUTDOWN = "SHUTDOWN"
    LOST = "LOST"


class JobStopped(Exception):
    """Raised between two chunks of a run that is to stop: let it pass."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of an item: an outcome ("created", "unchanged"), or the code of an error and its message. name: by
    which people find it, "media_1"."""

    name: str
    outcome: str | None = None
    code: str | None = None
    message: str | None = None

    @classmethod
    def of_error(cls, name: str, error: CatalogError) -> Self:
        return cls(name, None, str(error.extensions["code"]), str(error))


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How far a run has come, from its start, earlier attempts included.

    succeeded, failed: items; by_outcome: of the succeeded by what became of them ("created", "unchanged"); by_code: of
    the failed by the code of the error."""

    succeeded: int = 0
    failed: int = 0
    by_outcome: Mapping[str, int] = field(default_factory=dict)
    by_code: Mapping[str, int] = field(default_factory=dict)

    def plus(self, results: Iterable[ItemResult]) -> JobCounts:
        """With some more items."""
        found = list(results)
        outcomes = Counter(self.by_outcome) + Counter(one.outcome for one in found if one.outcome is not None)
        codes = Counter(self.by_code) + Counter(one.code for one in found if one.code is not None)
        return JobCounts(outcomes.total(), codes.total(), dict(outcomes), dict(codes))


class JobContext(Protocol):
    """What a run is given to work with.

    session: over a connection that is taken when first needed; viewer: who queued the run, so that it can change what
    they can; state: what was saved last, empty at the start of the first attempt;
    counts: those that were saved with it."""

    run_id: int
    session: Session
    viewer: Viewer
    state: Mapping[str, Any]
    counts: JobCounts

    @property
    def services(self) -> OutsideServices:
        """What outside services are called by. Nothing of the run waits for them within a transaction."""
        ...

    async def save(
        self,
        writer: Writer,
        state: Mapping[str, Any],
        counts: JobCounts,
        report: Mapping[str, Any] | None = None,
    ) -> None:
        """Stores where to go on, in the transaction of `writer`: together with the chunk that was done.

        `state` is JSON of at most 64 KB, and so is `report`: what the run has come to so far, for people; without one
        the last one stays. JobStopped(LOST) where the run is no longer this worker's: the transaction
        must end with it. It never raises because of a wish to cancel or to pause, so that the chunk is stored."""
        ...

    def progress(self, counts: JobCounts, total: int | None = None, item: str = "") -> None:
        """Tells how far the run has come, between two chunks: written within a second or so, without waiting for it.

        total: number of items, where it is known; item: what is being worked on. JobStopped where the run is to
        stop."""
        ...

    def step(self, name: str) -> None:
        """Begins a step of the run, and ends the one before: at most 64 a run."""
        ...

    def log(self, line: str, level: JobLogLevel = JobLogLevel.INFO) -> None:
        """A line of the run's log; the last 1,000 are kept."""
        ...

    def check(self) -> None:
        """JobStopped where the run is to stop: called between two chunks, often enough (once a second)."""
        ...


@dataclass(frozen=True, slots=True)
class JobKind(Generic[P]):
    """A kind of job. Its runs have `name` as their type.

    name: in snake case, "normalise_names"; its mutation is `startNormaliseNames`, its command
    `python -m app jobs start normalise-names`.
    parameters: a frozen dataclass whose fields are `Parameter`s (jobs/parameters.py).
    run: does the work; what it has done must be saved by `context.save`, since it may be begun anew at any time. What
    it returns goes into the run's log as the last line.
    check: raises CatalogError where the parameters make no sense, before a run is queued.
    library: the id of the library that the run works on, None for the whole catalogue.
    exclusive_key: runs with the same key run one at a time; None for no such key.
    transient: errors of the kind's own after which a run is tried again, beside the passing faults of the database; any
    other ends the run.
    max_attempts: how many attempts in a row may end by a transient fault, or by their worker's death, without that a
    chunk was done in between.
    has_mutation, has_command: whether clients and the command line can start it in the way that follows from
    `parameters`."""

    name: str
    description: str
    parameters: type[P]
    run: Callable[[JobContext, P], Awaitable[str | None]]
    check: Callable[[P], None] = lambda parameters: None
    library: Callable[[P], int | None] = lambda parameters: None
    exclusive_key: Callable[[P], str | None] = lambda parameters: None
    transient: tuple[type[Exception], ...] = ()
    max_attempts: int = MAX_ATTEMPTS
    has_mutation: bool = True
    has_command: bool = True
