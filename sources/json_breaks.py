"""Where the form of a JSON text breaks, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass

from domain.exact_json import loads

CUT_LETTERS = 32  # before the end of what is there: a number or a word may go on
SPACES = " \t\r\n"
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
