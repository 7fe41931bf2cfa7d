"""Where a file's name says which episode it is: S01E02, 1x02, Ep 3, " - 04", dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

MAX_EPISODES = 100  # of one file: a wider range is no range

# Further episodes behind the first: E02, -02, -E02, .S01E02, x02, _02, + E02.
MORE = (
    r"(?P<more>(?:(?:[ ._+&-]{0,3}(?:(?:and|et|en|und|y)[ ._])?(?:s\d{1,4}[ ._]?)?(?:e|ep)[ ._]?"
    r"|[ ._]?-[ ._]?(?:s\d{1,4}[ ._]?)?(?:e|ep|x|\d{1,4}x)[ ._]?|[ ._](?:and|et|en|und|y)[ ._]"
    r"|[ ._]?(?:\d{1,2}x|x)(?!26[45])|[-_+](?=\d\d(?!\.\d\d\.\d))(?!480|540|576|720|1080|2160))"
    r"\d{1,5}(?![\dpi]|[a-wyz]{2}))*)"
)
SEASON_WORD = r"(?:s|se|season|saison|series|staffel|stagione|temporada|sezon|seizoen)"
EPISODE_WORD = r"(?:e|ep|eps|episode|episodio|folge|afl)"
FIVE_DIGITS = re.compile(r"(?<=[a-z][ .])(?P<season>\d)(?P<episode>\d\d)(?P<more>\d\d)(?=[ .])", re.I)
PATTERNS = (
    re.compile(
        rf"(?<![a-z0-9]){SEASON_WORD}[ ._-]{{0,2}}(?P<season>\d{{1,4}})[ ._x(-]{{0,3}}{EPISODE_WORD}[ ._-]{{0,2}}"
        rf"(?P<episode>\d{{1,5}}){MORE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![a-z0-9])(?P<season>\d{{1,2}}|(?:19|20)\d\d)x(?P<episode>\d{{1,3}}){MORE}(?![a-z0-9])", re.IGNORECASE
    ),
    re.compile(
        rf"(?:^|(?<=[ ._\-(\[#])){EPISODE_WORD}[ ._]{{0,2}}(?P<episode>\d{{1,5}}){MORE}(?![a-uw-z0-9])", re.IGNORECASE
    ),
    re.compile(rf"(?<=[ ._])s(?P<season>\d\d)[ ._](?P<episode>\d\d){MORE}(?=[ ._]|$)", re.IGNORECASE),
    re.compile(rf"s(?P<season>\d\d)e(?P<episode>\d\d){MORE}(?![a-uw-z0-9])", re.IGNORECASE),
    re.compile(
        r"(?<=[^p.][ .])(?!(?:19|20)\d\d)(?P<season>\d{1,2})(?P<episode>(?!00)\d\d)"
        r"(?P<more>(?:[ .](?P=season)\d\d(?!\d))+)"
    ),
    re.compile(
        r"cap(?:itulo)?[. ]{0,2}(?P<season>\d{1,2})(?P<episode>\d\d)(?P<more>(?:_(?P=season)\d\d)?)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<=[ ._])(?P<season>\d{1,2})[ ._]{0,2}sezon[ ._]{1,2}"
        r"(?P<episode>\d{1,4})(?P<more>)[ ._]{0,2}(?:bolum|bölüm)",
        re.IGNORECASE,
    ),
    FIVE_DIGITS,
    re.compile(r"(?<=[ ._])(?P<episode>\d{1,4})(?P<more>)[ ._]{0,2}(?:bolum|bölüm|blm)(?![^\W_])", re.IGNORECASE),
)

# Numbers that count as an episode's only where other signs say that the name is one.
BEHIND_DASH = r"[ _.]-[ _.]?\#?(?P<episode>\d{1,4})(?:v\d)?(?P<more>(?:[ _.]?-[ _.]?\d{1,4}(?:v\d)?)?)"
AFTER_DASH = re.compile(BEHIND_DASH + r"(?=[ _.]*(?:$|[\[(\-]))")
AMONG_WORDS = re.compile(BEHIND_DASH + r"(?=[ _.])")
AT_END = re.compile(r"[ _.#](?P<episode>\d{1,4})(?:v\d)?(?P<more>(?:-\d{1,4}(?:v\d)?)?)(?=[ _.]*(?:$|[\[(]))")
IN_BRACKETS = re.compile(r"(?<=[^\]\s])[ _.]?\[(?P<episode>\d{2,3})(?P<more>)(?:v\d)?\]")
BEHIND_HYPHEN = re.compile(r"-(\d)(?=[ .\])]|-\d|$)")
BEHIND_DOT = re.compile(r"\.(\d\d)(?=[. ]|$)")
SEASON_AGAIN = re.compile(r"s\d+(?=[ ._]?e)|(?<![x\d])\d+(?=x)", re.IGNORECASE)
NO_EPISODE = re.compile(r"(?:season|saison|part|vol|movie|film|chapter|cd)[ ._]*$", re.IGNORECASE)
NUMBER = re.compile(r"\d+")
FILE_VERSION = re.compile(r"v\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """What says which episode a name is of, and where in the name it stands."""

    start: int
    end: int
    season: int | None
    episodes: tuple[int, ...]


def find_mark(name: str) -> Mark | None:
    """The surest one."""
    for pattern in PATTERNS:
        if match := pattern.search(name):
            mark = with_next(mark_of(match), name)
            if pattern is not FIVE_DIGITS or len(mark.episodes) == 2:
                return mark
    return None


def with_next(mark: Mark, name: str) -> Mark:
    """With single digits behind a hyphen (S05E06-8), and the number that comes next behind a dot (S03E21.22)."""
    last = mark.episodes[-1]
    for match in (BEHIND_HYPHEN.match(name, mark.end), BEHIND_DOT.match(name, mark.end)):
        if match is not None and last < int(match[1]) <= last + (1 if match[0][0] == "." else 9):
            further = tuple(range(last + 1, int(match[1]) + 1))
            return with_next(Mark(mark.start, match.end(), mark.season, mark.episodes + further), name)
    return mark


def find_number(name: str, *, bare: bool) -> Mark | None:
    """The number behind a dash, or, with `bare`, the one that stands at the end of the words."""
    for pattern in (AFTER_DASH, AMONG_WORDS, AT_END, IN_BRACKETS) if bare else (AFTER_DASH, AMONG_WORDS):
        for match in pattern.finditer(name):
            if not is_year(int(match["episode"])) and not NO_EPISODE.search(name[: match.start() + 1]):
                return mark_of(match)
    return None


def mark_of(match: re.Match[str]) -> Mark:
    season = match.groupdict().get("season")
    return Mark(
        match.start(),
        match.end(),
        int(season) if season is not None else None,
        episodes_of(int(match["episode"]), more_of(match, season)),
    )


def more_of(match: re.Match[str], season: str | None) -> str:
    """Further episodes; of 101.102 without the season's number before each. Cap.101_104 and 10102 are ranges."""
    more = match["more"]
    if season is not None and re.fullmatch(rf"(?:[ ._]{season}\d\d)+", more):
        more = re.sub(rf"(?<=[ ._]){season}(?=\d\d)", "", more)
        return more.replace("_", "-") if match[0][:3].lower() == "cap" else more
    if match.re is FIVE_DIGITS:
        return more if int(more) == int(match["episode"]) + 1 else ""
    return more


