"""Run the app for real, with a browser in front of it: for tests, benchmarks and screenshots."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.environment import BROWSERS, ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
"""For a browser without a window on a small machine that may have no network."""


@dataclass(frozen=True)
class App:
    """A running server."""

    url: str
    log: Path
    process: int
    """Number of the server's process."""

    def __call__(self, path: str = "") -> str:
        """Return the address of a page: ``app("?lang=ja")``."""
        return f"{self.url}/{path.lstrip('/')}"

    def cpu(self) -> float:
        """Return how many seconds of a processor the server has used so far (Linux)."""
        return time.clock_gettime(~self.process << 3 | 2)  # as clock_getcpuclockid does


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(script: Path, log: Path, folder: Path = ROOT) -> Iterator[App]:
    """Run ``streamlit run script`` on a free port of the loopback until the block is left."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield App(f"http://127.0.0.1:{port}", log, server.pid)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


def _wait_until_healthy(url: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the app did not start:\n{log.read_text('utf-8', 'replace')}")


def browser_path() -> str | None:
    """Return the system's Chromium, or ``None`` for the one that Playwright installs."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


@contextmanager
def launch(flags: Sequence[str] = ()) -> Iterator[Browser]:
    """Start Chromium without a window; ``flags`` are added to ``FLAGS``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(), headless=True, args=[*FLAGS, *flags]
        )
        try:
            yield browser
        finally:
            browser.close()
