"""Whatever the documents show to be run is run: operations, and the example of a batch that comes apart."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.telemetry.trace_store import TRACES, TraceFilter, TraceReader
from tests.support.api import Api
from tests.support.factories import add_library, add_media
from tests.support.serving import environment

CHECKOUT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```graphql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Their operations are run by tests of their own, with figures or with a service that answers.
# Subscriptions are run by tests/http.
ELSEWHERE = {"benchmarks-catalogue.md", "benchmarks.md", "cookbook.md", "metadata.md", "statements.md"}


def operations() -> list[tuple[str, str]]:
    documents = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
    return [
        (document.name, text)
        for document in documents
        if document.name not in ELSEWHERE
        for text in BLOCK.findall(document.read_text())
        if not text.startswith("subscription")
    ]


@pytest.mark.parametrize(("document", "text"), operations())
async def test_an_operation_that_a_document_shows_runs_without_an_error(
    api: Api, connection: Any, document: str, text: str
) -> None:
    library = await add_library(connection)
    for title in ("A", "B"):
        await add_media(connection, library, title)

    data = await api.run(text)

    assert data
    assert all(field.get("errors", []) == [] for field in data.values())


def test_the_example_of_a_batch_that_comes_apart_does_so_and_leaves_its_trace(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "docs.split_batch"],
        cwd=CHECKOUT,
        env=environment(MARQUEE_STATE_DIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told, _, link = done.stdout.rstrip().rpartition("\n")
    report = json.loads(told)
    assert re.fullmatch(
        r"Film\.tags came apart into 2 batches: 5 loads came \S+ ms after the first batch had been sent",
        report["verdict"],
    )
    assert (report["statements"], report["rows"]) == (2, 10)
    assert [(batch["split"], batch["uniqueKeys"], batch["rows"]) for batch in report["batches"]] == [(True, 5, 5)] * 2
    [trace] = TraceReader(tmp_path / TRACES, 10).find(TraceFilter())
    assert link == f"/traces/{trace['traceId']}"
    assert (trace["operation"], trace["errors"], trace["split"]) == ("SplitBatch", 0, True)
