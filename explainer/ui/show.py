"""Show a live network: the app in a thread of the process that holds it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import webbrowser
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from explainer.errors import ReaderError
from explainer.models import shown

if TYPE_CHECKING:
    from torch import nn

APP = Path(__file__).parents[2] / "app.py"
_START_WITHIN = 60.0
"""Seconds."""


@dataclass(frozen=True)
class Showing:
    """A network on show."""

    url: str
    """Where the app shows it."""
    key: str = field(repr=False)

    def stop(self) -> None:
        """Let go of the network; with the last one, the server ends."""
        shown.forget(self.key)
        if not shown.shown_keys():
            _stop_server()

    def wait(self) -> None:
        """Wait until the server ends; Ctrl-C ends the wait as it ends anything in Python."""
        server = _server
        while server is not None and server.thread.is_alive():
            server.thread.join(0.5)  # in steps: on Windows, Ctrl-C does not end a longer wait

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the app in a frame, and a link to it."""
        return (
            f'<a href="{self.url}" target="_blank">{self.url}</a><br>'
            f'<iframe src="{self.url}" width="100%" height="720" style="border: 1px solid #8884" '
            'allow="camera; clipboard-write"></iframe>'
        )


def show(
    model: nn.Module,
    image: Any,
    *,
    classes: Any,
    preprocessing: Any,
    title: str | None,
    port: int | None,
    open_browser: bool,
    block: bool | None,
) -> Showing:
    """Do what ``explainer.show`` says."""
    from explainer.models.live import wrap

    if port is not None and not 0 < port < 65536:
        raise ReaderError("{port} is no port: give a number from 1 to 65535.", port=port)
    key = shown.new_key()
    loaded, picture = wrap(
        model, classes=classes, preprocessing=preprocessing, image=image, title=title, key=key
    )
    server = _running_server(port)
    arguments = "model" + (", image=image" if image is not None else "")
    arguments += ", preprocessing=preprocessing" if preprocessing is not None else ""
    shown.register(shown.Shown(loaded, picture, f"wrap({arguments})[0]"))
    query = {"model": key} | ({"image": key} if picture is not None else {})
    showing = Showing(f"http://localhost:{server.port}/?{urlencode(query)}", key)
    print(f"ConvScope shows {loaded.title} at {showing.url}", flush=True)
    try:
        if open_browser and _has_screen() and not _in_notebook():
            webbrowser.open(showing.url)
        if block if block is not None else not _is_interactive():
            showing.wait()
    except KeyboardInterrupt:
        showing.stop()
    return showing


def _has_screen() -> bool:
    """Whether a browser would have a window; without, Python would start one in the terminal."""
    return not sys.platform.startswith("linux") or any(
        os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def _in_notebook() -> bool:
    """Whether what is returned is drawn in a cell."""
    return type(_shell()).__name__ == "ZMQInteractiveShell"


def _is_interactive() -> bool:
    return hasattr(sys, "ps1") or bool(sys.flags.interactive) or _shell() is not None


def _shell() -> Any:
    """Return the running IPython, which a notebook is, too."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


# --- the server --------------------------------------------------------------------------------------------


class _Server:
    """Streamlit's server on an event loop of its own, in a thread that does not keep the process alive."""

    def __init__(self, port: int | None) -> None:
        self.wanted = port
        self.port = 0
        self.failure: BaseException | None = None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: Any = None
        self.thread = threading.Thread(target=self._run, name="convscope", daemon=True)
        self.thread.start()
        if not self._ready.wait(_START_WITHIN) or self.failure is not None:
            raise ReaderError(
                "The app's server did not start: {problem}.", problem=self.failure or "no answer"
            ) from self.failure

    def stop(self) -> None:
        if self._loop is not None and self.thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
            self.thread.join(10)
            # Streamlit takes it that a process has one server in its life; another may follow this one.
            from streamlit.runtime import Runtime

            Runtime._instance = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - SystemExit, too, where the port is taken
            self.failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        from streamlit import config
        from streamlit.web import bootstrap
        from streamlit.web.server import Server

        script = str(APP)
        config._main_script_path = script  # its folder holds the app's look
        options = {
            "server_headless": True,
            "server_port": self.wanted or 0,
            "server_address": "localhost",
            "logger_level": "error",
        }
        bootstrap.load_config_options(options)
        if str(APP.parent) not in sys.path:
            sys.path.append(str(APP.parent))
        self._loop = asyncio.get_running_loop()
        self._server = Server(script, is_hello=False)
        await self._server.start()
        bootstrap.prepare_streamlit_environment(script)
        self.port = int(config.get_option("server.port"))
        self._ready.set()
        await self._server.stopped


_server: _Server | None = None
_lock = threading.Lock()


def _running_server(port: int | None) -> _Server:
    """Return this process's server, started if there is none."""
    global _server
    from streamlit import runtime

    with _lock:
        if _server is not None and _server.thread.is_alive():
            if port not in (None, _server.port):
                raise ReaderError(
                    "The app already runs in this process, on port {port}. Stop it first, or leave the port "
                    "out.",
                    port=_server.port,
                )
            return _server
        if runtime.exists():
            raise ReaderError("explainer.show cannot be called from a Streamlit app: this is one.")
        _server = _Server(port)
        return _server


def _stop_server() -> None:
    global _server
    with _lock:
        if _server is not None:
            _server.stop()
            _server = None
