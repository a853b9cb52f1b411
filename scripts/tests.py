"""Run the tests: first those that may share the machine, on all cores, then the browser's, one by one.

What a browser shows depends on the time that the app takes, so nothing else runs beside it. Even so a busy
machine can be too slow for a moment: browser tests that fail are run once more by themselves, and count only
if they fail again. The first summary names them; one that appears there often has a race to be found. All
arguments are pytest's.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

import pytest

SHARING = ("-m", "not e2e", "-n", "auto")
BROWSER = ("-m", "e2e")


def main(arguments: Iterable[str]) -> int:
    """Run all turns, whatever comes of the first; return pytest's exit status, 0 if all tests passed."""
    given = tuple(arguments)
    came = [_run(*SHARING, *given), _run(*BROWSER, *given)]
    if came[1] == pytest.ExitCode.TESTS_FAILED:
        print("\nThe browser tests that failed, once more:", flush=True)
        came[1] = _run(*BROWSER, "--last-failed", *given)
    # A choice of tests may leave one of the turns without any.
    ran = [status for status in came if status != pytest.ExitCode.NO_TESTS_COLLECTED]
    return max(ran, key=bool, default=int(pytest.ExitCode.NO_TESTS_COLLECTED))


def _run(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
