"""Losses, their gradients, and descent on them, against formulas written out here."""

import math
import random

import pytest
import torch
import torch.nn.functional as F

from explainer.playground.exercises.losses import EXERCISES
from explainer.playground.losses import VIEWS, curve, descend, places, scored


def formula(name: str, x: torch.Tensor, t: float, d: float) -> tuple[torch.Tensor, torch.Tensor]:
    s, e = torch.sigmoid(x), x - t
    near = (e.abs() <= d).double()
    return {
        "squared": lambda: (e**2, 2 * e),
        "absolute": lambda: (e.abs(), e.sign()),
        "huber": lambda: (
            near * e**2 / 2 + (1 - near) * d * (e.abs() - d / 2),
            near * e + (1 - near) * d * e.sign(),
        ),
        "entropy_p": lambda: (-(x if t else 1 - x).log(), -1 / x if t else 1 / (1 - x)),
        "squared_p": lambda: (e**2, 2 * e),
        "absolute_p": lambda: (e.abs(), e.sign()),
        "entropy_z": lambda: (-(s if t else 1 - s).log(), s - t),
        "squared_z": lambda: ((s - t) ** 2, 2 * (s - t) * s * (1 - s)),
        "absolute_z": lambda: ((s - t).abs(), (s - t).sign() * s * (1 - s)),
    }[name]()


@pytest.mark.parametrize(("view", "name"), [(view, name) for view in VIEWS for name in VIEWS[view].losses])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_losses_and_gradients_are_those_of_the_formulas(view, name, target):
    found = curve(view, name, target, 0.5)
    value, slope = formula(name, places(view), target, 0.5)
    torch.testing.assert_close(found.value, value, atol=1e-9, rtol=1e-7)
    torch.testing.assert_close(found.derivative, slope, atol=1e-9, rtol=1e-7)


def test_places_end_where_they_should():
    ends = {view: places(view)[[0, -1]].tolist() for view in VIEWS}
    assert ends == {"number": [-4, 4], "probability": [0.002, 0.998], "logit": [-8, 8]}
    assert float(places("logit")[300]) == -5


def test_squared_error_with_a_sigmoid_gets_stuck():
    at = torch.tensor([-5.0], dtype=torch.float64)
    slopes = [float(curve("logit", name, 1.0, x=at).derivative[0]) for name in ("entropy_z", "squared_z")]
    assert slopes == pytest.approx([-0.9933, -0.0132], abs=1e-4)  # the lesson's numbers
    ends = [
        float(torch.sigmoid(descend("logit", name, -5.0, 1.0, rate=1.0, steps=80)[-1]))
        for name in ("entropy_z", "squared_z")
    ]
    assert ends[0] > 0.95
    assert ends[1] < 0.5


def test_descent_by_hand():
    # (x - 1)^2 from -3 with rate 0.25: the distance halves, 4, 2, 1, 0.5.
    assert descend("number", "squared", -3.0, 1.0, rate=0.25, steps=3).tolist() == [-3, -1, 0, 0.5]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_softmax_has_the_gradient_p_minus_q(temperature, smoothing):
    z = torch.tensor([2.0, 1.0, 0.0, -1.0], dtype=torch.float64)
    found = scored(z, 1, temperature=temperature, smoothing=smoothing)
    p = (z / temperature).softmax(0)
    q = torch.full((4,), smoothing / 4, dtype=torch.float64)
    q[1] += 1 - smoothing
    torch.testing.assert_close(found.probabilities, p)
    torch.testing.assert_close(found.targets, q)
    torch.testing.assert_close(found.gradient, (p - q) / temperature)
    assert found.loss == pytest.approx(float(-(q * p.log()).sum()))
    assert float(found.gradient.sum()) == pytest.approx(0, abs=1e-12)
    if smoothing == 0 and temperature == 1:
        assert found.loss == pytest.approx(float(F.nll_loss(p.log()[None], torch.tensor([1]))))


def test_a_sure_mistake_costs_much():
    at = torch.tensor([1e-6], dtype=torch.float64)
    assert float(curve("probability", "entropy_p", 1.0, x=at).value[0]) == pytest.approx(6 * math.log(10))


@pytest.mark.parametrize("seed", range(6))
def test_exercises_can_be_answered(seed):
    for maker in EXERCISES.values():
        exercise = maker(random.Random(seed))
        assert exercise.question.format(**exercise.fields)
        assert exercise.why.format(**exercise.fields)
        assert exercise.accepts(str(exercise.answer))
