"""Where a title ends in a name, and what it is in words."""

from __future__ import annotations

import re

from sources.folder.folders import FolderNames
from sources.folder.guess import Found, NameGuess
from sources.folder.marks import Mark, is_year

# What guessit finds within titles without being wrong about where they end.
WITHIN_TITLES = frozenset(
    (
        *("title", "alternative_title", "episode", "season", "episode_title", "part", "type", "mimetype"),
        *("film", "bonus", "absolute_episode", "release_group", "episode_count", "season_count"),
        *("disc", "week", "crc32", "episode_details"),
    )
)
GROUP = re.compile(r"(?:\s*\[[^\]]*\]\s*)+")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
YEAR_FIRST = re.compile(r"(?:19|20)\d\d(?=[ ._]+(?!-)|$)")
AFTER_TITLE = re.compile(r"[ ._]*-[ ._]+[^\W\d]")
SEASON_AT_END = re.compile(
    r"(?i)[ ._(-]+(?:s|(?:season|saison|series|staffel|stagione|temporada|temp|tem|sezon|seizoen)[ ._]?)"
    r"\d{1,2}[ ._)-]*$"
)
PAY_PER_VIEW = re.compile(r"[ ._]PPV(?![A-Za-z])")
END_OF_TITLE = re.compile(r"(?i)(?:[ ._]+(?:custom|integrale?|complete))+$")
INITIALS = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}")


def title_words(text: str) -> str:
    """A title as people write it: dots and underscores are spaces where the name has no others."""
    if "_" in text and " " not in text:
        text = text.replace("_", " ")
    if "." in text and " " not in text:
        kept = INITIALS.sub(lambda match: match[0].replace(".", "\0"), text)
        text = re.sub(r"(?<=\d)\0|\0(?=\s|$)", ".", re.sub(r"\.(?!\d(?:\D|$))|(?<!\d)\.", " ", kept)).replace("\0", ".")
    text = re.sub(r"\s+", " ", text).strip(" -_,/:")
    return re.sub(r"[\[(]\s*$|^\s*[\])]", "", text).strip(" -_,/:")


def same(one: str, other: str) -> bool:
    return plain(one) == plain(other)


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def has_group(stem: str) -> bool:
    """Whether it starts with a group in brackets, as names of anime do."""
    match = GROUP.match(stem)
    return match is not None and match.end() < len(stem)


def stop_after(guess: NameGuess, start: int, end: int) -> int:
    """Where the first fact behind `start` stands that no title has in it; at most `end`."""
    stops = [one.start for one in guess.found if one.name not in WITHIN_TITLES and start < one.start < end]
    return min([*stops, end])


def series_title(guess: NameGuess, mark: Mark | None, around: FolderNames) -> tuple[str, int | None]:
    """The title of the series and its year: of its folder above a season's, else what stands before the mark."""
    own, year = own_series_title(guess, mark), series_year(guess, mark)
    if around.season is not None and around.series is not None:
        is_more = own and plain(around.series) in plain(own)
        return (own if is_more else title_words(around.series)), around.year or year
    if not own and around.series is not None:
        return title_words(around.series), around.year
    return own, year or (around.year if around.series is not None and same(title_words(around.series), own) else None)


def own_series_title(guess: NameGuess, mark: Mark | None) -> str:
    """guessit's; where it stops too early, all that stands before the mark."""
    title = guess.first("title")
    if mark is None and title is not None and (day := guess.first("date")) is not None and day.start > title.start:
        mark = Mark(day.start, day.end, None, ()) if re.match(r"(?:19|20)\d\d", guess.stem) else None
    if mark is None or (mark.start == 0 and mark.season is None and title is not None):
        return END_OF_TITLE.sub("", title_words(str(title.value))) if title is not None else ""
    group = GROUP.match(guess.stem)
    start = group.end() if group is not None and group.end() < len(guess.stem) else 0
    if not plain(guess.stem[start : mark.start]):
        above = next((one for one in guess.all("title") if one.start < 0), None)
        return title_words(str(above.value)) if above is not None else ""
    if (
        title is None
        or title.end > mark.start
        or starts_with_number(guess, title, mark)
        or starts_with_name(guess, title)
    ):
        return whole_title(guess, start, mark)
    if title.start < 0:
        return title_words(str(title.value))
    longer = whole_title(guess, title.start, mark)
    return longer if is_rest_of_title(guess, title, mark, longer) else title_words(str(title.value))


def is_rest_of_title(guess: NameGuess, title: Found, mark: Mark, longer: str) -> bool:
    """Whether what stands between guessit's title and the mark belongs to it: numbers, or a title behind a dash."""
    rest = plain(longer).removeprefix(plain(str(title.value))).strip()
    if not plain(longer).startswith(plain(str(title.value))) or not rest:
        return False
    if has_group(guess.stem):
        return True
    if mark.season is not None:
        return re.fullmatch(r"\d{3,}(?: \d+)?", rest) is None
    is_next = any(one.name == "alternative_title" for one in guess.found) and " - " in guess.stem[: mark.start]
    return is_next or re.match(r"\d", rest) is not None


