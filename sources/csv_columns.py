"""Which column of a CSV file is which field of a media: as `map` says, else by the usual names of columns.

`map` is a list of field=column, with commas between: `title=Name,year=Jahr,tags=Keywords|;`. Behind a list's column the
separator of its values may stand, after a bar. A comma, bar or backslash within a column's name has a backslash before
it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.enums import ArtworkType, CreditRole
from sources.media_fields import OWN_FIELDS
from sources.source import SourceError

ENTRY = re.compile(r"\s*([A-Za-z]+(?:\.[^=,|\\]+)?)\s*=((?:[^,|\\]|\\.)+)(?:\|(.))?\s*(?:,|$)")
ESCAPED = re.compile(r"\\(.)")

PLAIN_FIELDS = ("key", "parent", *(name for name in OWN_FIELDS if name not in ("metadata", "lockedFields")))
LIST_COLUMNS = ("tags", "genres", "channels", "collections", "aliases", "taglines")
FILE_FIELDS = ("path", "size", "modifiedAt", "hash", "container", "durationMs")
# What stands behind a point in a field's name; () for any word.
DOTTED_FIELDS: Mapping[str, Sequence[str]] = {
    "credits": tuple(CreditRole),
    "artwork": tuple(ArtworkType),
    "externalIds": (),
    "categories": (),
    "metadata": (),
    "files": FILE_FIELDS,
}

# The usual names of columns, without case, blanks and signs.
USUAL_NAMES: Mapping[str, str] = {
    name: field
    for field, names in {
        "key": "key id movieid showid filmid",
        "kind": "kind type titletype mediatype",
        "title": "title name movie film movietitle filmtitle movienames moviename seriestitle primarytitle titel titre"
        " titolo titulo",
        "originalTitle": "originaltitle origtitle originaltitel titreoriginal",
        "year": "year releaseyear startyear productionyear yearreleased releasedyear yearofrelease jahr annee ano anno"
        " releasedate released date premiered",
        "overview": "overview plot description summary synopsis extract storyline plotsummary beschreibung inhalt",
        "rating": "rating imdbrating score imdbscore voteaverage averagerating avgrating bewertung userrating",
        "runtimeMinutes": "runtime runtimeminutes runtimemins runtimemin duration durationmin minutes length laufzeit",
        "addedAt": "addedat dateadded added",
        "seasonNumber": "season seasonnumber staffel",
        "episodeNumber": "episode episodenumber folge",
        "genres": "genres genre listedin",
        "tags": "tags tag keywords keyword schlagworte stichworte",
        "channels": "channels channel network sender",
        "collections": "collections collection franchise",
        "aliases": "aliases alias aka alternativetitle alternativetitles alternatetitles",
        "taglines": "taglines tagline",
        "credits.DIRECTOR": "director directors directedby regie regisseur realisateur",
        "credits.ACTOR": "actors actor cast stars starring darsteller schauspieler maincast",
        "credits.WRITER": "writer writers screenplay writtenby drehbuch",
        "credits.PRODUCER": "producer producers produzent",
        "credits.COMPOSER": "composer composers musicby komponist",
        "artwork.POSTER": "poster posterurl posterlink posterpath image imageurl thumbnail",
        "externalIds.imdb": "imdb imdbid imdbtitleid tconst",
        "externalIds.tmdb": "tmdb tmdbid",
        "externalIds.tvdb": "tvdb tvdbid",
    }.items()
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column and the field that it is. separator: between the values of a list; "" where it is found out.
    is_guessed: it is that field by its name alone."""

    place: int
    name: str
    field: str
    separator: str = ""
    is_guessed: bool = False


def mapped_columns(header: Sequence[str], given: str) -> list[MappedColumn]:
    """The columns that are read; SourceError."""
    found = named_columns(header, given) if given.strip() else usual_columns(header)
    if not any(one.field in ("title", "key") for one in found):
        raise SourceError(
            f"No column is the title: say which one is by map, as in title=Name. The columns are {', '.join(header)}."
        )
    return found


def usual_columns(header: Sequence[str]) -> list[MappedColumn]:
    """By the usual names; of several columns for one field the first is taken."""
    found: dict[str, MappedColumn] = {}
    for place, name in enumerate(header):
        field = USUAL_NAMES.get("".join(filter(str.isalnum, name.lower())))
        if field is not None:
            found.setdefault(field, MappedColumn(place, name, field, is_guessed=True))
    return list(found.values())


def named_columns(header: Sequence[str], given: str) -> list[MappedColumn]:
    return [MappedColumn(place_of(name, header), name, field, separator) for field, name, separator in read_map(given)]


def read_map(given: str) -> list[tuple[str, str, str]]:
    """Fields, names of columns and separators; SourceError. It needs no file."""
    found: list[tuple[str, str, str]] = []
    at = 0
    while at < len(given.rstrip()):
        entry = ENTRY.match(given, at)
        if entry is None:
            raise SourceError(f"map is written as title=Name,tags=Keywords|; and not as {given[at:]}.")
        at = entry.end()
        name = ESCAPED.sub(r"\1", entry[2]).strip()
        check_field(entry[1])
        found.append((entry[1], name, entry[3] or ""))
    return found


def place_of(name: str, header: Sequence[str]) -> int:
    """Where the column of a name is; case does not matter if nothing else fits."""
    names = [one.strip() for one in header]
    if name in names:
        return names.index(name)
    lower = [one.lower() for one in names]
    if name.lower() in lower:
        return lower.index(name.lower())
    raise SourceError(f"There is no column {name}. The columns are {', '.join(names)}.")


def check_field(field: str) -> None:
    """SourceError for a field that no column can be."""
    first, point, rest = field.partition(".")
    if not point and field in (*PLAIN_FIELDS, *LIST_COLUMNS):
        return
    if point and first in DOTTED_FIELDS and (not DOTTED_FIELDS[first] or rest in DOTTED_FIELDS[first]):
        return
    dotted = [f"{name}.{one}" for name, words in DOTTED_FIELDS.items() for one in words or ("...",)]
    raise SourceError(f"There is no field {field}. There are {', '.join([*PLAIN_FIELDS, *LIST_COLUMNS, *dotted])}.")