def episodes_of(first: int, more: str) -> tuple[int, ...]:
    """The numbers of a list; what is joined by a hyphen is a range."""
    found = [first]
    place = 0
    text = FILE_VERSION.sub("", SEASON_AGAIN.sub("", more))
    for match in NUMBER.finditer(text):
        number, between = int(match[0]), text[place : match.start()]
        place = match.end()
        is_range = "-" in between and found[-1] < number <= found[-1] + MAX_EPISODES
        found.extend(range(found[-1] + 1, number + 1) if is_range else [number])
    return tuple(sorted(set(found)))


def is_year(number: int) -> bool:
    return 1900 <= number <= 2099


@dataclass(frozen=True, slots=True)
class DateMark:
    """A date and where in the name it stands."""

    day: date
    start: int
    end: int


SEPARATED = re.compile(
    r"(?i)(?<![a-z\d])(?P<first>\d{1,4})(?P<sep>[ ._-])(?P<second>\d{1,2})(?P=sep)(?P<third>\d{4}|\d{2})(?!\d)"
)
SHORT = re.compile(r"(?<![^ ._])(?P<year>[0-3]\d)(?P<month>\d\d)(?P<day>\d\d)(?![^ ._])")
COMPACT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?!\d)")


def find_date(name: str) -> DateMark | None:
    """The first date with a year of four digits, else one as YYMMDD."""
    for match in SEPARATED.finditer(name):
        found = date_of(match["first"], match["second"], match["third"])
        if found is not None:
            return DateMark(found, match.start(), match.end())
    for pattern, century in ((COMPACT, 0), (SHORT, 2000)):
        for match in pattern.finditer(name):
            found = day(century + int(match["year"]), int(match["month"]), int(match["day"]))
            if found is not None and (match.start() > 0 or century == 0):
                return DateMark(found, match.start(), match.end())
    return None


def date_of(first: str, second: str, third: str) -> date | None:
    """Year, month, day; or, with the year last, day and month, the other way round where only that is a date."""
    if len(first) == 4 and len(third) == 2:
        year, month, of_month = int(first), int(second), int(third)
        return day(year, month, of_month) or day(year, of_month, month)
    if len(first) <= 2 and len(third) == 4:
        return day(int(third), int(second), int(first)) or day(int(third), int(first), int(second))
    return None


def day(year: int, month: int, of_month: int) -> date | None:
    if not is_year(year):
        return None
    try:
        return date(year, month, of_month)
    except ValueError:
        return None
