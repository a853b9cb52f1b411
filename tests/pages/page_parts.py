"""Parts of pages without a browser: opened by a link, read back as what their components are sent."""

from typing import Any

import torch
from streamlit.testing.v1 import AppTest

from explainer.render.wire import unpack
from scripts.driver import ROOT

torch.set_num_threads(1)  # and PyTorch is there: pages wait for their first paint only where it is not


def visit(page: str, part: str, **link: str) -> AppTest:
    """Return the app after opening a part of a page, ``part`` and ``link`` standing in the address."""
    return opened(page, part, {}, **link)


def opened(page: str, part: str, state: dict[str, Any], **link: str) -> AppTest:
    """Do what ``visit`` does in a session that holds ``state`` already."""
    app = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    app.switch_page(f"pages/{page}.py")
    for name, value in state.items():
        app.session_state[name] = value
    for name, value in {"part": part, **link}.items():
        app.query_params[name] = value
    return app.run()


def checked(app: AppTest) -> AppTest:
    """Return the app if nothing has gone wrong on it."""
    assert not app.exception
    assert not app.error, [error.value for error in app.error]
    return app


def frames(app: AppTest) -> list[dict[str, Any]]:
    """Return what the components that show bytes have been sent."""
    return [unpack(one.proto.bytes) for one in app.get("bidi_component") if one.proto.bytes]


def frame_with(app: AppTest, field: str) -> dict[str, Any]:
    """Return the first frame that has ``field``, on a page where nothing has gone wrong."""
    return next(frame for frame in frames(checked(app)) if field in frame)


def link_of(app: AppTest) -> dict[str, str]:
    """Return the query parameters."""
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}
