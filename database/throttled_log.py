"""Lines of the log that clients or the database can cause again and again: at once, then once in a while with their
number."""

from __future__ import annotations

import logging

EVERY_SECONDS = 60.0

log = logging.getLogger("marquee.http")


class Throttle:
    """How often something happened since it was last logged, which is at most once in `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._told_at = -seconds
        self._number = 0

    def due(self, now: float) -> int:
        """It happened at `now`, in seconds: how often since it was last logged; 0 where that was a short time ago."""
        self._number += 1
        if now - self._told_at < self._seconds:
            return 0
        number, self._number, self._told_at = self._number, 0, now
        return number


class ThrottledLog:
    """What clients of a worker did, each kind at once and then at most once a minute."""

    def __init__(self) -> None:
        self._kinds: dict[str, Throttle] = {}

    def warn(self, words: str, now: float) -> None:
        """It happened at `now`, in seconds. `words` are one of a fixed number of texts."""
        throttle = self._kinds.setdefault(words, Throttle(EVERY_SECONDS))
        if number := throttle.due(now):
            log.warning("%s", words if number == 1 else f"{words} ({number} times since this was last said)")
