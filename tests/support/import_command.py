"""`python -m app import` in tests: to its end, or until it is stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from app.settings import CHECKOUT
from database.connect_args import ConnectArgs
from tests.support import serving


def write(path: Path, titles: list[str], *lines: str) -> Path:
    told = [json.dumps({"key": title, "title": title, "tags": ["x"]}) for title in titles]
    path.write_text("".join(f"{line}\n" for line in [*told, *lines]))
    return path


def imported(args: ConnectArgs, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    return serving.run("import", *map(str, arguments), DATABASE_URL=args.dsn, **variables)


class Running:
    """A command that runs until it is stopped."""

    def __init__(self, args: ConnectArgs, *arguments: object, **variables: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "import", *map(str, arguments)],
            cwd=CHECKOUT,
            env=serving.environment(DATABASE_URL=args.dsn, **variables),
            stdout=subprocess.PIPE,
            text=True,
        )

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=serving.WAIT_SECONDS)
        return self.process.returncode, said

    def end(self) -> None:
        """Whatever it is at."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
