"""The formats of sources, and the way from a location to a source: the format is guessed unless it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sources.binary_file import unreadable
from sources.csv_file import CSV
from sources.demo.source import DEMO
from sources.demo.source import PREFIX as DEMO_PREFIX
from sources.folder.format import MEDIA_FOLDER
from sources.format import Format, check_options
from sources.http_client import RefusedError
from sources.jellyfin import JELLYFIN
from sources.json_array import JSON
from sources.json_lines import JSON_LINES
from sources.midi.folder import MIDI_FOLDER
from sources.movielens import MOVIELENS
from sources.radarr import RADARR
from sources.sonarr import SONARR
from sources.source import Source, SourceError
from sources.tunarr import TUNARR
from sources.vega_movies import VEGA_MOVIES
from sources.wikipedia_movies import WIKIPEDIA_MOVIES

# Of two that guess equally sure the first is taken.
FORMATS: tuple[Format, ...] = (
    JSON_LINES,
    JSON,
    CSV,
    MOVIELENS,
    WIKIPEDIA_MOVIES,
    VEGA_MOVIES,
    JELLYFIN,
    RADARR,
    SONARR,
    TUNARR,
    MIDI_FOLDER,
    MEDIA_FOLDER,
    DEMO,
)


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A source, its format, and why it is that one: a sentence for people."""

    source: Source
    format: Format
    reason: str


async def open_source(
    location: str,
    format: str | None = None,
    options: Mapping[str, str] | None = None,
    formats: Sequence[Format] = FORMATS,
) -> OpenedSource:
    """The source of a path or URL; `format`: its name, guessed where it is None. SourceError."""
    given = options or {}
    if format is not None:
        chosen, reason = format_named(format, formats), f"The format {format} was asked for."
    else:
        await asyncio.to_thread(check_location, location)
        chosen = await guess_format(location, given, formats)
        reason = f"The format is {chosen.name}: {chosen.told_by}."
    check_options(chosen, given)
    source = await asyncio.to_thread(chosen.open, location, given)
    return OpenedSource(source, chosen, reason)


def format_named(name: str, formats: Sequence[Format] = FORMATS) -> Format:
    """SourceError for one that is not there."""
    for one in formats:
        if one.name == name:
            return one
    raise SourceError(f"There is no format {name}. There are {names(formats)}.")


async def guess_format(location: str, options: Mapping[str, str], formats: Sequence[Format] = FORMATS) -> Format:
    """The format that is guessed most surely; what lies behind a URL is asked. SourceError where none is it."""
    sure = [(await asyncio.to_thread(one.guess, location), one) for one in formats]
    fitting = [one for _, one in sorted((pair for pair in sure if pair[0] > 0), key=lambda pair: -pair[0])]
    refused: list[RefusedError] = []
    for one in fitting:
        try:
            if one.ask is None or await one.ask(location, options):
                return one
        except RefusedError as error:
            refused.append(error)
        except SourceError:
            continue  # it is of another kind
    if refused:
        raise refused[0]
    raise SourceError(f"{location} is of no format that is known: choose one by its name, of {names(formats)}.")


def is_url(location: str) -> bool:
    return location.startswith(("http://", "https://"))


def is_path(location: str) -> bool:
    """Whether it names a file or a folder, and not a server or a part of the demo."""
    return not is_url(location) and not location.startswith(DEMO_PREFIX)


def check_location(location: str) -> None:
    """SourceError where no file or folder is there that may be read."""
    if not is_path(location):
        return
    path = Path(location)
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        elif path.exists() and not path.is_file():
            raise SourceError(f"{location} is neither a file nor a folder.")
        else:
            path.open("rb").close()
    except (OSError, ValueError) as error:
        raise unreadable(location, error) from error


def names(formats: Sequence[Format]) -> str:
    return ", ".join(one.name for one in formats)
