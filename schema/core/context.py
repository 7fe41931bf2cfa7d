"""The context of an operation, which resolvers receive: its loaders."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from database.protocols import WritingSession
from database.row_signals import RowSignals
from loaders.registry import Loaders
from loaders.sql.unknown_name import FilterName
from providers.services import OutsideServices
from schema.core.deadline import Deadline


class EditState(StrEnum):
    """What is known of an edit: whether its transaction was committed. Values of `extensions.outcome`."""

    NOT_STORED = "NOT_STORED"
    STORED = "STORED"
    UNKNOWN = "UNKNOWN"


class Context:
    """One operation's context. `session`: what edits write over, the same that loaders read over. `deadline`: when its
    time is over; nothing ends it where nobody runs that.

    `services`: what outside services are called by; None where none may be.

    `edits`: what is known of the edits that were begun, by their names in the answer.

    `filter_names`: the names in the filters of fields, each with the field's place in the answer, positions left
    out."""

    __slots__ = ("deadline", "edits", "filter_names", "loaders", "observer", "services", "session")

    def __init__(
        self,
        loaders: Loaders,
        session: WritingSession,
        deadline: Deadline | None = None,
        services: OutsideServices | None = None,
    ) -> None:
        self.services = services
        self.loaders = loaders
        self.session = session
        self.deadline = deadline or Deadline(10.0, 300.0)
        self.filter_names: list[tuple[list[str], FilterName]] = []
        self.edits: dict[str, EditState] = {}
        self.observer = loaders.reader.stats


class SubscriptionContext(Context):
    """The context of a subscription: each of its events gets fresh loaders.

    `jobs`: tells which runs of jobs have changed."""

    __slots__ = ("_renew", "is_begun", "jobs")

    def __init__(
        self,
        jobs: RowSignals,
        renew: Callable[[], tuple[Loaders, WritingSession, Deadline]],
        services: OutsideServices | None = None,
    ) -> None:
        self.jobs = jobs
        self.services = services
        self._renew = renew
        self.is_begun = False

    def begin_event(self) -> Loaders:
        """An event has come: the loaders for all that is read of it. Whoever makes events calls this before reading."""
        loaders, session, deadline = self._renew()
        super().__init__(loaders, session, deadline, self.services)
        self.is_begun = True
        return loaders
