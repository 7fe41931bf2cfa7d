"""What it was measured on: machine and versions, nothing that names the place."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from app.settings import CHECKOUT
from bench.servers import NODE

PYTHON_PACKAGES = (
    *("strawberry-graphql", "graphql-core", "aiodataloader", "asyncpg", "orjson"),
    *("starlette", "uvicorn", "uvloop", "httptools"),
)
NODE_PACKAGES = ("postgraphile", "grafast", "grafserv", "mercurius", "graphql-jit", "fastify", "pg", "graphql")


def machine() -> list[tuple[str, str]]:
    """Rows of a table: what, and which."""
    memory = psutil.virtual_memory().total / 1024**3
    return [
        ("Processor", f"{processor()}, {psutil.cpu_count()} cores"),
        ("Memory", f"{memory:.0f} GB"),
        ("System", f"{platform.system()} {platform.machine()}"),
        ("Marquee", commit()),
        ("Python", f"{platform.python_version()}: " + ", ".join(f"{name} {version(name)}" for name in PYTHON_PACKAGES)),
        ("Node.js", f"{node_version()}: " + ", ".join(f"{name} {node_package(name)}" for name in NODE_PACKAGES)),
    ]


def processor() -> str:
    """The model's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return said_by("sysctl", "-n", "machdep.cpu.brand_string") or platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def commit() -> str:
    """The commit that was measured."""
    changed = ", with changes" if said_by("git", "status", "--porcelain", "--untracked-files=no") else ""
    return (said_by("git", "rev-parse", "--short", "HEAD") or "unknown") + changed


def node_version() -> str:
    return said_by("node", "--version").removeprefix("v") or "none"


def node_package(name: str) -> str:
    manifest = NODE / "node_modules" / name / "package.json"
    return str(json.loads(manifest.read_text())["version"]) if manifest.exists() else "not installed"


def said_by(program: str, *arguments: str) -> str:
    """What a program prints, nothing where it is missing or fails."""
    if shutil.which(program) is None:
        return ""
    done = subprocess.run([program, *arguments], cwd=CHECKOUT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""
