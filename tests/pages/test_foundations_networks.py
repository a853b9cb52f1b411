"""The parts "mlp", "approximation" and "shifted" of the Foundations page, without a browser."""

import contextlib
import io

import numpy as np
import page_parts
import pytest
import torch
from page_parts import frame_with
from streamlit.testing.v1 import AppTest

from explainer.playground import approximation, points
from explainer.playground.learner import Learner, Rule, Shape, flat
from explainer.playground.shifted import bundled


def visit(part: str, **link: str) -> AppTest:
    return page_parts.visit("foundations", part, **link)


def printed(page: AppTest) -> list[float]:
    """Run the code that the page shows first, and return the numbers it prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(page.code[0].value, "shown", "exec"), {})
    return [
        float(part) for part in output.getvalue().split() if part.replace(".", "").replace("e-", "").isdigit()
    ]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    ("part", "name"), [("mlp", "stages"), ("approximation", "parts"), ("shifted", "maps")]
)
def test_parts_open(part, name, language):
    page = visit(part, lang=language)
    frame_with(page, name)
    assert "$" in "".join(text.value for text in page.markdown)


@pytest.mark.parametrize("part", ["mlp", "approximation", "shifted"])
def test_nonsense_in_the_link_is_as_usual(part):
    names = (
        "data",
        "hidden",
        "act",
        "opt",
        "lr",
        "batch",
        "decay",
        "count",
        "noise",
        "held",
        "init",
        "trained",
    )
    names += (
        "curve",
        "drawn",
        "unit",
        "width",
        "how",
        "depth",
        "digit",
        "hand",
        "head",
        "right",
        "down",
        "points",
    )
    page = visit(part, **dict.fromkeys(names, "<b>９９９</b>"))
    assert not page.exception
    assert not page.error


def test_the_network_sent_is_the_one_of_the_link():
    page = visit("mlp", data="xor", hidden="3", act="relu", init="5", count="80", trained="40")
    sent = frame_with(page, "stages")
    assert sent["sizes"] == [2, 3, 1]
    assert sent["until"] == 40
    found = points.make("xor", count=80, noise=0.1, held_out=0.3, seed=5)
    learner = Learner(
        Shape(2, (3,), 1, "relu", 5), (found.train, found.train_labels), (found.test, found.test_labels)
    )
    assert np.allclose(sent["train"], found.train.flatten())
    assert np.allclose(sent["stages"]["weights"], flat(learner.network))
    assert sent["stages"]["loss"][0] == pytest.approx(learner.measure().loss, abs=1e-6)


def test_the_code_of_a_trained_network_gives_its_numbers():
    from explainer.render.learner_code import digit_code, making_points, painting_points, plane_code

    shape, rule = Shape(2, (4, 2), 1, "tanh", 3), Rule("momentum", 0.1, 16, 0.001)
    found = points.make("moons", count=160, noise=0.1, held_out=0.3, seed=3)
    learner = Learner(shape, (found.train, found.train_labels), (found.test, found.test_labels))
    learner.run(30, rule)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(plane_code(shape, rule, making_points("moons", 160, 0.1, 0.3, 3), 30), {})
    loss, accuracy = map(float, output.getvalue().split())
    assert loss == pytest.approx(learner.measure().loss, abs=1e-5)
    assert accuracy == pytest.approx(learner.measure().accuracy)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(plane_code(shape, rule, painting_points("AAzz.mm", 0.0), 3), {})
        exec(digit_code(Shape(784, (), 10, "relu"), Rule(), 2, 30, 10), {})


def test_painted_points_come_with_the_link():
    page = visit("mlp", data="own", points="AAzz.mmnnoo")
    sent = frame_with(page, "stages")
    assert sent["trainLabels"].tolist() == [0, 0, 1, 1, 1]
    assert sent["stages"]["heldLoss"] is None


def test_digits_open_with_pictures_of_the_weights():
    page = visit("mlp", data="digits", units="8")
    sent = frame_with(page, "wrong")
    assert sent["sizes"] == [784, 8, 10]
    assert len(sent["stages"]["pictures"]) == 8 * 784
    assert sent["wrong"]["total"] == 500
    assert any("drawn by this project" in text.value for text in page.caption)


def test_the_curve_is_followed_as_the_library_does():
    page = visit("approximation", curve="bump", unit="tanh", width="24")
    sent = frame_with(page, "parts")
    fit = approximation.least_squares(approximation.target("bump"), "tanh", 24)
    assert sent["error"] == pytest.approx(fit.error, rel=1e-6)
    assert np.allclose(sent["parts"], fit.parts.flatten())
    assert printed(page)[0] == pytest.approx(fit.error, rel=1e-2)
    assert any("**16**" in text.value for text in page.markdown)


def test_a_step_cannot_be_learned_and_the_page_says_so():
    page = visit("approximation", unit="step", how="train")
    assert not page.exception
    assert "no gradient" in page.error[0].value


def test_moved_digits():
    page = visit("shifted", digit="7", hand="2", head="mean", right="2", down="-1")
    sent = frame_with(page, "maps")
    assert sent["here"] == [2, -1]
    assert sent["label"] == 7
    assert np.allclose(sent["denseAccuracy"], bundled("mean").dense.flatten())
    assert np.abs(sent["differences"]).max() == 0
    numbers = "import torch\ntorch.set_printoptions(sci_mode=False)\n" + page.code[0].value
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(numbers, {})
    place = (-1 + 6) * 13 + 2 + 6
    shown = sent["conv"].reshape(-1, 10)[place]
    assert f"{shown.max():.4f}" in output.getvalue()
    torch.set_printoptions(profile="default")
