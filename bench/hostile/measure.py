"""Measuring: what each hostile request costs the worker, and how long others wait meanwhile."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.hostile.cases import Case
from bench.hostile.probe import WAIT_SECONDS, probing
from bench.hostile.server import Target

HEADERS = {"content-type": "application/json"}
SETTLE_SECONDS = 1.0
AT_ONCE = 10
ALONE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: HTTP status, code of the first error ("ok" where there is none), bytes, seconds."""

    status: int
    code: str
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one request. blocked: milliseconds of the longest wait of a request that needs the event loop alone. cpu:
    milliseconds of the worker. peak, kept: megabytes above what it held before, at most and afterwards."""

    outcome: Outcome
    blocked: float
    cpu: float
    peak: float
    kept: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Of a query for one row: milliseconds at the median and at 99 %, the longest, and how many failed."""

    median: float
    p99: float
    longest: float
    failures: int
    codes: tuple[str, ...] = ()


def send(port: int, body: bytes) -> Outcome:
    """One POST over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
    started = time.perf_counter()
    try:
        connection.request("POST", "/graphql", body, HEADERS)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return Outcome(0, type(error).__name__, 0, time.perf_counter() - started)
    finally:
        connection.close()
    return Outcome(answer.status, code_of(content), len(content), time.perf_counter() - started)


def code_of(content: bytes) -> str:
    """The code of an answer's first error; large answers are not read for it."""
    if b'"errors"' not in content[:200] and b'"errors"' not in content[-2000:]:
        return "ok"
    try:
        return str(json.loads(content)["errors"][0]["extensions"]["code"])
    except (ValueError, KeyError, IndexError):
        return "error"


def measure(target: Target, case: Case) -> Cost:
    """What a case costs when it is sent once, alone."""
    body = case.body()
    time.sleep(SETTLE_SECONDS)
    before, cpu = target.memory, target.cpu
    target.forget_peak()
    with probing(target.port, "alive") as probe:
        outcome = send(target.port, body)
    cost = target.cpu - cpu
    peak = target.peak - before
    time.sleep(SETTLE_SECONDS)
    return Cost(outcome, probe.longest, cost * 1e3, max(0.0, peak), target.memory - before)


def measure_set(target: Target, bodies: Mapping[str, bytes]) -> tuple[float, str, int]:
    """Requests one after the other: the longest wait of others in milliseconds, beside which request, and how many
    requests were not refused."""
    longest, beside, accepted = 0.0, "", 0
    for title, body in bodies.items():
        with probing(target.port, "alive") as probe:
            outcome = send(target.port, body)
        accepted += outcome.code == "ok"
        if probe.longest > longest:
            longest, beside = probe.longest, title
    return longest, beside, accepted


def wait_alone(target: Target) -> Wait:
    """How long a query for one row takes when nobody else is there."""
    with probing(target.port, "row") as probe:
        time.sleep(ALONE_SECONDS)
    return Wait(probe.percentile(0.5), probe.percentile(0.99), probe.longest, probe.failures)


def wait_beside(target: Target, case: Case) -> Wait:
    """The same while ten copies of a case are under way, sent twice."""
    body = case.body()
    with ThreadPoolExecutor(AT_ONCE) as senders, probing(target.port, "row") as probe:
        outcomes = list(senders.map(lambda _: send(target.port, body), range(2 * AT_ONCE)))
    codes = tuple(sorted({outcome.code for outcome in outcomes}))
    return Wait(probe.percentile(0.5), probe.percentile(0.99), probe.longest, probe.failures, codes)


def growth(target: Target, bodies: Sequence[bytes], number: int) -> list[float]:
    """Megabytes that the worker holds beyond those at the start, after each third of `number` distinct requests."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=WAIT_SECONDS)
    start = target.memory
    found = []
    for place in range(1, number + 1):
        body = bodies[place % len(bodies)].replace(b"NUMBER", b"%d" % place)
        connection.request("POST", "/graphql", body, HEADERS)
        connection.getresponse().read()
        if place % (number // 3) == 0:
            found.append(target.memory - start)
    connection.close()
    return found
