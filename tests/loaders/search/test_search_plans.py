"""Plans of searches at 100,000 media: words are looked up by indexes; what is common is walked, not gathered."""

from __future__ import annotations

from typing import Any

import pytest

from domain.enums import SearchCorrect
from domain.search_query import parse_query
from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.read_session import Budget, ReadSession
from loaders.registry import Loaders
from loaders.search import title_sql
from loaders.search.finding import mode_of
from loaders.search.lookup import lookup_of
from loaders.search.page import search_arguments
from loaders.search.position import GATHERED, WALKED
from loaders.search.words import SEARCH_WORDS, KnownWords, WordRow, word_values
from tests.loaders.test_contract import SilentDatabase
from tests.support.plans import MODES, Step, explain, scans

# Rows that are read where little matches, and of titles that are walked: of 100,000.
FEW, MANY = 10_000, 20_000
LARGE = ("media", "person", "media_person", "media_tag", "media_genre", "media_alias", "media_file")


async def plan_of(connection: Any, text: str, mode: str, viewer: Viewer = UNRESTRICTED) -> tuple[int, list[Step]]:
    """How titles are found, and the plan."""
    arguments = search_arguments(Budget(), query=parse_query(text), correct=SearchCorrect.AUTO, first=20, after=None)
    lookup = lookup_of(arguments.query)
    rows = await connection.fetch(SEARCH_WORDS.text, *word_values(lookup, SearchCorrect.AUTO), record_class=WordRow)
    known = KnownWords.of(rows)
    reader = ReadSession(SilentDatabase(), viewer)
    statement, values = Loaders.search_pages.compose(reader, arguments, lookup, known)
    return mode_of(arguments, lookup, known), await explain(connection, statement, values, mode)


def large_scans(steps: list[Step]) -> list[Step]:
    return [scan for scan in scans(steps) if scan.table in LARGE and scan.read]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("viewer", [UNRESTRICTED, Viewer((1, 2))], ids=["all", "some"])
@pytest.mark.parametrize("text", ["zzzz", "airplan!", "keanu reeves", "xylophone matrix", "spiderman 1999 "])
async def test_rare_words_are_looked_up_by_indexes(text: str, viewer: Viewer, mode: str, large_reader: Any) -> None:
    found, steps = await plan_of(large_reader, text, mode, viewer)

    assert found == GATHERED
    assert {scan.type for scan in large_scans(steps)} <= {"Bitmap Heap Scan", "Index Scan", "Index Only Scan"}
    assert sum(scan.read for scan in large_scans(steps)) < FEW


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["the ", "the", "a", "of the "])
async def test_common_words_are_walked_by_rank(text: str, mode: str, large_reader: Any) -> None:
    found, steps = await plan_of(large_reader, text, mode)

    assert found == WALKED
    walks = [scan for scan in large_scans(steps) if scan.table == "media"]
    assert {scan.index for scan in walks} <= {"media_search_rank_id", "media_title_key_search_rank_id"}
    assert sum(scan.read for scan in walks) < MANY


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["the of ", "of the "])
async def test_a_walk_that_finds_too_little_goes_by_words_after_a_bounded_number_of_entries(
    text: str, mode: str, large_reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 5
    monkeypatch.setattr(title_sql, "MAX_WALKED", most)
    found, steps = await plan_of(large_reader, text, mode)

    assert found == WALKED
    by_rank = [scan for scan in large_scans(steps) if scan.index == "media_search_rank_id"]
    # Beginnings and all others: what is walked, and the first entry that is not.
    assert 0 < sum(scan.read for scan in by_rank) <= 2 * (most + most + 1)
    by_words = [step for step in steps if step.index == "media_title_lexemes"]
    assert sum(step.rows for step in by_words) > 0
    assert not any(scan.type == "Seq Scan" for scan in large_scans(steps) if scan.table == "media")
