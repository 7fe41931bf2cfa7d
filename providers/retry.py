"""Calls that fail for a reason that passes are tried again: after as long as the service asks for, else after pauses
that grow and vary."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from math import inf, isfinite
from typing import TypeVar

from stamina import AsyncRetryingCaller

from domain.errors import Code
from providers.errors import ProviderError

T = TypeVar("T")

FIRST_PAUSE, MAX_OWN_PAUSE, JITTER = 0.5, 30.0, 1.0  # seconds
MAX_RETRY_AFTER = 3600.0  # of a service that asks for more: then it may say so again


async def retried(
    attempts: int,
    longest_pause: float,
    work: Callable[[int], Awaitable[T]],
    *,
    deadline: float | None = None,
    may_repeat: bool = True,
    tells_cause: bool = True,
) -> T:
    """What `work` gives, which is tried `attempts` times at most, and is given which attempt it is. ProviderError, the
    last one.

    longest_pause: a service that asks for more is not waited for; deadline: by the event loop's clock; tells_cause:
    where the circuit breaker lets an attempt not pass, the error is that of the attempt before it, which was sent."""
    made = 0
    last: ProviderError | None = None

    def pause(error: Exception) -> bool | float:
        if made >= attempts or not isinstance(error, ProviderError):
            return False
        remaining = inf if deadline is None else deadline - asyncio.get_running_loop().time()
        return pause_after(error, may_repeat, min(longest_pause, remaining))

    async def attempt() -> T:
        nonlocal made, last
        made += 1
        try:
            return await work(made)
        except ProviderError as error:
            if tells_cause and last is not None and is_of_breaker(error):
                made = attempts
                raise last from None
            last = error
            raise

    caller = AsyncRetryingCaller(
        attempts=attempts, timeout=None, wait_initial=FIRST_PAUSE, wait_max=MAX_OWN_PAUSE, wait_jitter=JITTER
    )
    return await caller(pause, attempt)


def is_of_breaker(error: ProviderError) -> bool:
    return error.is_withheld and not error.was_sent and error.code is Code.PROVIDER_UNAVAILABLE


def pause_after(error: ProviderError, may_repeat: bool, longest: float) -> bool | float:
    """Whether to try again; seconds where the service has said how many.

    may_repeat: the call may be sent twice; one that the service has not taken may in any case."""
    if not error.is_repeated or (error.was_taken and not may_repeat):
        return False
    if error.retry_after is None:
        return longest > 0
    return error.retry_after if error.retry_after <= longest else False


def retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """Seconds, from 0 to an hour, that the header Retry-After asks for: a number of them, or a date."""
    given = headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return min(float(given[:20]), MAX_RETRY_AFTER)
    try:
        seconds = parsedate_to_datetime(given).timestamp() - now()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER) if isfinite(seconds) else None
