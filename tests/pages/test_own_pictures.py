"""A picture that the reader brought is on every page of the visit; elsewhere a sentence says why not."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from explainer.samples import sample
from explainer.ui.pickers import OwnPicture

APP = Path(__file__).parents[2] / "app.py"
KEY = "own-0123456789abcdef"
PAGES = ("app.py", "pages/why.py", "pages/layers.py", "pages/detection.py")


def visit(page: str, *, brought: bool) -> AppTest:
    torch.set_num_threads(1)
    app = AppTest.from_file(str(APP), default_timeout=120)
    if page != "app.py":
        app.switch_page(page)
    app.query_params["image"] = KEY
    if page == "pages/detection.py":
        app.query_params["part"] = "yolo"
    if brought:
        frozen = sample("astronaut").load().resize((640, 480))
        app.session_state["own_pictures"] = {KEY: OwnPicture("frame", frozen, frozen.resize((144, 108)))}
    app.run()
    assert not app.exception
    assert not app.error, [error.value for error in app.error]
    return app


def chosen(app: AppTest) -> tuple[str, list[str]]:
    """Return the key that is marked in the strip, and all keys."""
    for part in app.get("bidi_component"):
        data = json.loads(part.proto.json) if part.proto.json else {}
        if isinstance(data, dict) and "selected" in data and "items" in data:
            return data["selected"], [item["key"] for item in json.loads(data["items"])]
    raise AssertionError("there is no strip")


@pytest.mark.parametrize("page", PAGES)
def test_a_picture_of_this_visit_is_found_on_every_page(page):
    app = visit(page, brought=True)
    assert chosen(app)[0] == KEY
    assert not [one.value for one in app.info if "visit" in one.value]
    assert app.query_params["image"] in (KEY, [KEY]), "the links to the other pages take it along"


@pytest.mark.parametrize("page", PAGES)
def test_in_another_visit_a_sentence_says_why_it_is_not_there(page):
    app = visit(page, brought=False)
    selected, keys = chosen(app)
    assert KEY not in keys
    assert selected in keys, "the page shows something else"
    assert [one.value for one in app.info if "kept only for your visit" in one.value]


def test_a_frame_of_a_camera_becomes_a_picture_of_the_strip():
    def script():
        import numpy as np
        import streamlit as st
        from PIL import Image

        from explainer.ui.pickers import add_picture

        frames = [np.full((48, 64, 3), level, np.uint8) for level in (10, 10, 200)]
        st.session_state["keys"] = [add_picture("frame.png", Image.fromarray(frame)) for frame in frames]

    app = AppTest.from_function(script).run()
    first, again, other = app.session_state["keys"]
    assert first == again != other, "the same frame is there once"
    kept = app.session_state["own_pictures"]
    assert list(kept) == [first, other]
    assert isinstance(kept[first].image, Image.Image)
    assert kept[first].image.size == (64, 48)
