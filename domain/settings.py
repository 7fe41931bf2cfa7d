"""Settings that can be changed while the service runs: their types, scopes, bounds and defaults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from domain.bounds import INTEGER, SETTING_LETTERS, SETTING_TEXTS
from domain.enums import ArtworkType
from domain.errors import CatalogError, Code
from domain.exact_json import is_exact
from domain.text import storable


class SettingKey(NamedTuple):
    """A setting for a library, a channel, both or neither."""

    name: str
    library_id: int | None = None
    channel_id: int | None = None


class Type(StrEnum):
    """What a setting's value is, in JSON."""

    INT = "INT"
    FLOAT = "FLOAT"
    BOOLEAN = "BOOLEAN"
    STRINGS = "STRINGS"


class Scope(StrEnum):
    """Where a value was set; DEFAULT: it was not set."""

    CHANNEL = "CHANNEL"
    LIBRARY = "LIBRARY"
    GLOBAL = "GLOBAL"
    DEFAULT = "DEFAULT"


EVERY_SCOPE = (Scope.GLOBAL, Scope.LIBRARY, Scope.CHANNEL)
WORDS = {
    Type.INT: "a whole number",
    Type.FLOAT: "a number",
    Type.BOOLEAN: "true or false",
    Type.STRINGS: f"a list of at most {SETTING_TEXTS} texts of 1 to {SETTING_LETTERS} characters",
}


@dataclass(frozen=True, slots=True)
class Known:
    """The declaration of a setting. `least` and `most` bound numbers, `choices` the texts of a list."""

    type: Type
    default: Any
    scopes: tuple[Scope, ...]
    description: str
    least: float = 0
    most: float = INTEGER.most
    choices: tuple[str, ...] = ()


# Of each noun whose names are cleaned on their way in (catalog/upsert/normalisation.py).
NORMALISATION = {
    "tag": "normalisation.tags",
    "genre": "normalisation.genres",
    "channel": "normalisation.channels",
    "person": "normalisation.people",
}
NORMALISATION_RULES = (
    *("SEPARATORS", "PUNCTUATION", "AND", "AMPERSAND", "NUMBERS", "PLURALS", "ACCENTS"),
    *("LOWER_CASE", "UPPER_CASE", "TITLE_CASE", "SENTENCE_CASE"),
)
KEPT_SINGULAR = "taxonomy.kept_singular"

