"""What is kept beside what was written: copies of columns, counts, pairs, the feed of changes
(docs/decisions/0002-derived-data.md)."""
