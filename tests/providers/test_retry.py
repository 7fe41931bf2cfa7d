"""When a call is tried again, and how long that is waited for."""

from __future__ import annotations

import pytest
import stamina

from domain.errors import Code
from providers.circuit_breaker import BreakerOptions, CircuitBreaker, Outcome, open_circuit
from providers.errors import ProviderError
from providers.retry import pause_after, retried, retry_after


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("99999999999999999999999999", 3600.0),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0),
        ("Sun, 06 Nov 1994 08:49:07 GMT", 0.0),
        ("Sun, 06 Nov 2994 08:49:07 GMT", 3600.0),
        ("Sunday, 06-Nov-94 08:49:47 GMT", 10.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Sun, 99 Nov 1994 08:49:47 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(given: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": given}, now=lambda: 784111777.0) == seconds


def test_a_pause_that_is_asked_for_is_kept_where_it_is_not_too_long() -> None:
    asked = ProviderError(Code.PROVIDER_LIMITED, "", retry_after=7, is_repeated=True)
    silent = ProviderError(Code.PROVIDER_UNAVAILABLE, "", is_repeated=True)
    unsent = ProviderError(Code.PROVIDER_UNAVAILABLE, "", is_repeated=True, was_taken=False)

    assert [pause_after(asked, True, longest) for longest in (60, 7, 6)] == [7, 7, False]
    assert [pause_after(silent, True, longest) for longest in (60, 0)] == [True, False]
    assert [pause_after(error, False, 60) for error in (silent, unsent)] == [False, True]


@pytest.mark.parametrize(("tells_cause", "told"), [(True, 500), (False, None)])
async def test_what_was_sent_is_told_where_the_circuit_opens_after_it(tells_cause: bool, told: int | None) -> None:
    """It says why; that the host is not called now says it no more."""
    sent = ProviderError(Code.PROVIDER_UNAVAILABLE, "", is_repeated=True, status=500)
    errors = [sent, open_circuit("a:1", 10), sent, sent]

    async def work(number: int) -> None:
        raise errors.pop(0)

    with stamina.set_testing(True, attempts=100, cap=True), pytest.raises(ProviderError) as error:
        await retried(4, 60.0, work, tells_cause=tells_cause)
    assert (error.value.status, len(errors)) == (told, 2)


def test_a_circuit_opens_after_failures_in_a_row_and_is_probed_by_one_call() -> None:
    now = [0.0]
    breaker = CircuitBreaker(BreakerOptions(failures=2, pause=10, longest_pause=30), clock=lambda: now[0])

    def call(outcome: Outcome) -> float | None:
        """Seconds for which the host is not called, where the call may not pass."""
        try:
            with breaker.attempt("a:1") as attempt:
                attempt.outcome = outcome
        except ProviderError as error:
            return error.retry_after
        return None

    fails, works = Outcome.FAILS, Outcome.WORKS
    assert [call(fails), call(works), call(fails), call(fails), call(works)] == [None, None, None, None, 10]
    for pause in (20, 30, 30):
        now[0] += 60
        assert [call(fails), call(works)] == [None, pause]
    now[0] += 60
    with breaker.attempt("a:1"):
        assert call(works) == 1  # one at a time
    assert [call(works), call(fails), call(works)] == [None, None, None]
    breaker.check("b:1")
