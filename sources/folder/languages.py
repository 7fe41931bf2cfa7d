"""Languages as names of subtitles say them, as BCP 47 tags."""

from __future__ import annotations

import re
from functools import cache

from babelfish import Error, Language

TAG = re.compile(r"(?P<language>[a-z]{2,3})(?:[-_](?P<region>[a-z]{2}|[a-z]{4}|\d{3}))?", re.IGNORECASE)

# What names of files say beside the codes and English names that are standard.
OTHER_NAMES = {
    "chs": "zh-Hans",
    "cht": "zh-Hant",
    "sc": "zh-Hans",
    "tc": "zh-Hant",
    "gb": "zh-Hans",
    "big5": "zh-Hant",
    "pob": "pt-BR",
    "pb": "pt-BR",
    "brazilian": "pt-BR",
    "esla": "es-419",
    "latino": "es-419",
    "spl": "es-419",
    "jp": "ja",
    "deutsch": "de",
    "francais": "fr",
    "français": "fr",
    "espanol": "es",
    "español": "es",
    "castellano": "es",
    "italiano": "it",
    "greek": "el",
    "farsi": "fa",
    "mandarin": "zh",
    "chinese": "zh",
}


@cache
def language_tag(word: str) -> str | None:
    """The tag of a code of two or three letters, with or without a region or script, or of a name; None for none."""
    plain = word.lower().strip()
    if plain in OTHER_NAMES:
        return OTHER_NAMES[plain]
    if match := TAG.fullmatch(plain):
        found = code(match["language"])
        return None if found is None else found + region(match["region"])
    try:
        return short(Language.fromname(plain.capitalize())) if len(plain) > 3 else None
    except (Error, ValueError, KeyError):
        return None


def code(letters: str) -> str | None:
    """The shortest code of a language."""
    for read in (Language.fromalpha2, Language.fromalpha3b, Language.fromalpha3t, Language):
        try:
            return short(read(letters))
        except (Error, ValueError, KeyError):
            continue
    return None


def short(language: Language) -> str:
    try:
        return str(language.alpha2)
    except (Error, ValueError, KeyError, AttributeError):
        return str(language.alpha3)


def region(letters: str | None) -> str:
    if letters is None:
        return ""
    return f"-{letters.capitalize() if len(letters) == 4 else letters.upper()}"
