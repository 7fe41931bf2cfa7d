"""The limits of an operation that follow from the settings; only who serves requests needs the engine for them."""

from __future__ import annotations

from app.settings import Settings
from engine.limits import Limits
from loaders.core.read_session import Budget


def operation_limits(settings: Settings) -> Limits:
    """Of an operation, before anything of it runs."""
    return Limits(
        nodes=settings.max_nodes,
        length=settings.max_document_length,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        fields=settings.max_fields,
        tokens=settings.max_tokens,
        values=settings.max_values,
        answer_bytes=settings.max_answer_bytes,
        page_default=settings.page_default,
        page_max=settings.page_max,
        elements=settings.max_entities,
    )


def budget(settings: Settings) -> Budget:
    """Of an operation while it reads."""
    return Budget(
        rows=settings.max_rows,
        count_seconds=settings.count_timeout,
        page_default=settings.page_default,
        page_max=settings.page_max,
        ids_max=settings.max_entities,
    )
