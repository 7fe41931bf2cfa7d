"""A process that runs jobs: `python -m app.process.job_worker READY OWNER`, two inherited file descriptors.

A byte goes into READY when it runs. OWNER is the read end of a pipe whose write end the supervisor alone holds: when it
ends, so does this process."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

from app.process.owner import end_with_owner
from app.process.work import work
from app.settings import read_settings
from app.telemetry.log import set_up_log


def main(ready: int, owner: int) -> None:
    set_up_log()
    threading.Thread(target=end_with_owner, args=[owner], daemon=True).start()
    settings = read_settings()

    def tell() -> None:
        os.write(ready, b".")
        os.close(ready)

    asyncio.run(work(settings.connect_args(), settings, tell))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
