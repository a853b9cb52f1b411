"""Make or repair the virtual environment: ``python scripts/environment.py requirements.txt [--browser]``.

Runs with any Python 3 and nothing installed. A second run with unchanged requirements costs a fraction of a
second; an install that was interrupted is started over.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
UNFINISHED = VENV / ".installing"
OLDEST = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Without bytecode on disk every start compiles torch and its friends again: 20 s instead of 3.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    """Bring the environment up to date with the named requirements."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--browser", action="store_true", help="find or install Chromium, too")
    options = parser.parse_args()
    ensure_packages(ROOT / options.requirements)
    if options.browser:
        ensure_browser()


def ensure_packages(requirements: Path) -> None:
    """Install ``requirements`` unless exactly they are installed already."""
    stamp = VENV / f".installed-{requirements.stem}"
    key = fingerprint(requirements)
    usable = works(PYTHON)
    if UNFINISHED.exists():
        say("The last install was not finished; starting over.")
        usable = False
    if usable and stamp.exists() and stamp.read_text() == key:
        return
    if not usable:
        create()
    say(f"Installing {requirements.name}; the first time this takes a few minutes.")
    UNFINISHED.touch()
    install(requirements)
    stamp.write_text(key)
    UNFINISHED.unlink()


def fingerprint(requirements: Path) -> str:
    """Return a hash of a requirements file and of the files that it includes."""
    digest = hashlib.sha256()
    for line in requirements.read_text("utf-8").splitlines():
        if line.startswith("-r "):
            digest.update(fingerprint(requirements.parent / line[3:].strip()).encode())
        digest.update(line.encode())
    return digest.hexdigest()


def create() -> None:
    """Make ``.venv`` anew."""
    python = interpreter()
    uv = shutil.which("uv")
    say(f"Making .venv with {python or 'a Python from uv'}.")
    commands = [[uv, "venv", "--quiet", "--python", python or "3.12", str(VENV)]] if uv else []
    commands += [[python, "-m", "venv", str(VENV)]] if python else []
    for command in commands:
        shutil.rmtree(VENV, ignore_errors=True)
        if run(command):
            return
    shutil.rmtree(VENV, ignore_errors=True)
    if python is None:
        sys.exit("ConvScope needs Python 3.11 or newer (https://www.python.org/downloads/).")
    sys.exit(
        "This Python cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv, "
        "then run the same command again. Or install uv (https://docs.astral.sh/uv/)."
    )


def interpreter() -> str | None:
    """Return a Python that is new enough: this one, or another on the path."""
    if sys.version_info >= OLDEST:
        return sys.executable
    names = [f"python3.{minor}" for minor in range(14, 10, -1)]
    return next((path for path in map(shutil.which, names) if path and works(path)), None)


def works(python: str | Path) -> bool:
    """Whether ``python`` starts and is new enough."""
    check = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    try:
        done = subprocess.run([str(python), "-c", check], capture_output=True, check=False, timeout=60)
    except OSError:
        return False
    return done.returncode == 0


def install(requirements: Path) -> None:
    """Install with uv where there is one or it can be had (half a minute), else with pip (a few)."""
    found = shutil.which("uv")
    uv = [found] if found else [str(PYTHON), "-m", "uv"]
    if len(uv) > 1:
        run([str(PYTHON), "-m", "pip", "install", "--quiet", "uv"], quiet=True)
    wanted = ["-r", str(requirements)]
    if run([*uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode", *wanted], quiet=False):
        return
    say("uv could not install everything; trying pip.")
    if not run([str(PYTHON), "-m", "pip", "--version"], quiet=True):
        run([str(PYTHON), "-m", "ensurepip"], quiet=True)
    if not run([str(PYTHON), "-m", "pip", "install", *wanted]):
        sys.exit("The packages could not be installed; see above. Then run the same command again.")


def ensure_browser() -> None:
    """Make sure that there is a Chromium: the system's, else the one that Playwright installs."""
    if any(map(shutil.which, BROWSERS)):
        return
    command = [str(PYTHON), "-m", "playwright", "install", "chromium"]
    if sys.platform == "linux" and os.geteuid() == 0:
        command.insert(-1, "--with-deps")
    if not run(command):
        sys.exit("No browser for the browser tests: install Chromium (sudo apt install chromium).")


def run(command: list[str], quiet: bool = False) -> bool:
    """Run a command; whether it succeeded."""
    output = subprocess.DEVNULL if quiet else None
    try:
        done = subprocess.run(command, env=ENVIRONMENT, stdout=output, stderr=output, check=False)
    except OSError:
        return False
    return done.returncode == 0


def say(text: str) -> None:
    """Tell the one who waits."""
    print(f"convscope: {text}", flush=True)


if __name__ == "__main__":
    main()
