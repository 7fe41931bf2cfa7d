"""What may stand in a media's own columns: checked in words before the database is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from catalog.edit import check_storable
from domain.bounds import COLUMNS, METADATA_BYTES, OVERVIEW_LETTERS, TITLE_BYTES, TITLE_LETTERS
from domain.enums import MetadataField
from domain.errors import CatalogError, Code
from domain.media_kinds import PARENTS, WITHIN
from domain.text import check_foldable, fold, shows_nothing, sort_title, storable

REQUIRED = ("title", "kind", "library_id", "added_at", "metadata", "locked_fields")

# What clients call a column, where that is not its own name in camel case.
CLIENT_NAMES = {
    "rating_tenths": "rating",
    "library_id": "library",
    "parent_id": "parent",
    "person_id": "person",
    "score_thousandths": "score",
}


def bad_argument(message: str) -> CatalogError:
    return CatalogError(Code.BAD_ARGUMENT, message)


def client_name(column: str) -> str:
    """What clients call a column."""
    first, *rest = column.split("_")
    return CLIENT_NAMES.get(column) or first + "".join(map(str.capitalize, rest))


def text_check(name: str, most: int) -> Callable[[Any], Any]:
    """A check for texts of up to so many letters."""

    def check(value: str) -> str:
        if not storable(value):
            raise bad_argument(f"{name} cannot contain U+0000 or half of a surrogate pair.")
        if len(value) > most:
            raise bad_argument(f"{name} has {len(value)} letters: at most {most} are kept.")
        return value

    return check


def title_check(name: str) -> Callable[[Any], Any]:
    """A check for titles, which show something and can be ordered by."""

    def check(value: str) -> str:
        kept: str = text_check(name, TITLE_LETTERS)(value.strip())
        check_foldable(kept)
        if shows_nothing(kept):
            raise bad_argument(f"{name} has letters or signs: this one shows nothing.")
        if max(len(fold(kept).encode()), len(sort_title(kept).encode())) > TITLE_BYTES:
            raise bad_argument(f"{name} is too long to be ordered by.")
        return kept

    return check


def optional_text_check(name: str, most: int) -> Callable[[Any], Any]:
    """A check for texts that may be missing: null says so, and a blank text says nothing."""
    check = text_check(name, most)

    def check_blank(value: str) -> str:
        kept: str = check(value)
        check_foldable(kept)
        if shows_nothing(kept):
            raise bad_argument(f"{name} shows nothing: give a text, or null for none.")
        return kept

    return check_blank


def number_check(column: str) -> Callable[[Any], Any]:
    """A check for whole numbers within the bounds of a column of media, with errors in the units that clients use."""
    within = COLUMNS[f"media.{column}"]

    def check(value: int) -> int:
        if not within.holds(value):
            raise bad_argument(f"{client_name(column)} is a number {within.description}.")
        return value

    return check


def check_metadata(value: Any) -> dict[str, Any]:
    kept = json_object("metadata", value)
    if len(orjson.dumps(kept)) > METADATA_BYTES:
        raise bad_argument(f"metadata has more than {METADATA_BYTES} bytes.")
    return kept


def json_object(name: str, value: Any) -> dict[str, Any]:
    """A JSON object that can be stored; BAD_ARGUMENT."""
    if not isinstance(value, dict):
        raise bad_argument(f"{name} is a JSON object.")
    check_storable(value)
    return value


def check_patch(value: Any) -> dict[str, Any]:
    """A merge patch of metadata, which stay an object; BAD_ARGUMENT."""
    return json_object("metadataPatch", value)


def merge_patch(target: Any, patch: Any) -> Any:
    """What a JSON merge patch (RFC 7396) makes of a value; the database's json_merge_patch does the same."""
    if not isinstance(patch, dict):
        return patch
    kept = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = merge_patch(kept.get(key), value)
    return kept


def same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; to Python alone true is 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def check_locked(value: Any) -> list[str]:
    """Fields that are locked, each once, in the order of the alphabet, so that equal ones are the same."""
    if not isinstance(value, list | tuple) or not set(value) <= set(MetadataField):
        raise bad_argument(f"lockedFields are of {', '.join(MetadataField)}.")
    return sorted({str(one) for one in value})


VALUE_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": title_check("title"),
    "original_title": title_check("originalTitle"),
    "overview": optional_text_check("overview", OVERVIEW_LETTERS),
    **{
        name: number_check(name)
        for name in ("year", "rating_tenths", "runtime_minutes", "season_number", "episode_number")
    },
    "added_at": datetime.isoformat,
    "metadata": check_metadata,
    "locked_fields": check_locked,
}


def check_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by column as the database takes them in JSON, with the columns that follow from them; BAD_ARGUMENT."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if value is None and name in REQUIRED:
            raise bad_argument(f"{client_name(name)} cannot be null.")
        check = VALUE_CHECKS.get(name)
        found[name] = value if value is None or check is None else check(value)
    if "title" in found:
        found |= {"folded_title": fold(found["title"]), "sort_title": sort_title(found["title"])}
    for name in ("original_title", "overview"):
        if name in found:
            found[f"folded_{name}"] = None if found[name] is None else fold(found[name])
    return found


def check_parent(kind: str, above: str | None) -> None:
    """BAD_ARGUMENT unless a media of a kind may hang on one of another, or on none (None)."""
    fitting = PARENTS.get(kind, ())
    if above in fitting or (above is None and not fitting):
        return
    if not fitting:
        raise bad_argument(f"A media of kind {kind} has no parent: give parent: null.")
    given = "none is given" if above is None else f"this one is of kind {above}"
    raise bad_argument(f"A media of kind {kind} needs a parent of kind {' or '.join(fitting)}: {given}.")


def check_library(kind: str, of_library: str | None) -> None:
    """BAD_ARGUMENT unless a media of a kind may be in a library of another; in one of no kind (None) any may."""
    if of_library is not None and kind not in (of_library, *WITHIN.get(of_library, ())):
        raise bad_argument(
            f"A media of kind {kind} cannot be in a library of kind {of_library}: choose another library."
        )
