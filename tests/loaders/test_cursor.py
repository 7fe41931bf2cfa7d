"""Cursors as text: what is taken back, and what is refused with its code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.bounds import BIGINT
from domain.errors import CatalogError
from loaders.sql.cursor import SortType, decode_cursor, encode_cursor, mark_of, old_mark_of
from tests.support.cursors import MARK, OTHER, PLAIN, forged

FOREIGN = "This cursor is not one of ours: pass one from this list's edges."
OLD = "This cursor belongs to another list, order or filter: start again without it."
LIST = "This cursor belongs to another list: pass one from this list's edges."


def refusal(text: str, *types: tuple[SortType, bool]) -> str:
    """The message with which a cursor is refused."""
    with pytest.raises(CatalogError) as raised:
        decode_cursor(text, MARK, types or [("bigint", False)])
    assert raised.value.extensions == {"code": "BAD_CURSOR"}
    return str(raised.value)


@pytest.mark.parametrize(
    ("position", "types"),
    [
        ((1,), [("bigint", False)]),
        ((BIGINT.most,), [("bigint", False)]),
        ((BIGINT.least,), [("bigint", False)]),
        ((-(2**31), 7), [("integer", False), ("bigint", False)]),
        (("", 1), [("text", False), ("bigint", False)]),
        (("日本 \u2028 😀 \x01", 1), [("text", False), ("bigint", False)]),
        ((None, 7), [("integer", True), ("bigint", False)]),
        ((2**31 - 1, 7), [("integer", True), ("bigint", False)]),
        ((datetime(2024, 1, 1, 12, 0, 0, 123_457, UTC), 7), [("time", False), ("bigint", False)]),
        ((datetime(1, 1, 1, tzinfo=UTC), 7), [("time", False), ("bigint", False)]),
        ((datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC), 7), [("time", False), ("bigint", False)]),
    ],
)
def test_a_position_survives_the_round_trip(position: Any, types: Any) -> None:
    assert decode_cursor(encode_cursor(MARK, position), MARK, types) == position


def test_a_cursor_is_the_same_text_in_any_process() -> None:
    positions: list[Any] = [(42,), (BIGINT.most,), (1999, 42), (None, -1), ('"%?>\u2028', 7)]
    for bound in (PLAIN, b"%d%%\xff>%s%"):
        assert [encode_cursor(bound, one) for one in positions] == [forged(one, mark=bound) for one in positions]
    assert len(PLAIN) == 9


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "====",
        "AQ",
        "null",
        "\0",
        "é",
        "日本",
        "/+/+",
        forged([1])[:-1],
        forged([1])[1:],
        forged([1]) + "=",
        forged([1]) + "A",
        forged([1]) + "\n",
        f" {forged([1])}",
        forged([1]).replace("A", "A\n", 1),
        forged([1], version=0),
        forged([1], version=1),
        forged([1], version=3),
        forged([1], version=255),
        forged(b""),
        forged(b"[1"),
        forged(b"[1]]"),
        forged(b"\xff"),
        forged(b"[NaN]"),
        forged(b"[" * 2_000),
        forged(1),
        forged({}),
        forged([]),
        forged([1, 1]),
        forged(None),
        "A" * 4_096,
        "A" * 10_240,
        forged(["x" * 7_000]),
    ],
)
def test_text_that_is_no_cursor_of_ours_is_refused(text: str) -> None:
    assert refusal(text) == FOREIGN


@pytest.mark.parametrize(
    ("type_", "nullable", "value"),
    [
        ("bigint", False, None),
        ("bigint", False, True),
        ("bigint", False, "1"),
        ("bigint", False, 1.0),
        ("bigint", False, 1e300),
        ("bigint", False, 2**63),
        ("bigint", False, [1]),
        ("bigint", False, {}),
        ("integer", True, 2**31),
        ("integer", True, -(2**31) - 1),
        ("integer", True, False),
        ("integer", True, "1999"),
        ("text", False, None),
        ("text", False, 1),
        ("text", False, "a\0b"),
        ("text", False, ["a"]),
        ("time", False, None),
        ("time", False, "2024-01-01"),
        ("time", False, BIGINT.most),
        ("time", False, -BIGINT.most),
        ("time", False, 253_402_300_800_000_000),
        ("time", False, -62_135_596_800_000_001),
    ],
)
def test_a_forged_value_is_refused(type_: SortType, nullable: bool, value: Any) -> None:
    assert refusal(forged([value]), (type_, nullable)) == FOREIGN


def test_a_number_below_what_the_database_holds_is_refused() -> None:
    assert refusal(forged(b"[%d]" % (-(2**63) - 1))) == FOREIGN


def test_a_lone_surrogate_in_a_cursor_is_refused() -> None:
    assert refusal(forged(b'["\\ud800"]'), ("text", False)) == FOREIGN


def test_a_cursor_of_another_order_or_filter_is_told_apart_from_a_foreign_one() -> None:
    told = {
        ("other", "order", "filter"): LIST,
        ("other", "other", "other"): LIST,
        ("list", "other", "filter"): OTHER.format("order"),
        ("list", "order", "other"): OTHER.format("filter"),
        ("list", "other", "other"): OTHER.format("order and filter"),
    }
    for parts, message in told.items():
        for values in ([1], ["x", 1], [None]):  # whatever its order has for keys
            assert refusal(forged(values, mark=mark_of(*parts))) == message


def test_a_cursor_of_version_1_is_still_read() -> None:
    old = old_mark_of("list", "order", "filter")
    text = forged([7], mark=old, version=1)

    assert decode_cursor(text, MARK, [("bigint", False)], lambda: old) == (7,)
    with pytest.raises(CatalogError, match=OLD):
        decode_cursor(text, MARK, [("bigint", False)], lambda: b"others")
