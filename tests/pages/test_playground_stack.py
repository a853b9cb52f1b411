"""The stacking part: presets, layers added and changed, code, refusals, odd links."""

import page_parts
import pytest
from page_parts import frames
from streamlit.testing.v1 import AppTest

from explainer.playground.stacking import PRESETS

VGG = "Conv2d(3, 64, 3, padding=1);ReLU();MaxPool2d(2)"


def visit(**link: str) -> AppTest:
    return page_parts.visit("playground", "stack", **link)


def views(page: AppTest) -> list[dict]:
    return [one for one in frames(page) if "steps" in one]


def act(page: AppTest, what: str, at: int, serial: int) -> AppTest:
    page.session_state["stack_view"] = {"ask": {"act": what, "at": at, "serial": serial}}
    return page.run()


def test_two_chains_side_by_side_at_first():
    page = visit()
    left, right = views(page)
    assert left["steps"][-1]["size"] == right["steps"][-1]["size"] == [5, 5]
    assert left["parameters"] < right["parameters"]
    assert "chain" not in page.query_params
    page.button(key="stack_compare").click().run()
    assert len(views(page)) == 1
    assert "chain" in page.query_params


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset(name):
    page = visit(chain=VGG)
    page.selectbox(key="stack_preset").set_value(name).run()
    assert not page.exception
    assert not page.error
    assert len(views(page)) == (2 if PRESETS[name].against else 1)
    assert page.selectbox(key="stack_preset").value == name


def test_layers_are_moved_removed_and_chosen():
    page = visit(chain=VGG)
    act(page, "down", 0, 1)
    assert page.query_params["chain"] == "ReLU();Conv2d(3, 64, 3, padding=1);MaxPool2d(2)"
    act(page, "remove", 0, 2)
    assert page.query_params["chain"] == "Conv2d(3, 64, 3, padding=1);MaxPool2d(2)"
    act(page, "select", 1, 3)
    assert page.slider(key="stack_kernel_size").value == 2
    act(page, "remove", 1, 3)  # the same serial: asked once, done once
    assert page.query_params["chain"] == "Conv2d(3, 64, 3, padding=1);MaxPool2d(2)"


def test_sliders_and_code_are_one_thing():
    page = visit(chain=VGG)
    page.slider(key="stack_out_channels").set_value(16).run()
    assert "nn.Conv2d(3, 16, 3, padding=1)," in page.text_area(key="stack_code").value
    page.text_area(key="stack_code").set_value("nn.Conv2d(1, 4, 5)\nnn.ReLU()").run()
    assert page.slider(key="stack_kernel_size").value == 5
    (shown,) = views(page)
    assert shown["channels"] == 1
    assert shown["steps"][0]["shape"] == [4, 28, 28]


def test_what_follows_fits_itself_to_a_change():
    page = visit(chain="Conv2d(3, 8, 3);BatchNorm2d(8);Conv2d(8, 4, 3);Flatten();Linear(3136, 10)")
    page.slider(key="stack_out_channels").set_value(12).run()
    page.button(key="stack_add_ReLU").click().run()
    assert (
        page.query_params["chain"]
        == "Conv2d(3, 12, 3);ReLU();BatchNorm2d(12);Conv2d(12, 4, 3);Flatten();Linear(3136, 10)"
    )
    assert not page.error


def test_a_chain_that_does_not_fit_is_refused_in_words():
    page = visit(chain=VGG)
    page.text_area(key="stack_code").set_value("nn.Conv2d(3, 8, 3)\nnn.Conv2d(16, 4, 3)").run()
    assert "Layer 2" in page.error[0].value
    assert page.query_params["chain"] == VGG
    page = visit(chain="Conv2d(3, 8, 3);AdaptiveAvgPool2d(1);Flatten()")
    act(page, "select", 2, 1)
    page.button(key="stack_add_MaxPool2d").click().run()
    assert len(page.warning) == 1
    assert "Flatten()" in page.query_params["chain"]


@pytest.mark.parametrize(
    "query",
    [
        {"chain": "nonsense"},
        {"chain": "Conv2d(3,8,3);Conv2d(16,8,3)", "side": "64"},
        {"chain": VGG, "against": "os.system()", "side": "7"},
        {"chain": "ReLU();" * 60},
        {"chain": "Flatten();Linear(3072, 10);ReLU()"},
        {"chain": "Identity()", "side": "224"},
        {"chain": "Linear(32, 16)"},
        {"chain": "AdaptiveAvgPool2d((None, 4));Dropout(0.3)"},
        {"against": VGG},
    ],
)
def test_odd_links(query):
    page = visit(**query)
    assert not page.exception
    assert not page.error, [error.value for error in page.error]
