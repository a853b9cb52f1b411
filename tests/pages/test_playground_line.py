"""The part "1-D" without a browser: what is sent for a link, what gets into the link, odd links."""

import page_parts
import pytest
from page_parts import checked, frame_with
from streamlit.testing.v1 import AppTest

from explainer.components.line_view import FOLDER
from explainer.playground.line_presets import PRESETS
from explainer.ui import catalogue
from explainer.ui.translations import javascript_texts


def visit(**link: str) -> AppTest:
    return checked(page_parts.visit("playground", "line", **link))


def frame(page: AppTest) -> dict:
    return frame_with(page, "presets")


def test_the_first_example_and_the_presets():
    sent = frame(visit())
    assert sent["output"].tolist() == [0, 2, 0, 1, 1, 1, 2, 1]
    assert [preset["key"] for preset in sent["presets"]] == [preset.key for preset in PRESETS]


def test_a_link_says_everything():
    link = {"data": "0 1 2 1 0 0 1 1 1 0", "kernel": "1 2 1", "w": "3", "show": "matrix"}
    page = visit(**link)
    sent = frame(page)
    assert sent["output"].tolist() == [4, 6, 4, 1, 1, 3, 4, 3]
    assert (sent["place"], sent["panel"]) == (3, "matrix")
    code = next(block.value for block in page.code if "conv1d" in block.value)
    assert "w = torch.tensor([1., 2., 1.])" in code
    assert "y[0, 0, 3]" in code


def test_what_the_component_says_gets_into_the_link():
    page = visit(stride="2")
    ask = {
        "data": "1 2 3 4", "kernel": "1 -1", "stride": 1, "padding": 1, "dilation": 1, "mode": "circular",
        "flip": "1", "w": 2, "show": "plot", "serial": 12.0,
    }  # fmt: skip
    page.session_state["line_view"] = {"ask": ask}
    checked(page.run())
    sent = frame(page)
    assert sent["serial"] == 12
    assert sent["output"].tolist() == [-3, 1, 1, 1, -3]  # w read backwards over 4 1 2 3 4 1
    found = {name: page.query_params[name] for name in page.query_params if name not in {"part", "lang"}}
    expected = {
        "data": "1 2 3 4",
        "kernel": "1 -1",
        "padding": "1",
        "mode": "circular",
        "flip": "1",
        "w": "2",
    }
    assert found == expected | {"show": "plot"}


def test_no_output_is_no_error():
    page = visit(data="1", kernel="1 1 1")
    assert len(frame(page)["output"]) == 0
    assert not [block for block in page.code if "conv1d" in block.value]


def test_all_words_in_japanese():
    wanted = {key for path in FOLDER.glob("*.js") for key in javascript_texts(path.read_text("utf-8"))}
    known = catalogue.load("ja")
    sent = frame(visit(lang="ja"))
    assert sent["texts"] == {key: known[key] for key in wanted}
    assert sent["presets"][3]["title"] == "エッジ検出"


@pytest.mark.parametrize(
    "link",
    [
        {"data": "a b", "kernel": "", "w": "-1", "show": "pictures"},
        {"stride": "1e9", "padding": "99", "dilation": "0", "mode": "<b>", "flip": "2", "w": "9" * 4000},
    ],
)
def test_nonsense_in_the_link(link):
    assert frame(visit(**link))["output"].tolist() == [0, 2, 0, 1, 1, 1, 2, 1]
