"""Parameters of jobs: declared once, read from JSON, and a clear refusal of what does not fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from domain.errors import CatalogError
from jobs.kind import JobKind
from jobs.kinds import by_name
from jobs.parameters import Parameter, from_values, parameter, parameters_of, to_json


class Mode(StrEnum):
    FAST = "FAST"
    SLOW = "SLOW"


@dataclass(frozen=True)
class Given:
    library_id: int = parameter("Of which library.", id_of="library")
    names: list[str] = parameter("Which names.", default=[])
    mode: Mode | None = parameter("How.", default=None)
    share: float = parameter("How much.", default=0.2)
    is_forced: bool = parameter("Whether it must.", default=False)


def test_parameters_are_read_from_their_declaration() -> None:
    declared = {one.name: one for one in parameters_of(Given)}

    assert list(declared) == ["library_id", "names", "mode", "share", "is_forced"]
    assert declared["library_id"].is_required
    assert declared["library_id"].id_of == "library"
    assert declared["names"] == Parameter("names", str, "Which names.", True, False, None, [])
    assert declared["mode"] == Parameter("mode", Mode, "How.", False, True, None, None)


def test_parameters_come_back_from_json_as_they_went_in() -> None:
    given = Given(4, ["a", "é"], Mode.SLOW, 1.5, True)

    json = to_json(given)

    assert json == {"library": "library_4", "names": ["a", "é"], "mode": "SLOW", "share": 1.5, "isForced": True}
    assert from_values(Given, json) == given
    assert from_values(Given, {"library": "library_4", "share": 1}) == Given(4, [], None, 1.0, False)


ID = {"library": "library_4"}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "BAD_ARGUMENT"),
        ({"library": None}, "BAD_ARGUMENT"),
        ({"library": 4}, "BAD_ID"),
        ({"library": "tag_4"}, "BAD_ID"),
        ({"library": "library_0"}, "BAD_ID"),
        ({"library": "library_9999999999999999999"}, "BAD_ID"),
        ({**ID, "nmes": []}, "BAD_ARGUMENT"),
        ({**ID, "names": "a"}, "BAD_ARGUMENT"),
        ({**ID, "names": ["a\x00"]}, "BAD_ARGUMENT"),
        ({**ID, "names": ["\ud800"]}, "BAD_ARGUMENT"),
        ({**ID, "names": ["a" * 4097]}, "BAD_ARGUMENT"),
        ({**ID, "names": ["a"] * 10_001}, "BAD_ARGUMENT"),
        ({**ID, "mode": "QUICK"}, "BAD_ARGUMENT"),
        ({**ID, "share": "1"}, "BAD_ARGUMENT"),
        ({**ID, "isForced": 1}, "BAD_ARGUMENT"),
    ],
)
def test_values_that_do_not_fit_are_refused(values: dict[str, Any], code: str) -> None:
    with pytest.raises(CatalogError) as refused:
        from_values(Given, values)

    assert refused.value.extensions["code"] == code


@dataclass(frozen=True)
class Undeclared:
    library_id: int = field(default=1)


@dataclass(frozen=True)
class Strange:
    one: bytes = parameter("Bytes.")


@pytest.mark.parametrize("declared", [Undeclared, Strange])
def test_a_kind_cannot_declare_what_is_no_parameter(declared: type) -> None:
    with pytest.raises(TypeError):
        parameters_of(declared)


def test_two_kinds_cannot_have_one_name() -> None:
    async def run(context: object, parameters: Given) -> None:
        pass

    kind = JobKind("one", "One.", Given, run)

    assert list(by_name([kind])) == ["one"]
    with pytest.raises(ValueError, match="one"):
        by_name([kind, kind])
