"""What an import shows in a terminal, whatever titles and names say."""

from __future__ import annotations

import io

from rich.console import Console

from app.process.import_display import ImportDisplay
from app.process.import_once import say
from catalog.importing.progress import ImportCounts

HOSTILE = "A\x1b]0;gone\x07\x1b[2J\r\nB\x9b31m\u202eC\udcff [bold]"
SHOWN = "A\\x1b]0;gone\\x07\\x1b[2J\\r\\nB\\x9b31m\\u202eC\\udcff [bold]"


def test_titles_do_not_steer_the_terminal() -> None:
    for is_terminal in (True, False):
        file = io.StringIO()
        console = Console(file=file, force_terminal=is_terminal, width=200, color_system=None)
        with ImportDisplay(console, HOSTILE) as display:
            display.update(ImportCounts(), None, HOSTILE)
            console.print(display._render())
            display.say(HOSTILE)
            say(console, HOSTILE)
        text = file.getvalue()
        assert text.count(SHOWN) >= 4
        for letters in ("\x07", "\x9b", "\u202e", "\udcff", "\x1b]", "\r\nB"):
            assert letters not in text
