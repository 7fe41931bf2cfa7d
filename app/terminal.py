"""Where commands write: what was asked for, and what is wrong."""

from __future__ import annotations

from rich.console import Console

console = Console()
errors = Console(stderr=True)
