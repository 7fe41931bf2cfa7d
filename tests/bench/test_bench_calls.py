"""The way of a request through the code does not get longer unnoticed."""

from __future__ import annotations

from typing import Any

import pytest

from bench.calls import walks
from bench.generated.load import load_generated
from catalog.edit import LoopYield
from database.connect_args import ConnectArgs
from tests.support.sessions import session_over

MOVIES = 11_216
# When one gets shorter its figures here do as well. Files are exact: a new one on the way is a decision.
MAX_CALLS = {"page": 177, "addTags": 317}
FILES = {"page": 39, "addTags": 53}


@pytest.fixture
async def filled(writer: ConnectArgs, connection: Any) -> ConnectArgs:
    """A database of one's own with the demo's media."""
    await load_generated(session_over(connection), MOVIES)
    return writer


async def test_a_page_and_an_edit_take_no_more_calls_and_other_files_than_is_known(
    filled: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARQUEE_ENGINE", "compiled")
    monkeypatch.setenv("MARQUEE_N_PLUS_ONE_GUARD", "false")  # which has every batch noted
    monkeypatch.setattr(LoopYield, "MAX_SECONDS", 60)  # a slow machine gives turns, which are calls

    found = await walks(filled)

    assert {name: len(one.files) for name, one in found.items()} == FILES
    assert {name: len(one.calls) for name, one in found.items() if len(one.calls) > MAX_CALLS[name]} == {}
