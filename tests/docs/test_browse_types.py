"""The types of the client of /browse are those of schema.graphql."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from app.settings import CHECKOUT

UI = CHECKOUT / "ui"
# Where scripts/build-ui puts it on machines that have none.
NODE = shutil.which("node") or shutil.which(CHECKOUT / ".venv-node" / "bin" / "node")
TYPES = UI / "src" / "browse" / "data" / "operations.ts"

pytestmark = pytest.mark.skipif(
    NODE is None or not (UI / "node_modules" / "@graphql-codegen").is_dir(), reason="the UI is not built: make ui"
)


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert NODE is not None
    return subprocess.run([NODE, *arguments, "--check"], cwd=UI, capture_output=True, text=True)


def test_the_types_of_the_client_are_those_of_the_schema() -> None:
    checked = check("scripts/types.mjs")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_types_that_are_not_those_of_the_schema_are_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In a copy whose schema calls a field otherwise."""
    copy = tmp_path_factory.mktemp("checkout")
    for file in ("scripts/types.mjs", "src/browse/data/operations.graphql", "src/browse/data/operations.ts"):
        target = copy / "ui" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(UI / file, target)
    (copy / "ui" / "node_modules").symlink_to(UI / "node_modules")
    schema = (CHECKOUT / "schema.graphql").read_text()
    (copy / "schema.graphql").write_text(schema.replace("  TITLE\n", "  NAME_OF_IT\n"))
    checked = check(str(copy / "ui" / "scripts" / "types.mjs"))
    assert checked.returncode == 1
    assert "run `npm run types` in ui/" in checked.stderr
