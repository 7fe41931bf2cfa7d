"""Where the next element of a JSON array begins, behind a place at which its form breaks.

A bracket or a quotation mark that is missing makes all that follows a part of one element. What a JSON parser has read
until it stops is one element in any case, so that the next one is looked for from there. What is nested must not be
taken for an element, and nothing behind the end of the array: where that is not sure, nothing is found."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from domain.bounds import ROWS_OF_AN_ITEM
from sources.json_breaks import CUT_LETTERS, DECODER, SPACES, UNTERMINATED

MAX_TRIES = 1_000  # objects that may be elements; hostile ones take long
NO_SPACE = re.compile(r"[^ \t\r\n]|\Z")
TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# A text counts as one only where it stands as texts do: behind a break, what was inside of texts may be outside.
JSON_TOKEN = re.compile(
    rf"(?P<text>(?<=[ \t\r\n:,\[{{]){TEXT}(?=[ \t\r\n]*+[:,\]}}]))|(?P<bracket>[\[\]])|"
    r'(?P<object>\{[ \t\r\n]*+"(?P<key>[^"\\]*+)"[ \t\r\n]*+:)',
    re.DOTALL,
)
TEXT_OR_BRACKET = re.compile(rf"{TEXT}|[\[\]]", re.DOTALL)
NAME = re.compile(rf"{TEXT}[ \t\r\n]*+:[ \t\r\n]*+", re.DOTALL)


class Doubt(Exception):
    """What is there does not tell where an element begins; more of it may."""


@dataclass(frozen=True, slots=True)
class Lookahead:
    """What is known of a text behind a break, a letter a byte.

    depth: of the objects that the array is within. key: the first one of its elements. is_all: whether no longer text
    would be looked at. is_end: whether the file ends with it."""

    letters: str
    depth: int
    key: str
    is_end: bool
    is_all: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """An element that breaks at a place. after: where the next one may begin at the earliest. lists: how many lists of
    this one are open there; the end of each may be missing."""

    place: int = 0
    after: int = 0
    lists: int = 0


def broken_at(text: bytes, place: int) -> Broken:
    """A text that is not closed ends at the first quotation mark of the next element, so that this may begin within the
    last text before the break."""
    closing = text.rfind(b'"', 0, place)
    after = max(1, text.rfind(b'"', 0, max(0, closing)))
    found = [one[0] for one in TEXT_OR_BRACKET.finditer(text.decode("latin-1"), 1, after)]
    return Broken(place, after, max(0, found.count("[") - found.count("]")))


def next_element(ahead: Lookahead, broken: Broken, until: int) -> int | None:
    """Where the next element begins, before `until`; None where none is found. Doubt."""
    after, lists = broken.after, broken.lists
    opened = 0  # since the break: what stands in these is nested
    tries = 0
    while (found := JSON_TOKEN.search(ahead.letters, after, until)) is not None:
        if after <= broken.place <= found.start():
            lists, opened = lists + opened, 0
        after = found.end()
        if found["bracket"] == "[":
            opened += 1
        elif found["bracket"] == "]":
            if opened:
                opened -= 1
            elif lists:
                lists -= 1
            elif ends_array(ahead, found.start()) is not False:
                raise Doubt
        elif found["object"] is not None and not opened and may_be_element(ahead, found):
            if (tries := tries + 1) > MAX_TRIES:
                raise Doubt
            end = end_of_nested(ahead, found.start(), within_list=lists > 0)
            if end is None:
                return found.start()
            after = max(end, after)
    return None


def may_be_element(ahead: Lookahead, found: re.Match[str]) -> bool:
    """Whether an object begins as the elements do, or behind the end of another one and a comma."""
    before = ahead.letters[: found.start()][-CUT_LETTERS:].rstrip(SPACES)
    if found["key"] == ahead.key:
        return not before.endswith(":")
    return before.endswith(",") and before[:-1].rstrip(SPACES).endswith("}")


def end_of_nested(ahead: Lookahead, at: int, *, within_list: bool) -> int | None:
    """Where reading goes on behind an object that is nested, with those behind it; None of an element. Doubt.

    within_list: whether a list was open at the break, to which a broken object may belong."""
    letters = ahead.letters
    for count in range(ROWS_OF_AN_ITEM + 1):
        try:
            _, end = DECODER.raw_decode(letters, at)
        except json.JSONDecodeError as error:
            if not ahead.is_all and is_cut(letters, error):
                raise Doubt from error
            return max(at, error.pos) if within_list else None
        except RecursionError:
            return at + 1
        end = past_space(letters, end)
        behind = past_space(letters, end + 1)
        match letters[end : end + 1]:
            case ",":
                if NAME.match(letters, behind) is not None and not count:
                    return behind
                at = behind
            case "]":
                if (is_last := ends_array(ahead, end)) is None:
                    raise Doubt
                return None if is_last else end
            case "":
                if not ahead.is_all:
                    raise Doubt
                return None
            case "}":
                raise Doubt
            case _:
                return end if within_list else None
    return None  # no list within a media has as many


def is_cut(letters: str, error: json.JSONDecodeError) -> bool:
    return error.msg.startswith(UNTERMINATED) or error.pos >= len(letters) - CUT_LETTERS


def past_space(letters: str, at: int) -> int:
    found = NO_SPACE.search(letters, at)
    return found.start() if found is not None else len(letters)


def ends_array(ahead: Lookahead, at: int) -> bool | None:
    """Whether a closing bracket is that of the array; None if it may be.

    Behind the array, other members of the objects around it come, and then the end of the file. Behind a list within an
    element, its other members come, and then the next element or the end of the array."""
    letters, closed = ahead.letters, 0
    while True:
        at = past_space(letters, at + 1)
        match letters[at : at + 1]:
            case "":
                return True if ahead.is_end else None
            case "}" if closed == ahead.depth:
                return False
            case "}":
                closed += 1
            case ",":
                at = past_space(letters, at + 1)
                if closed == ahead.depth or letters[at : at + 1] != '"':
                    return False if closed or NAME.match(letters, at) is not None else None
                if (end := end_of_member(letters, at)) is None:
                    return None
                at = end - 1
            case "]":
                return False if closed else None
            case _:
                return True if not ahead.depth else None


def end_of_member(letters: str, at: int) -> int | None:
    """The end of a name and its value; None where there is none."""
    name = NAME.match(letters, at)
    if name is None:
        return None
    try:
        return int(DECODER.raw_decode(letters, name.end())[1])
    except (json.JSONDecodeError, RecursionError):
        return None
