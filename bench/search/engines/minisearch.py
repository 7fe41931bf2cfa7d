"""MiniSearch, in Node.js (bench/node/minisearch.mjs)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import cast

import orjson

from bench.machine import node_package
from bench.search.documents import Document
from bench.search.engines.engine import BOOSTS, MOST, Engine, MissingEngineError, fields_of
from bench.servers import NODE

SCRIPT = NODE / "minisearch.mjs"


def search(documents: Sequence[Document], queries: Sequence[str]) -> list[list[int]]:
    if not (NODE / "node_modules" / "minisearch").exists():
        raise MissingEngineError("minisearch is not installed: `make bench-search` installs it.")
    given = {
        "documents": [{"id": one.id, **fields_of(one)} for one in documents],
        "queries": list(queries),
        "boost": BOOSTS,
        "most": MOST,
    }
    done = subprocess.run(["node", SCRIPT], cwd=NODE, input=orjson.dumps(given), capture_output=True, check=False)
    if done.returncode:
        raise MissingEngineError(f"MiniSearch failed: {done.stderr.decode(errors='replace')[-2_000:]}")
    return cast(list[list[int]], orjson.loads(done.stdout))


MINISEARCH = Engine(
    "MiniSearch",
    node_package("minisearch"),
    "`fuzzy: 0.2`, `prefix` for the last word, fields boosted, words joined by OR; `processTerm` takes accents away.",
    search,
)
