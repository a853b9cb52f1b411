"""Run the tests: first those that may share the machine, on all cores, then the browser's, one by one.

What a browser shows depends on the time that the app takes, so nothing else runs beside it. All arguments are
pytest's.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

import pytest

TURNS = (("-m", "not e2e", "-n", "auto"), ("-m", "e2e"))


def main(arguments: Iterable[str]) -> int:
    """Run both turns, whatever comes of the first; return pytest's exit status, 0 if all tests passed."""
    came = [subprocess.run([sys.executable, "-m", "pytest", *turn, *arguments]).returncode for turn in TURNS]
    # A choice of tests may leave one of the turns without any.
    ran = [status for status in came if status != pytest.ExitCode.NO_TESTS_COLLECTED]
    return max(ran, key=bool, default=int(pytest.ExitCode.NO_TESTS_COLLECTED))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
