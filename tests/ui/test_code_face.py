"""The code of a layer beside its sliders, drawn by Streamlit's own test driver."""

import pytest
from streamlit.testing.v1 import AppTest

PAGE = """
import streamlit as st
from explainer.playground.layer_code import layer
from explainer.ui.playground.code_face import code_face

waiting = st.session_state.pop("waiting", None)
if waiting is not None:
    st.session_state["stride"] = waiting["stride"][0]
    st.session_state["size"] = waiting["kernel_size"][0]
    st.session_state["moved"] = st.session_state.get("moved", 0) + 1
size = st.slider("size", 1, 11, 3, key="size")
stride = st.slider("stride", 1, 4, 1, key="stride")
spec = layer("Conv2d", in_channels=3, out_channels=8, kernel_size=size, stride=stride)
found = code_face(spec, key="code", kinds=("Conv2d",))
if found is not None:
    st.session_state["waiting"] = found
    st.rerun()
"""


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_string(PAGE, default_timeout=60).run()


def test_the_code_follows_the_sliders(page):
    assert page.text_input(key="code").value == "nn.Conv2d(3, 8, 3)"
    page.slider(key="stride").set_value(2).run()
    assert page.text_input(key="code").value == "nn.Conv2d(3, 8, 3, stride=2)"


def test_the_sliders_follow_the_code_and_the_spelling_stays(page):
    typed = "nn.Conv2d(3, 8, kernel_size=(5, 5), stride=2)"
    page.text_input(key="code").set_value(typed).run()
    assert (page.slider(key="size").value, page.slider(key="stride").value) == (5, 2)
    assert page.session_state["moved"] == 1
    assert page.text_input(key="code").value == typed
    page.run()
    assert page.session_state["moved"] == 1
    page.slider(key="size").set_value(7).run()
    assert page.text_input(key="code").value == "nn.Conv2d(3, 8, 7, stride=2)"


def test_a_mistake_is_named_and_moves_nothing(page):
    page.text_input(key="code").set_value("nn.Conv2d(3, 8, 3, stride=0)").run()
    assert "stride" in page.error[0].value
    assert "27" in page.error[0].value
    assert page.slider(key="stride").value == 1
    assert page.text_input(key="code").value == "nn.Conv2d(3, 8, 3, stride=0)"
    page.slider(key="stride").set_value(3).run()
    assert not page.error
    assert page.text_input(key="code").value == "nn.Conv2d(3, 8, 3, stride=3)"


def test_a_layer_of_another_kind_is_refused(page):
    page.text_input(key="code").set_value("nn.ReLU()").run()
    assert len(page.error) == 1
    assert not page.exception


def test_a_slider_that_refuses_puts_its_own_code_back(page):
    page.text_input(key="code").set_value("nn.Conv2d(1, 8, 3, stride=2)").run()  # channels have no slider
    assert page.text_input(key="code").value == "nn.Conv2d(3, 8, 3, stride=2)"
