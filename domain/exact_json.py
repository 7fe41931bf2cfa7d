"""JSON whose numbers are what was written: a float holds about 16 digits, and other numbers are not rounded to it.

PostgreSQL keeps numbers of jsonb exactly. What comes in is kept exactly too, or marked, and refused where it would be
stored; what goes out is the number that is stored, whoever stored it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, NoReturn

import orjson

# Where a text has neither so many digits nor such an exponent, every number in it is one that a float or integer holds.
# Looked for in what is left when characters of a kind are made one: a tenth of the time of a regular expression.
KINDS = bytes.maketrans(b"123456789.E-", b"0000000000e+")
MANY_DIGITS = b"0" * 16
SURROGATE_ESCAPE = re.compile(
    rb"\\u[dD][89a-fA-F]"
)  # perhaps half of a surrogate pair, which orjson refuses and json does not
MAX_INTEGER_LENGTH = 20  # letters of a whole number of 64 bits
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**64 - 1  # whole numbers that JSON is written and read with


class Rounded(float):
    """The float next to a number that no float holds, or infinity: for arguments that are floats in any case."""


def may_be_rounded(text: bytes) -> bool:
    """Whether JSON may have numbers that are not held by a float or an integer of 64 bits."""
    kinds = text.translate(KINDS)
    return MANY_DIGITS in kinds or b"0e000" in kinds or b"0e+000" in kinds


def integer_of(text: str) -> int | None:
    """The whole number that a text says, where 64 bits hold it."""
    if len(text) > MAX_INTEGER_LENGTH:
        return None
    value = int(text)
    return value if MIN_INTEGER <= value <= MAX_INTEGER else None


def float_of(text: str) -> float | None:
    """The float that is written like this number, None where none is: 0.1 is one, 0.12345678901234567891 is not."""
    value = float(text)
    try:
        return value if isfinite(value) and Decimal(text) == Decimal(repr(value)) else None
    except InvalidOperation:  # an exponent beyond anything
        return None


def read_integer(text: str) -> int | float:
    value = integer_of(text)
    return read_float(text) if value is None else value


def read_float(text: str) -> float:
    value = float_of(text)
    return Rounded(text) if value is None else value


def loads(text: bytes) -> Any:
    """What a client's JSON says, with numbers that cannot be held as Rounded. ValueError where it is no JSON."""
    suspect = may_be_rounded(text)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:  # also of a number that is larger than any float
        if not suspect or SURROGATE_ESCAPE.search(text) is not None:
            raise
    return parsed(text.decode(), read_integer, read_float) if suspect else value


def loads_stored(text: bytes) -> Any:
    """What jsonb says, with numbers that Python does not hold as they are written, for orjson alone."""
    return parsed(text.decode(), stored_integer, stored_float) if may_be_rounded(text) else orjson.loads(text)


def stored_integer(text: str) -> Any:
    value = integer_of(text)
    return stored_float(text) if value is None else value


def stored_float(text: str) -> Any:
    value = float_of(text)
    return orjson.Fragment(text) if value is None else value


def parsed(text: str, integer: Callable[[str], Any], real: Callable[[str], Any]) -> Any:
    try:
        return json.loads(text, parse_int=integer, parse_float=real, parse_constant=refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def is_exact(number: float) -> bool:
    """Whether a number of a JSON value, as it came in, can be stored as it was written."""
    if isinstance(number, int):
        return MIN_INTEGER <= number <= MAX_INTEGER
    return isfinite(number) and not isinstance(number, Rounded)
