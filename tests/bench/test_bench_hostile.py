"""The benchmark of hostile requests: what it sends is GraphQL of ours, and its tables show what was measured."""

from __future__ import annotations

import json

import pytest
from graphql import parse, validate

from app.service.graphql_service import GRAPHQL_SCHEMA
from bench.hostile.cases import DOCUMENTS, ONE_ROW, TOGETHER, Case
from bench.hostile.measure import Cost, Outcome, Wait, code_of
from bench.hostile.report import Side, markdown
from bench.hostile.sockets import Strain

REFUSED = ("unknown-fields", "crossed-fragments", "repeated-fields")  # their cost lies in being validated


@pytest.mark.parametrize("case", [*DOCUMENTS, *TOGETHER], ids=lambda case: case.name)
def test_a_case_is_valid_but_for_its_size(case: Case) -> None:
    body = case.body()

    assert len(body) <= 2**18
    if case.name not in REFUSED and case.name != "deep-list":
        assert validate(GRAPHQL_SCHEMA, parse(json.loads(body)["query"], max_tokens=100_000)) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"data":{"a":1}}', "ok"),
        (b'{"errors":[{"message":"no","extensions":{"code":"TOO_DEEP"}}]}', "TOO_DEEP"),
        (b'{"errors":[]}', "error"),
        (b"<html>", "ok"),
    ],
)
def test_the_code_of_an_answer_is_read(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_the_tables_show_both_sides_of_each_case() -> None:
    cost = Cost(Outcome(200, "TOO_COMPLEX", 90, 0.01), 12.4, 30.6, 1.2, 0.4)
    side = Side(
        {"long-list": cost},
        (14.6, "Pages of pages.", 2),
        Wait(1.0, 2.0, 3.0, 0),
        {"wide-pages": Wait(4.0, 5.0, float("inf"), 6, ("DATABASE_BUSY", "ok"))},
        {"silence": Strain(0.0, 7.0, 8, 9.0, 10.0)},
        [11.0, 12.0, 13.0],
    )

    text = markdown({"before": side, "now": side}, [("Python", "3")])

    assert text.count("| TOO_COMPLEX (200) | 12 | 31 | 1 | 0 |") == 2
    assert "| now | 15 | Pages of pages. | 2 |" in text
    assert text.count("| nothing | before | 1 | 2 | 3 | 0 |  |") == 1
    assert "| Pages of 100 media with tags, genres and credits | now | 4 | 5 | - | 6 | DATABASE_BUSY, ok |" in text
    assert "| 1,100 silent connections, with 1,024 files | now | 0 | 7 | 8 | 9 | 10 |" in text
    assert "| now | 11 | 12 | 13 |" in text


def test_the_query_of_others_is_for_one_row() -> None:
    assert json.loads(ONE_ROW)["query"].count("media_1") == 1
