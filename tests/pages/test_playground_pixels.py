"""The part "Pixels" without a browser: what is sent of the photo, the code below it, odd links."""

import numpy as np
import page_parts
import pytest
from page_parts import checked, frame_with
from streamlit.testing.v1 import AppTest

from explainer.components.pixel_view import FOLDER
from explainer.samples import sample
from explainer.ui import catalogue
from explainer.ui.translations import javascript_texts


def visit(**link: str) -> AppTest:
    return checked(page_parts.visit("playground", "pixels", **link))


def frame(page: AppTest) -> dict:
    return frame_with(page, "pixels")


def code(page: AppTest) -> str:
    return next(block.value for block in page.code if "pixels = " in block.value)


def test_the_photo_is_sent_as_it_is():
    page = visit()
    sent = frame(page)
    picture = np.array(sample("coffee").load())
    assert np.array_equal(sent["pixels"].reshape(sent["height"], sent["width"], 3), picture)
    assert "pixels[152, 204, 1], planes[1, 152, 204], x[0, 1, 152, 204]" in code(page)


def test_what_the_component_says_gets_into_link_and_code():
    page = visit(image="chelsea")
    ask = {"x": "30", "y": "12", "c": "2", "show": "grey", "bits": "4", "lens": "9.00,31.0,13.0", "serial": 5}
    page.session_state["pixel_view"] = {"ask": ask}
    page.run()
    for name in ("x", "y", "c", "show", "bits", "lens"):
        assert page.query_params[name] == ask[name]
    assert page.query_params["image"] == "chelsea"
    assert "x[0, 2, 12, 30]" in code(page)
    assert "grey >> 4" in code(page)
    # An old request, still in the state, does not undo what came later.
    page.query_params["x"] = "77"
    page.run()
    assert page.query_params["x"] == "77"


def test_a_large_photo_is_shrunk_and_says_so():
    page = visit(image="hubble")
    assert max(frame(page)["width"], frame(page)["height"]) == 640
    assert "image.thumbnail((640, 640))" in code(page)


def test_all_words_in_japanese():
    wanted = {key for path in FOLDER.glob("*.js") for key in javascript_texts(path.read_text("utf-8"))}
    known = catalogue.load("ja")
    assert wanted
    assert frame(visit(lang="ja"))["texts"] == {key: known[key] for key in wanted}


@pytest.mark.parametrize(
    "link",
    [
        {"x": "9999", "y": "-3", "c": "7"},
        {"bits": "64", "norm": "nothing", "lens": "a,b,c"},
        {"x": "1" * 5000, "show": "<script>"},
        {"image": "no-such-sample", "tint": "maybe"},
    ],
)
def test_nonsense_in_the_link(link):
    assert "x[0, 1, 152, 204]" in code(visit(**link))
