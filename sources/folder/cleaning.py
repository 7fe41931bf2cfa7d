"""What is taken out of a file's name, or written in another way, before guessit reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping

# {tmdb-123}, [imdbid-tt123], (tvdb=77): by the name of the source, without "id".
PROVIDER_ID = re.compile(
    r"[ ._]?[\[{(](?P<source>imdb|tmdb|tvdb|tvmaze|anidb|anilist|mal)(?:id)?[-=:_ ](?P<value>(?:tt)?\d+)[\]})]",
    re.IGNORECASE,
)
IMDB_ID = re.compile(r"[ ._]?[\[{(](?P<value>tt\d{7,9})[\]})]", re.IGNORECASE)

SITE = re.compile(r"^[\s\[({]*www[ .,]\w+[ .]\w{2,6}[\s\])}]*[-_ ]*(?=\w|\[)", re.IGNORECASE)
TIMES_SIGN = re.compile(r"(?<=\d)×(?=\d)")
EPISODE_VERSION = re.compile(r"(?i)(?<=[ex]\d\d)v\d\b|(?<=[ex]\d\d\d)v\d\b")
ORDINAL_SEASON = re.compile(r"(?i)(?<![^\W_])(\d{1,2})(?:st|nd|rd|th)[ ._]season(?![^\W_])")
DATE_FIRST = re.compile(
    r"^[0-3]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ _](?=.*(?:(?<![a-z])e?p\d|\#\d))", re.IGNORECASE
)
NUMERIC_GROUP = re.compile(r"^\[\w*\d+x\w*\]")
LEADING_BRACKETS = re.compile(r"^(?:\s*\[[^\]]*\])+")
BRACKET = re.compile(r"\[([^\]]*)\]")
EPISODE_NUMBER = re.compile(r"\s*(?:第|#|EP?|Ep)?\s*(\d{1,4}(?:-\d{1,4})?)(?:v\d)?(?:[话話集])?\s*(?:END|Fin)?\s*")
TECHNICAL = re.compile(
    r"(?i)^\W*(?:\d{3,4}[pi]|\d{3,4}x\d{3,4}|[hx]\.?26[45]|hevc|avc|aac|flac|mp[34]|mkv|big5|gb|chs|cht|v\d|dvd|bd|web)\b"
)
WIDE = str.maketrans({"【": "[", "】": "]", "（": "(", "）": ")"})
STARRED = re.compile(r"[★☆][^★☆\[\]]*[★☆]")


def take_ids(name: str) -> tuple[str, Mapping[str, str]]:
    """A name without the ids that providers know the media by, and these."""
    found: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        found.setdefault(match.groupdict().get("source", "imdb").lower(), match["value"].lower())
        return ""

    kept = IMDB_ID.sub(lambda match: take_imdb(match, found), PROVIDER_ID.sub(take, name))
    return (kept, found) if kept.strip() else (name, found)


def take_imdb(match: re.Match[str], found: dict[str, str]) -> str:
    found.setdefault("imdb", match["value"].lower())
    return ""


def clean_name(stem: str) -> str:
    """A file's name without its ending, without what misleads guessit."""
    stem = STARRED.sub("", stem.translate(WIDE))
    stem = SITE.sub("", stem)
    stem = EPISODE_VERSION.sub("", stem)
    stem = NUMERIC_GROUP.sub("[group]", TIMES_SIGN.sub("x", stem))
    stem = DATE_FIRST.sub("", stem)
    return out_of_brackets(ORDINAL_SEASON.sub(r"Season \1", stem))


def out_of_brackets(stem: str) -> str:
    """[Group][Title][01][720p] and [Group][Title] 01 [720p] as [Group] Title - 01 [720p]."""
    leading = LEADING_BRACKETS.match(stem)
    if leading is None:
        return stem
    texts = BRACKET.findall(leading[0])
    rest = stem[leading.end() :].strip()
    if re.match(r"[^\W\d]", rest) or len(texts) < 2:
        return stem
    number = next((place for place, text in enumerate(texts) if place and is_number(text)), None)
    if number is None:
        number = next((place for place, text in enumerate(texts) if place and TECHNICAL.match(text)), len(texts))
        if number < 2 and not is_number(rest.split("[")[0]):
            return stem
        return f"[{texts[0]}] {texts[number - 1]}{behind(texts[number:], rest)}"
    year = f" ({texts[number]})" if is_year_text(texts[number]) else ""
    if year and number + 1 < len(texts) and is_number(texts[number + 1]):
        return (
            f"[{texts[0]}] {texts[number - 1]}{year} - {episode(texts[number + 1])}{behind(texts[number + 2 :], rest)}"
        )
    return f"[{texts[0]}] {texts[number - 1]} - {episode(texts[number])}{behind(texts[number + 1 :], rest)}"


def behind(texts: list[str], rest: str) -> str:
    """What follows title and number; a number that stands first there is the episode's."""
    lead, bracket, tail = rest.partition("[")
    if is_number(lead):
        rest = f"- {episode(lead)} {bracket}{tail}"
    return "".join(f" {text}" for text in (*(f"[{one}]" for one in texts), rest) if text)


def episode(text: str) -> str:
    match = EPISODE_NUMBER.fullmatch(text)
    return match[1] if match else text


def is_number(text: str) -> bool:
    return EPISODE_NUMBER.fullmatch(text) is not None


def is_year_text(text: str) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", text.strip()) is not None
