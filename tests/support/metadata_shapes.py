"""What questions to the metadata service cost in statements: a table of docs/statements.md."""

from __future__ import annotations

METADATA_STATEMENTS = {
    "`lookup` with the media that have the ids": 1,
    "`lookup` without them": 0,
    "`refreshMetadata` of up to 20 media that are as they are to be, with what the answer reads": 11,
}


def metadata_document() -> list[str]:
    """The lines of the table."""
    return [
        "## What asking the metadata service costs",
        "",
        "Beside those of the cache (docs/provider-cache.md) and of the limit, over connections of their own. A refresh",
        "that changes media writes them as an upsert does.",
        "",
        "| what | statements |",
        "|---|---|",
        *(f"| {what} | {statements} |" for what, statements in METADATA_STATEMENTS.items()),
        "",
    ]
