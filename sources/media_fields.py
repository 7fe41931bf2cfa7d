"""The fields of a media as files say them: those of the GraphQL input MediaUpsert, each with the column of an upsert
that it is, and how its value is read. A test holds the two against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from catalog.media_values import client_name
from catalog.upsert.item import PersonKey
from catalog.upsert.lists import LISTS, Field, RowList
from domain.bounds import MILLISECONDS, TEMPO_HUNDREDTHS
from domain.enums import MediaKind
from sources.values import flag_of, parts_of, rating_of, text_of, time_of, whole_of, year_of

ReadValue: TypeAlias = Callable[[Any], Any]


def kind_of(value: Any) -> str:
    """The kind of a media, in letters of any case."""
    found = text_of(value).strip().upper()
    if found not in MediaKind.__members__:
        raise ValueError(f"One of {', '.join(MediaKind)} is needed here.")
    return found


def object_of(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("A JSON object is needed here.")
    return value


def texts_of(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("A list of texts is needed here.")
    return [text_of(one) for one in value]


def wholes_of(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise ValueError("A list of whole numbers is needed here.")
    return [whole_of(one) for one in value]


def changes_of(name: str, read: ReadValue) -> ReadValue:
    """What gives changes over time as pairs of milliseconds and what the field `name` says."""

    def pairs(value: Any) -> list[tuple[int, Any]]:
        if not isinstance(value, list):
            raise ValueError("A list of changes is needed here.")
        return [(SECONDS(object_of(one).get("atSeconds")), read(one.get(name))) for one in value]

    return pairs


def name_of(value: Any) -> str:
    """What is named by a text, or by an object with its name."""
    if isinstance(value, dict):
        if "name" not in value:
            raise ValueError("A name is needed here: an id says nothing to another catalogue.")
        value = value["name"]
    found = text_of(value)
    if not found.strip():
        raise ValueError("A name is needed here.")
    return found


def person_of(value: Any) -> str | PersonKey:
    """A person by a name, or by an object with a name, external ids or both."""
    if not isinstance(value, dict) or value.get("externalIds") in (None, []):
        return name_of(value)
    ids = value["externalIds"]
    if not isinstance(ids, list):
        raise ValueError("A list of externalIds is needed here.")
    pairs = [(text_of(object_of(one).get("source")), text_of(one.get("value"))) for one in ids]
    return PersonKey(None if value.get("name") is None else name_of(value), tuple(pairs))


# The own fields of a media: column and how it is read.
OWN_FIELDS: Mapping[str, tuple[str, ReadValue]] = {
    "kind": ("kind", kind_of),
    "title": ("title", text_of),
    "originalTitle": ("original_title", text_of),
    "year": ("year", year_of),
    "overview": ("overview", text_of),
    "rating": ("rating_tenths", rating_of),
    "runtimeMinutes": ("runtime_minutes", whole_of),
    "addedAt": ("added_at", time_of),
    "seasonNumber": ("season_number", whole_of),
    "episodeNumber": ("episode_number", whole_of),
    "metadata": ("metadata", object_of),
    "lockedFields": ("locked_fields", texts_of),
}

# Those of columns that are not called as the column is, or not read as its type is, by list and column.
SECONDS: ReadValue = partial(parts_of, parts=MILLISECONDS.parts)
TEMPO: ReadValue = partial(parts_of, parts=TEMPO_HUNDREDTHS.parts)
SPECIAL_FIELDS: Mapping[tuple[str, str], tuple[str, ReadValue]] = {
    ("files", "codecs"): ("codecs", texts_of),
    ("music", "tempo_hundredths"): ("tempo", TEMPO),
    ("music", "programs"): ("programs", wholes_of),
    ("music", "tempo_changes"): ("tempoChanges", changes_of("tempo", TEMPO)),
    ("music", "key_signature_changes"): ("keySignatureChanges", changes_of("keySignature", text_of)),
    ("music", "time_signature_changes"): ("timeSignatureChanges", changes_of("timeSignature", text_of)),
    ("music", "duration_ms"): ("durationSeconds", SECONDS),
    ("clip", "duration_ms"): ("durationSeconds", SECONDS),
    ("thumbnails", "offset_ms"): ("offsetSeconds", SECONDS),
    ("releases", "release_group_id"): ("group", name_of),
    ("credits", "person_id"): ("person", person_of),
}
READ_BY_TYPE: Mapping[str, ReadValue] = {
    "text": text_of,
    "integer": whole_of,
    "bigint": whole_of,
    "boolean": flag_of,
    "timestamptz": time_of,
}


@dataclass(frozen=True, slots=True)
class ListFields:
    """A list of a media as files say it. fields: of its elements, by their names, columns and how they are read.

    read_element: how an element is read that is no object with these fields."""

    of: RowList
    fields: Mapping[str, tuple[str, ReadValue]]
    read_element: ReadValue | None = None


def field_of(of: RowList, one: Field) -> tuple[str, tuple[str, ReadValue]]:
    """What a column of a list is called, and how it is read."""
    special = SPECIAL_FIELDS.get((of.name, one.column))
    if special is not None:
        return special[0], (one.column, special[1])
    if one.noun is not None:
        return client_name(one.column.removesuffix("_id")), (one.column, name_of)
    return client_name(one.column), (one.column, READ_BY_TYPE[one.type])


def list_fields(of: RowList) -> ListFields:
    fields = dict(field_of(of, one) for one in of.fields if not one.column.startswith("folded_"))
    element = [read for column, read in fields.values() if column == of.element]
    return ListFields(of, fields, element[0] if element else None)


# The lists of a media by what files call them.
LIST_FIELDS: Mapping[str, ListFields] = {client_name(of.name): list_fields(of) for of in LISTS}


def field_path(path: Sequence[str | int]) -> list[str]:
    """The names of fields that a path of an upsert, in lists and columns, is of: files, 0, modifiedAt."""
    if not path:
        return []
    own = {column: name for name, (column, _) in OWN_FIELDS.items()}
    first = str(path[0])
    of = LIST_FIELDS.get(client_name(first))
    names = own if of is None else {column: name for name, (column, _) in of.fields.items()}
    rest = [names.get(one) or client_name(one) if isinstance(one, str) else str(one) for one in path[1:]]
    return [own.get(first) or client_name(first), *rest]
