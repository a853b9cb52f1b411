"""The running app and a browser with a camera, alone with each other in a network namespace."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import live_film
import pytest
from live_page import LivePage
from live_room import NoRoomError, Room, room

from scripts.driver import ROOT, App


@pytest.fixture(scope="session")
def live_room() -> Iterator[Room]:
    """A place where WebRTC works on loopback; tests that need it are skipped where there can be none."""
    try:
        with room() as made:
            yield made
    except NoRoomError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def live_app(live_room, tmp_path_factory) -> Iterator[App]:
    """The app in the room."""
    with live_room.serving(ROOT / "app.py", tmp_path_factory.mktemp("live") / "log.txt") as app:
        yield app


@pytest.fixture(scope="session")
def live_browser(live_room, browser, tmp_path_factory):
    """Chromium in the room; its camera shows the film. Started by the Playwright that there is already."""
    folder = tmp_path_factory.mktemp("camera")
    film = folder / "film.y4m"
    live_film.write(film)
    with live_room.browser(browser.browser_type, film, folder) as inside:
        yield inside
    film.unlink()


@pytest.fixture(scope="module")
def live_page(live_app, live_browser) -> Iterator[LivePage]:
    """The Live camera page with the stream running, one for all tests of a module."""
    with tab(live_app, live_browser) as page:
        yield page


@pytest.fixture
def frugal_page(live_room, live_browser, tmp_path) -> Iterator[LivePage]:
    """The same of an app that gives freed memory back at once: it has no more than what it holds on to."""
    frugal = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_ARENA_MAX": "1"}
    with (
        live_room.serving(ROOT / "app.py", tmp_path / "log.txt", frugal, port=8652) as app,
        tab(app, live_browser) as page,
    ):
        yield page


@contextmanager
def tab(app: App, browser) -> Iterator[LivePage]:
    """Open a tab, and see that nothing went wrong in it."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-US")
    context.add_init_script(path=Path(__file__).parent / "live_stream.js")
    page = context.new_page()
    page.set_default_timeout(30_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield LivePage(page, app)
    context.close()
    assert not problems, "the browser complained:\n" + "\n".join(problems)
