"""What tagging costs in statements: a table of docs/statements.md."""

from __future__ import annotations

FIND, STORE_SAME = "the next 200 media that need it, with all that the tagger is told", "answers that change nothing"
CLAIM_SHAPE = "claiming these for the run"
STORE = "answers that give tags and categories to media, the first of them new"
TAGGING_STATEMENTS = {FIND: 1, CLAIM_SHAPE: 1, STORE: 13, STORE_SAME: 9}


def tagging_document() -> list[str]:
    """The lines of the table."""
    return [
        "## What tagging costs",
        "",
        "Between BEGIN and COMMIT, for any number of media; beside the checkpoint of the job, and the limit, over",
        "connections of their own.",
        "",
        "| what | statements |",
        "|---|---|",
        *(f"| {what} | {statements} |" for what, statements in TAGGING_STATEMENTS.items()),
        "",
    ]
