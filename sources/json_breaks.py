"""Where JSON breaks, and where the next element of its array begins.

A bracket or a quotation mark that is missing makes all that follows a part of one element. What a JSON parser has read
until it stops is one element in any case, so that the next one is looked for from there: a brace and the key that the
elements of this array begin with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from domain.exact_json import loads

MAX_FOLLOWED = 300  # elements; more than a list within a media may have
TAIL_BYTES = 64 << 10  # behind the end of an array within objects
CUT_LETTERS = 32  # before the end of what is there: a number or a word may go on
SPACES = " \t\r\n"
NO_SPACE = re.compile(r"[^ \t\r\n]|\Z")
TOO_DEEP = "It is nested too deeply"
UNTERMINATED = "Unterminated string"
# Numbers stay texts: only the form is of interest here, and converting hostile ones takes long.
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


@dataclass(frozen=True, slots=True)
class Break:
    """place: the bytes before it. is_cut: more behind the text could make it whole."""

    place: int
    reason: str
    is_cut: bool = False


def break_of(text: bytes) -> Break | None:
    """Where the form of a JSON text is wrong; bytes that fit no encoding are left to `problem_of`."""
    letters = text.decode("latin-1")  # a letter a byte
    try:
        DECODER.decode(letters)
    except json.JSONDecodeError as error:
        is_cut = error.msg.startswith(UNTERMINATED) or error.pos >= len(letters.rstrip(SPACES))
        return Break(error.pos, error.msg, is_cut)
    except RecursionError:
        return Break(0, TOO_DEEP, is_cut=True)
    return None


def breaks_early(text: bytes) -> bool:
    """Whether the beginning of a JSON text is wrong, whatever comes behind it."""
    found = break_of(text)
    return found is not None and not found.is_cut and found.place < len(text) - CUT_LETTERS


def problem_of(text: bytes) -> Break:
    """Why `loads` refuses a text, in words without an end."""
    if (found := break_of(text)) is not None:
        return found
    try:
        text.decode()
        loads(text)
    except UnicodeDecodeError as error:
        return Break(error.start, "A byte that is no UTF-8")
    except json.JSONDecodeError as error:
        return Break(len(error.doc[: error.pos].encode(errors="replace")), error.msg)
    except ValueError as error:
        return Break(0, str(error))
    return Break(len(text), "Something that belongs to no element")


def beginning_with(key: bytes) -> re.Pattern[bytes]:
    """Where objects with this first key begin."""
    return re.compile(rb'\{[ \t\r\n]*+"' + re.escape(key) + rb'"[ \t\r\n]*+:')


def search_from(text: bytes, place: int) -> int:
    """Where the next element may begin at the earliest, in a text that breaks at a place.

    A text that is not closed ends at the first quotation mark of the next element, so that this is within the last text
    before the break."""
    closing = text.rfind(b'"', 0, place)
    return max(1, text.rfind(b'"', 0, max(0, closing)))


def next_element(
    data: bytes, after: int, until: int, beginning: re.Pattern[bytes], depth: int, is_end: bool
) -> int | None:
    """Where the next element of the array begins, from `after` to before `until`; None where none is found.

    depth: of the objects that the array is within. is_end: whether the data are all there is."""
    is_last = partial(ends_array, depth=depth, is_end=is_end)
    letters = data.decode("latin-1")
    while (found := beginning.search(data, after, until)) is not None:
        is_value = follows_colon(letters, found.start())
        end = found.end() if is_value else end_of_nested(letters, found.start(), is_last)
        if end is None:
            return found.start()
        after = max(end, found.end())
    return None


def follows_colon(letters: str, at: int) -> bool:
    while at and letters[at - 1] in SPACES:
        at -= 1
    return letters[at - 1 : at] == ":"


def end_of_nested(letters: str, at: int, is_last: Callable[[str, int], bool]) -> int | None:
    """Where the list ends that an object stands in, if that is one within an element; None of an element itself."""
    for _ in range(MAX_FOLLOWED):
        try:
            _, at = DECODER.raw_decode(letters, at)
        except json.JSONDecodeError:
            return None  # whatever it is, it is told and not taken for a media
        except RecursionError:
            return at + 1
        at = past_space(letters, at)
        has_comma = letters[at : at + 1] == ","
        at = past_space(letters, at + has_comma)
        match letters[at : at + 1]:
            case "]":
                return None if is_last(letters, at) else at + 1
            case "}":
                return at + 1
            case '"' if has_comma:
                return at
            case "{" if has_comma:
                continue
        return None
    return None


def past_space(letters: str, at: int) -> int:
    found = NO_SPACE.search(letters, at)
    return found.start() if found is not None else len(letters)


def ends_array(letters: str, at: int, depth: int, is_end: bool) -> bool:
    """Whether a closing bracket is that of the array: nothing but the ends of the objects around it comes then."""
    if not depth:
        behind = past_space(letters, at + 1)
        return letters[behind : behind + 1] not in (",", "}", "]")
    if not is_end or len(letters) - at > TAIL_BYTES:
        return False
    text = '{"":' * depth + "[" + letters[at:]
    try:
        _, end = DECODER.raw_decode(text)
    except (json.JSONDecodeError, RecursionError):
        return False
    return past_space(text, end) == len(text)
