"""What tests share: the data folder, and the app running for real with a browser in front of it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of outside data sets and weights; tests that need it are skipped elsewhere."""
    place = os.environ.get("CONVSCOPE_DATA", "")
    if not place or not Path(place).is_dir():
        pytest.skip("needs outside data: set CONVSCOPE_DATA to the folder that holds it")
    return Path(place)


# --- the app ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class App:
    """A running server."""

    url: str
    log: Path

    def __call__(self, path: str = "") -> str:
        """Return the address of a page: ``app("?lang=ja")``."""
        return f"{self.url}/{path.lstrip('/')}"


def free_port() -> int:
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
            yield App(f"http://127.0.0.1:{port}", log)
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
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start:\n{log.read_text('utf-8', 'replace')}")


@pytest.fixture(scope="session")
def app_server(tmp_path_factory) -> Iterator[App]:
    """The app, started once for all browser tests."""
    with serving(ROOT / "app.py", tmp_path_factory.mktemp("server") / "log.txt") as app:
        yield app


@pytest.fixture
def fresh_app(tmp_path) -> Iterator[App]:
    """The app on a server that nobody has visited yet."""
    with serving(ROOT / "app.py", tmp_path / "log.txt") as app:
        yield app


@pytest.fixture(scope="module")
def serve(tmp_path_factory) -> Iterator[Callable[..., App]]:
    """Serve a little Streamlit script given as text, with pages: ``serve("import ...", other="...")``.

    Each call starts a server, which runs until the module's tests are over.
    """
    with ExitStack() as stack:

        def start(source: str, **pages: str) -> App:
            folder = tmp_path_factory.mktemp("served")
            files = {"script.py": source, **{f"pages/{name}.py": content for name, content in pages.items()}}
            for name, content in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(content, "utf-8")
            return stack.enter_context(serving(folder / "script.py", folder / "log.txt"))

        yield start


@pytest.fixture(scope="session")
def file_server() -> Iterator[str]:
    """The project's files over HTTP, for ES modules imported without Streamlit; the address of its root."""

    class Quiet(SimpleHTTPRequestHandler):
        extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}  # noqa: RUF012

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ROOT)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


# --- the browser -----------------------------------------------------------------------------------------


def browser_path() -> str | None:
    """Return the system's Chromium, or ``None`` for the one that Playwright installs."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Open a tab: ``open_page(url, width=420, theme="dark", locale="ja-JP")``; errors in it fail the test.

    ``page.problems`` lists what the browser's console complained about.
    """
    contexts = []

    def start(url=None, *, width=1440, height=900, theme="light", locale="en-US", **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, locale=locale, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda message: message.type == "error" and page.problems.append(message.text))
        if url:
            page.goto(url)
        return page

    yield start
    problems = [text for context in contexts for page in context.pages for text in _serious(page.problems)]
    for context in contexts:
        context.close()
    assert not problems, "the browser complained:\n" + "\n".join(problems)


_HARMLESS = re.compile(r"_stcore/|favicon|Failed to load resource|preload|net::ERR_|frame-ancestors")


def _serious(problems: list[str]) -> list[str]:
    return [text for text in problems if not _HARMLESS.search(text)]
