"""Ids of other services, as sources give them."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.people import check_ids
from domain.bounds import EXTERNAL_IDS_OF_A_PERSON
from domain.errors import CatalogError
from sources.provider_ids import person_with_ids

NO_IDS: list[Any] = ["", "x" * 1_001, "\u00e9" * 501, True, False, 0, None, 1.5, [], "\0", "\ud800"]
NO_SOURCES = ["", "a:b", "x" * 51, "\U0001f3a5" * 51, "a\0", "\ud800"]


@pytest.mark.parametrize("ids", [*({"imdb": one} for one in NO_IDS), *({one: "1"} for one in NO_SOURCES)])
def test_what_can_be_no_id_of_a_person_is_left_out(ids: dict[str, Any]) -> None:
    assert person_with_ids("Ann", ids) == "Ann"
    assert person_with_ids("Ann", {**ids, "Tmdb": 5}) == {
        "name": "Ann",
        "externalIds": [{"source": "tmdb", "value": "5"}],
    }


def test_whatever_is_left_can_be_ids_of_a_person() -> None:
    many = {
        "x" * 50: "y" * 1_000,
        "\u00e9" * 50: "1",
        **{f"s{place}": "1" for place in range(EXTERNAL_IDS_OF_A_PERSON)},
    }
    found: Any = person_with_ids("Ann", many)

    given = [(one["source"], one["value"]) for one in found["externalIds"]]
    assert len(check_ids(given)) == EXTERNAL_IDS_OF_A_PERSON
    with pytest.raises(CatalogError):
        check_ids(many.items())
