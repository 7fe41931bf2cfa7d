"""What is noticed while a source is read and keeps no item out."""

from __future__ import annotations

from sources.source import MAX_WARNINGS


class Warnings:
    """Sentences for people, each once."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        if len(self.found) < MAX_WARNINGS:
            self.found[sentence] = None