KNOWN: dict[str, Known] = {
    "artwork.types": Known(
        Type.STRINGS,
        [ArtworkType.POSTER.value, ArtworkType.BACKDROP.value],
        EVERY_SCOPE,
        "Types of pictures that are fetched.",
        choices=tuple(ArtworkType),
    ),
    "clips.batch_size": Known(
        Type.INT, 10, (Scope.GLOBAL, Scope.CHANNEL), "Clips that a worker takes at once.", least=1, most=1000
    ),
    "import.skip_hidden_files": Known(
        Type.BOOLEAN, True, (Scope.GLOBAL, Scope.LIBRARY), "Whether files are passed over whose names start with a dot."
    ),
    "jobs.batch_size": Known(
        Type.INT, 10, (Scope.GLOBAL,), "Jobs that a worker takes at once from the queue.", least=1, most=1000
    ),
    "jobs.kept_days": Known(Type.INT, 7, (Scope.GLOBAL,), "Days for which finished jobs are kept.", most=3650),
    "jobs.kept_runs": Known(
        Type.INT, 10_000, (Scope.GLOBAL,), "How many of the last finished jobs are kept.", most=1_000_000
    ),
    "jobs.queue_max": Known(
        Type.INT, 10_000, (Scope.GLOBAL,), "Jobs that may wait: more are refused.", least=1, most=1_000_000
    ),
    **{
        key: Known(
            Type.STRINGS,
            [],
            (Scope.GLOBAL,),
            f"Rules by which upserts clean names of {key.rpartition('.')[2]} that nothing has.",
            choices=NORMALISATION_RULES,
        )
        for key in sorted(NORMALISATION.values())
    },
    "retag.after_days": Known(
        Type.INT, 30, EVERY_SCOPE, "Days after which a media is due for the tagger again.", least=1, most=3650
    ),
    "subtitles.languages": Known(
        Type.STRINGS, ["en"], EVERY_SCOPE, "Languages in which subtitles are looked for, the first one first."
    ),
    "tagger.rate_per_second": Known(
        Type.FLOAT, 2.0, (Scope.GLOBAL,), "Calls of the tagger in a second, by all workers together.", 0.01, 1000
    ),
    KEPT_SINGULAR: Known(
        Type.STRINGS,
        [
            *(
                "always",
                "christmas",
                "economics",
                "mathematics",
                "news",
                "physics",
                "politics",
                "series",
                "species",
                "sports",
            )
        ],
        (Scope.GLOBAL,),
        "Words that rules for plurals leave as they are, in lower case.",
    ),
    "taxonomy.undo_days": Known(
        Type.INT, 30, (Scope.GLOBAL,), "Days for which renames, merges and splits of names can be undone.", most=3650
    ),
    "taxonomy.undo_operations": Known(
        Type.INT, 100, (Scope.GLOBAL,), "How many of the last renames, merges and splits can be undone.", most=10_000
    ),
    "thumbnails.frames": Known(Type.INT, 1, EVERY_SCOPE, "Pictures that are taken of a clip.", least=1, most=20),
}


def known(key: str) -> Known:
    """The setting of this name; BAD_ARGUMENT for any other."""
    if key not in KNOWN:
        raise CatalogError(Code.BAD_ARGUMENT, f"There is no setting of this name: the names are {', '.join(KNOWN)}.")
    return KNOWN[key]


def checked_value(key: str, given: Any, scope: Scope = Scope.GLOBAL) -> Any:
    """A value, as JSON gives it, as it is stored; BAD_ARGUMENT unless this setting can have it in this scope."""
    setting = known(key)
    value = whole_number(given) if setting.type is Type.INT else given
    if scope not in setting.scopes:
        possible = ", ".join(one.value for one in setting.scopes)
        raise CatalogError(Code.BAD_ARGUMENT, f"{key} cannot be set in the scope {scope.value}, only in: {possible}.")
    if not fits(setting, value):
        raise CatalogError(Code.BAD_ARGUMENT, f"{key} is {WORDS[setting.type]}{limits(setting)}.")
    return value


def whole_number(value: Any) -> Any:
    """JSON has one type of numbers, so that 1e+06 and 1000000.0 are whole ones as well; others stay as they are."""
    is_whole = isinstance(value, float) and value.is_integer() and is_exact(value)
    return int(value) if is_whole else value


def fits(setting: Known, value: Any) -> bool:
    """Whether a value is of the setting's type and within its bounds."""
    if setting.type is Type.BOOLEAN:
        return isinstance(value, bool)
    if setting.type is Type.STRINGS:
        return isinstance(value, list) and len(value) <= SETTING_TEXTS and all(map(partial(fits_text, setting), value))
    number = isinstance(value, int if setting.type is Type.INT else int | float) and not isinstance(value, bool)
    return number and setting.least <= value <= setting.most


def fits_text(setting: Known, text: Any) -> bool:
    """Whether a text is allowed in the setting's list."""
    plain = isinstance(text, str) and 1 <= len(text) <= SETTING_LETTERS and storable(text)
    return plain and (not setting.choices or text in setting.choices)


def limits(setting: Known) -> str:
    """The bounds of a setting in words."""
    if setting.type in (Type.INT, Type.FLOAT):
        return f" from {setting.least:.15g} to {setting.most:.15g}" if setting.most < INTEGER.most else ""
    return f", each one of {', '.join(setting.choices)}" if setting.choices else ""
