"""What tests share: the data folder, and the app running for real with a browser in front of it."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

# What a test computes must not depend on how many cores are free; read when PyTorch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from scripts.driver import ROOT, App, launch, serving


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of outside data sets and weights; tests that need it are skipped elsewhere."""
    place = os.environ.get("CONVSCOPE_DATA", "")
    if not place or not Path(place).is_dir():
        pytest.skip("needs outside data: set CONVSCOPE_DATA to the folder that holds it")
    return Path(place)


# --- the app ---------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True, scope="session")
def runs_of_their_own(tmp_path_factory) -> None:
    """Whatever the tests train does not lie among the runs of whoever works here."""
    os.environ["CONVSCOPE_RUNS"] = str(tmp_path_factory.mktemp("runs"))


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


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window, with a camera that shows a moving test picture."""
    with launch(("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")) as browser:
        yield browser


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
        page.on(
            "request", lambda request: _leaves(request.url) and page.problems.append(f"asked {request.url}")
        )
        if url:
            page.goto(url)
        return page

    yield start
    problems = [text for context in contexts for page in context.pages for text in _serious(page.problems)]
    for context in contexts:
        context.close()
    assert not problems, "the browser complained:\n" + "\n".join(problems)


_HARMLESS = re.compile(r"_stcore/|favicon|Failed to load resource|preload|net::ERR_|frame-ancestors")


def _leaves(url: str) -> bool:
    """Whether a request goes beyond this machine: the app has to work without the internet."""
    return urlsplit(url).hostname not in {None, "", "127.0.0.1", "localhost"}


def _serious(problems: list[str]) -> list[str]:
    return [text for text in problems if not _HARMLESS.search(text)]
