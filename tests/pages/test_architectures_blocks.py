"""The building blocks in the app: knobs, the link, odd links, both languages."""

import page_parts
import pytest
from page_parts import checked, frames, link_of
from streamlit.testing.v1 import AppTest

from explainer.render.wire import unpack


def visit(**link: str) -> AppTest:
    return checked(page_parts.visit("architectures", "blocks", **link))


def shown(app):
    return next(frame for frame in frames(app) if frame.get("kind") == "open")


def test_the_usual_pair_differs_only_in_the_sum():
    frame = shown(visit())
    assert (frame["a"]["kind"], frame["b"]["kind"]) == ("plain", "residual")
    assert frame["a"]["figures"] == frame["b"]["figures"]
    assert (frame["a"]["joins"], [join["kind"] for join in frame["b"]["joins"]]) == ([], ["add"])
    assert (frame["a"]["trained"], frame["b"]["trained"]) == (False, True)


def test_the_link_names_blocks_and_knobs():
    frame = shown(visit(a="inverted", a_expansion="2", b="excitation", b_reduction="8", maps="32", lang="ja"))
    assert frame["language"] == "ja"
    assert frame["a"]["figures"]["parameters"] == 2 * 2 * 32 * 32 + 9 * 64 + 2 * (64 + 64 + 32)
    assert frame["b"]["side"] == 16


def test_another_block_forgets_the_knobs_of_the_one_before():
    app = visit(a="excitation", a_reduction="8", a_stride="2")
    app.selectbox(key="linked_a").select("bottleneck")
    app.run()
    assert "a_reduction" not in app.query_params
    assert "a_stride" not in app.query_params
    assert link_of(app)["a"] == "bottleneck"


def test_a_knob_goes_into_the_link_and_the_usual_value_out_of_it():
    app = visit()
    app.toggle(key="linked_b_skip").set_value(False)
    app.run()
    assert link_of(app)["b_skip"] == "0"
    assert shown(app)["b"]["joins"] == []
    app.toggle(key="linked_b_skip").set_value(True)
    app.run()
    assert "b_skip" not in app.query_params


def test_swap_and_reset():
    app = visit(a="dense", a_growth="4", maps="64", image="coffee")
    next(one for one in app.button if one.label == "Swap").click().run()
    kept = {"part": "blocks", "maps": "64", "image": "coffee"}
    assert link_of(app) == kept | {"a": "residual", "b": "dense", "b_growth": "4"}
    next(one for one in app.button if one.label == "Reset").click().run()
    assert link_of(app) == {"part": "blocks", "image": "coffee"}


@pytest.mark.parametrize(
    "query",
    [
        {"a": "<script>", "maps": "-1"},
        {"b_stride": "9" * 50, "b_skip": "maybe"},
        {"at": "b:nothing/9999/1,1"},
    ],
)
def test_odd_links_are_as_usual(query):
    frame = shown(visit(**query))
    assert (frame["a"]["kind"], frame["b"]["kind"], frame["b"]["side"]) == ("plain", "residual", 32)


def test_what_a_side_asks_is_answered():
    app = visit(a="inverted")
    opened = shown(app)
    last = len(opened["a"]["messages"][0]["nodes"]) - 1
    ask = {"have": opened["key"], "side": "a", "trace": opened["a"]["key"], "serial": 1}
    app.session_state["block_pair"] = {
        "ask": ask | {"arithmetic": {"node": last, "channel": 2, "y": 3, "x": 4}}
    }
    checked(app.run())
    frames = [unpack(one.proto.bytes) for one in app.get("bidi_component") if one.proto.bytes]
    answer = next(frame for frame in frames if frame.get("kind") == "answer")
    (message,) = answer["messages"]
    assert (answer["side"], message["type"], message["agrees"]) == ("a", "arithmetic", True)
