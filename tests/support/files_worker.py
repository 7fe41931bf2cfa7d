"""A worker in a process of its own that downloads files, to be killed: `python -m tests.support.files_worker ROOT`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from database.connect_args import ConnectArgs
from jobs.kinds import KINDS
from tests.support.jobs import working
from tests.support.media_files import file_services


async def run_until_killed(args: ConnectArgs, folder: Path) -> None:
    async with file_services(folder) as services, working(args, kinds=KINDS, services=services):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run_until_killed(ConnectArgs(os.environ["DATABASE_URL"]), Path(sys.argv[1])))
