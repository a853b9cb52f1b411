"""Activation functions and chains of them against formulas written out here and against torch.nn."""

import math
import random

import pytest
import torch
from torch import nn

from explainer.playground.activations import (
    ACTIVATIONS,
    INITIALISATIONS,
    PARAMETERS,
    chain,
    curve,
    deviation,
    places,
    softmax,
    softmax_jacobian,
)
from explainer.playground.exercises.activations import EXERCISES

X = torch.linspace(-5.9, 5.9, 119, dtype=torch.float64)  # without zero
SIGMA = torch.sigmoid(X)
PHI = 0.5 * (1 + torch.erf(X / math.sqrt(2)))
DENSITY = torch.exp(-X * X / 2) / math.sqrt(2 * math.pi)
SOFT = torch.log1p(torch.exp(X))
ON = (X > 0).double()
FORMULAS = {
    "step": (ON, 0 * X),
    "sigmoid": (1 / (1 + torch.exp(-X)), SIGMA * (1 - SIGMA)),
    "tanh": (torch.tanh(X), 1 - torch.tanh(X) ** 2),
    "relu": (X * ON, ON),
    "leaky": (torch.where(X > 0, X, 0.01 * X), ON + 0.01 * (1 - ON)),
    "elu": (torch.where(X > 0, X, torch.exp(X) - 1), torch.where(X > 0, 1.0, torch.exp(X))),
    "silu": (X * SIGMA, SIGMA + X * SIGMA * (1 - SIGMA)),
    "gelu": (X * PHI, PHI + X * DENSITY),
    "mish": (
        X * torch.tanh(SOFT),
        torch.tanh(SOFT) + X * SIGMA * (1 - torch.tanh(SOFT) ** 2),
    ),
}
MODULES = {
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "relu": nn.ReLU(),
    "leaky": nn.LeakyReLU(),
    "elu": nn.ELU(),
    "silu": nn.SiLU(),
    "gelu": nn.GELU(),
    "mish": nn.Mish(),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_derivatives_are_those_of_the_formulas(name):
    found = curve(name, x=X)
    value, derivative = FORMULAS[name]
    torch.testing.assert_close(found.value, value.double(), atol=1e-12, rtol=1e-9)
    torch.testing.assert_close(found.derivative, derivative.double(), atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("name", MODULES)
def test_values_are_those_of_the_modules(name):
    torch.testing.assert_close(curve(name).value, MODULES[name](places()), atol=1e-12, rtol=1e-9)


def test_places_are_whole_hundredths():
    assert len(places()) == 1201
    assert places()[[0, 600, 720, -1]].tolist() == [-6.0, 0.0, 1.2, 6.0]
    at_zero = {name: float(curve(name).derivative[600]) for name in ("step", "relu", "sigmoid")}
    assert at_zero == {"step": 0, "relu": 0, "sigmoid": 0.25}


def test_parameters_change_the_function():
    for name, levels in PARAMETERS.items():
        assert ACTIVATIONS[name].usual in levels
        first, second = (curve(name, levels[number]).value for number in (0, -1))
        assert not torch.equal(first, second)
    half = curve("silu", 0.0)
    torch.testing.assert_close(half.value, places() / 2)


@pytest.mark.parametrize("name", ["tanh", "relu", "step"])
def test_a_chain_is_torch_modules_in_a_row(name):
    found = chain(name, depth=4, width=8, initialisation="he", scale=0.5, seed=7)
    generator = torch.Generator().manual_seed(7)

    def noise(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    x = noise(128, 8).requires_grad_()
    direction = noise(128, 8)
    direction = direction / direction.norm(dim=1, keepdim=True)
    h = x
    for _ in range(4):
        layer = nn.Linear(8, 8, bias=False).double()
        layer.weight.data = noise(8, 8) * 0.5 * math.sqrt(2 / 8)
        before = layer(h)
        h = (before > 0).double() + 0 * before if name == "step" else getattr(torch, name)(before)
    (h * direction).sum().backward()
    h = h.detach()
    assert float(found.gradient[0]) == pytest.approx(float(x.grad.norm(dim=1).mean()), rel=1e-9)
    assert float(found.gradient[-1]) == pytest.approx(1)
    assert float(found.mean[-1]) == pytest.approx(float(h.mean()))
    assert float(found.deviation[-1]) == pytest.approx(float(h.std(correction=0)))
    assert float(found.histogram[0].sum()) == pytest.approx(1, abs=0.01)


def test_what_the_lesson_says_of_deep_chains():
    found = {name: chain(name, depth=20) for name in ("sigmoid", "tanh", "step")}
    assert float(found["sigmoid"].gradient[0]) < 1e-11
    assert 0.05 < float(found["tanh"].gradient[0]) < 2
    assert float(found["step"].gradient[0]) == 0
    he, xavier = (float(chain("relu", depth=20, initialisation=one).gradient[0]) for one in ("he", "xavier"))
    assert 0.1 < he < 10
    assert xavier == pytest.approx(he * 0.5**10, rel=0.01)  # every weight smaller by the root of two
    assert float(chain("relu", depth=20, initialisation="he", scale=2.0).gradient[0]) > 1e4


def test_a_chain_uses_no_shared_randomness():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, second = chain("gelu", depth=3, seed=1), chain("gelu", depth=3, seed=1)
    assert torch.equal(first.gradient, second.gradient)
    assert torch.equal(before, torch.get_rng_state())


def test_silent_units_are_those_with_a_flat_place():
    found = chain("relu", depth=1, width=256)
    assert float(found.silent[0]) == pytest.approx(0.5, abs=0.02)
    assert float(chain("sigmoid", depth=1).silent[0]) < 0.05


def test_initialisations():
    assert [deviation(name, 50) for name in INITIALISATIONS] == pytest.approx([50**-0.5, 0.2, 0.01])


def test_softmax_and_its_jacobian():
    z = torch.tensor([2.0, 1.0, 0.0, -1.0], dtype=torch.float64)
    for temperature in (0.5, 1.0, 3.0):
        p = torch.exp(z / temperature) / torch.exp(z / temperature).sum()
        torch.testing.assert_close(softmax(z, temperature), p)
        wanted = (torch.diag(p) - torch.outer(p, p)) / temperature
        torch.testing.assert_close(softmax_jacobian(z, temperature), wanted)
    torch.testing.assert_close(softmax(z + 100), softmax(z))


@pytest.mark.parametrize("seed", range(6))
def test_exercises_accept_their_answers(seed):
    for maker in EXERCISES.values():
        exercise = maker(random.Random(seed))
        assert exercise.question.format(**exercise.fields)
        assert exercise.why.format(**exercise.fields)
        assert exercise.accepts(str(exercise.answer))
