"""The file for what could not be imported: lines of JSON, there only where something has failed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from catalog.importing.progress import Failure


class ReportError(Exception):
    """The report cannot be written; the message says why, and what to do."""


def check_report(report: Path, location: str) -> None:
    """ReportError, before anything is imported: a report that is the source would put an end to it."""
    try:
        is_source = report.samefile(location)
    except (OSError, ValueError):
        is_source = False  # one of them is not there
    if is_source:
        raise ReportError(f"The report {report} is what is imported: name another file with --report.")
    is_writable = os.access(report if report.exists() else report.parent, os.W_OK)
    if report.is_dir() or not report.parent.is_dir() or not is_writable:
        raise ReportError(f"The report {report} cannot be written: name another file with --report.")


def begin_report(report: Path) -> None:
    """Removes what an earlier import has left; what is no plain file, such as /dev/null, stays. ReportError."""
    try:
        if report.is_symlink() and report.is_file():
            report.write_bytes(b"")
        elif report.is_file():
            report.unlink()
    except OSError as error:
        raise unwritable(report, error) from error


def append(report: Path, failures: Sequence[Failure]) -> None:
    """A line of JSON each. ReportError."""
    try:
        with report.open("ab") as file:
            file.writelines(
                orjson.dumps(asdict(one), option=orjson.OPT_APPEND_NEWLINE) for one in map(storable, failures)
            )
    except OSError as error:
        raise unwritable(report, error) from error


def unwritable(report: Path, error: OSError) -> ReportError:
    return ReportError(f"The report {report} cannot be written ({error.strerror}): name another file with --report.")


def storable(failure: Failure) -> Failure:
    """Without halves of surrogate pairs, which JSON cannot have."""
    told = {name: text.encode("utf-8", "replace").decode() for name, text in asdict(failure).items()}
    return Failure(**told)
