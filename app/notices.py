"""Lines of the log that clients can cause: each kind at once, then at most once a minute with their number."""

from __future__ import annotations

import logging

EVERY_SECONDS = 60.0

log = logging.getLogger("marquee.http")


class Notices:
    """What was said when, and how often it happened since."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}
        self._since: dict[str, int] = {}

    def note(self, words: str, now: float) -> None:
        """It happened at `now`, in seconds. `words` are one of a fixed number of texts."""
        number = self._since[words] = self._since.get(words, 0) + 1
        if now - self._said.get(words, -EVERY_SECONDS) < EVERY_SECONDS:
            return
        log.warning("%s", words if number == 1 else f"{words} ({number} times since this was last said)")
        self._said[words] = now
        self._since[words] = 0
