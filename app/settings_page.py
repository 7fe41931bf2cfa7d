"""The settings as a page of Markdown: docs/settings.md."""

from __future__ import annotations

from app.settings import Settings, variable, wants

ABOUT = """# Settings

Environment variables. One that is empty counts as not set, but for `MARQUEE_KEYS`, where an empty value is refused.
Times are in seconds. A wrong setting is refused at the start, in words: which variable, what it got and what it wants;
a variable that looks like a setting but is none is pointed out.

This page is printed by `python -m app settings`, and a test compares it with app/settings.py.

| variable | default | takes | what it is |
|---|---|---|---|
"""


def settings_page() -> str:
    """The page, with a row for each setting."""
    return ABOUT + "".join(f"| {' | '.join(cells)} |\n" for cells in settings_table())


def settings_table() -> list[tuple[str, str, str, str]]:
    """A row for each setting: its variable, its default, what it takes and its description."""
    return [
        (f"`{variable(name)}`", default(name), wants(name), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def default(name: str) -> str:
    """The default of a field; nothing where there is none."""
    value: object = Settings.model_fields[name].default
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case _:
            return str(value)
