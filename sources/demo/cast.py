"""Cleans the cast lists of the main source, which were cut out of tables of links.

Besides names they hold connecting words ("and", "voices of"), remarks ("(narrator)", "[2]"), crew ("Craig W. Sanger
(writers)") and, for documentaries, a synopsis in place of a cast ("the life of", "Kurt Gerron"). The rules:

- what stands before "Cast:" and up to the last remark that names crew is crew and left out;
- connecting words and remarks are left out, a remark behind a name is cut off;
- from the first piece of prose on (a lower-case word that no name has) the list is left out;
- a name counts once a movie, at its first place;
- names that differ in case, accents, spaces or punctuation only get their most frequent spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from domain.text import fold

CREW_REMARK = re.compile(
    r"^dir\.:|^cast:$|[()].*\b(?:cut|script)\)$"
    r"|\b(?:writers?|written|screenplay|screenpaly|acreenplay|screenwriters?|story|book|novel|teleplay|producer|director)\)?$",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"[()\[\]:]")
CONNECTING = re.compile(r"^(?:and|&|as voices|(?:voices|music|narrated) (?:of|by)|\W+|[(\[].*|[^(]*\))$", re.IGNORECASE)
TRAILING_REMARK = re.compile(r"\s*\([^)]*\)?$")
LEADING_AND = re.compile(r"^and (?=[A-Z])")
FINAL_STOP = re.compile(r"(?<=[a-z]{2})\.$")
JUNIOR = re.compile(r",? (Jr|Sr)\.?$")
# Lower-case words that names have.
PARTICLES = (
    "al|and|aus|bin|da|das|de|del|dela|della|den|der|di|dos|du|el|for|ibn|in|la|las|le|los|of|san|te|ten|ter|the|til|"
    "van|vom|von|zu"
)
PROSE = re.compile(rf"^(?:[Tt]he|of)$|(?:^|\s)(?!(?:{PARTICLES})\b)[a-z]{{2,}}(?=-?(?:\s|$))", re.ASCII)
STAGE_NAMES = {"Mc chris": "MC Chris", "United States Senator Patrick Leahy": "Patrick Leahy"}
QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})


def plain_text(text: str) -> str:
    """NFC, without control characters, white space at the ends, or more than one space in a row."""
    if text.isascii() and text.isprintable():  # so it is most often
        return " ".join(text.split())
    printable = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join(unicodedata.normalize("NFC", printable).split())


def clean_cast(names: Iterable[str]) -> list[str]:
    """The names of one cast list, in order."""
    entries = [plain_text(name).translate(QUOTES) for name in names]
    crew = [i for i, entry in enumerate(entries) if BRACKETS.search(entry) and CREW_REMARK.search(entry)]
    cleaned: list[str] = []
    for entry in entries[crew[-1] + 1 if crew else 0 :]:
        if not entry or CONNECTING.match(entry):
            continue
        name = person_name(entry)
        if PROSE.search(name):
            break
        cleaned.append(name)
    return cleaned


def person_name(entry: str) -> str:
    """The name without a remark, a full stop or a comma before "Jr."."""
    name = STAGE_NAMES.get(entry, LEADING_AND.sub("", entry))
    name = JUNIOR.sub(r" \1.", TRAILING_REMARK.sub("", name))
    return FINAL_STOP.sub("", name) if not JUNIOR.search(name) else name


def name_key(name: str) -> str:
    """Equal for spellings of one name, as the catalogue compares names and without what stands between letters."""
    return "".join(c for c in fold(name) if c.isalnum())


def frequent_spellings(lists: Iterable[Sequence[str]]) -> dict[str, str]:
    """Name key -> most frequent spelling; of equally frequent ones the one with more accents, then the last by code."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for names in lists:
        for name in names:
            spellings[name_key(name)][name] += 1

    def rank(spelling: tuple[str, int]) -> tuple[int, int, str]:
        return spelling[1], sum(not c.isascii() for c in spelling[0]), spelling[0]

    return {key: max(counts.items(), key=rank)[0] for key, counts in spellings.items()}


def spelled(names: Iterable[str], spellings: Mapping[str, str]) -> list[str]:
    """The names in their frequent spelling, each once."""
    return list(dict.fromkeys(spellings[name_key(name)] for name in names))
