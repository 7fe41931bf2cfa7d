"""What the person who runs a command can mend."""

from __future__ import annotations


class StartError(Exception):
    """The command cannot do its work; the message says what to do about it."""

    exit_status = 1
