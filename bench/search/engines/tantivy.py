"""Tantivy, by its Python bindings."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from bench.search.documents import Document
from bench.search.engines.engine import BOOSTS, MOST, Engine, MissingEngineError, fields_of

ANALYSER = "folded"
FUZZY = (True, 1, True)  # prefix, distance, swapped neighbours count one
NAMES = ("title", "aliases", "people")  # fields with fuzzy words: in all of them it found less


def search(documents: Sequence[Document], queries: Sequence[str]) -> list[list[int]]:
    tantivy = module()
    index = make_index(tantivy, documents)
    searcher = index.searcher()
    found = []
    for query in queries:
        hits = searcher.search(parsed(tantivy, index, query), MOST).hits
        found.append([searcher.doc(address)["id"][0] for _, address in hits])
    return found


def module() -> Any:
    try:
        return importlib.import_module("tantivy")
    except ImportError:
        raise MissingEngineError("tantivy is not installed: `make bench-search` installs it.") from None


def make_index(tantivy: Any, documents: Sequence[Document]) -> Any:
    builder = tantivy.SchemaBuilder().add_integer_field("id", stored=True)
    for field in BOOSTS:
        builder.add_text_field(field, tokenizer_name=ANALYSER)
    index = tantivy.Index(builder.build())
    analyser = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    analyser = analyser.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold()).build()
    index.register_tokenizer(ANALYSER, analyser)
    writer = index.writer()
    for document in documents:
        writer.add_document(tantivy.Document(id=document.id, **fields_of(document)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


def parsed(tantivy: Any, index: Any, query: str) -> Any:
    """The exact words, which score by BM25, beside the fuzzy ones, which all score alike."""
    words = " ".join(re.findall(r"\w+", query))
    exact = index.parse_query(words, list(BOOSTS), field_boosts=BOOSTS)
    boosts = {name: BOOSTS[name] for name in NAMES}
    fuzzy = index.parse_query(words, list(NAMES), field_boosts=boosts, fuzzy_fields=dict.fromkeys(NAMES, FUZZY))
    should = tantivy.Occur.Should
    return tantivy.Query.boolean_query([(should, exact), (should, fuzzy)])


def engine() -> Engine:
    """Raises MissingEngineError."""
    module()
    return Engine(
        "tantivy",
        version("tantivy"),
        "`Tokenizer.simple`, `lowercase`, `ascii_fold`; `parse_query` over all fields with `field_boosts`, words joined"
        f" by OR, beside one over {', '.join(NAMES)} with `fuzzy_fields` {FUZZY}; either matches.",
        search,
    )
