"""The documents of jobs: the worked example is what it says (test_docs.py runs it), and every kind is told of."""

from __future__ import annotations

from jobs.kinds import KINDS
from tests.docs.test_docs import BLOCK, CHECKOUT


def test_the_worked_example_of_a_new_job_is_one_file_a_line_in_a_list_and_its_test() -> None:
    blocks = dict(BLOCK.findall((CHECKOUT / "docs" / "add-a-job.md").read_text()))

    assert list(blocks) == ["jobs/count_letters.py", "jobs/kinds.py", "tests/jobs/test_count_letters.py"]
    assert not (CHECKOUT / "jobs" / "count_letters.py").exists()
    assert sum(line.startswith("+") for line in blocks["jobs/kinds.py"].splitlines()) == 2
    assert len(blocks["jobs/count_letters.py"].splitlines()) <= 60


def test_every_job_is_in_the_document() -> None:
    text = (CHECKOUT / "docs" / "jobs.md").read_text()

    assert [name for name in KINDS if f"| `{name}` |" not in text] == []
