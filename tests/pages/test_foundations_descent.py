"""Gradient descent and backpropagation without a browser: what is sent for what the link says."""

import page_parts
import pytest
from page_parts import frame_with
from streamlit.testing.v1 import AppTest

from explainer.components import descent_view, graph_view
from explainer.playground.descent_link import OWN
from explainer.playground.surfaces import surfaces
from explainer.ui import catalogue
from explainer.ui.translations import javascript_texts


def visit(part: str, **link: str) -> AppTest:
    return page_parts.visit("foundations", part, **link)


def test_a_walk_is_drawn_and_its_code_shown():
    page = visit("descent", surface="bowl", runs="sgd:0.25", start="2,-1", steps="3")
    frame = frame_with(page, "paths")
    points = frame["paths"][0]["points"].reshape(-1, 2)
    assert points[:, 0].tolist() == pytest.approx([2, 1, 0.5, 0.25])
    assert frame["paths"][0]["curvature"][0] == pytest.approx(2)
    assert [one["key"] for one in frame["offered"]] == [*surfaces(), OWN]
    assert "torch.optim.SGD([p], lr=0.25)" in page.code[0].value


def test_divergence_ends_the_path():
    frame = frame_with(visit("descent", surface="bowl", runs="sgd:1.5", steps="200"), "paths")
    assert frame["paths"][0]["diverged"]
    assert len(frame["paths"][0]["losses"]) < 201


def test_a_request_becomes_the_link_and_an_answered_one_is_not_looked_at_again():
    page = visit("descent")
    link = {"surface": "bowl", "start": "1,1", "runs": "adam:0.3:0.9:0.999", "steps": "20", "step": "20"}
    page.session_state["descent"] = {"ask": {"serial": 4, "link": link}}
    frame = frame_with(page.run(), "paths")
    assert frame["serial"] == 4
    assert (frame["surface"]["key"], frame["settings"]["runs"][0]["kind"]) == ("bowl", "adam")
    kept = {name: page.query_params[name] for name in ("surface", "start", "runs", "steps")}
    assert {name: value if isinstance(value, str) else value[0] for name, value in kept.items()} == {
        name: link[name] for name in kept
    }
    assert "step" not in page.query_params, "the last step is so by itself"
    page.query_params.pop("surface")
    assert frame_with(page.run(), "paths")["surface"]["key"] == "valley"


def test_a_bad_formula_is_said_and_what_was_there_stays():
    page = visit("descent", surface="bowl")
    page.session_state["descent"] = {"ask": {"serial": 1, "link": {"surface": "own", "f": "x + z"}}}
    frame = frame_with(page.run(), "paths")
    assert frame["surface"]["key"] == "bowl"
    assert "z is neither" in frame["problem"]


@pytest.mark.parametrize("part", ["descent", "backprop"])
def test_odd_links_are_no_trouble(part):
    odd = {
        "surface": "own",
        "f": "((",
        "start": "x",
        "runs": "?",
        "steps": "-1",
        "graph": "own",
        "values": "::",
    }
    page = visit(part, **odd)
    assert frame_with(page, "problem")["problem"]


def test_the_course_example_is_the_first_graph():
    frame = frame_with(visit("backprop"), "autograd")
    names = [node["name"] for node in frame["nodes"]]
    assert frame["autograd"][names.index("x")] == 12
    assert frame["values"][names.index("y")] == 21


def test_a_graph_from_the_link():
    page = visit("backprop", graph="own", f="sin(a) * b", values="a:0.5")
    frame = frame_with(page, "autograd")
    assert frame["given"] == {"a": 0.5, "b": 1.0}
    assert "L = v1 * b" in page.code[0].value


def test_a_value_that_is_no_number_is_said():
    frame = frame_with(visit("backprop", graph="own", f="log(x)", values="x:-1"), "autograd")
    assert frame["undefined"] == "L"
    assert frame["values"][-1] is None


@pytest.mark.parametrize("module", [descent_view, graph_view])
def test_components_speak_japanese(module):
    known = catalogue.load("ja")
    keys = {key for path in module.FOLDER.glob("*.js") for key in javascript_texts(path.read_text("utf-8"))}
    assert keys
    assert not [key for key in keys if not known.get(key)]
