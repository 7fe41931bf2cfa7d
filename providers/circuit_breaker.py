"""Hosts that fail again and again are left alone for a while, then tried by one call.

Each process learns it for itself: what a host does to one, it may not do to another."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from domain.errors import Code
from providers.errors import ProviderError

MAX_HOSTS = 10_000  # that are remembered; those that failed longest ago are forgotten first


@dataclass(frozen=True, slots=True)
class BreakerOptions:
    """failures: in a row, after which a host is not called; pause: seconds until it is tried again, twice as long after
    each try that fails, up to longest_pause."""

    failures: int = 5
    pause: float = 10.0
    longest_pause: float = 300.0


class Outcome(Enum):
    """What a call says of its host. UNKNOWN: nothing, as where it was cancelled."""

    WORKS = "works"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class HostState:
    """failures in a row; pauses: that followed each other; open_until: 0 where the host is called; is_probing: the one
    call is under way."""

    failures: int = 0
    pauses: int = 0
    open_until: float = 0.0
    is_probing: bool = False


@dataclass(slots=True)
class Attempt:
    """A call that was let through: says at its end how it went. probed: the host's state, where it is the one call that
    others wait for."""

    outcome: Outcome = Outcome.UNKNOWN
    probed: HostState | None = None

    def has_answered(self) -> None:
        """An answer begins: however long it is, another call may be made meanwhile."""
        if self.probed is not None:
            self.probed.is_probing = False
            self.probed = None


class CircuitBreaker:
    """By host and port. Closed: calls pass. Open: none does. Half open, after the pause: one does, and its outcome
    closes the circuit or opens it again."""

    def __init__(self, options: BreakerOptions | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._options = options or BreakerOptions()
        self._clock = clock
        self._hosts: OrderedDict[str, HostState] = OrderedDict()

    def check(self, host: str) -> None:
        """ProviderError where a call would not pass now."""
        state = self._hosts.get(host)
        if state is None or not state.open_until:
            return
        remaining = state.open_until - self._clock()
        if remaining > 0 or state.is_probing:
            raise open_circuit(host, max(remaining, 1.0))

    @contextmanager
    def attempt(self, host: str) -> Iterator[Attempt]:
        """A call of a host; ProviderError where it may not pass."""
        self.check(host)
        state = self._hosts.get(host)
        probed = state if state is not None and state.open_until else None
        if probed is not None:
            probed.is_probing = True
        attempt = Attempt(probed=probed)
        try:
            yield attempt
        finally:
            attempt.has_answered()
            self._learn(host, attempt.outcome, probed is not None)

    def _learn(self, host: str, outcome: Outcome, is_probe: bool) -> None:
        if outcome is Outcome.WORKS:
            self._hosts.pop(host, None)
        if outcome is not Outcome.FAILS:
            return
        state = self._hosts.setdefault(host, HostState())
        self._hosts.move_to_end(host)
        state.failures += 1
        # What was under way when the circuit opened says nothing new.
        if is_probe or (not state.open_until and state.failures >= self._options.failures):
            pause = min(self._options.pause * 2**state.pauses, self._options.longest_pause)
            state.open_until = self._clock() + pause
            state.pauses = min(state.pauses + 1, 30)
        while len(self._hosts) > MAX_HOSTS:
            self._hosts.popitem(last=False)


def open_circuit(host: str, seconds: float) -> ProviderError:
    return ProviderError(
        Code.PROVIDER_UNAVAILABLE,
        f"{host} has failed again and again and is not called for {seconds:.0f} seconds.",
        retry_after=seconds,
        is_transient=True,
        was_sent=False,
    )
