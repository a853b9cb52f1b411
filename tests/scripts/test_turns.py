"""``make test`` runs both turns whatever comes of the first, and fails if any test does."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.driver import ROOT


@pytest.fixture
def project(tmp_path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = e2e\n")
    (tmp_path / "test_some.py").write_text(
        "import os, pathlib, pytest\n"
        "def test_alone(): pathlib.Path('alone').write_text(os.environ['PYTEST_XDIST_WORKER'])\n"
        "def test_wrong(): assert 'wrong' not in os.environ\n"
        "@pytest.mark.e2e\n"
        "def test_browser(): pathlib.Path('browser').write_text(str('PYTEST_XDIST_WORKER' in os.environ))\n"
    )
    return tmp_path


def outcome(project: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, str]]:
    command = [sys.executable, str(ROOT / "scripts" / "tests.py"), "-p", "no:cacheprovider", *arguments]
    found = subprocess.run(command, cwd=project, env=environment, capture_output=True, timeout=120)
    return found.returncode, {
        one: (project / one).read_text() for one in ("alone", "browser") if (project / one).exists()
    }


@pytest.mark.slow
def test_browser_tests_run_after_the_others_and_one_by_one(project):
    status, ran = outcome(project)
    assert status == 0
    assert ran["alone"].startswith("gw")
    assert ran["browser"] == "False"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "environment", "status", "ran"),
    [
        ((), {"wrong": "1"}, 1, {"alone", "browser"}),
        (("-k", "browser"), {"wrong": "1"}, 0, {"browser"}),
        (("-k", "alone"), {"wrong": "1"}, 0, {"alone"}),
        (("-k", "nothing"), {}, 5, set()),
    ],
)
def test_one_failure_or_nothing_to_run_is_told(project, arguments, environment, status, ran):
    found, left = outcome(project, *arguments, **environment)
    assert (found, set(left)) == (status, ran)
