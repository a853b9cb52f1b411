"""A network namespace with nothing but a loopback, in which a server and a browser can stream to each other.

The server's side of WebRTC (aioice) leaves 127.0.0.1 out when it looks for ways between two ends, and a test
must not depend on which other networks a machine has. So the room's loopback has a second address, and
there is no other network.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.driver import FLAGS, App, browser_path
from scripts.environment import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType

WAYS = (("unshare", "--net"), ("unshare", "--map-root-user", "--net"))
"""How a namespace is made: as root, and as an ordinary user where the machine lets them."""
_FURNISH = "ip link set lo up && ip addr add 127.0.0.2/8 dev lo && echo ready && exec sleep infinity"
_ANSWERS = """
import sys, time, urllib.request
for _ in range(600):
    try:
        urllib.request.urlopen(sys.argv[1], timeout=2)
        sys.exit()
    except OSError:
        time.sleep(0.05)
sys.exit("it does not answer")
"""
_PORT = 8501


class NoRoomError(Exception):
    """There can be no such namespace here; says why."""


@dataclass(frozen=True)
class Room:
    """A namespace that is there as long as the process that holds it."""

    holder: int
    own_users: bool

    def inside(self, command: Sequence[str]) -> list[str]:
        """Return the command that runs another one in the room."""
        users = ["--user", "--preserve-credentials"] if self.own_users else []
        return ["nsenter", f"--target={self.holder}", *users, "--net", "--", *command]

    @contextmanager
    def serving(
        self, script: Path, log: Path, environment: Mapping[str, str] | None = None, port: int = _PORT
    ) -> Iterator[App]:
        """Run ``streamlit run script`` in the room until the block is left."""
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
        command += [f"--server.port={port}", "--server.address=127.0.0.1"]
        settings = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **(environment or {})}
        with log.open("wb") as output:
            server = subprocess.Popen(
                self.inside(command),
                cwd=ROOT,
                env=settings,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                asking = [sys.executable, "-c", _ANSWERS, f"{url}/_stcore/health"]
                if subprocess.run(self.inside(asking), check=False, timeout=90).returncode:
                    raise RuntimeError(f"the app did not start:\n{log.read_text('utf-8', 'replace')}")
                yield App(url, log, server.pid)
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                try:
                    server.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(server.pid, signal.SIGKILL)
                    server.wait()

    @contextmanager
    def browser(self, kind: BrowserType, film: Path, folder: Path) -> Iterator[Browser]:
        """Start Chromium in the room, its camera showing a film (Y4M) over and over.

        Args:
            kind: how Playwright starts one, ``playwright.chromium``.
            film: what the camera shows.
            folder: for the script that opens the door.
        """
        door = folder / "chromium-in-the-room"
        program = browser_path() or kind.executable_path
        door.write_text(f'#!/bin/sh\nexec {shlex.join(self.inside([program]))} "$@"\n', "utf-8")
        door.chmod(0o755)
        browser = kind.launch(
            executable_path=str(door),
            headless=True,
            args=[
                *FLAGS,
                "--allow-loopback-in-peer-connection",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def room(ways: Sequence[Sequence[str]] = WAYS, path: str | None = None) -> Iterator[Room]:
    """Make a room, furnish it, and give it up again.

    Args:
        ways: to make a namespace, tried in turn.
        path: where programs are looked for; as everywhere, where it is not said.

    Raises:
        NoRoomError: none of the ways works here.
    """
    missing = [name for name in ("unshare", "nsenter", "ip") if shutil.which(name, path=path) is None]
    if missing:
        raise NoRoomError(f"needs {' and '.join(missing)} (packages util-linux and iproute2)")
    said = []
    for way in ways:
        holder = subprocess.Popen(
            [*way, "sh", "-c", _FURNISH], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        assert holder.stderr is not None
        try:
            if holder.stdout.readline().strip() == "ready":
                yield Room(holder.pid, "--map-root-user" in way)
                return
            said.append(f"{' '.join(way)}: {holder.stderr.read().strip()}")
        finally:
            holder.kill()
            holder.wait()
            holder.stdout.close()
            holder.stderr.close()
    raise NoRoomError("needs the right to make a network namespace (" + "; ".join(said) + ")")


@dataclass(frozen=True)
class Used:
    """What a process uses at a moment (Linux)."""

    threads: int
    memory: float
    """Resident megabytes that belong to it alone: without what it maps from files."""


def used_by(process: int) -> Used:
    """Return what a process uses."""
    told = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
        if ":" in line
    )
    return Used(int(told["Threads"]), int(told["RssAnon"].split()[0]) / 1024)


def settled(process: int, wait, *, most: int, seconds: float = 15.0) -> Used:
    """Wait until a process has at most so many threads, and return what it uses then, or in the end.

    Args:
        process: its number.
        wait: lets some time pass, in milliseconds (``page.wait_for_timeout``).
        most: threads.
        seconds: to wait at most.
    """
    until = time.monotonic() + seconds
    while (now := used_by(process)).threads > most and time.monotonic() < until:
        wait(100)
    return now
