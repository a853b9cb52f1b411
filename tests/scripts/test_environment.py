"""What ``make`` stands on: the environment is made once, renewed when asked, and repaired when broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.driver import ROOT
from scripts.environment import fingerprint


@pytest.fixture
def project(tmp_path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "environment.py", tmp_path / "scripts")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def prepare(project: Path) -> str:
    command = [sys.executable, str(project / "scripts" / "environment.py"), "requirements.txt"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def test_the_fingerprint_follows_included_files(tmp_path):
    base, more = tmp_path / "requirements.txt", tmp_path / "requirements-dev.txt"
    base.write_text("a>=1\n")
    more.write_text("-r requirements.txt\nb>=1\n")
    before = fingerprint(more)
    assert fingerprint(more) == before
    base.write_text("a>=2\n")
    assert fingerprint(more) != before


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("uv"), reason="without uv, making an environment needs the network")
def test_the_environment_is_made_once_renewed_and_repaired(project):
    assert "Making .venv" in prepare(project)
    python = project / ".venv" / "bin" / "python"
    assert subprocess.run([python, "-c", "import sys; assert sys.prefix != sys.base_prefix"]).returncode == 0
    assert prepare(project) == ""

    (project / "requirements.txt").write_text("# something else\n")
    changed = prepare(project)
    assert "Installing requirements.txt" in changed
    assert "Making .venv" not in changed

    (project / ".venv" / ".installing").touch()
    assert "was not finished" in prepare(project)
    assert prepare(project) == ""

    python.unlink()
    assert "Making .venv" in prepare(project)
    assert prepare(project) == ""


def test_make_explains_itself():
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "check", "bench", "screenshots", "translations"):
        assert f"make {target} " in shown
