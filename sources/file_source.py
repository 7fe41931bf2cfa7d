"""What sources that read one file share: reading in a thread, how the end of a damaged file is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from sources.binary_file import BrokenFile
from sources.in_thread import Readings, read_in_thread
from sources.source import Known, Reading, SourceError, Unreadable, nothing_known
from sources.warnings import Warnings

END = "end"  # the position behind what says that a file ends in the middle


class FileSource:
    """A source whose items a generator reads, which may block: `readings`, from the start or after a position."""

    total: int | None = None

    def __init__(self, location: str) -> None:
        self.location = location
        self.noticed = Warnings()

    @property
    def warnings(self) -> Sequence[str]:
        return list(self.noticed.found)

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        def make() -> Readings:
            return self.guarded(position)

        found: AsyncIterator[Reading] = read_in_thread(make)
        async for one in found:
            yield one

    async def has(self, key: str) -> bool | None:
        return None

    def readings(self, position: str) -> Readings:
        raise NotImplementedError

    def guarded(self, position: str) -> Readings:
        """What is damaged is told as the last thing that is read."""
        try:
            if position != END:
                yield from self.readings(position)
        except BrokenFile as error:
            yield Unreadable("the end of the file", str(error), position=END, stops=True)


def numbers_in(position: str, count: int) -> list[int]:
    """The numbers of a position that this source has given; zeros at the start. SourceError for another one's."""
    if not position:
        return [0] * count
    parts = position.split(":")
    if len(parts) != count or not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        raise SourceError("This position is of another source: read it from the start.")
    return [int(part) for part in parts]
