"""Options of formats as jobs are given them: NAME=VALUE each, checked before a run is queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.upsert.item import MatchBy
from domain.errors import CatalogError, Code
from sources.format import check_options
from sources.formats import FORMATS, format_named
from sources.source import SourceError

COMMAND_OPTIONS = frozenset(option.name for one in FORMATS for option in one.options if option.is_for_command)


def bad_argument(message: str) -> CatalogError:
    return CatalogError(Code.BAD_ARGUMENT, message)


def options_of(given: Sequence[str]) -> dict[str, str]:
    """FORBIDDEN, BAD_ARGUMENT."""
    found = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            raise bad_argument(f"{one}: an option is NAME=VALUE.")
        if name in COMMAND_OPTIONS:
            raise CatalogError(Code.FORBIDDEN, f"{name} can only be given to the command `python -m app import`.")
        found[name] = value
    return found


def check_format(format: str | None, options: Mapping[str, str]) -> None:
    """BAD_ARGUMENT for a format that there is not, and for options that it, or all that may be guessed, cannot have."""
    try:
        if format is not None:
            check_options(format_named(format), options)
            return
        having = [one for one in FORMATS if options.keys() <= {option.name for option in one.options}]
        if not having:
            raise bad_argument(f"No format has {' and '.join(f'an option {name}' for name in options)}.")
        for one in having[1:]:
            try:
                check_options(one, options)
            except SourceError:
                continue
            return
        check_options(having[0], options)
    except SourceError as error:
        raise bad_argument(str(error)) from error


def check_match(match_by: Sequence[MatchBy] | None) -> None:
    """BAD_ARGUMENT."""
    by = match_by or []
    if len({*by}) < len(by) or MatchBy.ID in by:
        raise bad_argument("matchBy is some of EXTERNAL_ID, PATH, TITLE, each once.")


def check_percent(percent: int) -> None:
    """BAD_ARGUMENT."""
    if not 0 <= percent <= 100:
        raise bad_argument("maxPrune is a percentage, from 0 to 100.")
