"""The log: lines of text on a terminal, JSON elsewhere; every line carries the trace id of its request."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

from domain.text import printable

TRACE_ID: ContextVar[str | None] = ContextVar("trace id", default=None)

# What every record has; anything else was given with the line and is shown.
COMMON = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "trace_id", "taskName"}


class TraceIds(logging.Filter):
    """Notes the trace id of the request in whose task a line is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.trace_id = TRACE_ID.get()
        return True


class TextFormatter(logging.Formatter):
    """A line for people: time, level, logger, message, then what was given with it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        given = {name: value for name, value in vars(record).items() if name not in COMMON and value is not None}
        if (trace_id := getattr(record, "trace_id", None)) is not None:
            given["trace"] = trace_id
        line = super().formatMessage(record) + "".join(f"  {name}={value}" for name, value in given.items())
        return printable(line)


def set_up_log() -> None:
    """Sends the log of this process to the standard error."""
    handler = logging.StreamHandler()
    if sys.stderr.isatty():
        handler.setFormatter(TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    else:
        handler.setFormatter(
            JsonFormatter(
                "%(levelname)s %(name)s %(message)s %(trace_id)s",
                rename_fields={"levelname": "level", "name": "logger"},
                timestamp="time",  # in UTC, by ISO 8601
            )
        )
    handler.addFilter(TraceIds())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