def starts_with_number(guess: NameGuess, title: Found, mark: Mark) -> bool:
    """Whether guessit left out a number or a year that the name starts with, though the mark comes later."""
    return (
        0 < title.start < mark.start
        and "[" not in guess.stem[: mark.start]
        and re.fullmatch(r"[1-9][\d ._-]*", guess.stem[: title.start]) is not None
    )


def whole_title(guess: NameGuess, start: int, mark: Mark) -> str:
    """All that stands before the mark and is no fact of another kind."""
    end = stop_after(guess, start, mark.start)
    text = guess.stem[start:end].rstrip(" ([")
    text = SEASON_AT_END.sub("", re.sub(r"(?i)[ ._]+(?:ep|episode)$", "", text))
    text = re.sub(r"[ ._]+-[ ._]+\d{1,4}[ ._-]*$", "", text) if mark.season is not None else text
    return END_OF_TITLE.sub("", title_words(text))


def series_year(guess: NameGuess, mark: Mark | None) -> int | None:
    """A year that is given beside the title, or by which the season is called."""
    if mark is not None and mark.season is not None and is_year(mark.season):
        return mark.season
    years = [one for one in guess.all("year") if one.start != 0]
    return int(years[0].value) if years else None


def episode_title(guess: NameGuess, mark: Mark | None) -> str | None:
    """What stands behind the mark, as far as it is no fact of another kind."""
    found = guess.text("episode_title")
    if found is not None:
        return title_words(found) or None
    title = guess.first("title")
    if title is not None and mark is not None and title.start >= mark.end:
        return title_words(str(title.value)) or None
    return None


def pick_year(guess: NameGuess) -> int | None:
    """A movie's year; one that the title starts with is none."""
    years = guess.all("year")
    own = [one for one in years if one.start >= 0]
    if own and own[0].start == 0 and YEAR_FIRST.match(guess.stem):
        later = YEAR.search(guess.stem, own[0].end)
        return int(later[0]) if later is not None else next((int(one.value) for one in years if one.start < 0), None)
    return int(years[0].value) if years else None


def movie_title(guess: NameGuess) -> str:
    title, year = guess.first("title"), next(iter(own_years(guess)), None)
    if re.fullmatch(r"\d{1,4}", guess.stem):
        return guess.stem
    if year is not None and year.start == 0 and YEAR_FIRST.match(guess.stem):
        end = title.end if title is not None and title.start > 0 else year.end
        return title_words(guess.stem[:end])
    if year is not None and (title is None or title.start > year.start) and plain(guess.stem[: year.start]):
        return title_words(guess.stem[: year.start])
    if PAY_PER_VIEW.search(guess.stem):
        return title_words(PAY_PER_VIEW.sub(" ", guess.stem[: stop_after(guess, 0, len(guess.stem))]))
    if title is None:
        return title_words(guess.stem[: stop_after(guess, 0, len(guess.stem))])
    if title.start < 0:
        return title_words(str(title.value))
    return END_OF_TITLE.sub("", title_words(guess.stem[movie_start(guess, title) : movie_end(guess, title, year)]))


def own_years(guess: NameGuess) -> list[Found]:
    return [one for one in guess.all("year") if one.start >= 0]


def movie_start(guess: NameGuess, title: Found) -> int:
    """A number that guessit took for an episode's is the start of the title."""
    one = guess.first("episode")
    if re.match(r"\(\d{1,3}\) ", guess.stem) or starts_with_name(guess, title):
        return 0
    return (
        0 if one is not None and one.start == 0 and not guess.stem[one.end : title.start].strip(" ._") else title.start
    )


def starts_with_name(guess: NameGuess, title: Found) -> bool:
    """ "Spider-Man.2002": what guessit takes for a release group though it is written as a name."""
    group = guess.first("release_group")
    return group is not None and group.start == 0 and re.match(r"[A-Z][a-z]+-[A-Z]", guess.stem) is not None


def movie_end(guess: NameGuess, title: Found, year: Found | None) -> int:
    """The title goes on behind a dash, to the year or, in names of anime, to the next fact; and over a "Part Two"."""
    part = guess.first("part")
    if part is not None and part.start >= title.end and plain(guess.stem[title.end : part.start]) in ("", "part", "pt"):
        return part.end
    end = stop_after(guess, title.start, len(guess.stem))
    is_to_year = year is not None and year.start == end
    if AFTER_TITLE.match(guess.stem[title.end :]) and (is_to_year or has_group(guess.stem)):
        return end
    return title.end
