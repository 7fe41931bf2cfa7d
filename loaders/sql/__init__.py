"""The text of statements: sources, pages, keysets, conditions, counts."""
