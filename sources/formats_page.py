"""The formats of sources as a page of Markdown: docs/sources.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sources.csv_columns import DOTTED_FIELDS, LIST_COLUMNS, PLAIN_FIELDS, USUAL_NAMES
from sources.format import Format, Option
from sources.formats import FORMATS
from sources.media_fields import LIST_FIELDS, OWN_FIELDS

ABOUT_FORMATS = """# Sources

What media can be imported from. `python -m app import PATH_OR_URL --library NAME` guesses the format by what lies
there and says why; `--format` chooses one, `--option NAME=VALUE` sets an option (`--map` is one of them).
[add-a-source.md](add-a-source.md) shows how a source of another format is written.

Whatever the format: a source is read as a stream, in flat memory and off the event loop, and an import that was
interrupted goes on where it was. What cannot be read is told with its place and the reason, and the rest is read.
Files that end in `.gz` or are compressed so are read as what is in them. An item of more than 4 MB is passed.

Each item has a key within its source, by which it is known again the next time. Of other services' ids those that
count movies, series, seasons and episodes apart are kept apart: `tmdb`, `tmdb_series`, `tmdb_season`, `tmdb_episode`.

The key of a server comes from the environment, never from the address: the variable that is named below, or
`MARQUEE_IMPORT_API_KEY` for all. It goes into a header, to the host of the address and to no other. A server that
cannot be connected to within 10 seconds, or has not answered after 300, is given up; faults that pass are tried again
three times. An answer has at most 2 GB.

This page is printed by `python -m app formats`, and a test compares it with sources/formats.py.
"""
JSON_FIELDS_ABOUT = """
## The fields of JSON

`json` and `jsonl` read the fields of the GraphQL input `MediaUpsert`, and what `python -m app export` writes. Tags,
genres, people and all else that has a name is given by it: `"tags": ["noir"]` or `[{"name": "noir"}]`; ids say
nothing to another catalogue. Numbers may be texts. A field that is left out stays as it is, null takes it away. A
field that is not known is told once, and keeps nothing out.

`key`, else `id`, tells a media apart within the file; without one its first external id does, its first file, or its
title. `parent` names another media of the file, which comes before it, by that key; or any media: `{"externalId":
{"source": "tvdb_series", "value": "1"}}`, `{"path": "..."}`, `{"season": {"series": ..., "number": 1}}`. `library`
and `version` say nothing: the import is told its library. `person` is a name, or an object with `name`, `externalIds`
(`source`, `value`) or both, by which people of one name are told apart.

```json
{"key": "s1", "kind": "SERIES", "title": "Fargo", "externalIds": [{"source": "imdb", "value": "tt2802850"}]}
{"key": "s1e1", "kind": "EPISODE", "title": "The Dilemma", "parent": "s1", "seasonNumber": 1, "episodeNumber": 1}
```

"""
COLUMNS_ABOUT = """
## The columns of CSV

`map` is a list of field=column with commas between: `title=Name,year=Jahr,tags=Keywords|;`. Behind the column of a
list the separator of its values may stand, after a bar; without one it is the first of `|`, `;` and `,` that is in
the value (`,` neither for aliases nor for collections). A comma, bar or backslash in the name of a column has a
backslash before it. Fields are PLAIN; lists are LISTS; and DOTTED.

A year may be a date, a running time `142 min`, `2h 22m` or `2:22:00`, a rating `8,3` or `83%`. Without `map` these
names of columns are known, whatever their case, blanks and signs:

"""


def formats_page(formats: Sequence[Format] = FORMATS) -> str:
    """The page, with a section for each format."""
    rows = [(f"`{one.name}`", one.description, f"{one.told_by[:1].upper()}{one.told_by[1:]}.") for one in formats]
    parts = [ABOUT_FORMATS, "\n", table(("format", "what it is", "guessed where"), rows)]
    parts += [section(one) for one in formats if one.options or one.reads]
    return "".join([*parts, json_fields(), csv_columns()])


def command_only(option: Option) -> str:
    """What is said of an option that jobs refuse."""
    return " Of the command alone." if option.is_for_command else ""


def section(of: Format) -> str:
    """A format's options, and what becomes of what it reads."""
    text = f"\n## {of.name}\n\n{of.description}\n"
    if of.options:
        rows = [(f"`{one.name}`", f"{one.description}{command_only(one)}", one.default) for one in of.options]
        text += "\n" + table(("option", "what it says", "default"), rows)
    if of.reads:
        text += "\n" + table(("read", "what it becomes"), of.reads)
    return text


def json_fields() -> str:
    rows = [(f"`{name}`", "") for name in OWN_FIELDS]
    for name, of in LIST_FIELDS.items():
        rows.append((f"`{name}`", "" if of.read_element else ", ".join(f"`{one}`" for one in of.fields)))
    return JSON_FIELDS_ABOUT + table(("field", "of each"), rows)


def csv_columns() -> str:
    dotted = [f"`{name}.{one}`" for name, words in DOTTED_FIELDS.items() for one in words or ("...",)]
    about = COLUMNS_ABOUT.replace("PLAIN", ", ".join(f"`{one}`" for one in PLAIN_FIELDS))
    about = about.replace("LISTS", ", ".join(f"`{one}`" for one in LIST_COLUMNS)).replace("DOTTED", ", ".join(dotted))
    names: dict[str, list[str]] = {}
    for name, field in USUAL_NAMES.items():
        names.setdefault(field, []).append(name)
    return about + table(("field", "names"), [(f"`{field}`", ", ".join(of)) for field, of in names.items()])


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells, in which a bar has a backslash before it."""
    lines = [header, ["---"] * len(header), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("|  |", "| |")
