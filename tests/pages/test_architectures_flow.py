"""The experiments in the app: untrained networks at once, training on request, links."""

import time

import page_parts
import pytest
from page_parts import checked, frames
from streamlit.testing.v1 import AppTest

from explainer.playground.normalising import follow


def visit(**link: str) -> AppTest:
    return checked(page_parts.visit("architectures", "flow", **link))


def runs_of(app):
    return next(frame["runs"] for frame in frames(app) if "runs" in frame)


def test_gradients_are_there_before_training():
    app = visit()
    shown = runs_of(app)
    assert [(run["kind"], run["depth"]) for run in shown] == [
        ("plain", 20),
        ("residual", 20),
        ("plain", 56),
        ("residual", 56),
    ]
    assert all(len(run["norms"]) == run["depth"] for run in shown)
    plain = shown[2]["norms"]
    assert plain[0] / plain[-2] > 1000


def test_the_numbers_of_batch_norm_are_those_of_the_module():
    app = visit(channel="7", size="4", m="0.5", batch="3", bn="0", init="glorot")
    found = follow(7, 3, size=4, momentum=0.5)
    text = "\n".join(one.value for one in app.markdown)
    for number in (
        found.running_means[3],
        found.running_variances[3],
        found.in_training[2],
        found.in_evaluation[2],
    ):
        assert f"{number:.4f}" in text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_dropout_goes_by_the_link(language):
    app = visit(drop="maps", p="0.2", dropseed="5", bn="0", init="glorot", lang=language)
    shown = next(frame for frame in frames(app) if "masks" in frame)
    masks = shown["masks"].reshape(-1, 6, 64)
    assert (masks.min(2) == masks.max(2)).all()
    assert shown["p"] == 0.2


def test_odd_links_are_as_usual():
    app = visit(init="?", rate="1e9", draw="-3", p="2", channel="99", batch="x", bn_init="", bn="0")
    assert next(frame for frame in frames(app) if "masks" in frame)["p"] == 0.5


@pytest.mark.slow
def test_training_runs_in_the_background_and_its_result_stays(monkeypatch):
    monkeypatch.setattr("explainer.playground.gradient_flow.STEPS", 2)  # so that a busy machine is done soon
    app = visit(bn="0", init="glorot", draw="7")
    next(one for one in app.button if one.label == "Train 2 steps").click().run()
    until = time.monotonic() + 100
    while time.monotonic() < until and min(len(run["losses"]) for run in runs_of(app)) < 3:
        time.sleep(0.2)
        app.run()
    assert all(len(run["losses"]) == 3 for run in runs_of(app))
    assert not [one for one in app.button if one.label.startswith("Train")]
