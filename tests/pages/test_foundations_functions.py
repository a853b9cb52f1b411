"""Perceptron, activations and losses as pages: links of every kind, the code panels, exercises, worksheet."""

import contextlib
import io
import re

import page_parts
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainer.playground.activations import ACTIVATIONS, chain, curve
from explainer.playground.losses import VIEWS, descend, scored
from explainer.playground.losses import curve as loss_curve
from explainer.playground.perceptron import Weights, data, learn
from explainer.render import basics_code
from explainer.render.wire import unpack


def visit(part: str, **link: str) -> AppTest:
    return page_parts.visit("foundations", part, **{"lang": "en", **link})


def frame(page: AppTest, holds: str) -> dict:
    """What the component was sent whose frame has a certain entry."""
    for one in page.get("bidi_component"):
        with contextlib.suppress(Exception):
            found = unpack(one.proto.bytes)
            if holds in found:
                return found
    raise AssertionError(f"no component with {holds}")


@pytest.mark.parametrize("part", ["perceptron", "activations", "losses"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_part_opens_and_as_a_worksheet(part, lang):
    for query in ({}, {"view": "worksheet"}):
        page = visit(part, **query | {"lang": lang})
        assert not page.exception
        assert not page.error


@pytest.mark.parametrize(
    ("part", "query"),
    [
        ("perceptron", {"data": "nonsense", "rate": "1e999", "order": "up", "draw": "-1", "look": "9" * 400}),
        ("perceptron", {"points": ";;1,2;nan,0,1;0,0,7;9,9,1", "start": "a,b,c"}),
        ("perceptron", {"points": "", "start": "1e300,0,0"}),
        ("perceptron", {"points": ";".join(["0,0,1", "0,0,0"] * 300), "data": "mixed", "order": "shuffled"}),
        ("activations", {"f": "relu,nothing", "x": "1e9", "read": "none", "leaky": "7", "depth": "0"}),
        ("activations", {"z": "1,2", "T": "0", "init": "none", "scale": "-1", "width": "3.5"}),
        ("losses", {"of": "what", "y": "2", "target": "inf", "delta": "nan", "at_y": "--"}),
        ("losses", {"z": "1e9,0,0,0", "right": "9", "smooth": "3", "source": "own"}),
        ("losses", {"source": "network", "net": "none", "image": "none"}),
    ],
)
def test_odd_links(part, query):
    page = visit(part, **query)
    assert not page.exception
    assert not page.error, [one.value for one in page.error]


def test_the_link_is_the_state():
    sent = frame(visit("perceptron", data="xor", start="0,0,0", rate="0.5", look="3"), "looks")
    run = learn(data("xor"), Weights(), rate=0.5)
    assert sent["look"] == 3
    assert [row[7:] for row in sent["looks"]] == [
        [one.after.w1, one.after.w2, one.after.b] for one in run.looks
    ]
    assert sent["cycle"] == list(run.cycle)
    assert sent["obstacle"]["place"] == pytest.approx([0.5, 0.5])

    own = frame(visit("perceptron", points="0.5,1,1;-1,0.25,0"), "looks")
    assert own["points"] == [[0.5, 1, 1], [-1, 0.25, 0]]


def test_what_is_sent_is_what_pytorch_says():
    page = visit("activations", f="gelu,leaky", leaky="0.2", x="-0.75", depth="7", init="he")
    sent = frame(page, "curves")
    assert [one["key"] for one in sent["curves"]] == ["leaky", "gelu"]
    assert sent["at"] == -0.75
    for one in sent["curves"]:
        found = curve(one["key"], 0.2 if one["key"] == "leaky" else None)
        torch.testing.assert_close(torch.tensor(one["values"][0]), found.value.float())
        torch.testing.assert_close(torch.tensor(one["values"][1]), found.derivative.float())
    chains = frame(page, "chains")["chains"]
    wanted = [
        chain("leaky", depth=7, initialisation="he", parameter=0.2),
        chain("gelu", depth=7, initialisation="he"),
    ]
    assert [one["gradient"] for one in chains] == [one.gradient.tolist() for one in wanted]

    losses = frame(visit("losses", of="number", target="-0.5", delta="0.5"), "curves")
    huber = next(one for one in losses["curves"] if one["key"] == "huber")
    found = loss_curve("number", "huber", -0.5, 0.5)
    torch.testing.assert_close(torch.tensor(huber["values"][1]), found.derivative.float())
    assert huber["path"] == pytest.approx(
        descend("number", "huber", -1.0, -0.5, rate=0.25, steps=80, parameter=0.5).tolist()
    )


def test_scores_of_a_network():
    page = visit("losses", source="network", image="coffee", T="2", smooth="0.1", right="0")
    sent = frame(page, "logits")
    assert len(sent["names"]) == 10
    found = scored(torch.tensor(sent["logits"]), 0, temperature=2, smoothing=0.1)
    assert sent["gradient"] == pytest.approx(found.gradient.tolist(), abs=1e-6)
    assert sent["names"][sent["logits"].index(max(sent["logits"]))] == "espresso"


def run(code: str) -> list[float]:
    printed = io.StringIO()
    dtype = torch.get_default_dtype()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "panel", "exec"), {})
    finally:
        torch.set_default_dtype(dtype)
    numbers = re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", printed.getvalue())
    return [float(number) for number in numbers]


def test_code_panels_print_the_numbers_on_the_page():
    for name in ACTIVATIONS:
        place = torch.tensor([-0.75], dtype=torch.float64)
        found = curve(name, None, place)
        wanted = [float(found.value), float(found.derivative)]
        assert run(basics_code.activation_code(name, None, -0.75)) == pytest.approx(wanted)
    printed = run(basics_code.chain_code("mish", None, 5, 8, "he", 0.5, 3))
    assert printed[1::2] == pytest.approx(
        chain("mish", depth=5, width=8, initialisation="he", scale=0.5, seed=3).gradient.tolist()
    )
    for order in ("turn", "shuffled"):
        printed = run(basics_code.perceptron_code(data("or"), Weights(1, -1, 0.5), 0.5, order, 2))
        after = learn(data("or"), Weights(1, -1, 0.5), rate=0.5, order=order, seed=2).looks[-1].after
        assert printed[-3:] == [after.w1, after.w2, after.b]
    for view in VIEWS:
        for name in VIEWS[view].losses:
            place = torch.tensor([0.25], dtype=torch.float64)
            found = loss_curve(view, name, 1.0, 0.5, place)
            code = basics_code.loss_code(name, 0.25, 1.0, 0.5, None, 0.0, 0)
            assert run(code) == pytest.approx([float(found.value), float(found.derivative)])
    printed = run(basics_code.softmax_code([2.0, 1.0, 0.0], 0.5, 1, 0.2))
    found = scored(torch.tensor([2.0, 1.0, 0.0]), 1, temperature=0.5, smoothing=0.2)
    assert printed == pytest.approx([*found.probabilities.tolist(), found.loss, *found.gradient.tolist()])
    assert run(basics_code.softmax_code([2.0, 1.0], 1.0, None, 0.0))


def test_the_code_of_descent_ends_where_the_ball_does():
    printed = run(basics_code.loss_code("squared_z", -4.0, 1.0, 1.0, -5.0, 1.0, 12))
    assert printed[-1] == pytest.approx(
        float(descend("logit", "squared_z", -5.0, 1.0, rate=1.0, steps=12)[-1])
    )
